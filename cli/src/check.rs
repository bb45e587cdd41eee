//! `corsac check`: everything that is wrong, dangerous or worth knowing in a policy document.

use std::io::{self, BufWriter, Read, Write};
use std::time::{Duration, Instant};

use corsac::document::Loaded;
use corsac::{Code, ConfigError, Diagnostic, Location, Policies, PolicySize, Severity};
use corsac_source::{Digest, LoadReport};
use serde::Serialize;

use crate::arguments::{CheckOptions, Format};
use crate::escape::Text;
use crate::failure::{Failure, Status};
use crate::load::{display_name, load};
use crate::numbers::{bytes, counted, duration, grouped};
use crate::output::{Output, Palette};
use crate::render::Renderer;

pub(crate) fn run(options: &CheckOptions, stdin: &mut dyn Read, stdout: &mut Output<'_>) -> Result<Status, Failure> {
    let start = Instant::now();
    let attempt = load(&options.document, stdin);
    let digest = attempt.as_ref().ok().and_then(LoadReport::digest);
    let loaded = attempt.and_then(LoadReport::into_result);
    let checked = Checked { digest, ..Checked::new(&loaded, start.elapsed()) };
    Failure::unless_closed(match options.format {
        Format::Human => checked.write_human(options, stdout),
        Format::Json => checked.write_json(options, stdout),
    })?;
    Ok(checked.status())
}

/// A document that was loaded, or was not.
#[derive(Debug)]
struct Checked<'a> {
    policies: Option<&'a Policies>,
    diagnostics: &'a [Diagnostic],
    /// Of what was read; none where it was refused.
    digest: Option<Digest>,
    elapsed: Duration,
}

impl<'a> Checked<'a> {
    fn new(loaded: &'a Result<Loaded, ConfigError>, elapsed: Duration) -> Self {
        match loaded {
            Ok(loaded) => {
                Self { policies: Some(&loaded.policies), diagnostics: &loaded.diagnostics, digest: None, elapsed }
            }
            Err(error) => Self { policies: None, diagnostics: error.diagnostics(), digest: None, elapsed },
        }
    }

