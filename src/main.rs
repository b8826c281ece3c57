//! The `merganser` program: arguments in, exit code out.

fn main() {}
