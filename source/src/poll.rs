//! The result of polling a source.

use std::fmt;
use std::sync::Arc;

use corsac::{ConfigError, Diagnostic, Policies};

use crate::digest::Digest;

/// The result of polling a source.
#[derive(Debug)]
#[non_exhaustive]
pub enum Poll {
    /// The policies in use are those of the files, or the files have not changed since they were last
    /// rejected.
    Unchanged,
    /// A file changed and may still be being written; poll again later.
    Unsettled,
    /// New policies are in use.
    Reloaded(Reloaded),
    /// The files were rejected. The last good set stays in use until they change again.
    Refused(ConfigError),
}

/// New policies that are in use.
///
/// Keeps both sets in memory, so drop it after use.
#[non_exhaustive]
pub struct Reloaded {
    /// The generation of the new set.
    pub generation: u64,
    /// The digest of what the new set was loaded from.
    pub digest: Digest,
    /// Warnings and notes of the new set, in the order of their positions.
    pub diagnostics: Vec<Diagnostic>,
    /// The set that was in use before.
    pub previous: Arc<Policies>,
    /// The set that is in use now.
    pub policies: Arc<Policies>,
}

/// Without the sets, which can have millions of rows.
impl fmt::Debug for Reloaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reloaded")
            .field("generation", &self.generation)
            .field("digest", &self.digest)
            .field("diagnostics", &self.diagnostics)
            .finish_non_exhaustive()
    }
}
