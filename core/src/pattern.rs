//! Patterns: the rows of an allow-list as people write them (design §4, "Rows").
//!
//! A pattern is accepted only in the form in which a browser would send the origins that it
//! stands for. Whatever else is written is refused with that form as help, and never repaired: what
//! a document says is what it does.

mod canonical;
mod expression;
mod parse;
mod plain;
mod proof;

use core::fmt;

pub(crate) use expression::Expression;
pub(crate) use proof::End;

use crate::diagnostic::Code;
use crate::matcher::PortRule;
use crate::origin::Scheme;

/// One row of an allow-list.
///
/// ```
/// use corsac::Pattern;
///
/// assert!(Pattern::parse("https://*.example.com").is_ok());
/// let error = Pattern::parse("https://Example.com/").unwrap_err();
/// assert_eq!(error.code().as_str(), "origin/trailing-slash");
/// assert_eq!(error.help(), "write `https://example.com`");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern<'t> {
    text: &'t str,
    shape: Shape<'t>,
}

/// What a pattern stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape<'t> {
    /// `*`: any origin.
    Any,
    /// `null`.
    Null,
    /// One host; `key` is `scheme://host`.
    Host { scheme: Scheme, key: &'t str, host: &'t str, port: PortRule },
    /// `*.`: one or more labels below `base`.
    Below { scheme: Scheme, base: &'t str, port: PortRule },
    /// `prefix*suffix.parent`: one label below `parent`.
    Glob { scheme: Scheme, prefix: &'t str, suffix: &'t str, parent: &'t str, port: PortRule },
}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    code: Code,
    message: String,
    help: String,
}

impl<'t> Pattern<'t> {
    /// Parses one row. Rules that depend on the rest of a policy, such as those for credentials,
    /// are checked when the policy is built.
    ///
    /// # Errors
    /// The most specific mistake, with the canonical form as help where there is one.
    pub fn parse(text: &'t str) -> Result<Self, PatternError> {
        match parse::shape(text) {
            Ok(shape) => Ok(Self { text, shape }),
            Err(fault) => Err(fault.explain(text)),
        }
    }

    /// The row as it was written.
    #[must_use]
    pub fn as_str(&self) -> &'t str {
        self.text
    }

    pub(crate) fn shape(&self) -> Shape<'t> {
        self.shape
    }

    /// Whether this is exactly one origin.
    pub(crate) fn is_exact(&self) -> bool {
        matches!(self.shape, Shape::Host { port: PortRule::Only(_), .. })
    }
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
