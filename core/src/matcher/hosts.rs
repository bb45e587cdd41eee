//! Rows with an exact host and any port: `https://a.example:*`.

use super::rank::{Best, Rank, Tier};
use super::row::MatcherRow;
use super::table::Table;
use crate::origin::Origin;

/// The keys are `scheme://host`; each is in one grant only, like an exact row.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    table: Option<Table>,
    /// By slot of the table.
    rows: Box<[HostRow]>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct HostRow {
    pub(super) grant: u32,
    pub(super) row: u32,
    /// The row as it is written.
    pub(super) rule: Box<str>,
}

impl Hosts {
    /// `keys` are those of `rows`.
    pub(super) fn new(keys: &[&str], rows: Vec<HostRow>) -> Self {
        if rows.is_empty() {
            return Self::default();
        }
        let table = Table::new(keys);
        let rows = table.by_slot(rows);
        Self { table: Some(table), rows }
    }

    #[inline]
    pub(super) fn find<'m>(&'m self, origin: &Origin<'_>, best: &mut Best<'m>) {
        let Some(table) = &self.table else { return };
        let Some(found) = table.get(origin.without_port()).and_then(|entry| self.rows.get(entry.slot)) else {
            return;
        };
        best.keep(Rank::new(found.grant, Tier::Host, 0, true, found.row), &found.rule);
    }

    pub(super) fn list(&self) -> impl Iterator<Item = MatcherRow<'_>> {
        // A slot without a row has no text.
        let mut rows: Vec<_> = self.rows.iter().filter(|row| !row.rule.is_empty()).collect();
        rows.sort_by_key(|row| row.row);
        rows.into_iter().map(|row| MatcherRow::plain(row.grant, &row.rule))
    }

    pub(super) fn rows(&self) -> usize {
        self.table.as_ref().map_or(0, Table::len)
    }

    pub(super) fn bytes(&self) -> usize {
        let texts: usize = self.rows.iter().map(|row| row.rule.len()).sum();
        self.table.as_ref().map_or(0, Table::bytes) + size_of_val(&*self.rows) + texts
    }
}
