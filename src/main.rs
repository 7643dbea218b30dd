//! The `sigpkg` command line: a user of the public library, like any other program.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
