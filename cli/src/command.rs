//! The command line's arguments, and its commands. The doc comments of options are the help texts.

mod check;
mod completions;
mod decide;
mod diff;
mod replay;
mod watch;

use std::io::Read;
use std::sync::LazyLock;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::failure::{ExitStatus, Failure};
use crate::show::output::{ColorWhen, Output};

/// With the version of the public suffix list, because it affects the findings of `check`.
static VERSION: LazyLock<String> =
    LazyLock::new(|| format!("{} (public suffix list: {})", env!("CARGO_PKG_VERSION"), corsac::PUBLIC_SUFFIX_LIST));

/// The help texts are written for this many columns.
const HELP_WIDTH: usize = 86;

const EXIT_STATUS: &str = "\
Exit status: 0 success; 1 something was found (errors or warnings, a denied request, a
bad line in a log, a difference); 2 the command could not run (wrong usage, an
unreadable document or log, or, except for `check`, a document with errors).";

/// A CORS decision engine: checks policies, decides requests
///
/// A policy document specifies which origins may read a service's responses, and how. `check` finds
/// errors and risks in it; `decide` and `replay` show how it decides requests; `diff` shows what
/// another document would change; `watch` reports each reload.
#[derive(Debug, Parser)]
#[command(name = "corsac", bin_name = "corsac", version = VERSION.as_str(), after_help = EXIT_STATUS, max_term_width = HELP_WIDTH)]
pub(crate) struct Arguments {
    /// When to use colours; `auto`: on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    pub(crate) color: ColorWhen,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find errors and risks in a policy document
    Check(check::Options),
    /// Decide one request, and explain the decision
    Decide(decide::Options),
    /// Decide a log of requests, and summarise the decisions
    Replay(replay::Options),
    /// Show which origins gain or lose access between two policy documents
    Diff(diff::Options),
    /// Keep a policy document loaded, and report each reload and refused load
    Watch(watch::Options),
    /// Print a script that completes commands and options in a shell
    Completions(completions::Options),
}

impl Command {
    pub(crate) fn run(
        &self,
        stdin: &mut (dyn Read + Send),
        stdout: &mut Output<'_>,
        stderr: &mut Output<'_>,
    ) -> Result<ExitStatus, Failure> {
        match self {
            Self::Check(options) => check::run(options, stdin, stdout),
            Self::Decide(options) => decide::run(options, stdin, stdout),
            Self::Replay(options) => replay::run(options, stdin, stdout, stderr),
            Self::Diff(options) => diff::run(options, stdin, stdout, stderr),
            Self::Watch(options) => watch::run(options, stdout),
            Self::Completions(options) => completions::run(options, &mut Arguments::command(), stdout),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::{Arguments, HELP_WIDTH};

    #[test]
    fn help_texts_are_not_wrapped_again() {
        let arguments = Arguments::command();
        for command in arguments.get_subcommands().chain([&arguments]) {
            let text = command.get_after_help().unwrap().to_string();
            let long = text.lines().find(|line| line.chars().count() > HELP_WIDTH);
            assert_eq!(long, None, "{}", command.get_name());
        }
    }
}
