//! The result of polling a source.

use std::fmt;
use std::sync::Arc;

use corsac::{ConfigError, Diagnostic, Policies};

use crate::digest::Digest;

/// The result of polling a source.
#[derive(Debug)]
#[non_exhaustive]
pub enum Poll {
    /// The set that serves is the one that the files say, or nothing is different from when they
    /// were last refused.
    Unchanged,
    /// A file changed and may still be being written; poll again later.
    Unsettled,
    /// New policies are in use.
    Reloaded(Reloaded),
    /// The files were rejected. The last good set stays in use until they change again.
    Refused(ConfigError),
}

/// A set of policies that has begun to serve.
///
/// Keeps both sets in memory, so drop it after use.
#[non_exhaustive]
pub struct Reloaded {
    /// The generation of the new set.
    pub generation: u64,
    /// Of what the new set was loaded from.
    pub digest: Digest,
    /// Warnings and notes of the new set, in the order of their places.
    pub diagnostics: Vec<Diagnostic>,
    /// The set that served before.
    pub previous: Arc<Policies>,
    /// The set that serves now.
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
