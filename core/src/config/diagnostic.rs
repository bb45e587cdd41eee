//! Diagnostics: everything that is wrong with a configuration, reported together, each with a
//! permanent code.

mod code;
mod collector;
mod explanation;
mod explanations;
mod location;
mod quote;
mod shortened;
mod summary;

use core::fmt;
use std::sync::Arc;

use crate::engine::Missing;

pub use code::{Code, Severity};
pub use explanation::{Example, Explanation};
pub use location::{Excerpt, Location, Position};
pub use shortened::{SHOWN_OF_A_CODE, shortened};
pub use summary::{CodeCount, Summary};

pub(crate) use collector::{Collector, Reported};
pub(crate) use location::{Place, SourceId, Sources};
pub(crate) use quote::quote;

/// One mistake, risk or remark: what, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub(crate) code: Code,
    pub(crate) severity: Severity,
    pub(crate) policy: Option<Arc<str>>,
    pub(crate) location: Option<Location>,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    /// For how many it stands.
    pub(crate) count: usize,
}

impl Diagnostic {
    /// The permanent code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// How bad it is. Some codes are errors with credentials and warnings without.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// The policy that it concerns, if any.
    #[must_use]
    pub fn policy(&self) -> Option<&str> {
        self.policy.as_deref()
    }

    /// The position in a document or list file; `None` for policies built in code.
    #[must_use]
    pub fn location(&self) -> Option<&Location> {
        self.location.as_ref()
    }

    /// What is wrong: lower case, no full stop, the offending text in back-ticks. Of that text only
    /// letters, digits and printable ASCII are shown as they are; long texts are cut.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// How many findings this one stands for: 1, and more only in lists that are [`shortened`].
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = &self.location {
            write!(f, "{}:", location.file())?;
            if let Some(Position { line, column }) = location.position() {
                write!(f, "{line}:{column}:")?;
            }
            f.write_str(" ")?;
        }
        write!(f, "{}[{}]: {}", self.severity, self.code, self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

/// A rejected configuration, with all its diagnostics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    // INVARIANT: holds at least one error.
    diagnostics: Vec<Diagnostic>,
}

impl ConfigError {
    /// An error for loaders whose document could not be obtained at all. `name` is the document's
    /// name in messages, `code` the kind of failure, `message` what happened.
    #[must_use]
    pub fn unavailable(name: &str, code: Code, message: impl Into<String>, help: impl Into<String>) -> Self {
        let location = Some(Location::of_file(name));
        let (message, help) = (message.into(), Some(help.into()));
        let severity = Severity::Error;
        Self { diagnostics: vec![Diagnostic { code, severity, policy: None, location, message, help, count: 1 }] }
    }

    /// The error of a document that an engine refused, because it has not all that is required of
    /// it. `name` is the document's name in messages.
    #[must_use]
    pub fn missing(name: &str, missing: &Missing) -> Self {
        let location = Location::of_file(name);
        let error = |code, policy: Option<&str>, message: String, help: String| Diagnostic {
            code,
            severity: Severity::Error,
            policy: policy.map(Arc::from),
            location: Some(location.clone()),
            message,
            help: Some(help),
            count: 1,
        };
        let policies = missing.policies().map(|policy| {
            let message = format!("there is no policy {}, which the running service requires", quote(policy));
            let help = format!(
                "keep a policy named {}, or first take the name out of the service's configuration",
                quote(policy)
            );
            error(Code::ReloadPolicyMissing, Some(policy), message, help)
        });
        let routes = missing.routes().then(|| {
            let message = "there are no routes, by which the running service chooses policies".into();
            let help = "keep a `[[route]]`, or first name a policy in the service's configuration".into();
            error(Code::ReloadRoutesMissing, None, message, help)
        });
        // Where nothing is missing there is no `Missing`.
        Self { diagnostics: policies.chain(routes).collect() }
    }

    /// Everything that was found: errors, warnings and notes, in the order of their places.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// The same, by value.
    #[must_use]
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }
}

/// The first error, and how many more there are.
impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut errors = self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
        if let Some(first) = errors.next() {
            first.fmt(f)?;
        }
        match errors.map(Diagnostic::count).sum::<usize>() {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

impl core::error::Error for ConfigError {}
