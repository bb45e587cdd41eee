//! `corsac check`: the errors, warnings and notes for a policy document.

use std::collections::HashSet;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args, ValueHint};
use corsac::diagnostic::{Explanation, shortened};
use corsac::document::Loaded;
use corsac::{Code, ConfigError, Diagnostic, Policies, PolicySize, Severity};
use corsac_source::{Digest, LoadReport};
use serde::Serialize;

use crate::argument::display_name;
use crate::environment::Environment;
use crate::failure::{ExitStatus, Failure};
use crate::load::load;
use crate::names::most_similar;
use crate::show::escape::Text;
use crate::show::finding::Finding;
use crate::show::format::OutputFormat;
use crate::show::numbers::{bytes, counted, duration, grouped};
use crate::show::output::{Output, Palette};
use crate::show::render::Renderer;

const EXAMPLES: &str = "\
Examples:
  corsac check policy.toml
  corsac check --verbose policy.toml         rows per tier, bytes, digest, time
  corsac check --format json policy.json     every finding, on one line for tools
  corsac check --restrict-paths tenant.toml  lists only from the document's folder
  corsac check --env ORIGINS=https://a.example.com policy.toml
  generate-policy | corsac check -           a document on standard input
  corsac check --explain origin/path         why a code is reported, with examples
  corsac check --schema > schema.json        the keys of documents, for editors

Of findings with one code the first ten are printed, and how many more there are.

Exit status: 0 no findings, or only notes; 1 errors or warnings; 2 the document cannot
be read.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Options {
    /// The policy document: JSON if its name ends in `.json`, otherwise TOML; `-` is standard
    /// input, which is JSON if it begins with `{`
    #[arg(value_name = "POLICY", value_hint = ValueHint::FilePath)]
    #[arg(required_unless_present_any = ["explain", "schema"])]
    document: Option<PathBuf>,

    /// Print why a code is reported, with a bad and a good example, in place of checking a document
    #[arg(long, value_name = "CODE", conflicts_with_all = ["document", "schema", "verbose", "format"])]
    explain: Option<String>,

    /// Print the JSON Schema of policy documents, in place of checking one
    #[arg(long, conflicts_with_all = ["document", "verbose", "format"])]
    schema: bool,

    /// Also show each policy's rows per tier and size, the digest of the files read, and the time
    /// taken
    #[arg(short, long)]
    pub(crate) verbose: bool,

    /// Read list files only from the document's folder and below, after symbolic links are resolved;
    /// others are errors, and not read: for documents that somebody else wrote
    #[arg(long, conflicts_with_all = ["explain", "schema"])]
    pub(crate) restrict_paths: bool,

    #[command(flatten)]
    environment: Environment,

    /// Output format of the findings
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: OutputFormat,
}

pub(crate) fn run(options: &Options, stdin: &mut dyn Read, stdout: &mut Output<'_>) -> Result<ExitStatus, Failure> {
    if let Some(name) = &options.explain {
        return explain(name, stdout);
    }
    if options.schema {
        Failure::unless_closed(stdout.write_all(corsac::document::schema().as_bytes()))?;
        return Ok(ExitStatus::Fine);
    }
    let document = options.document.as_deref().unwrap_or(Path::new("-"));
    let start = Instant::now();
    let attempt = load(document, &options.environment.load_options(options.restrict_paths)?, stdin);
    let digest = attempt.as_ref().ok().and_then(LoadReport::digest);
    let loaded = attempt.and_then(LoadReport::into_result);
    let checked = Checked { digest, ..Checked::new(document, &loaded, start.elapsed()) };
    Failure::unless_closed(match options.format {
        OutputFormat::Human => checked.write_human(options, stdout),
        OutputFormat::Json => checked.write_json(options, stdout),
    })?;
    Ok(checked.status())
}

