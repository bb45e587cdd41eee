//! `corsac completions`: a script for a shell.

use std::io::Write as _;

use clap::CommandFactory as _;

use crate::arguments::{Arguments, CompletionsOptions};
use crate::failure::{Failure, Status};
use crate::output::Output;

pub(crate) fn run(options: &CompletionsOptions, stdout: &mut Output<'_>) -> Result<Status, Failure> {
    // The generator panics when it cannot write, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Arguments::command(), "corsac", &mut script);
    Failure::unless_closed(stdout.write_all(&script).and_then(|()| stdout.flush()))?;
    Ok(Status::Fine)
}
