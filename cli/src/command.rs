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

use crate::failure::{Failure, Status};
use crate::show::output::{ColorWhen, Output};

/// Which public suffixes are known is part of what a release is: it changes what `check` says.
static VERSION: LazyLock<String> =
    LazyLock::new(|| format!("{} (public suffix list: {})", env!("CARGO_PKG_VERSION"), corsac::PUBLIC_SUFFIX_LIST));

const EXIT_STATUS: &str = "\
Exit status: 0 success; 1 something was found (errors or warnings, a refused request,
a bad line in a log, a difference); 2 the command could not run (wrong usage, an
unreadable document or log, or, for `decide`, a document with errors).";

/// A CORS decision engine: checks policies, decides requests
///
/// A policy document says which origins may read a service's responses, and how. `check` finds
/// mistakes and risks in it; `decide` and `replay` show how it treats requests; `diff` shows what
/// another document would change; `watch` reports each reload.
#[derive(Debug, Parser)]
#[command(name = "corsac", bin_name = "corsac", version = VERSION.as_str(), after_help = EXIT_STATUS)]
pub(crate) struct Arguments {
    /// Whether to use colours; `auto`: on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    pub(crate) color: ColorWhen,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find what is wrong or dangerous in a policy document
    Check(check::Options),
    /// Decide one request, and explain the decision
    Decide(decide::Options),
    /// Decide a log of requests on all cores, and summarise the results
    Replay(replay::Options),
    /// Show the differences between two policy documents: which origins gain or lose access
    Diff(diff::Options),
    /// Keep a policy document loaded, and report each reload and each refused load
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
    ) -> Result<Status, Failure> {
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
