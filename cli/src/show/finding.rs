//! A diagnostic as JSON.

use corsac::Diagnostic;
use corsac::diagnostic::Location;
use serde::Serialize;

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
    /// How many findings it stands for, where that is not one.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
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
            count: Some(diagnostic.count()).filter(|count| *count > 1),
        }
    }
}
