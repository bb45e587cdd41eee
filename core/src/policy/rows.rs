//! The rows of a policy, read back from its matcher.

use super::{Policy, RowOptions, Rows};

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

/// Which overrides a row carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Overrides(u8);

impl Overrides {
    pub(crate) fn of(options: RowOptions) -> Self {
        let RowOptions { depth: _, public_suffix, insecure_scheme, null, unproved } = options;
        let given = [public_suffix, insecure_scheme, null, unproved].map(|option| option.given);
        Self((0..).zip(given).map(|(bit, given)| u8::from(given) << bit).sum())
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn names(self) -> impl Iterator<Item = &'static str> + use<> {
        let names = [
            "dangerously_allow_public_suffix",
            "dangerously_allow_insecure_scheme",
            "dangerously_allow_null",
            "dangerously_unproved",
        ];
        names.into_iter().enumerate().filter(move |(bit, _)| self.0 & (1 << bit) != 0).map(|(_, name)| name)
    }
}

/// The rows that carry overrides, which are few.
#[derive(Debug, Default)]
pub(crate) struct Overridden {
    // INVARIANT: sorted.
    rows: Box<[(u32, Box<str>, Overrides)]>,
}

impl Overridden {
    pub(crate) fn new(mut rows: Vec<(u32, Box<str>, Overrides)>) -> Self {
        rows.sort_by(|(a, x, _), (b, y, _)| (a, x).cmp(&(b, y)));
        Self { rows: rows.into_boxed_slice() }
    }

    fn of(&self, grant: u32, text: &str) -> Overrides {
        let found = self.rows.binary_search_by(|(other, row, _)| (*other, &**row).cmp(&(grant, text)));
        found.ok().and_then(|index| self.rows.get(index)).map_or(Overrides::default(), |&(.., overrides)| overrides)
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