/// Prints the section of `docs/diagnostics.md` for a code.
fn explain(name: &str, stdout: &mut Output<'_>) -> Result<ExitStatus, Failure> {
    let Some(explanation) = Explanation::of(name) else {
        let known = Explanation::all().map(|explanation| explanation.name);
        let text = match most_similar(name, known) {
            Some(similar) => format!("there is no code `{}`; did you mean `{similar}`?", Text(name)),
            None => format!("there is no code `{}`; findings of `corsac check` show their codes", Text(name)),
        };
        return Err(Failure::Usage(text));
    };
    Failure::unless_closed(write!(stdout, "{explanation}"))?;
    Ok(ExitStatus::Fine)
}

/// The result of loading a document.
#[derive(Debug)]
struct Checked<'a> {
    document: &'a Path,
    policies: Option<&'a Policies>,
    diagnostics: &'a [Diagnostic],
    /// Of the files read; `None` if the document was rejected.
    digest: Option<Digest>,
    elapsed: Duration,
}

impl<'a> Checked<'a> {
    fn new(document: &'a Path, loaded: &'a Result<Loaded, ConfigError>, elapsed: Duration) -> Self {
        let (policies, diagnostics) = match loaded {
            Ok(loaded) => (Some(&loaded.policies), loaded.diagnostics.as_slice()),
            Err(error) => (None, error.diagnostics()),
        };
        Self { document, policies, diagnostics, digest: None, elapsed }
    }

    fn count(&self, severity: Severity) -> u64 {
        let of_severity = self.diagnostics.iter().filter(|diagnostic| diagnostic.severity() == severity);
        of_severity.map(|diagnostic| diagnostic.count() as u64).sum()
    }

    fn status(&self) -> ExitStatus {
        if self.diagnostics.iter().any(|diagnostic| diagnostic.code() == Code::DocumentUnreadable) {
            return ExitStatus::CouldNotRun;
        }
        ExitStatus::of_findings(self.diagnostics.iter().any(|diagnostic| diagnostic.severity() != Severity::Note))
    }

    fn sizes(&self) -> impl Iterator<Item = (&'a str, PolicySize)> {
        self.policies.into_iter().flat_map(Policies::iter).map(|(_, policy)| (policy.name(), policy.size()))
    }

    fn write_human(&self, options: &Options, stdout: &mut Output<'_>) -> io::Result<()> {
        let (renderer, palette) = (Renderer::new(stdout.has_colors()), stdout.palette());
        let mut out = BufWriter::with_capacity(1 << 16, stdout);
        let mut explained = HashSet::new();
        for diagnostic in &shortened(self.diagnostics) {
            let is_first = explained.insert(diagnostic.code());
            let see = is_first.then(|| format!("corsac check --explain {}", diagnostic.code()));
            writeln!(out, "{}\n", renderer.render_with(diagnostic, see.as_deref()))?;
        }
        if options.verbose && self.policies.is_some() {
            self.write_sizes(&mut out, palette)?;
        }
        self.write_summary(&mut out, palette)?;
        if options.verbose {
            if let Some(digest) = self.digest {
                writeln!(out, "digest {digest}")?;
            }
            writeln!(out, "read, checked and compiled in {}", duration(self.elapsed))?;
        }
        out.flush()
    }

    /// `policy.toml: 2 policies, 10,012 rows: 1 error, 2 warnings`
    fn write_summary(&self, out: &mut impl Write, palette: Palette) -> io::Result<()> {
        let name = display_name(self.document);
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

    /// `1 error, 2 warnings`; a severity without findings is omitted.
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

    /// A line per policy: rows per tier, and the bytes of the matcher.
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

    fn write_json(&self, options: &Options, stdout: &mut Output<'_>) -> io::Result<()> {
        let report = CheckJson {
            ok: self.policies.is_some(),
            diagnostics: self.diagnostics.iter().map(Finding::new).collect(),
            policies: options.verbose.then(|| self.sizes().map(|(name, size)| SizeJson::new(name, &size)).collect()),
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
struct CheckJson<'a> {
    ok: bool,
    diagnostics: Vec<Finding<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policies: Option<Vec<SizeJson<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    load_seconds: Option<f64>,
}

#[derive(Debug, Serialize)]
struct SizeJson<'a> {
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

impl<'a> SizeJson<'a> {
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
