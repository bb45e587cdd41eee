//! The events of `corsac watch`, reported line by line.

use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

use corsac::diff::Diff;
use corsac::{ConfigError, Diagnostic, Policies, Policy, Severity};
use corsac_source::{Digest, Source, Status};
use serde::Serialize;

use crate::argument::display_name;
use crate::show::changes::{self, ChangeJson};
use crate::show::escape::Text;
use crate::show::finding::Finding;
use crate::show::numbers::counted;
use crate::show::output::Palette;
use crate::show::render::Renderer;

/// An event and its time.
#[derive(Debug)]
pub(crate) struct TimedEvent {
    at: SystemTime,
    pub(crate) event: Event,
}

#[derive(Debug)]
pub(crate) enum Event {
    Started(Status, Vec<Diagnostic>),
    Reloaded {
        generation: u64,
        digest: Digest,
        diagnostics: Vec<Diagnostic>,
        diff: Diff,
    },
    Refused(ConfigError),
    /// The files match the policies in use: after a refusal, or when a reload was requested.
    Unchanged,
    /// Ended by the signal of this name.
    Ended(&'static str),
}

impl TimedEvent {
    pub(crate) fn now(event: Event) -> Self {
        Self { at: SystemTime::now(), event }
    }

    fn at(&self) -> String {
        humantime::format_rfc3339_millis(self.at).to_string()
    }

    /// Writes a line that starts with the time, followed by the details.
    pub(crate) fn write_human(
        &self,
        out: &mut impl Write,
        colors: bool,
        palette: Palette,
        document: &Path,
        source: &Source,
    ) -> io::Result<()> {
        let Palette { good, bad, label, .. } = palette;
        let name = display_name(document);
        write!(out, "{label}{}{label:#} ", self.at())?;
        match &self.event {
            Event::Started(status, diagnostics) => {
                let sizes = sizes(&source.engine().policies());
                let (generation, digest) = (status.generation, status.digest);
                let found = found(diagnostics);
                writeln!(out, "watching {}: generation {generation}, {sizes}{found}, digest {digest}", Text(&name))?;
            }
            Event::Reloaded { generation, digest, diagnostics, diff } => {
                let (found, summary) = (found(diagnostics), changes::summary(diff));
                writeln!(out, "{good}reloaded{good:#}: generation {generation}, {summary}{found}, digest {digest}")?;
                changes::write_human(out, palette, diff, false)?;
            }
            Event::Refused(error) => {
                let generation = source.engine().generation();
                let errors = counted(count(error.diagnostics(), Severity::Error), "error", "errors");
                writeln!(out, "{bad}refused{bad:#}: {errors}; generation {generation} stays in use")?;
                let renderer = Renderer::new(colors);
                let is_error = |found: &&Diagnostic| found.severity() == Severity::Error;
                for diagnostic in error.diagnostics().iter().filter(is_error) {
                    writeln!(out, "{}\n", renderer.render(diagnostic))?;
                }
            }
            Event::Unchanged => {
                let status = source.status();
                writeln!(out, "unchanged: generation {}, digest {}", status.generation, status.digest)?;
            }
            Event::Ended(signal) => writeln!(out, "stopped by {signal}")?,
        }
        out.flush()
    }

    /// One object on one line.
    pub(crate) fn write_json(&self, out: &mut impl Write, document: &Path, source: &Source) -> io::Result<()> {
        let name = display_name(document);
        let mut line = EventJson { at: self.at(), document: &name, ..EventJson::default() };
        match &self.event {
            Event::Started(status, diagnostics) => {
                let policies = source.engine().policies();
                line.event = "started";
                line.set_current(status.generation, status.digest);
                line.policies = Some(policies.iter().count());
                line.rows = Some(rows(&policies));
                line.diagnostics = Some(diagnostics.iter().map(Finding::new).collect());
            }
            Event::Reloaded { generation, digest, diagnostics, diff } => {
                line.event = "reloaded";
                line.set_current(*generation, *digest);
                line.same = Some(diff.is_empty());
                line.changes = Some(ChangeJson::all(diff));
                line.diagnostics = Some(diagnostics.iter().map(Finding::new).collect());
            }
            Event::Refused(error) => {
                let status = source.status();
                line.event = "refused";
                line.set_current(status.generation, status.digest);
                line.diagnostics = Some(error.diagnostics().iter().map(Finding::new).collect());
            }
            Event::Unchanged => {
                let status = source.status();
                line.event = "unchanged";
                line.set_current(status.generation, status.digest);
            }
            Event::Ended(signal) => {
                line.event = "ended";
                line.signal = Some(signal);
            }
        }
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
        out.flush()
    }
}

/// Generation and digest are those in use after the event.
#[derive(Debug, Default, Serialize)]
struct EventJson<'a> {
    event: &'static str,
    at: String,
    document: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    generation: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policies: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    same: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Vec<ChangeJson<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnostics: Option<Vec<Finding<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signal: Option<&'static str>,
}

impl EventJson<'_> {
    fn set_current(&mut self, generation: u64, digest: Digest) {
        (self.generation, self.digest) = (Some(generation), Some(digest.to_string()));
    }
}

/// `2 policies, 4 rows`
fn sizes(policies: &Policies) -> String {
    let number = policies.iter().count() as u64;
    format!("{}, {}", counted(number, "policy", "policies"), counted(rows(policies) as u64, "row", "rows"))
}

fn rows(policies: &Policies) -> usize {
    policies.iter().map(|(_, policy)| Policy::size(policy).rows()).sum()
}

/// `, 1 warning`, or nothing.
fn found(diagnostics: &[Diagnostic]) -> String {
    match count(diagnostics, Severity::Warning) {
        0 => String::new(),
        warnings => format!(", {}", counted(warnings, "warning", "warnings")),
    }
}

fn count(diagnostics: &[Diagnostic], severity: Severity) -> u64 {
    diagnostics.iter().filter(|diagnostic| diagnostic.severity() == severity).count() as u64
}
