//! `corsac diff`: the differences between two documents, as far as they affect requests.

use std::io::{self, BufWriter, Read, Write};
use std::path::PathBuf;

use clap::{Args, ValueHint};
use corsac::diff::{Diff, KeptPreflights};
use serde::Serialize;

use crate::argument::display_name;
use crate::failure::{ExitStatus, Failure};
use crate::load;
use crate::show::changes::{self, ChangeJson};
use crate::show::escape::Text;
use crate::show::format::OutputFormat;
use crate::show::output::Output;

const EXAMPLES: &str = "\
Examples:
  corsac diff old.toml new.toml
  corsac diff old.toml new.toml --verbose        all rows, however many
  corsac diff old.toml new.toml --format json    one JSON document for tools
  git show HEAD~:policy.toml | corsac diff - policy.toml

Each change is marked: + it allows more; - it allows less; ± both; ~ neither, or it
depends on other things (routes). Only behaviour is compared: the order of rows, the
names of list files, and an exact row replaced by a wildcard with the same rights are
not differences. An empty diff means that every request gets the same response. To see
the effect of a change on the requests of a log, use `corsac replay --against`.

Exit status: 0 no difference; 1 a difference; 2 the command could not run, or one of
the documents has errors.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Options {
    /// The old document: JSON if its name ends in `.json`, otherwise TOML; `-` is standard input,
    /// which is JSON if it begins with `{`
    #[arg(value_name = "OLD", value_hint = ValueHint::FilePath)]
    pub(crate) old: PathBuf,

    /// The new document, in either format
    #[arg(value_name = "NEW", value_hint = ValueHint::FilePath)]
    pub(crate) new: PathBuf,

    /// Show every row of a change, not only the first ten
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
    load::refuse_twice_stdin(&[("old", &options.old), ("new", &options.new)])?;
    let (old, new) = match (load::usable(&options.old, stdin), load::usable(&options.new, stdin)) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(old), Err(new)) => {
            // Both are shown. A closed standard error cannot be reported.
            let _ = old.report(stderr);
            return Err(new);
        }
        (Err(failure), _) | (_, Err(failure)) => return Err(failure),
    };
    let diff = Diff::between(&old.policies, &new.policies);
    Failure::unless_closed(match options.format.unwrap_or(OutputFormat::for_stream(stdout)) {
        OutputFormat::Human => write_human(options, &diff, stdout),
        OutputFormat::Json => write_json(&diff, stdout),
    })?;
    Ok(ExitStatus::of_findings(!diff.is_empty()))
}

fn write_human(options: &Options, diff: &Diff, stdout: &mut Output<'_>) -> io::Result<()> {
    let palette = stdout.palette();
    let mut out = BufWriter::with_capacity(1 << 16, stdout);
    changes::write_human(&mut out, palette, diff, options.verbose)?;
    let (old, new) = (display_name(&options.old), display_name(&options.new));
    let style = if diff.is_empty() { palette.good } else { palette.neutral };
    writeln!(out, "{} → {}: {style}{}{style:#}", Text(&old), Text(&new), changes::summary(diff))?;
    out.flush()
}

#[derive(Debug, Serialize)]
struct DiffJson<'a> {
    same: bool,
    /// For how many seconds browsers may still send what is no longer allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_preflights: Option<u32>,
    changes: Vec<ChangeJson<'a>>,
}

fn write_json(diff: &Diff, stdout: &mut Output<'_>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, stdout);
    let kept_preflights = diff.kept_preflights().map(KeptPreflights::seconds);
    serde_json::to_writer(
        &mut out,
        &DiffJson { same: diff.is_empty(), kept_preflights, changes: ChangeJson::all(diff) },
    )?;
    out.write_all(b"\n")?;
    out.flush()
}
