//! In place of `suffix_list`, in builds without the feature `suffix-list`. Rows that would need the
//! list are rejected before it is consulted.

/// The version of the embedded list: this build has none.
pub const PUBLIC_SUFFIX_LIST: &str = "none";

/// Whether this build has the list at all.
pub(crate) const IS_PRESENT: bool = false;

pub(crate) fn anyone_can_register_below(_base: &str) -> bool {
    true
}

pub(crate) fn is_public_suffix(_base: &str) -> bool {
    true
}

/// What is below a private suffix is left to the check of the row, which rejects it.
pub(crate) fn is_private_suffix(_base: &str) -> bool {
    true
}

/// Expressions, which ask for this, are rejected.
pub(crate) fn registrable(name: &str) -> &str {
    name
}
