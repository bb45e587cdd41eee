//! What can be typed. The texts here are the help.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::LazyLock;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

/// Which public suffixes are known is part of what a release is: it changes what `check` says.
static VERSION: LazyLock<String> =
    LazyLock::new(|| format!("{} (public suffix list: {})", env!("CARGO_PKG_VERSION"), corsac::PUBLIC_SUFFIX_LIST));

const EXIT_STATUS: &str = "\
Exit status: 0 fine; 1 findings (errors or warnings, a refused request, a bad
line in a log); 2 could not run (usage, an unreadable document or log, a
document with errors for `decide`).";

const CHECK_EXAMPLES: &str = "\
Examples:
  corsac check policy.toml
  corsac check --verbose policy.toml         rows per tier, bytes, time
  corsac check --format json policy.json     one line of JSON for tools
  generate-policy | corsac check -           a TOML document on standard input

Exit status: 0 fine, or notes only; 1 errors or warnings; 2 the document cannot
be read.";

const DECIDE_EXAMPLES: &str = "\
Examples:
  May a page of app.example.com read answers?
    corsac decide policy.toml -H 'origin: https://app.example.com'

  May it send a PUT with a content type? (a preflight, as a browser sends it)
    corsac decide policy.toml --policy api -X OPTIONS \\
      -H 'origin: https://app.example.com' \\
      -H 'access-control-request-method: PUT' \\
      -H 'access-control-request-headers: content-type'

  Which policy do the document's routes choose, and what does it say?
    corsac decide policy.toml --host api.example.com --path /v1/users \\
      -H 'origin: https://app.example.com'

  A whole log: one JSON answer per line, or a summary for people
    corsac decide policy.toml --requests log.ndjson > answers.ndjson
    corsac decide policy.toml --requests log.ndjson --format human

A request log has one object a line (NDJSON):
  {\"id\": 7, \"policy\": \"api\", \"method\": \"GET\",
   \"headers\": [[\"origin\", \"https://app.example.com\"]]}
  `id` is any JSON value, or absent; the answer has the same.
  `route` ({\"host\": ..., \"path\": ...}) may stand in place of `policy`; neither is
  needed if the document has one policy. Other keys are passed over.
  A value that is not UTF-8 is {\"base64\": \"...\"}.

Exit status: 0 allowed, same-origin or not-cors; 1 refused (denied,
preflight-denied, no-policy), or a bad line in a log; 2 could not run.";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  corsac completions bash > /etc/bash_completion.d/corsac
  corsac completions zsh > ~/.zfunc/_corsac
  corsac completions fish > ~/.config/fish/completions/corsac.fish";

/// A CORS decision engine: checks policies, decides requests
///
/// A policy document says which origins may read a service's answers, and how. `check` finds what
/// is wrong or dangerous in it; `decide` says what it makes of requests.
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
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckOptions),
    /// Decide one request, or a log of them
    #[command(after_help = DECIDE_EXAMPLES)]
    Decide(DecideOptions),
    /// Print a script that completes commands and options in a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions(CompletionsOptions),
}

#[derive(Debug, Args)]
pub(crate) struct CheckOptions {
    /// The policy document: `.json` is JSON, everything else TOML; `-` is TOML on standard input
    #[arg(value_name = "POLICY", value_hint = ValueHint::FilePath)]
    pub(crate) document: PathBuf,

    /// Also show each policy's rows per tier and bytes, and the time it took to load
    #[arg(short, long)]
    pub(crate) verbose: bool,

    /// How to show what is found
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct DecideOptions {
    /// The policy document: `.json` is JSON, everything else TOML; `-` is TOML on standard input
    #[arg(value_name = "POLICY", value_hint = ValueHint::FilePath)]
    pub(crate) document: PathBuf,

    /// Which policy decides; not needed if the document has only one
    #[arg(long, value_name = "NAME", conflicts_with = "host")]
    pub(crate) policy: Option<OsString>,

    /// Let the document's routes choose the policy: the request's host
    #[arg(long, value_name = "HOST")]
    pub(crate) host: Option<OsString>,

    /// The request's path, for the document's routes [default: /]
    #[arg(long, value_name = "PATH", requires = "host")]
    pub(crate) path: Option<OsString>,

    /// The request's method, byte for byte
    #[arg(short = 'X', long, value_name = "METHOD", default_value = "GET")]
    pub(crate) method: OsString,

    /// A header line of the request, `name: value`; repeat for more
    #[arg(short = 'H', long = "header", value_name = "LINE")]
    pub(crate) headers: Vec<OsString>,

    /// Decide a log of requests instead: NDJSON, `-` is standard input
    #[arg(
        long,
        value_name = "LOG",
        value_hint = ValueHint::FilePath,
        conflicts_with_all = ["policy", "host", "path", "method", "headers"]
    )]
    pub(crate) requests: Option<PathBuf>,

    /// With `--requests` and JSON: also print the summary, on standard error
    #[arg(short, long, requires = "requests")]
    pub(crate) verbose: bool,

    /// How to show answers [default: human; json for `--requests` where standard output is no
    /// terminal]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsOptions {
    /// The shell to complete in
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: Shell,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Text for people
    Human,
    /// JSON for tools
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    #[default]
    Auto,
    Always,
    Never,
}
