//! The two policies that are compared, and the rows that both have.

use crate::outcome::Verdict;
use crate::policy::{ListedRow, Policy};
use crate::request::Request;

/// A row that both policies have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Common<'p> {
    pub(super) row: ListedRow<'p>,
    pub(super) old_grant: u32,
    pub(super) new_grant: u32,
    /// The numbers of the rights in the table.
    pub(super) old_rights: u32,
    pub(super) new_rights: u32,
}

/// One policy, and the numbers of its grants' rights.
pub(super) struct Side<'p> {
    pub(super) policy: &'p Policy,
    pub(super) rights: Vec<u32>,
}

impl Side<'_> {
    pub(super) fn rights(&self, grant: u32) -> u32 {
        self.rights.get(grant as usize).copied().unwrap_or_default()
    }

    /// Linear in the number of rows: call it once.
    pub(super) fn allows_any(&self) -> bool {
        self.policy.size().any_origin
    }

    /// The rights of one origin; `None` if it is not allowed.
    pub(super) fn rights_of(&self, origin: &str) -> Option<u32> {
        let decision = self.policy.decide(&Request::new("GET").origin(origin));
        let grant = decision.grant().filter(|_| decision.verdict() == Verdict::Allowed)?;
        Some(self.rights(grant))
    }
}

/// Whether the row matches one origin and no other. `null` is one.
pub(super) fn is_one_origin(row: &ListedRow<'_>) -> bool {
    !row.is_expression() && !row.text().contains('*')
}
