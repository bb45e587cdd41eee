//! `corsac`: the command line of the CORS decision engine. Everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(corsac_cli::run_process(std::env::args_os()))
}
