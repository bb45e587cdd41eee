//! `corsac replay`: decides a log of any size, on all cores.

use std::ffi::OsString;
use std::io::{Read, Write as _};
use std::iter;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;

use clap::{Args, ValueHint};

use crate::argument::bytes_of;
use crate::argument::display_name;
use crate::failure::{ExitStatus, Failure};
use crate::load;
use crate::log::Log;
use crate::log::access_log::Fields;
use crate::log::blocks::Unreadable;
use crate::log::targets::Targets;
use crate::replay::against::Against;
use crate::replay::decider::Decider;
use crate::replay::delivery::Delivery;
use crate::replay::mode::{Mode, Report};
use crate::replay::workers::{self, Stopped};
use crate::show::format::OutputFormat;
use crate::show::output::Output;
use crate::show::progress_bar::ProgressBar;

const EXAMPLES: &str = "\
Examples:
  How does the policy decide the requests of a log?
    corsac replay policy.toml access.ndjson.gz

  Each decision as a line of JSON, in the order of the log
    corsac replay policy.toml access.ndjson.gz --format json > decisions.ndjson

  An nginx or Apache access log, with the origin after the usual fields
    corsac replay policy.toml access.log --fields combined-origin --policy api

  A log_format of your own
    corsac replay policy.toml access.log --fields \\
      '$remote_addr [$time_local] \"$request\" $status \"$http_origin\" $host'

  Which requests would a new document decide differently?
    corsac replay old.toml access.ndjson.gz --against new.toml

  Compressed logs, one after the other
    cat access.log.*.zst | corsac replay policy.toml - --fields combined-cors

