//! The document and its list files: their metadata now and when they were last read.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::settle::{Moment, Observed, SETTLE, TICK};
use crate::signature::Signature;

/// The document and its list files.
#[derive(Debug, Default)]
pub(crate) struct WatchedFiles {
    entries: HashMap<PathBuf, Entry>,
    /// When the files were last read.
    read_at: Option<Instant>,
    /// Whether that failed for a reason that may pass without a file changing.
    is_transient: bool,
}

#[derive(Debug)]
struct Entry {
    observed: Observed,
    /// Its signature when it was last read; `None` if it never was.
    read: Option<Read>,
}

#[derive(Clone, Copy, Debug)]
struct Read {
    signature: Signature,
    /// Whether an equal signature proves equal content.
    is_proof: bool,
}

/// What to do about the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Nothing,
    /// Something changed and may still be being written.
    Later,
    /// Read the files now.
    Now,
}

impl WatchedFiles {
    /// Reads the metadata of every file.
    pub(crate) fn observe(&mut self, now: &Moment) -> Due {
        for (path, entry) in &mut self.entries {
            entry.observed.update(Signature::of(path), now);
        }
        let mut changed = self.entries.values().filter(|entry| entry.has_changed(&entry.observed.signature)).peekable();
        if changed.peek().is_some() {
            return if changed.all(|entry| entry.observed.is_settled(now)) { Due::Now } else { Due::Later };
        }
        let mut doubtful = self.entries.values().filter(|entry| entry.is_doubtful()).peekable();
        let again = doubtful.peek().is_some() && doubtful.all(|entry| entry.observed.is_settled(now));
        let since = self.read_at.map_or(TICK, |read_at| now.monotonic.saturating_duration_since(read_at));
        let is_due = (again && since >= SETTLE) || (self.is_transient && since >= TICK);
        if is_due { Due::Now } else { Due::Nothing }
    }

    /// Whether a file differs from what was read, or may have been written again with the same
    /// metadata.
    pub(crate) fn has_changed(&self) -> bool {
        let is_late = self.read_at.is_none_or(|read_at| read_at.elapsed() >= TICK);
        let mut changed = self.entries.iter().map(|(path, entry)| entry.has_changed(&Signature::of(path)));
        (self.is_transient && is_late) || self.in_doubt() || changed.any(|changed| changed)
    }

    /// Whether a file was read so soon after it was written that it must be read again.
    pub(crate) fn in_doubt(&self) -> bool {
        self.entries.values().any(Entry::is_doubtful)
    }

    /// Every file.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        self.entries.keys().cloned().collect()
    }

    /// Records the signatures that files had before they were read at `now`. Returns whether all had
    /// settled.
    pub(crate) fn observe_read(&mut self, files: &[(PathBuf, Signature)], now: &Moment) -> bool {
        for (path, signature) in files {
            let new = || Entry { observed: Observed::new(*signature, now), read: None };
            self.entries.entry(path.clone()).or_insert_with(new).observed.update(*signature, now);
        }
        self.entries.values().all(|entry| entry.observed.is_settled(now))
    }

    /// Marks every file as read at `now`, with its last signature.
    pub(crate) fn record(&mut self, now: &Moment, is_transient: bool) {
        for entry in self.entries.values_mut() {
            let Observed { signature, .. } = entry.observed;
            entry.read = Some(Read { signature, is_proof: entry.observed.is_proof(now) });
        }
        self.read_at = Some(now.monotonic);
        self.is_transient = is_transient;
    }

    /// Forgets all files but these.
    pub(crate) fn keep(&mut self, kept: &HashSet<&Path>) {
        self.entries.retain(|path, _| kept.contains(path.as_path()));
    }
}

impl Entry {
    fn has_changed(&self, signature: &Signature) -> bool {
        self.read.is_none_or(|read| read.signature != *signature)
    }

    fn is_doubtful(&self) -> bool {
        self.read.is_some_and(|read| !read.is_proof)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A failure that may be temporary is tried again, but not at every poll.
    #[test]
    fn a_passing_failure_is_tried_again() {
        let now = Moment::now();
        let after = |waited| Moment { system: now.system + waited, monotonic: now.monotonic + waited };
        let mut files = WatchedFiles::default();
        files.record(&now, true);
        assert_eq!(files.observe(&after(TICK - Duration::from_millis(1))), Due::Nothing);
        assert_eq!(files.observe(&after(TICK)), Due::Now);
        files.record(&after(TICK), false);
        assert_eq!(files.observe(&after(TICK * 2)), Due::Nothing);
    }
}
