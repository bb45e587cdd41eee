//! What is kept of many findings.

use super::{Code, ConfigError, Diagnostic, Severity};

/// How many findings a summary keeps.
const KEPT: usize = 10;

/// What is kept of many findings, however many there are: how often each code was found, and the ten most
/// severe findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    counts: Vec<CodeCount>,
    kept: Vec<Diagnostic>,
}

/// How often a code was found with a severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CodeCount {
    /// The code.
    pub code: Code,
    /// How severe it is here: some codes have two severities, which are counted apart.
    pub severity: Severity,
    /// How often it was found.
    pub count: usize,
}

impl ConfigError {
    /// How often each code was found, and the first findings: for what keeps a rejection.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(&self.diagnostics)
    }
}

impl Summary {
    /// The summary of these findings.
    #[must_use]
    pub fn of(diagnostics: &[Diagnostic]) -> Self {
        let mut counts: Vec<CodeCount> = Vec::new();
        for Diagnostic { code, severity, count, .. } in diagnostics {
            // There are few codes.
            match counts.iter_mut().find(|known| (known.code, known.severity) == (*code, *severity)) {
                Some(known) => known.count += count,
                None => counts.push(CodeCount { code: *code, severity: *severity, count: *count }),
            }
        }
        let of = |severity| diagnostics.iter().filter(move |found| found.severity == severity);
        let all = [Severity::Error, Severity::Warning, Severity::Note].into_iter().flat_map(of);
        Self { counts, kept: all.take(KEPT).cloned().collect() }
    }

    /// How often each code was found, in the order in which the codes were found first.
    #[must_use]
    pub fn counts(&self) -> &[CodeCount] {
        &self.counts
    }

    /// The first findings, at most ten: errors first, then warnings, then notes.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.kept
    }
}
