//! What `corsac replay` does with a log.

use crate::replay::against::Against;
use crate::show::format::OutputFormat;

#[derive(Debug)]
pub(crate) enum Mode<'p> {
    /// Decides every request.
    Decide(Report),
    /// Decides every request by two documents, and shows the differences.
    Compare(Against<'p>, Report),
}

/// What is written, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// A summary for people on standard output.
    Human,
    /// JSON on standard output; with `summary`, also the summary for people on standard error.
    Json { summary: bool },
}

impl Report {
    pub(crate) fn new(format: OutputFormat, verbose: bool) -> Self {
        match format {
            OutputFormat::Human => Self::Human,
            OutputFormat::Json => Self::Json { summary: verbose },
        }
    }

    fn has_summary(self) -> bool {
        self != Self::Json { summary: false }
    }
}

impl Mode<'_> {
    /// Whether each request gets a line of JSON.
    pub(crate) fn writes_decisions(&self) -> bool {
        matches!(self, Self::Decide(Report::Json { .. }))
    }

    /// Whether the origins denied most often are shown.
    pub(crate) fn shows_denied_origins(&self) -> bool {
        matches!(self, Self::Decide(report) if report.has_summary())
    }
}
