//! Why a text is not a valid pattern or expression.

use core::fmt;

use crate::config::diagnostic::{Code, quote};

/// Why a text is not a valid pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    code: Code,
    message: String,
    help: String,
}

impl PatternError {
    /// The permanent code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to write instead.
    #[must_use]
    pub fn help(&self) -> &str {
        &self.help
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.help)
    }
}

impl core::error::Error for PatternError {}

/// A mistake, and what to say of it beyond its code.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    code: Code,
    /// What is wrong, to be read behind the pattern in back-ticks.
    what: String,
    /// What to do, where the canonical form does not say it.
    help: Option<String>,
}

impl Fault {
    pub(super) fn new(code: Code, what: impl Into<String>) -> Self {
        Self { code, what: what.into(), help: None }
    }

    pub(super) fn is(&self, code: Code) -> bool {
        self.code == code
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same for an expression, for which there is no canonical form.
    pub(super) fn explain_expression(self, text: &str) -> PatternError {
        let message = format!("{} {}", quote(text), self.what);
        PatternError { code: self.code, message, help: self.help.unwrap_or_default() }
    }

    /// With the canonical form of the pattern as help, unless the fault has a help of its own.
    pub(super) fn explain(self, text: &str, canonical: impl FnOnce(&str) -> Option<String>) -> PatternError {
        let message = format!("{} {}", quote(text), self.what);
        let canonical = || canonical(text).map(|form| format!("write {}", quote(&form)));
        let help = self.help.or_else(canonical);
        let help =
            help.unwrap_or_else(|| "write an origin as a browser sends it, such as `https://app.example.com`".into());
        PatternError { code: self.code, message, help }
    }
}
