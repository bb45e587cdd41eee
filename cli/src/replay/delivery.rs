//! Receives the results of a log in the order of its lines: writes the decisions, reports the bad
//! lines, adds everything up.

use std::io::{self, BufWriter, Write};
use std::time::Instant;

use crate::failure::{ExitStatus, Failure};
use crate::log::bad_line::BadLine;
use crate::replay::comparison::Comparison;
use crate::replay::decider::{Decided, Decider, MAX_REPORTED};
use crate::replay::denied_origins::Frequent;
use crate::replay::differences::Differences;
use crate::replay::mode::{Mode, Report};
use crate::replay::summary::Summary;
use crate::show::escape::{Bytes, Text};
use crate::show::numbers::{counted, grouped};
use crate::show::output::{Output, Palette};
use crate::show::progress_bar::ProgressBar;

/// How many denied origins a summary shows.
const MOST_DENIED: usize = 10;

/// How many bytes of a denied origin are shown.
const SHOWN: usize = 100;

pub(crate) struct Delivery<'d, 'out, 'err> {
    stdout: &'d mut Output<'out>,
    stderr: &'d mut Output<'err>,
    decider: &'d Decider<'d>,
    /// The log, in messages.
    name: String,
    bar: ProgressBar,
    summary: Summary,
    reported: u64,
    denied: Frequent,
    comparison: Comparison,
    start: Instant,
}

impl<'d, 'out, 'err> Delivery<'d, 'out, 'err> {
    pub(crate) fn new(
        decider: &'d Decider<'d>,
        name: String,
        bar: ProgressBar,
        stdout: &'d mut Output<'out>,
        stderr: &'d mut Output<'err>,
    ) -> Self {
        Self {
            stdout,
            stderr,
            decider,
            name,
            bar,
            summary: Summary::default(),
            reported: 0,
            denied: Frequent::default(),
            comparison: Comparison::default(),
            start: Instant::now(),
        }
    }

    pub(crate) fn deliver(&mut self, decided: Decided) -> Result<(), Failure> {
        for (number, bad) in &decided.bad {
            if self.reported < MAX_REPORTED {
                self.reported += 1;
                self.report(*number, bad);
            }
        }
        if self.reported >= MAX_REPORTED {
            self.decider.suppress_bad_line_messages();
        }
        self.summary.merge(&decided.summary);
        self.denied.extend(&decided.denied);
        if let Mode::Compare(against, _) = self.decider.mode() {
            self.comparison.merge(decided.comparison, against.samples);
        }
        self.bar.update();
        self.write_json_lines(&decided.json).map_err(Failure::Output)
    }

    fn write_json_lines(&mut self, json: &[u8]) -> io::Result<()> {
        if json.is_empty() {
            return Ok(());
        }
        self.stdout.write_all(json)?;
        self.stdout.flush()
    }

    fn report(&mut self, number: u64, bad: &BadLine) {
        let style = self.stderr.palette().bad;
        let column = bad.column().map(|column| format!(":{column}")).unwrap_or_default();
        let name = Text(&self.name);
        // A closed standard error cannot be reported.
        let _ = self.bar.suspend(|| writeln!(self.stderr, "{style}error:{style:#} {name}:{number}{column}: {bad}"));
    }

    /// Ends the delivery, at the end of the log or at a failure: what was decided until then is
    /// summed up.
    pub(crate) fn end(mut self, ended: Result<(), Failure>) -> Result<ExitStatus, Failure> {
        self.bar.clear();
        let ended = match ended {
            Err(Failure::Output(error)) => Failure::unless_closed(Err(error)),
            ended => ended,
        };
        self.report_unreported();
        let any_findings = match *self.decider.mode() {
            Mode::Decide(report) => {
                self.show_summary(report)?;
                self.summary.has_findings()
            }
            Mode::Compare(_, report) => {
                self.show_differences(report)?;
                !self.comparison.is_empty() || self.summary.bad_lines() > 0
            }
        };
        ended?;
        Ok(ExitStatus::of_findings(any_findings))
    }

    fn show_summary(&mut self, report: Report) -> Result<(), Failure> {
        let (out, err) = (self.stdout.palette(), self.stderr.palette());
        match report {
            Report::Human => {
                let mut stdout = BufWriter::new(&mut *self.stdout);
                Failure::unless_closed(write_summary(&mut stdout, out, &self.summary, &self.denied, self.start))
            }
            Report::Json { summary } => {
                if summary {
                    let _ = write_summary(self.stderr, err, &self.summary, &self.denied, self.start);
                }
                Ok(())
            }
        }
    }

    fn show_differences(&mut self, report: Report) -> Result<(), Failure> {
        let (out, err) = (self.stdout.palette(), self.stderr.palette());
        let mut stdout = BufWriter::new(&mut *self.stdout);
        let bad_lines = self.summary.bad_lines();
        let differences = Differences { comparison: &self.comparison, bad_lines, start: self.start };
        Failure::unless_closed(match report {
            Report::Human => differences.write_human(&mut stdout, out),
            Report::Json { summary } => {
                if summary {
                    let _ = differences.write_human(self.stderr, err);
                }
                differences.write_json(&mut stdout)
            }
        })
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
    denied: &Frequent,
    start: Instant,
) -> io::Result<()> {
    summary.write_counts(out, palette)?;
    write_denied(out, palette, denied)?;
    summary.write_rate(out, start.elapsed())?;
    out.flush()
}

/// Writes the origins denied most often. Control characters are escaped.
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
