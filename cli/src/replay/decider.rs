//! Decides the lines of a log. One decider is shared by all that work on a log; what it makes of a
//! line depends on that line alone.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use corsac::{Policies, Request, Target};

use crate::failure::Failure;
use crate::log::access_log::Fields;
use crate::log::addresses::{Addressee, Addresses};
use crate::log::bad_line::BadLine;
use crate::log::blocks::{Block, Line, MAX_LINE};
use crate::log::line::LogLine;
use crate::replay::against::Against;
use crate::replay::comparison::Comparison;
use crate::replay::denied_origins::DeniedOrigins;
use crate::replay::summary::Summary;
use crate::show::answer;
use crate::show::format::OutputFormat;

/// How many bad lines are reported one by one; the others are only counted.
pub(crate) const MAX_REPORTED: u64 = 20;

/// How many bytes of answers are handed on at once: a short request may have a long answer.
const PART: usize = 1 << 18;

/// What each line of a log is decided by.
#[derive(Debug)]
pub(crate) struct Decider<'p> {
    addresses: Addresses<'p>,
    /// What the requests are also decided by; then there are no answers, but differences.
    against: Option<Against<'p>>,
    format: OutputFormat,
    /// What the lines have, where they are not JSON.
    fields: Option<Fields>,
    /// Whether to keep the origins that requests were denied for.
    denied_origins: bool,
    /// So many bad lines were reported that further ones are only counted.
    silent: AtomicBool,
}

/// What came of some lines.
#[derive(Debug, Default)]
pub(crate) struct Decided {
    /// With [`OutputFormat::Json`]: a line for each request.
    pub(crate) answers: Vec<u8>,
    /// Where they are kept.
    pub(crate) denied: DeniedOrigins,
    /// Where requests are decided by two sets of policies: what differs.
    pub(crate) comparison: Comparison,
    pub(crate) summary: Summary,
    /// The first bad lines and their numbers.
    pub(crate) bad: Vec<(u64, BadLine)>,
}

impl<'p> Decider<'p> {
    /// For lines of JSON that say themselves which policy they ask.
    pub(crate) fn new(policies: &'p Policies, format: OutputFormat) -> Self {
        Self {
            addresses: Addresses::new(policies),
            against: None,
            format,
            fields: None,
            denied_origins: false,
            silent: AtomicBool::new(false),
        }
    }

    /// Also decides every request by another set of policies.
    pub(crate) fn compare_with(&mut self, against: Against<'p>) {
        self.against = Some(against);
    }

    /// Has every request ask the policy of this name.
    pub(crate) fn ask(&mut self, policy: &[u8]) -> Result<(), Failure> {
        let known = self.addresses.ask(policy);
        let known_to_other = self.against.as_mut().is_some_and(|against| against.addresses.ask(policy));
        match known || known_to_other {
            true => Ok(()),
            false => Err(Failure::Usage(self.addresses.names.unknown(policy))),
        }
    }

    /// Reads lines of text, not of JSON.
    pub(crate) fn read_fields(&mut self, fields: Fields) -> Result<(), Failure> {
        let has_host = fields.has_host();
        let named = self.addresses.expect_access_log(has_host);
        let named_to_other = self.against.as_mut().is_some_and(|against| against.addresses.expect_access_log(has_host));
        if !named && !named_to_other {
            return Err(Failure::Usage(format!(
                "the document has several policies, {}; choose one with `--policy`, or add routes to the document and `$host` to the log and to `--fields`",
                self.addresses.names.list()
            )));
        }
        self.fields = Some(fields);
        Ok(())
    }

    /// Keeps the origins that requests were denied for.
    pub(crate) fn keep_denied_origins(&mut self) {
        self.denied_origins = true;
    }

    /// Has no further bad line described.
    pub(crate) fn hush(&self) {
        self.silent.store(true, Ordering::Relaxed);
    }

    /// Decides each line, and hands on what comes of them in one or more parts.
    pub(crate) fn decide<E>(&self, block: &Block, mut deliver: impl FnMut(Decided) -> Result<(), E>) -> Result<(), E> {
        let mut decided = self.nothing_decided();
        for (number, line) in block.lines() {
            let outcome = match line {
                Line::TooLong => Err(BadLine::new(format!("longer than {} MiB", MAX_LINE >> 20))),
                Line::Whole(line) if line.trim_ascii().is_empty() => continue,
                Line::Whole(line) => self.decide_line(number, line, &mut decided),
            };
            if let Err(bad) = outcome {
                if !self.is_silent(&decided) {
                    decided.bad.push((number, bad));
                }
                decided.summary.add_bad_line();
            }
            if decided.answers.len() + decided.denied.size() >= PART {
                deliver(std::mem::replace(&mut decided, self.nothing_decided()))?;
            }
        }
        deliver(decided)
    }

    /// With room for a part's answers, which would be copied again and again while they grow.
    fn nothing_decided(&self) -> Decided {
        let room = if self.format == OutputFormat::Json && self.against.is_none() { PART + PART / 8 } else { 0 };
        Decided { answers: Vec::with_capacity(room), ..Decided::default() }
    }

    fn decide_line(&self, number: u64, line: &[u8], decided: &mut Decided) -> Result<(), BadLine> {
        let line = match &self.fields {
            None => LogLine::parse(line)?,
            Some(fields) => fields.parse(line)?,
        };
        let headers: Vec<_> =
            line.headers.iter().map(|header| (header.name.as_bytes(), header.value.as_bytes())).collect();
        if let Some(against) = &self.against {
            let targets = against.targets(&self.addresses, &line).map_err(|bad| self.bad_address(bad, decided))?;
            against.compare(&self.addresses, targets, (number, &line), &headers, &mut decided.comparison);
            return Ok(());
        }
        let target = match self.addresses.of(&line) {
            Addressee::Target(target) => target,
            bad => return Err(self.bad_address(bad, decided)),
        };
        self.answer(number, &line, &headers, target, decided);
        Ok(())
    }

    fn answer(
        &self,
        number: u64,
        line: &LogLine<'_>,
        headers: &[(&[u8], &[u8])],
        target: Target<'_>,
        decided: &mut Decided,
    ) {
        let request = Request::from_headers(line.method.as_bytes(), headers);
        let decision = self.addresses.policies.decide(target, &request);
        decided.summary.add(&decision);
        if self.denied_origins {
            decided.denied.add(&decision, headers);
        }
        if self.format == OutputFormat::Json {
            let number = self.fields.is_some().then(|| number.to_string());
            let id = number.as_deref().or(line.id.map(|id| id.get()));
            written(answer::write(&mut decided.answers, id, &decision));
        }
    }

    /// What is wrong with a line that asks nobody.
    fn bad_address(&self, addressee: Addressee<'_>, decided: &Decided) -> BadLine {
        match addressee {
            Addressee::Both => BadLine::new("`policy` and `route` cannot be combined"),
            // Looking for the name that may be meant takes time, so only where it is shown.
            Addressee::Unknown(name) if !self.is_silent(decided) => BadLine::new(self.addresses.names.unknown(name)),
            Addressee::Unknown(_) | Addressee::Target(_) => BadLine::new("no such policy"),
            Addressee::Several => {
                BadLine::new("the document has several policies, and the line has neither `policy` nor `route`")
            }
        }
    }

    fn is_silent(&self, decided: &Decided) -> bool {
        decided.summary.bad_lines() >= MAX_REPORTED || self.silent.load(Ordering::Relaxed)
    }
}

/// Writing to memory does not fail.
fn written(result: io::Result<()>) {
    debug_assert!(result.is_ok());
}
