//! One row as it is read back.

/// One row, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MatcherRow<'m> {
    pub(crate) grant: u32,
    pub(crate) text: &'m str,
    pub(crate) is_expression: bool,
    /// The most labels that a wildcard covers, where that is limited.
    pub(crate) depth: Option<u8>,
}

impl<'m> MatcherRow<'m> {
    pub(super) fn plain(grant: u32, text: &'m str) -> Self {
        Self { grant, text, is_expression: false, depth: None }
    }
}
