//! Gathers findings while a configuration is read, so that all are reported at once.

use std::sync::Arc;

use super::{Code, ConfigError, Diagnostic, Place, Severity, Sources};

/// The most errors that are kept, and the most other findings. Further ones are only counted, so that
/// a list file with a million bad rows uses bounded memory.
const MAX_DIAGNOSTICS: usize = 100_000;

/// The most characters of a policy's name that a finding repeats.
const MAX_NAME: usize = 80;

/// The most comparisons of a text with a name that it could be a misspelling of. Each takes up to some
/// ten microseconds, and a document can have millions of unknown names.
const MAX_COMPARISONS: usize = 20_000;

/// An error was reported. Only the collector makes it, so whoever refuses a configuration has said why.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reported(());

#[derive(Debug, Default)]
pub(crate) struct Collector<'a> {
    sources: Sources<'a>,
    found: Vec<(Option<Place>, Diagnostic)>,
    errors: usize,
    /// Kept errors, and other kept findings.
    kept: [usize; 2],
    uncounted: usize,
    comparisons: usize,
    automata: usize,
    policy: Option<Arc<str>>,
}

/// What is said of a row as it stands in a list of bare hosts, where a line with a scheme is refused.
fn as_written(text: &str, scheme: &str) -> String {
    text.replace(&format!("`{scheme}://"), "`")
}

impl<'a> Collector<'a> {
    pub(crate) fn sources(&mut self) -> &mut Sources<'a> {
        &mut self.sources
    }

    /// Attributes all further findings to this policy.
    pub(crate) fn enter_policy(&mut self, name: Option<&str>) {
        // A name that no policy can have may be as long as the document, and stands in each finding.
        let cut = |name: &str| name.chars().take(MAX_NAME).collect::<String>().into();
        self.policy = name.map(cut);
    }

    pub(crate) fn error(&mut self, code: Code, place: Option<Place>, message: String, help: String) -> Reported {
        self.report(code, Severity::Error, place, message, help);
        Reported(())
    }

    pub(crate) fn warning(&mut self, code: Code, place: Option<Place>, message: String, help: String) {
        self.report(code, Severity::Warning, place, message, help);
    }

    pub(crate) fn report(
        &mut self,
        code: Code,
        severity: Severity,
        place: Option<Place>,
        message: String,
        help: String,
    ) {
        let [errors, others] = &mut self.kept;
        let kept = if severity == Severity::Error { errors } else { others };
        self.errors += usize::from(severity == Severity::Error);
        if *kept >= MAX_DIAGNOSTICS {
            self.uncounted += 1;
            return;
        }
        *kept += 1;
        let (message, help) = match (self.sources.scheme(place), self.sources.element(place)) {
            (_, Some(element)) => {
                let help = format!("correct the element; `corsac check --explain {code}` says how");
                (format!("{element}: {}", code.meaning()), help)
            }
            (Some(scheme), None) if code != Code::ListNotAHost => {
                (as_written(&message, scheme), as_written(&help, scheme))
            }
            _ => (message, help),
        };
        let help = (!help.is_empty()).then_some(help);
        let policy = self.policy.clone();
        self.found.push((place, Diagnostic { code, severity, policy, location: None, message, help, count: 1 }));
    }

    pub(crate) fn errors(&self) -> usize {
        self.errors
    }

    /// Whether there is an error.
    pub(crate) fn reported(&self) -> Option<Reported> {
        self.reported_since(0)
    }

    /// Whether there is an error beyond the first `errors`.
    pub(crate) fn reported_since(&self, errors: usize) -> Option<Reported> {
        (self.errors > errors).then_some(Reported(()))
    }

    /// Whether there is time left for that many comparisons of names; they then count as done.
    pub(crate) fn may_compare(&mut self, names: usize) -> bool {
        self.comparisons += names;
        self.comparisons <= MAX_COMPARISONS
    }

    /// Adds to the bytes of the automata that are compiled, and gives their sum before and now.
    pub(crate) fn add_automaton(&mut self, bytes: usize) -> (usize, usize) {
        let before = self.automata;
        self.automata += bytes;
        (before, self.automata)
    }

    /// The configuration is refused, with everything that was found. Whoever can call this has reported
    /// an error, so one is among it.
    pub(crate) fn refuse(self, _: Reported) -> ConfigError {
        ConfigError { diagnostics: self.finish() }
    }

    /// Everything that was found, in the order of its places; what has none comes first.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|(place, _)| *place);
        // Located in this order: the columns of a long line are counted on from the last one.
        let sources = &self.sources;
        let located = |(place, diagnostic): (Option<Place>, Diagnostic)| Diagnostic {
            location: place.and_then(|place| sources.locate(place)),
            ..diagnostic
        };
        let mut diagnostics: Vec<_> = self.found.into_iter().map(located).collect();
        if self.uncounted > 0 {
            let severity = if self.errors > 0 { Severity::Error } else { Severity::Warning };
            diagnostics.push(Diagnostic {
                code: Code::DocumentTooManyDiagnostics,
                severity,
                policy: None,
                location: None,
                message: format!("{} more findings are not shown", self.uncounted),
                help: Some("fix these and run `check` again".into()),
                count: 1,
            });
        }
        diagnostics
    }
}
