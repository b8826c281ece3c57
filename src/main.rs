//! The `merganser` program: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    merganser::cli::main(std::env::args_os())
}
