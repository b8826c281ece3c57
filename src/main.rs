//! The `merganser` program: arguments in, exit code out.

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// Of what a poll without news costs us, a tenth went into the C library's allocator.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    merganser::cli::main(std::env::args_os())
}
