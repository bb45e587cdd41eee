//! The rows of a matcher, read back.

use super::Matcher;
use super::row::MatcherRow;
use super::table::Table;

impl Matcher {
    /// All rows: tier after tier, globs and expressions as one, in document order within each.
    pub(crate) fn rows(&self) -> Vec<MatcherRow<'_>> {
        let mut rows = self.exact.list();
        rows.extend(self.null.map(|grant| MatcherRow::plain(grant, "null")));
        rows.extend(self.hosts.list());
        rows.extend(self.suffixes.list());
        let mut verified: Vec<_> = self.globs.list().chain(self.expressions.list()).collect();
        verified.sort_unstable_by_key(|(number, _)| *number);
        rows.extend(verified.into_iter().map(|(_, row)| row));
        rows
    }

    /// The service's own origins, in document order.
    pub(crate) fn own_origins(&self) -> Vec<&str> {
        self.own.iter().flat_map(Table::texts).map(|(_, text)| text).collect()
    }
}
