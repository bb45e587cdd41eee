//! Patterns: the rows of an allow-list as people write them.
//!
//! A pattern is accepted only in the form in which a browser would send the matching origins. Any
//! other spelling is rejected with the correct form as help, and never repaired: a document does
//! exactly what it says.

mod branches;
mod canonical;
mod expression;
mod fault;
mod loopback;
mod mistake;
mod parse;
mod plain;
mod proof;
mod shape;
mod text;
mod unsent;
mod way_out;

pub(crate) use expression::{Expression, MAX_AUTOMATON};
pub use fault::PatternError;
pub(crate) use loopback::is_loopback;
pub(crate) use proof::End;
pub(crate) use shape::Shape;

use crate::config::diagnostic::Code;
use crate::matcher::PortRule;
use fault::Fault;

/// One row of an allow-list.
///
/// ```
/// use corsac::pattern::Pattern;
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

impl<'t> Pattern<'t> {
    /// Parses one row. Rules that depend on the rest of a policy, such as those for credentials,
    /// are checked when the policy is built.
    ///
    /// # Errors
    /// The most specific mistake, with the canonical form as help where there is one.
    pub fn parse(text: &'t str) -> Result<Self, PatternError> {
        match parse::shape(text) {
            Ok(shape) => Ok(Self { text, shape }),
            Err(fault) => {
                let repair =
                    unsent::repair(text, canonical::canonical_row).filter(|_| fault.is(Code::OriginSchemeUnsent));
                let repair = repair.or_else(|| mistake::help(text));
                let fault = repair.into_iter().fold(fault, Fault::help);
                Err(fault.explain(text, canonical::canonical))
            }
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
