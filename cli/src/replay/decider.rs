//! Decides the lines of a log. Workers share one decider: the result of a line depends on that line
//! alone.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use corsac::{Request, Target};

use crate::log::access_log::Fields;
use crate::log::bad_line::BadLine;
use crate::log::blocks::{Block, Line, MAX_LINE};
use crate::log::line::LogLine;
use crate::log::targets::{NoTarget, Targets};
use crate::replay::comparison::Comparison;
use crate::replay::denied_origins::DeniedOrigins;
use crate::replay::mode::Mode;
use crate::replay::summary::Summary;
use crate::show::decision;

/// How many bad lines are reported one by one; the others are only counted.
pub(crate) const MAX_REPORTED: u64 = 20;

/// How many bytes of decisions are delivered at once: a short request may have a long decision.
const PART: usize = 1 << 18;

/// Decides the lines of one log. Shared by all workers.
#[derive(Debug)]
pub(crate) struct Decider<'p> {
    targets: Targets<'p>,
    /// The format of an access log; without it, lines are JSON.
    fields: Option<&'p Fields>,
    mode: Mode<'p>,
    /// Set after [`MAX_REPORTED`] bad lines: further ones are only counted.
    suppressed: AtomicBool,
}

/// The results of some lines. Which of them are kept depends on the mode.
#[derive(Debug, Default)]
pub(crate) struct Decided {
    /// A line of JSON for each request.
    pub(crate) json: Vec<u8>,
    pub(crate) denied: DeniedOrigins,
    pub(crate) comparison: Comparison,
    pub(crate) summary: Summary,
    /// The first bad lines and their numbers.
    pub(crate) bad: Vec<(u64, BadLine)>,
}

impl<'p> Decider<'p> {
    pub(crate) fn new(targets: Targets<'p>, fields: Option<&'p Fields>, mode: Mode<'p>) -> Self {
        Self { targets, fields, mode, suppressed: AtomicBool::new(false) }
    }

    pub(crate) fn mode(&self) -> &Mode<'p> {
        &self.mode
    }

    /// Further bad lines are counted, but get no message.
    pub(crate) fn suppress_bad_line_messages(&self) {
        self.suppressed.store(true, Ordering::Relaxed);
    }

    /// Decides each line, and delivers the results in one or more parts.
    pub(crate) fn decide<E>(&self, block: &Block, mut deliver: impl FnMut(Decided) -> Result<(), E>) -> Result<(), E> {
        let mut decided = self.nothing_decided();
        for (number, line) in block.lines() {
            let outcome = match line {
                Line::TooLong => Err(BadLine::new(format!("longer than {} MiB", MAX_LINE >> 20))),
                Line::Whole(line) if line.trim_ascii().is_empty() => continue,
                Line::Whole(line) => self.decide_line(number, line, &mut decided),
            };
            if let Err(bad) = outcome {
                if !self.is_suppressed(&decided) {
                    decided.bad.push((number, bad));
                }
                decided.summary.add_bad_line();
            }
            if decided.json.len() + decided.denied.size() >= PART {
                deliver(std::mem::replace(&mut decided, self.nothing_decided()))?;
            }
        }
        deliver(decided)
    }

    /// Reserves room for the JSON of a part: a growing vector would be copied repeatedly.
    fn nothing_decided(&self) -> Decided {
        let room = if self.mode.writes_decisions() { PART + PART / 8 } else { 0 };
        Decided { json: Vec::with_capacity(room), ..Decided::default() }
    }

    fn decide_line(&self, number: u64, line: &[u8], decided: &mut Decided) -> Result<(), BadLine> {
        let line = match self.fields {
            None => LogLine::parse(line)?,
            Some(fields) => fields.parse(line)?,
        };
        let headers: Vec<_> =
            line.headers.iter().map(|header| (header.name.as_bytes(), header.value.as_bytes())).collect();
        if let Mode::Compare(against, _) = &self.mode {
            let targets = against.targets(&self.targets, &line).map_err(|error| self.bad_target(error, decided))?;
            against.compare(&self.targets, targets, (number, &line), &headers, &mut decided.comparison);
            return Ok(());
        }
        let target = self.targets.of(&line).map_err(|error| self.bad_target(error, decided))?;
        self.decide_request(number, &line, &headers, target, decided);
        Ok(())
    }

    fn decide_request(
        &self,
        number: u64,
        line: &LogLine<'_>,
        headers: &[(&[u8], &[u8])],
        target: Target<'_>,
        decided: &mut Decided,
    ) {
        let request = Request::from_headers(line.method.as_bytes(), headers);
        let decision = self.targets.policies.decide(target, &request);
        decided.summary.add(&decision);
        if self.mode.shows_denied_origins() {
            decided.denied.add(&decision, headers);
        }
        if self.mode.writes_decisions() {
            let number = self.fields.is_some().then(|| number.to_string());
            let id = number.as_deref().or(line.id.map(|id| id.get()));
            written(decision::write(&mut decided.json, id, &decision));
        }
    }

    fn bad_target(&self, error: NoTarget<'_>, decided: &Decided) -> BadLine {
        match error {
            NoTarget::Both => BadLine::new("`policy` and `route` cannot be combined"),
            // Searching for a similar name takes time, so only for a message that is shown.
            NoTarget::Unknown(name) if !self.is_suppressed(decided) => BadLine::new(self.targets.names.unknown(name)),
            NoTarget::Unknown(_) => BadLine::new("no such policy"),
            NoTarget::Several => {
                BadLine::new("the document has several policies, and the line has neither `policy` nor `route`")
            }
        }
    }

    fn is_suppressed(&self, decided: &Decided) -> bool {
        decided.summary.bad_lines() >= MAX_REPORTED || self.suppressed.load(Ordering::Relaxed)
    }
}

/// Writing to memory does not fail.
fn written(result: io::Result<()>) {
    debug_assert!(result.is_ok());
}
