//! `corsac completions`: a completion script for a shell.

use std::io::Write as _;

use clap::Args;
use clap_complete::Shell;

use crate::failure::{ExitStatus, Failure};
use crate::show::output::Output;

const EXAMPLES: &str = "\
Examples:
  corsac completions bash > /etc/bash_completion.d/corsac
  corsac completions zsh > ~/.zfunc/_corsac
  corsac completions fish > ~/.config/fish/completions/corsac.fish";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Options {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: Shell,
}

pub(crate) fn run(
    options: &Options,
    command: &mut clap::Command,
    stdout: &mut Output<'_>,
) -> Result<ExitStatus, Failure> {
    // To memory first: the generator panics if it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(options.shell, command, "corsac", &mut script);
    Failure::unless_closed(stdout.write_all(&script).and_then(|()| stdout.flush()))?;
    Ok(ExitStatus::Fine)
}
