//! Gathers findings while a configuration is read, so that all are reported at once.

use std::sync::Arc;

use super::{Code, Diagnostic, Place, Severity, Sources};

/// The most findings that are kept. Further ones are only counted, so that a list file with a
/// million bad rows uses bounded memory.
const MAX_DIAGNOSTICS: usize = 100_000;

/// The most characters of a policy's name that a finding repeats.
const MAX_NAME: usize = 80;

#[derive(Debug, Default)]
pub(crate) struct Collector<'a> {
    sources: Sources<'a>,
    found: Vec<(Option<Place>, Diagnostic)>,
    errors: usize,
    uncounted: usize,
    policy: Option<Arc<str>>,
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

    pub(crate) fn error(&mut self, code: Code, place: Option<Place>, message: String, help: String) {
        self.report(code, Severity::Error, place, message, help);
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
        self.errors += usize::from(severity == Severity::Error);
        if self.found.len() >= MAX_DIAGNOSTICS {
            self.uncounted += 1;
            return;
        }
        let location = place.and_then(|place| self.sources.locate(place));
        let help = (!help.is_empty()).then_some(help);
        let policy = self.policy.clone();
        self.found.push((place, Diagnostic { code, severity, policy, location, message, help }));
    }

    pub(crate) fn errors(&self) -> usize {
        self.errors
    }

    pub(crate) fn has_error(&self) -> bool {
        self.errors > 0
    }

    /// Everything that was found, in the order of its places; what has none comes first.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|(place, _)| *place);
        let mut diagnostics: Vec<_> = self.found.into_iter().map(|(_, diagnostic)| diagnostic).collect();
        if self.uncounted > 0 {
            let severity = if self.errors > 0 { Severity::Error } else { Severity::Warning };
            diagnostics.push(Diagnostic {
                code: Code::DocumentTooManyDiagnostics,
                severity,
                policy: None,
                location: None,
                message: format!("{} more findings are not shown", self.uncounted),
                help: Some("fix these and run `check` again".into()),
            });
        }
        diagnostics
    }
}
