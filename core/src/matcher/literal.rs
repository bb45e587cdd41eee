//! The literals by which globs and expressions are found.

/// The most rows that are verified for one origin.
pub(crate) const MAX_CANDIDATES: usize = 64;

/// Stands before and behind the parent of a label's start; no host has it.
const MARK: u8 = b'>';

/// What a host must have for a row to be a candidate, in the order in which it is compared. Rows are
/// found together if the literal of one begins with the literal of the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Literal(Vec<u8>);

impl Literal {
    /// The end of the host.
    pub(crate) fn host_end(end: &str) -> Self {
        Self(end.bytes().rev().collect())
    }

    /// The start of the label before `parent`.
    fn label_start(parent: &str, start: &str) -> Self {
        let parent = parent.bytes().rev();
        Self(core::iter::once(MARK).chain(parent).chain([MARK]).chain(start.bytes()).collect())
    }

    /// The literal of a glob: the more selective of its label's two.
    pub(crate) fn of_glob(prefix: &str, suffix: &str, parent: &str) -> Self {
        if uses_prefix(prefix, suffix) {
            Self::label_start(parent, prefix)
        } else {
            Self::host_end(&format!("{suffix}.{parent}"))
        }
    }

    /// Whether `start` is found wherever this one is.
    pub(crate) fn begins_with(&self, start: &Self) -> bool {
        self.0.starts_with(&start.0)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Whether a glob is found by its label's prefix: the longer of prefix and suffix is used, because
/// it is more selective.
pub(crate) fn uses_prefix(prefix: &str, suffix: &str) -> bool {
    prefix.len() > suffix.len()
}