    fn count(&self, severity: Severity) -> u64 {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity() == severity).count() as u64
    }

    fn status(&self) -> Status {
        if self.diagnostics.iter().any(|diagnostic| diagnostic.code() == Code::DocumentUnreadable) {
            return Status::CouldNotRun;
        }
        Status::of_findings(self.diagnostics.iter().any(|diagnostic| diagnostic.severity() != Severity::Note))
    }

    fn sizes(&self) -> impl Iterator<Item = (&'a str, PolicySize)> {
        self.policies.into_iter().flat_map(Policies::iter).map(|(_, policy)| (policy.name(), policy.size()))
    }

    fn write_human(&self, options: &CheckOptions, stdout: &mut Output<'_>) -> io::Result<()> {
        let (renderer, palette) = (Renderer::new(stdout.has_colors()), stdout.palette());
        let mut out = BufWriter::with_capacity(1 << 16, stdout);
        for diagnostic in self.diagnostics {
            writeln!(out, "{}\n", renderer.render(diagnostic))?;
        }
        if options.verbose && self.policies.is_some() {
            self.write_sizes(&mut out, palette)?;
        }
        self.write_summary(options, &mut out, palette)?;
        if options.verbose {
            if let Some(digest) = self.digest {
                writeln!(out, "digest {digest}")?;
            }
            writeln!(out, "read, checked and compiled in {}", duration(self.elapsed))?;
        }
        out.flush()
    }

    /// `policy.toml: 2 policies, 10,012 rows: 1 error, 2 warnings`
    fn write_summary(&self, options: &CheckOptions, out: &mut impl Write, palette: Palette) -> io::Result<()> {
        let name = display_name(&options.document);
        write!(out, "{}: ", Text(&name))?;
        if self.policies.is_some() {
            let policies = counted(self.sizes().count() as u64, "policy", "policies");
            let rows = counted(self.sizes().map(|(_, size)| size.rows() as u64).sum(), "row", "rows");
            write!(out, "{policies}, {rows}: ")?;
        }
        let good = palette.good;
        match self.findings(palette) {
            Some(findings) => writeln!(out, "{findings}"),
            None => writeln!(out, "{good}no findings{good:#}"),
        }
    }

    /// `1 error, 2 warnings`, without what there is none of.
    fn findings(&self, palette: Palette) -> Option<String> {
        let kinds = [
            (Severity::Error, palette.bad, "error", "errors"),
            (Severity::Warning, palette.neutral, "warning", "warnings"),
            (Severity::Note, palette.good, "note", "notes"),
        ];
        let texts: Vec<_> = kinds
            .into_iter()
            .map(|(severity, style, one, many)| (self.count(severity), style, one, many))
            .filter(|(number, ..)| *number > 0)
            .map(|(number, style, one, many)| format!("{style}{}{style:#}", counted(number, one, many)))
            .collect();
        (!texts.is_empty()).then(|| texts.join(", "))
    }

    /// A line per policy: rows per tier, and what the matcher weighs.
    fn write_sizes(&self, out: &mut impl Write, palette: Palette) -> io::Result<()> {
        let width = self.sizes().map(|(name, _)| name.len()).max().unwrap_or(0).max("policy".len());
        let label = palette.label;
        writeln!(
            out,
            "{label}{:width$}  {:>6}  {:>10}  {:>9}  {:>9}  {:>7}  {:>11}  {:>4}  {:>10}{label:#}",
            "policy", "grants", "exact", "any port", "wildcards", "globs", "expressions", "null", "matcher"
        )?;
        for (name, size) in self.sizes() {
            if size.any_origin {
                writeln!(out, "{name:width$}  {:>6}  any origin", size.grants)?;
                continue;
            }
            let number = |number: usize| grouped(number as u64);
            writeln!(
                out,
                "{name:width$}  {:>6}  {:>10}  {:>9}  {:>9}  {:>7}  {:>11}  {:>4}  {:>10}",
                number(size.grants),
                number(size.exact),
                number(size.any_port),
                number(size.wildcards),
                number(size.globs),
                number(size.expressions),
                number(size.null),
                bytes(size.bytes as u64)
            )?;
        }
        writeln!(out)
    }

    fn write_json(&self, options: &CheckOptions, stdout: &mut Output<'_>) -> io::Result<()> {
        let report = Report {
            ok: self.policies.is_some(),
            diagnostics: self.diagnostics.iter().map(Finding::new).collect(),
            policies: options.verbose.then(|| self.sizes().map(|(name, size)| Size::new(name, &size)).collect()),
            digest: self.digest.filter(|_| options.verbose).map(|digest| digest.to_string()),
            load_seconds: options.verbose.then_some(self.elapsed.as_secs_f64()),
        };
        let mut out = BufWriter::with_capacity(1 << 16, stdout);
        serde_json::to_writer(&mut out, &report)?;
        out.write_all(b"\n")?;
        out.flush()
    }
}

#[derive(Debug, Serialize)]
struct Report<'a> {
    ok: bool,
    diagnostics: Vec<Finding<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policies: Option<Vec<Size<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    load_seconds: Option<f64>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Finding<'a> {
    code: &'static str,
    severity: &'static str,
    policy: Option<&'a str>,
    file: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
    message: &'a str,
    help: Option<&'a str>,
}

impl<'a> Finding<'a> {
    pub(crate) fn new(diagnostic: &'a Diagnostic) -> Self {
        let position = diagnostic.location().and_then(Location::position);
        Self {
            code: diagnostic.code().as_str(),
            severity: diagnostic.severity().as_str(),
            policy: diagnostic.policy(),
            file: diagnostic.location().map(|location| location.file()),
            line: position.map(|position| position.line),
            column: position.map(|position| position.column),
            message: diagnostic.message(),
            help: diagnostic.help(),
        }
    }
}

#[derive(Debug, Serialize)]
struct Size<'a> {
    name: &'a str,
    grants: usize,
    any_origin: bool,
    exact: usize,
    any_port: usize,
    wildcards: usize,
    globs: usize,
    expressions: usize,
    null: usize,
    bytes: usize,
}

impl<'a> Size<'a> {
    fn new(name: &'a str, size: &PolicySize) -> Self {
        Self {
            name,
            grants: size.grants,
            any_origin: size.any_origin,
            exact: size.exact,
            any_port: size.any_port,
            wildcards: size.wildcards,
            globs: size.globs,
            expressions: size.expressions,
            null: size.null,
            bytes: size.bytes,
        }
    }
}
