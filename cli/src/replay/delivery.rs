//! Takes what comes of a log, in the order of its lines: writes the answers, reports the bad lines,
//! adds everything up.

use std::io::{self, BufWriter, Write};
use std::time::Instant;

use crate::failure::{Failure, Status};
use crate::log::bad_line::BadLine;
use crate::replay::comparison::Comparison;
use crate::replay::decider::{Decided, Decider, MAX_REPORTED};
use crate::replay::denied_origins::Frequent;
use crate::replay::differences::Differences;
use crate::replay::summary::Summary;
use crate::show::escape::{Bytes, Text};
use crate::show::format::OutputFormat;
use crate::show::numbers::{counted, grouped};
use crate::show::output::{Output, Palette};
use crate::show::progress_bar::ProgressBar;

/// How many denied origins a summary has.
const MOST_DENIED: usize = 10;

/// How much of a denied origin is shown.
const SHOWN: usize = 100;

pub(crate) struct Delivery<'o, 'out, 'err> {
    stdout: &'o mut Output<'out>,
    stderr: &'o mut Output<'err>,
    format: OutputFormat,
    /// The log, in messages.
    name: String,
    summary: Summary,
    reported: u64,
    /// Kept where they are shown.
    denied: Option<Frequent>,
    /// Where two sets of policies decide: what differs, in place of the summary.
    compared: Option<Compared>,
    bar: ProgressBar,
    start: Instant,
}

/// What differs, and how many requests are shown of each kind.
struct Compared {
    comparison: Comparison,
    samples: usize,
}

impl<'o, 'out, 'err> Delivery<'o, 'out, 'err> {
    pub(crate) fn new(
        name: String,
        format: OutputFormat,
        stdout: &'o mut Output<'out>,
        stderr: &'o mut Output<'err>,
    ) -> Self {
        Self {
            stdout,
            stderr,
            format,
            name,
            summary: Summary::default(),
            reported: 0,
            denied: None,
            compared: None,
            bar: ProgressBar::hidden(),
            start: Instant::now(),
        }
    }

    /// Also shows which origins were denied most.
    pub(crate) fn count_denied_origins(&mut self) {
        self.denied = Some(Frequent::default());
    }

    /// Shows what two sets of policies give different decisions.
    pub(crate) fn compare(&mut self, samples: usize) {
        self.compared = Some(Compared { comparison: Comparison::default(), samples });
    }

    /// Also shows how far it has come.
    pub(crate) fn with_bar(self, bar: ProgressBar) -> Self {
        Self { bar, ..self }
    }

    pub(crate) fn deliver(&mut self, decider: &Decider<'_>, decided: Decided) -> Result<(), Failure> {
        for (number, bad) in &decided.bad {
            if self.reported < MAX_REPORTED {
                self.reported += 1;
                self.report(*number, bad);
            }
        }
        if self.reported >= MAX_REPORTED {
            decider.hush();
        }
        self.summary.merge(&decided.summary);
        if let Some(denied) = &mut self.denied {
            denied.extend(&decided.denied);
        }
        if let Some(Compared { comparison, samples }) = &mut self.compared {
            comparison.merge(decided.comparison, *samples);
        }
        self.bar.update();
        self.write_answers(&decided.answers).map_err(Failure::Output)
    }

    fn write_answers(&mut self, answers: &[u8]) -> io::Result<()> {
        if answers.is_empty() {
            return Ok(());
        }
        self.stdout.write_all(answers)?;
        self.stdout.flush()
    }

    fn report(&mut self, number: u64, bad: &BadLine) {
        let style = self.stderr.palette().bad;
        let column = bad.column().map(|column| format!(":{column}")).unwrap_or_default();
        let name = Text(&self.name);
        // A closed standard error leaves nobody to tell.
        let _ = self.bar.aside(|| writeln!(self.stderr, "{style}error:{style:#} {name}:{number}{column}: {bad}"));
    }

    /// After the last delivery, or the first that failed. What was decided until then is summed up.
    pub(crate) fn end(mut self, ended: Result<(), Failure>, verbose: bool) -> Result<Status, Failure> {
        self.bar.clear();
        let ended = match ended {
            Err(Failure::Output(error)) => Failure::unless_closed(Err(error)),
            ended => ended,
        };
        self.report_unreported();
        if let Some(Compared { comparison, .. }) = self.compared.take() {
            self.show_differences(&comparison, verbose)?;
            ended?;
            return Ok(Status::of_findings(!comparison.is_empty() || self.summary.bad_lines() > 0));
        }
        match self.format {
            OutputFormat::Human => {
                let palette = self.stdout.palette();
                let mut out = BufWriter::new(&mut *self.stdout);
                let written = write_summary(&mut out, palette, &self.summary, self.denied.as_ref(), self.start);
                Failure::unless_closed(written)?;
            }
            OutputFormat::Json if verbose => {
                let palette = self.stderr.palette();
                let _ = write_summary(self.stderr, palette, &self.summary, self.denied.as_ref(), self.start);
            }
            OutputFormat::Json => {}
        }
        ended?;
        Ok(Status::of_findings(self.summary.has_findings()))
    }

    fn show_differences(&mut self, comparison: &Comparison, verbose: bool) -> Result<(), Failure> {
        let differences = Differences { comparison, bad_lines: self.summary.bad_lines(), start: self.start };
        match self.format {
            OutputFormat::Human => {
                let palette = self.stdout.palette();
                Failure::unless_closed(differences.write_human(&mut BufWriter::new(&mut *self.stdout), palette))
            }
            OutputFormat::Json => {
                if verbose {
                    let palette = self.stderr.palette();
                    let _ = differences.write_human(self.stderr, palette);
                }
                Failure::unless_closed(differences.write_json(&mut BufWriter::new(&mut *self.stdout)))
            }
        }
    }

    fn report_unreported(&mut self) {
        let more = self.summary.bad_lines().saturating_sub(self.reported);
        if more > 0 {
            let style = self.stderr.palette().bad;
            let lines = counted(more, "more bad line", "more bad lines");
            let _ = writeln!(self.stderr, "{style}error:{style:#} {}: {lines}", Text(&self.name));
        }
    }
}

fn write_summary(
    out: &mut impl Write,
    palette: Palette,
    summary: &Summary,
    denied: Option<&Frequent>,
    start: Instant,
) -> io::Result<()> {
    summary.write_counts(out, palette)?;
    if let Some(denied) = denied {
        write_denied(out, palette, denied)?;
    }
    summary.write_rate(out, start.elapsed())?;
    out.flush()
}

/// The origins that were denied most, without anything that a terminal would obey.
fn write_denied(out: &mut impl Write, palette: Palette, denied: &Frequent) -> io::Result<()> {
    let most = denied.most(MOST_DENIED);
    let Some((_, highest)) = most.first() else { return Ok(()) };
    let width = grouped(*highest).len();
    let label = palette.label;
    write!(out, "{label}origins denied most often{label:#}")?;
    if denied.uncertain() > 0 {
        write!(out, " (approximate: each count may be up to {} too low)", grouped(denied.uncertain()))?;
    }
    writeln!(out)?;
    for (origin, count) in &most {
        write!(out, "  {:>width$}  {}", grouped(*count), Bytes(origin.get(..SHOWN).unwrap_or(origin)))?;
        writeln!(
            out,
            "{}",
            if origin.len() > SHOWN {
                "..."
            } else if origin.is_empty() {
                "(empty)"
            } else {
                ""
            }
        )?;
    }
    Ok(())
}
