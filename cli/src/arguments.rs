//! The command-line arguments. The doc comments here are the help texts.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::LazyLock;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

use crate::output::Output;

/// Which public suffixes are known is part of what a release is: it changes what `check` says.
static VERSION: LazyLock<String> =
    LazyLock::new(|| format!("{} (public suffix list: {})", env!("CARGO_PKG_VERSION"), corsac::PUBLIC_SUFFIX_LIST));

const EXIT_STATUS: &str = "\
Exit status: 0 success; 1 something was found (errors or warnings, a refused request,
a bad line in a log, a difference); 2 the command could not run (wrong usage, an
unreadable document or log, or, for `decide`, a document with errors).";

const CHECK_EXAMPLES: &str = "\
Examples:
  corsac check policy.toml
  corsac check --verbose policy.toml         rows per tier, bytes, digest, time
  corsac check --format json policy.json     one line of JSON for tools
  generate-policy | corsac check -           a document on standard input

Exit status: 0 no findings, or only notes; 1 errors or warnings; 2 the document cannot
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

  A whole log: one JSON decision per line, or a summary for people
    corsac decide policy.toml --requests log.ndjson > answers.ndjson
    corsac decide policy.toml --requests log.ndjson --format human

A request log has one object a line (NDJSON):
  {\"id\": 7, \"policy\": \"api\", \"method\": \"GET\",
   \"headers\": [[\"origin\", \"https://app.example.com\"]]}
  `id` is any JSON value and is optional; the decision repeats it. `route` ({\"host\":
  ..., \"path\": ...}) may replace `policy`; a document with one policy needs neither.
  Other keys are ignored. A value that is not UTF-8 is written {\"base64\": \"...\"}.

Exit status: 0 allowed, same-origin or not-cors; 1 refused (denied,
preflight-denied, no-policy), or a bad line in a log; 2 could not run.";

const REPLAY_EXAMPLES: &str = "\
Examples:
  What does the policy do to yesterday's traffic?
    corsac replay policy.toml access.ndjson.gz

  The same, one JSON answer per line, in the order of the log
    corsac replay policy.toml access.ndjson.gz --format json > answers.ndjson

  An nginx or Apache access log, with the origin after the usual fields
    corsac replay policy.toml access.log --fields combined-origin --policy api

  A log_format of your own
    corsac replay policy.toml access.log --fields \\
      '$remote_addr [$time_local] \"$request\" $status \"$http_origin\" $host'

  What would change if the new document replaced the old one?
    corsac replay old.toml access.ndjson.gz --against new.toml

  Compressed logs, one after the other
    cat access.log.*.zst | corsac replay policy.toml - --fields combined-cors

Without `--fields`, a log has one JSON object per line, as `corsac decide --help`
shows. Logs compressed with gzip or zstd are recognised by their first bytes.

Fields of an access log, named as in nginx's log_format; other fields are ignored:
  $request, or $request_method             the method
  $request_uri, $uri, or $request          the path, for the document's routes
  $host, or $http_host                     the host, for the document's routes
  $http_origin                             the Origin line
  $http_access_control_request_method      what a preflight requests; without it
  $http_access_control_request_headers     an OPTIONS request is an ordinary one
  $http_access_control_request_private_network
  `-` is an absent value; \\xHH, \\\" and \\\\ are decoded to bytes. Access log lines
  have no id, so the id of a decision is its line number.

  combined          $remote_addr - $remote_user [$time_local] \"$request\" $status
                    $body_bytes_sent \"$http_referer\" \"$http_user_agent\"
  combined-origin   combined, then \"$http_origin\"
  combined-cors     combined-origin, then
                    \"$http_access_control_request_method\"
                    \"$http_access_control_request_headers\" $host

The policy that decides an access log request is the one given with `--policy`, or
else the one that the document's routes choose, or else the document's only policy.

With `--against`, both documents decide every request. A request flips if its verdict
or reason differs; its response differs if only status, headers, vary or upstream
differ. Requests with the same difference are counted together, the most frequent
first, with the first requests of the log as samples. A policy that exists in only one
document decides no-policy in the other. JSON output is one document.

Exit status: 0 no request was refused (with `--against`: no difference); 1 a request
was refused (with `--against`: a difference), or a bad line; 2 the command could not
run, or the log could not be read to its end.";

const DIFF_EXAMPLES: &str = "\
Examples:
  corsac diff old.toml new.toml
  corsac diff old.toml new.toml --verbose        all rows, however many
  corsac diff old.toml new.toml --format json    one JSON document for tools
  git show HEAD~:policy.toml | corsac diff - policy.toml

Each change is marked: + it allows more; - it allows less; ± both; ~ neither, or it
depends on other things (routes). Only behaviour is compared: the order of rows, the
names of list files, and an exact row replaced by a wildcard with the same rights are
not differences. An empty diff means that every request gets the same response;
`corsac replay --against` shows the effect of a change on a log.

Exit status: 0 no difference; 1 a difference; 2 could not run, or one of the
documents has errors.";

const WATCH_EXAMPLES: &str = "\
Examples:
  corsac watch policy.toml
  corsac watch policy.toml --format json >> events.ndjson    an object a line
  kill -HUP PID                                              reload now

Loads the document and its lists as a service would: completely or not at all, once
they have not changed for a moment. Each reload is reported with its changes, as
`corsac diff` shows them; each refused load is reported with its errors, and the last
good document stays in use. The digest is that of `corsac check --verbose`, and is the
same on every machine with the same files.

Exit status: 0 stopped by SIGINT or SIGTERM; 2 the command could not run, or the
document had errors at the start.";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  corsac completions bash > /etc/bash_completion.d/corsac
  corsac completions zsh > ~/.zfunc/_corsac
  corsac completions fish > ~/.config/fish/completions/corsac.fish";

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
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckOptions),
    /// Decide one request, or a log of them
    #[command(after_help = DECIDE_EXAMPLES)]
    Decide(DecideOptions),
    /// Decide a log of requests on all cores, and summarise the results
    #[command(after_help = REPLAY_EXAMPLES)]
    Replay(ReplayOptions),
    /// Show the differences between two policy documents: which origins gain or lose access
    #[command(after_help = DIFF_EXAMPLES)]
    Diff(DiffOptions),
    /// Keep a policy document loaded, and report each reload and each refused load
    #[command(after_help = WATCH_EXAMPLES)]
    Watch(WatchOptions),
    /// Print a script that completes commands and options in a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions(CompletionsOptions),
}

#[derive(Debug, Args)]
pub(crate) struct CheckOptions {
    /// The policy document: `.json` is JSON, everything else TOML; `-` is standard input, JSON if it begins with `{`
    #[arg(value_name = "POLICY", value_hint = ValueHint::FilePath)]
    pub(crate) document: PathBuf,

    /// Also show each policy's rows per tier and bytes, the digest of what was read, and the time it took
    #[arg(short, long)]
    pub(crate) verbose: bool,

    /// Output format of the findings
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct DecideOptions {
    /// The policy document: `.json` is JSON, everything else TOML; `-` is standard input, JSON if it begins with `{`
    #[arg(value_name = "POLICY", value_hint = ValueHint::FilePath)]
    pub(crate) document: PathBuf,

    /// Which policy decides; not needed if the document has only one
    #[arg(long, value_name = "NAME", conflicts_with = "host")]
    pub(crate) policy: Option<OsString>,

    /// The request's host, from which the document's routes choose the policy
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

    /// Output format [default: human; json for `--requests` if standard output is not a terminal]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayOptions {
    /// The policy document: `.json` is JSON, everything else TOML; `-` is standard input, JSON if it begins with `{`
    #[arg(value_name = "POLICY", value_hint = ValueHint::FilePath)]
    pub(crate) document: PathBuf,

    /// The requests: NDJSON, or text with `--fields`, plain or compressed; `-` is standard input
    #[arg(value_name = "LOG", value_hint = ValueHint::FilePath)]
    pub(crate) log: PathBuf,

    /// The policy that decides every request, whatever the log says
    #[arg(long, value_name = "NAME")]
    pub(crate) policy: Option<OsString>,

    /// Read an access log in this format: an nginx log_format, or one of combined, combined-origin,
    /// combined-cors
    #[arg(long, value_name = "FORMAT")]
    pub(crate) fields: Option<String>,

    /// Also decide every request with this document, and show what it would change
    #[arg(long, value_name = "NEW", value_hint = ValueHint::FilePath)]
    pub(crate) against: Option<PathBuf>,

    /// With `--against`: how many sample requests to show for each kind of difference
    #[arg(long, value_name = "N", requires = "against", default_value_t = 3, value_parser = clap::value_parser!(u16).range(..=1000))]
    pub(crate) samples: u16,

    /// How many threads decide [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,

    /// With JSON: also print the summary, on standard error
    #[arg(short, long)]
    pub(crate) verbose: bool,

    /// Output format [default: human on a terminal, otherwise json]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
}

#[derive(Debug, Args)]
pub(crate) struct DiffOptions {
    /// The old document: `.json` is JSON, everything else TOML; `-` is standard input, JSON if it
    /// begins with `{`
    #[arg(value_name = "OLD", value_hint = ValueHint::FilePath)]
    pub(crate) old: PathBuf,

    /// The new document
    #[arg(value_name = "NEW", value_hint = ValueHint::FilePath)]
    pub(crate) new: PathBuf,

    /// Show every row of a change, not only the first ten
    #[arg(short, long)]
    pub(crate) verbose: bool,

    /// Output format [default: human on a terminal, otherwise json]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
}

#[derive(Debug, Args)]
pub(crate) struct WatchOptions {
    /// The policy document: `.json` is JSON, everything else TOML
    #[arg(value_name = "POLICY", value_hint = ValueHint::FilePath)]
    pub(crate) document: PathBuf,

    /// Output format [default: human on a terminal, otherwise json]
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

impl Format {
    /// The default format for a log: a summary on a terminal, decisions otherwise.
    pub(crate) fn of_log(stdout: &Output<'_>) -> Self {
        if stdout.is_terminal() { Self::Human } else { Self::Json }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    #[default]
    Auto,
    Always,
    Never,
}
