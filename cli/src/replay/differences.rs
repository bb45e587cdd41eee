//! The output of `corsac replay --against`.

use std::io::{self, Write};
use std::time::Instant;

use serde::Serialize;

use crate::replay::comparison::{Comparison, Difference, Group, Outcome};
use crate::replay::sample::Sample;
use crate::show::numbers::{duration, grouped};
use crate::show::output::Palette;

/// How many bytes of a request's value are shown.
const SHOWN: usize = 100;

/// A finished comparison.
#[derive(Debug)]
pub(crate) struct Differences<'a> {
    pub(crate) comparison: &'a Comparison,
    pub(crate) bad_lines: u64,
    pub(crate) start: Instant,
}

impl Differences<'_> {
    /// Requests with another outcome, then those with another response, with samples; then the totals.
    pub(crate) fn write_human(&self, out: &mut impl Write, palette: Palette) -> io::Result<()> {
        let width = grouped(self.comparison.requests().max(self.bad_lines)).len();
        for (flips, title) in [(true, "verdict or reason changed"), (false, "only the response changed")] {
            let groups = self.comparison.groups(flips);
            if groups.is_empty() {
                continue;
            }
            let label = palette.label;
            writeln!(out, "{label}{title}{label:#}")?;
            for (difference, group) in groups {
                write_group(out, palette, width, difference, group)?;
            }
            writeln!(out)?;
        }
        self.write_totals(out, palette, width)?;
        let elapsed = self.start.elapsed();
        let rate = self.comparison.requests() as f64 / elapsed.as_secs_f64().max(1e-9);
        writeln!(out, "decided in {}, {} requests per second", duration(elapsed), grouped(rate as u64))?;
        out.flush()
    }

    fn write_totals(&self, out: &mut impl Write, palette: Palette, width: usize) -> io::Result<()> {
        let Palette { good, bad, neutral, label } = palette;
        let totals = self.totals();
        let mut line = |number: u64, style: clap::builder::styling::Style, what: &str| {
            writeln!(out, "  {:>width$}  {style}{what}{style:#}", grouped(number))
        };
        line(totals.requests, label, "requests")?;
        line(totals.same, good, "unchanged")?;
        line(totals.flips, if totals.flips > 0 { bad } else { good }, "verdict or reason changed")?;
        line(totals.other_answers, if totals.other_answers > 0 { neutral } else { good }, "only the response changed")?;
        if totals.bad_lines > 0 {
            line(totals.bad_lines, bad, "bad lines, skipped")?;
        }
        Ok(())
    }

    pub(crate) fn write_json(&self, out: &mut impl Write) -> io::Result<()> {
        let flips = self.comparison.groups(true);
        let others = self.comparison.groups(false);
        let report = ComparisonJson {
            same: self.comparison.is_empty(),
            totals: self.totals(),
            flips: flips.into_iter().map(|(difference, group)| Flip::new(difference, group)).collect(),
            other_answers: others
                .into_iter()
                .map(|(difference, group)| OtherDecision::new(difference, group))
                .collect(),
        };
        serde_json::to_writer(&mut *out, &report)?;
        out.write_all(b"\n")?;
        out.flush()
    }

    fn totals(&self) -> Totals {
        let (requests, flips) = (self.comparison.requests(), self.comparison.count(true));
        let other_answers = self.comparison.count(false);
        Totals { requests, same: requests - flips - other_answers, flips, other_answers, bad_lines: self.bad_lines }
    }
}

fn write_group(
    out: &mut impl Write,
    palette: Palette,
    width: usize,
    difference: &Difference,
    group: &Group,
) -> io::Result<()> {
    let outcome = |(verdict, reason): Outcome| {
        let style = palette.of_verdict(verdict);
        format!("{style}{verdict}{style:#} {reason}")
    };
    let title = match difference.is_flip() {
        true => format!("{} → {}", outcome(difference.old), outcome(difference.new)),
        false => format!("{}: other {}", outcome(difference.old), difference.parts().collect::<Vec<_>>().join(", ")),
    };
    writeln!(out, "  {:>width$}  {title}", grouped(group.count))?;
    for sample in &group.samples {
        write_sample(out, width + 4, sample, difference)?;
    }
    Ok(())
}

fn write_sample(out: &mut impl Write, indent: usize, sample: &Sample, difference: &Difference) -> io::Result<()> {
    let id = sample.id.as_ref().map(|id| format!(" (id {})", shown(id.get()))).unwrap_or_default();
    let requested =
        sample.request_method.as_deref().map(|method| format!(" for {}", shown(method))).unwrap_or_default();
    let with = sample.request_headers.as_deref().map(|names| format!(" with {}", shown(names))).unwrap_or_default();
    let from = sample.origin.as_deref().map_or("no origin".to_owned(), |origin| format!("origin {}", shown(origin)));
    let (line, policies, method) = (sample.line, sample.policies(), shown(&sample.method));
    writeln!(out, "{:indent$}line {line}{id}: {policies}: {method}{requested}{with}, {from}", "")?;
    let (old, new) = (sample.old.rule(), sample.new.rule());
    let rules = if old == new { old } else { format!("{old} → {new}") };
    writeln!(out, "{:indent$}  {rules}", "")?;
    if !difference.is_flip() {
        for line in sample.differences() {
            writeln!(out, "{:indent$}  {line}", "")?;
        }
    }
    Ok(())
}

/// The beginning of a value. Values are visible ASCII.
fn shown(value: &str) -> String {
    match value.get(..SHOWN) {
        Some(beginning) if value.len() > SHOWN => format!("{beginning}..."),
        _ if value.is_empty() => "(empty)".to_owned(),
        _ => value.to_owned(),
    }
}

#[derive(Debug, Serialize)]
struct ComparisonJson<'a> {
    same: bool,
    totals: Totals,
    flips: Vec<Flip<'a>>,
    other_answers: Vec<OtherDecision<'a>>,
}

#[derive(Debug, Serialize)]
struct Totals {
    requests: u64,
    same: u64,
    flips: u64,
    other_answers: u64,
    bad_lines: u64,
}

#[derive(Debug, Serialize)]
struct Named {
    verdict: &'static str,
    reason: &'static str,
}

impl From<Outcome> for Named {
    fn from((verdict, reason): Outcome) -> Self {
        Self { verdict: verdict.as_str(), reason: reason.as_str() }
    }
}

#[derive(Debug, Serialize)]
struct Flip<'a> {
    old: Named,
    new: Named,
    count: u64,
    samples: &'a [Sample],
}

impl<'a> Flip<'a> {
    fn new(difference: &Difference, group: &'a Group) -> Self {
        Self { old: difference.old.into(), new: difference.new.into(), count: group.count, samples: &group.samples }
    }
}

#[derive(Debug, Serialize)]
struct OtherDecision<'a> {
    verdict: &'static str,
    reason: &'static str,
    differs: Vec<&'static str>,
    count: u64,
    samples: &'a [Sample],
}

impl<'a> OtherDecision<'a> {
    fn new(difference: &Difference, group: &'a Group) -> Self {
        let Named { verdict, reason } = difference.old.into();
        Self { verdict, reason, differs: difference.parts().collect(), count: group.count, samples: &group.samples }
    }
}
