//! `corsac completions`: a script for a shell.

use std::io::Write as _;

use clap::Args;
use clap_complete::Shell;

use crate::failure::{Failure, Status};
use crate::show::output::Output;

const EXAMPLES: &str = "\
Examples:
  corsac completions bash > /etc/bash_completion.d/corsac
  corsac completions zsh > ~/.zfunc/_corsac
  corsac completions fish > ~/.config/fish/completions/corsac.fish";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Options {
    /// The shell to complete in
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: Shell,
}

pub(crate) fn run(options: &Options, command: &mut clap::Command, stdout: &mut Output<'_>) -> Result<Status, Failure> {
    // The generator panics when it cannot write, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(options.shell, command, "corsac", &mut script);
    Failure::unless_closed(stdout.write_all(&script).and_then(|()| stdout.flush()))?;
    Ok(Status::Fine)
}
