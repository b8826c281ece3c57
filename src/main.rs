//! The `merganser` program: arguments in, exit code out.

use std::process::ExitCode;
use tikv_jemallocator::Jemalloc;

/// Of what a poll without news costs us, a tenth went into the C library's allocator. This one is as quick as any and gives
/// back what was freed without being asked for more, which of an idle daemon may be hours later.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    merganser::cli::main(std::env::args_os())
}
