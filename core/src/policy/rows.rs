//! The rows of a policy, read back from its matcher.

use super::overrides::Overrides;
use super::{Policy, Rows};

/// One row of an allow-list as it was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedRow<'p> {
    pub(crate) grant: u32,
    pub(crate) text: &'p str,
    pub(crate) is_expression: bool,
    pub(crate) depth: Option<u8>,
    pub(crate) overrides: Overrides,
}

impl<'p> ListedRow<'p> {
    /// The grant that the row is in; 0 is the policy's own `allow_origins`.
    #[must_use]
    pub fn grant(&self) -> u32 {
        self.grant
    }

    /// The row as it is written, which is what [`Decision::rule`](crate::Decision::rule) says.
    #[must_use]
    pub fn text(&self) -> &'p str {
        self.text
    }

    /// Whether the text is a regular expression.
    #[must_use]
    pub fn is_expression(&self) -> bool {
        self.is_expression
    }

    /// The most labels that a leading `*.` covers, where that is limited.
    #[must_use]
    pub fn depth(&self) -> Option<u8> {
        self.depth
    }

    /// The keys `dangerously_…` that the row carries.
    pub fn overrides(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.overrides.names()
    }
}

impl Policy {
    /// All rows that can decide something: tier after tier, in document order within each.
    ///
    /// Allocates: for reading a policy back, not for deciding.
    pub fn rows(&self) -> impl Iterator<Item = ListedRow<'_>> {
        let any = ListedRow { grant: 0, text: "*", is_expression: false, depth: None, overrides: Overrides::default() };
        let (any, listed) = match &self.rows {
            Rows::Any => (Some(any), Vec::new()),
            Rows::Listed(matcher) => (None, matcher.rows()),
        };
        let listed = listed.into_iter().map(|row| ListedRow {
            grant: row.grant,
            text: row.text,
            is_expression: row.is_expression,
            depth: row.depth,
            overrides: self.overridden.of(row.grant, row.text),
        });
        any.into_iter().chain(listed)
    }

    /// The service's own origins, in document order.
    pub fn own_origins(&self) -> impl Iterator<Item = &str> {
        match &self.rows {
            Rows::Any => Vec::new(),
            Rows::Listed(matcher) => matcher.own_origins(),
        }
        .into_iter()
    }
}
