//! `corsac diff`: what is different between two documents, for the people whom it concerns.

use std::io::{self, BufWriter, Read, Write};

use corsac::Diff;
use serde::Serialize;

use crate::arguments::{DiffOptions, Format};
use crate::changes::{self, ChangeJson};
use crate::escape::Text;
use crate::failure::{Failure, Status};
use crate::load::{self, display_name};
use crate::output::Output;

pub(crate) fn run(
    options: &DiffOptions,
    stdin: &mut (dyn Read + Send),
    stdout: &mut Output<'_>,
    stderr: &mut Output<'_>,
) -> Result<Status, Failure> {
    load::refuse_twice_stdin(&[("old", &options.old), ("new", &options.new)])?;
    let (old, new) = match (load::usable(&options.old, stdin), load::usable(&options.new, stdin)) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(old), Err(new)) => {
            // Both are shown; a closed standard error leaves nobody to tell.
            let _ = old.report(stderr);
            return Err(new);
        }
        (Err(failure), _) | (_, Err(failure)) => return Err(failure),
    };
    let diff = Diff::between(&old.policies, &new.policies);
    Failure::unless_closed(match options.format.unwrap_or(Format::of_log(stdout)) {
        Format::Human => write_human(options, &diff, stdout),
        Format::Json => write_json(&diff, stdout),
    })?;
    Ok(Status::of_findings(!diff.is_empty()))
}

fn write_human(options: &DiffOptions, diff: &Diff, stdout: &mut Output<'_>) -> io::Result<()> {
    let palette = stdout.palette();
    let mut out = BufWriter::with_capacity(1 << 16, stdout);
    changes::write_human(&mut out, palette, diff, options.verbose)?;
    let (old, new) = (display_name(&options.old), display_name(&options.new));
    let style = if diff.is_empty() { palette.good } else { palette.neutral };
    writeln!(out, "{} → {}: {style}{}{style:#}", Text(&old), Text(&new), changes::summary(diff))?;
    out.flush()
}

#[derive(Debug, Serialize)]
struct Report<'a> {
    same: bool,
    changes: Vec<ChangeJson<'a>>,
}

fn write_json(diff: &Diff, stdout: &mut Output<'_>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, stdout);
    serde_json::to_writer(&mut out, &Report { same: diff.is_empty(), changes: ChangeJson::all(diff) })?;
    out.write_all(b"\n")?;
    out.flush()
}
