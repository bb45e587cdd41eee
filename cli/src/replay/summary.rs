//! Counts of the decisions of a log.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use corsac::{Decision, Reason, Verdict};

use crate::show::numbers::{duration, grouped};
use crate::show::output::Palette;

/// Counts of decisions and bad lines.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    counts: BTreeMap<(Verdict, Reason), u64>,
    bad_lines: u64,
}

impl Summary {
    pub(crate) fn add(&mut self, decision: &Decision<'_>) {
        *self.counts.entry((decision.verdict(), decision.reason())).or_default() += 1;
    }

    pub(crate) fn add_bad_line(&mut self) {
        self.bad_lines += 1;
    }

    /// Adds the counts of another part of the log.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (&names, count) in &other.counts {
            *self.counts.entry(names).or_default() += count;
        }
        self.bad_lines += other.bad_lines;
    }

    pub(crate) fn bad_lines(&self) -> u64 {
        self.bad_lines
    }

    fn requests(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Whether a request was denied or a line was bad.
    pub(crate) fn has_findings(&self) -> bool {
        self.bad_lines > 0 || self.counts.keys().any(|(verdict, _)| verdict.is_refusal())
    }

    /// Writes counts by verdict and reason, the most frequent first, then of all requests and bad lines.
    pub(crate) fn write_counts(&self, out: &mut impl Write, palette: Palette) -> io::Result<()> {
        let mut rows: Vec<_> = self.counts.iter().map(|(names, count)| (names, *count)).collect();
        rows.sort_by_key(|&(names, count)| (std::cmp::Reverse(count), *names));
        let total = self.requests();
        let width = grouped(total.max(self.bad_lines)).len();
        let label = palette.label;
        for ((verdict, reason), count) in rows {
            let style = palette.of_verdict(*verdict);
            writeln!(out, "  {:>width$}  {style}{verdict:17}{style:#}  {reason}", grouped(count))?;
        }
        writeln!(out, "  {:>width$}  {label}requests{label:#}", grouped(total))?;
        if self.bad_lines > 0 {
            let bad = palette.bad;
            writeln!(out, "  {:>width$}  {bad}bad lines, skipped{bad:#}", grouped(self.bad_lines))?;
        }
        Ok(())
    }

    /// Writes the time taken and the rate.
    pub(crate) fn write_rate(&self, out: &mut impl Write, elapsed: Duration) -> io::Result<()> {
        let rate = self.requests() as f64 / elapsed.as_secs_f64().max(1e-9);
        writeln!(out, "decided in {}, {} requests per second", duration(elapsed), grouped(rate as u64))
    }
}