Logs compressed with gzip or zstd are recognised by their first bytes. Without
`--fields`, a log has one JSON object per line (NDJSON):
  {\"id\": 7, \"policy\": \"api\", \"method\": \"GET\",
   \"headers\": [[\"origin\", \"https://app.example.com\"]]}
  `id` is any JSON value and is optional; the decision repeats it. `route` ({\"host\":
  ..., \"path\": ...}) may replace `policy`; a document with one policy needs neither.
  Other keys are ignored. A value that is not UTF-8 is written {\"base64\": \"...\"}.

Fields of an access log, named as in nginx's log_format; other fields are ignored:
  $request, or $request_method             the method
  $request_uri, $uri, or $request          the path, for the document's routes
  $host, or $http_host                     the host, for the document's routes
  $http_origin                             the Origin line
  $http_access_control_request_method      the method that a preflight requests;
                                           OPTIONS without it is not a preflight
  $http_access_control_request_headers     the headers that a preflight requests
  $http_access_control_request_private_network
                                           whether a preflight requests access to a
                                           private network
  `-` is an absent value; \\xHH, \\\" and \\\\ are decoded to bytes. Access log lines
  have no id, so the id of a decision is its line number.

Names of common formats:
  combined          $remote_addr - $remote_user [$time_local] \"$request\" $status
                    $body_bytes_sent \"$http_referer\" \"$http_user_agent\"
  combined-origin   combined, then \"$http_origin\"
  combined-cors     combined-origin, then
                    \"$http_access_control_request_method\"
                    \"$http_access_control_request_headers\" $host

The policy that decides an access log request is the one given with `--policy`, or
else the one that the document's routes choose, or else the document's only policy.

With `--against`, both documents decide every request. A changed verdict or reason
(`flips` in JSON) is shown apart from a change of the response only (`other_answers`):
of status, headers, vary or upstream. Requests with the same difference are counted
together, the most frequent first, with the first requests of the log as samples. If
only one document has a policy, the other decides no-policy. JSON output is one
document.

Exit status: 0 no request was denied (with `--against`: no difference); 1 a request
was denied (with `--against`: a difference), or a line was bad; 2 the command could
not run, or the log could not be read to its end.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Options {
    /// The policy document: JSON if its name ends in `.json`, otherwise TOML; `-` is standard
    /// input, which is JSON if it begins with `{`
    #[arg(value_name = "POLICY", value_hint = ValueHint::FilePath)]
    pub(crate) document: PathBuf,

    /// The requests: NDJSON, or an access log with `--fields`, plain or compressed; `-` is standard
    /// input
    #[arg(value_name = "LOG", value_hint = ValueHint::FilePath)]
    pub(crate) log: PathBuf,

    /// The policy that decides every request, whatever the log says
    #[arg(long, value_name = "NAME")]
    pub(crate) policy: Option<OsString>,

    /// Read an access log in this format: an nginx log_format, or `combined`, `combined-origin` or
    /// `combined-cors`
    #[arg(long, value_name = "FORMAT")]
    pub(crate) fields: Option<String>,

    /// Also decide every request with this document, and show what it would change
    #[arg(long, value_name = "NEW", value_hint = ValueHint::FilePath)]
    pub(crate) against: Option<PathBuf>,

    /// With `--against`: the number of sample requests for each kind of difference
    #[arg(long, value_name = "N", requires = "against", default_value_t = 3, value_parser = clap::value_parser!(u16).range(..=1000))]
    pub(crate) samples: u16,

    /// The number of threads [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,

    /// With JSON: also print the summary, on standard error
    #[arg(short, long)]
    pub(crate) verbose: bool,

    /// Output format [default: human on a terminal, otherwise json]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<OutputFormat>,
}

pub(crate) fn run(
    options: &Options,
    stdin: &mut (dyn Read + Send),
    stdout: &mut Output<'_>,
    stderr: &mut Output<'_>,
) -> Result<ExitStatus, Failure> {
    let mut inputs: Vec<(&str, &Path)> = vec![("policy", &options.document), ("requests", &options.log)];
    inputs.extend(options.against.as_deref().map(|new| ("`--against`", new)));
    load::refuse_twice_stdin(&inputs)?;
    let fields = options.fields.as_deref().map(Fields::new).transpose().map_err(Failure::Usage)?;
    let loaded = load::usable(&options.document, stdin)?;
    let new = options.against.as_deref().map(|new| load::usable(new, stdin)).transpose()?;
    let (policy, fields) = (options.policy.as_deref().map(bytes_of), fields.as_ref());
    let targets = Targets::new(&loaded.policies, policy.as_deref(), fields);
    let new_targets = new.as_ref().map(|new| Targets::new(&new.policies, policy.as_deref(), fields));
    let documents: Vec<&Targets<'_>> = iter::once(&targets).chain(&new_targets).collect();
    check_policy(policy.as_deref(), &documents)?;
    if let Some(fields) = fields {
        check_fields(fields, &documents, stderr)?;
    }
    let mode = mode(options, new_targets, stdout);
    replay(options, &Decider::new(targets, fields, mode), stdin, stdout, stderr)
}

/// What to do with the log, as the options say.
fn mode<'p>(options: &Options, new: Option<Targets<'p>>, stdout: &Output<'_>) -> Mode<'p> {
    let format = options.format.unwrap_or(OutputFormat::for_stream(stdout));
    let report = Report::new(format, options.verbose);
    match new {
        Some(targets) => Mode::Compare(Against { targets, samples: options.samples.into() }, report),
        None => Mode::Decide(report),
    }
}

fn replay(
    options: &Options,
    decider: &Decider<'_>,
    stdin: &mut (dyn Read + Send),
    stdout: &mut Output<'_>,
    stderr: &mut Output<'_>,
) -> Result<ExitStatus, Failure> {
    let name = display_name(&options.log);
    let failure = |error, after| Failure::Log { name: name.clone(), error, after };
    let Log { reader, progress } = Log::open(&options.log, stdin).map_err(|error| failure(error, 0))?;
    // Decisions on the same terminal would overwrite the bar.
    let bar = match decider.mode().writes_decisions() && stdout.is_terminal() {
        true => ProgressBar::hidden(),
        false => ProgressBar::on(stderr, progress),
    };
    let mut delivery = Delivery::new(decider, name.clone(), bar, stdout, stderr);
    let ended = workers::decide_all(reader, decider, threads(options), |decided| delivery.deliver(decided));
    delivery.end(ended.map_err(|stopped| match stopped {
        Stopped::Unreadable(Unreadable { error, after }) => failure(error, after),
        Stopped::Failed(failure) => failure,
    }))
}

/// Refuses a policy that no document has.
fn check_policy(policy: Option<&[u8]>, documents: &[&Targets<'_>]) -> Result<(), Failure> {
    match (policy, documents) {
        (Some(policy), [document, ..]) if documents.iter().all(|document| document.names.get(policy).is_none()) => {
            Err(Failure::Usage(document.names.unknown(policy)))
        }
        _ => Ok(()),
    }
}

/// Refuses an access log that no document can decide, and warns about one without origins.
fn check_fields(fields: &Fields, documents: &[&Targets<'_>], stderr: &mut Output<'_>) -> Result<(), Failure> {
    if !fields.has_origin() {
        let style = stderr.palette().neutral;
        let _ = writeln!(
            stderr,
            "{style}warning:{style:#} `--fields` has no `$http_origin`: every request is treated as having no `Origin`"
        );
    }
    match documents {
        [document, ..] if documents.iter().all(|document| !document.cover(fields)) => Err(Failure::Usage(format!(
            "the document has several policies, {}; choose one with `--policy`, or add routes to the document and `$host` to the log and to `--fields`",
            document.names.list()
        ))),
        _ => Ok(()),
    }
}

fn threads(options: &Options) -> NonZeroUsize {
    let requested = options.threads.and_then(|threads| NonZeroUsize::new(threads.into()));
    requested.unwrap_or_else(|| thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
}
