//! Rows without any wildcard: the value's own bytes are the key.

use super::Matched;
use super::table::Table;

/// All exact rows of a policy, grant after grant. A text is in one grant only: a second time in the
/// same grant is dropped, in a later one it is the error `grant/shadowed`.
#[derive(Debug)]
pub(super) struct Exact {
    table: Table,
    /// Where the rows of grants 1, 2, … start in the table's arena.
    later_grants: Box<[u32]>,
}

impl Exact {
    pub(super) fn new(table: Table, later_grants: Vec<u32>) -> Self {
        Self { table, later_grants: later_grants.into_boxed_slice() }
    }

    #[inline]
    pub(super) fn find(&self, value: &[u8]) -> Option<Matched<'_>> {
        let entry = self.table.get(value)?;
        let grant = match *self.later_grants {
            [] => 0,
            ref starts => starts.partition_point(|&start| start <= entry.offset) as u32,
        };
        Some(Matched { grant, rule: entry.text })
    }

    pub(super) fn rows(&self) -> usize {
        self.table.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.table.bytes() + size_of_val(&*self.later_grants)
    }
}
