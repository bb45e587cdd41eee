//! The document and its list files, and which of them a load may use.
//!
//! Every file settles on its own, but those that change together are used together: changed files are
//! gathered until all have settled. If they go on changing, the files that are there at one moment are held
//! open until they have settled, whatever takes their places. So a load uses files that were all at their
//! paths at one moment, except that a file which is written again and again is used as it was read last.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use crate::digest::Part;
use crate::file::ReadError;
use crate::settle::{GATHER, Moment, RETRY, SETTLE};
use crate::signature::Signature;
use crate::watched_file::{Bytes, WatchedFile};

/// The most files that are held open.
const MAX_HELD: usize = 128;

/// How many times the files are looked at for a moment at which all are at their paths.
const LOOKS: usize = 16;

/// For how long a document waits for lists that it names for the first time, before other changes are
/// loaded without it.
const BLOCKED: Duration = Duration::from_millis(400);

#[derive(Debug, Default)]
pub(crate) struct WatchedFiles {
    files: BTreeMap<PathBuf, WatchedFile>,
    /// Since when changed files are being gathered.
    gathering_since: Option<Instant>,
    /// Since when they are held, whatever takes their places.
    held_since: Option<Instant>,
    /// Whether there was a moment at which all that was found was at its path.
    is_of_one_moment: bool,
    /// Since when the document cannot be used because of a list.
    blocked_since: Option<Instant>,
    /// The document that cannot, and the lists that it waits for.
    waiting: Option<(Signature, Vec<PathBuf>)>,
}

/// What to do about the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Nothing,
    /// Something changed and may still be being written.
    Later,
    /// A file must be read again although nothing shows that it changed.
    Verify,
    /// Load what has settled.
    Now,
}

/// Which content a load uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// What is there now.
    Newest,
    /// What has settled, or else what was read last.
    Settled,
    /// What was read last.
    Last,
}

/// What other threads may know without waiting for a load.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outlook {
    /// Each file, with its signature if nothing needs to be done about it.
    files: Vec<(PathBuf, Option<Signature>)>,
    /// When a file must be read again although nothing shows that it changed.
    verify_at: Option<Instant>,
    pub(crate) pending_since: Option<SystemTime>,
}

impl Outlook {
    pub(crate) fn has_changed(&self) -> bool {
        self.verify_at.is_some_and(|at| at <= Instant::now())
            || self.files.iter().any(|(path, quiet)| quiet.is_none_or(|quiet| quiet != Signature::of(path)))
    }

    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        self.files.iter().map(|(path, _)| path.clone()).collect()
    }

    /// In how long there is something to do even if nothing changes.
    pub(crate) fn poll_in(&self) -> Option<Duration> {
        let verify_in = self.verify_at.map(|at| at.saturating_duration_since(Instant::now()));
        let look_in = self.pending_since.map(|_| RETRY);
        verify_in.into_iter().chain(look_in).min()
    }
}

impl WatchedFiles {
    pub(crate) fn outlook(&self, now: &Moment) -> Outlook {
        let soonest = self.files.values().filter_map(|file| file.doubt(now)).min();
        Outlook {
            files: self.files.values().map(|file| (file.path().to_owned(), file.quiet())).collect(),
            verify_at: soonest.map(|wait| now.monotonic + wait),
            pending_since: self.files.values().filter_map(WatchedFile::pending_since).min(),
        }
    }

    /// How many times content was read.
    #[cfg(test)]
    pub(crate) fn reads(&self) -> u64 {
        self.files.values().map(WatchedFile::reads).sum()
    }

    /// Looks at every file.
    pub(crate) fn observe(&mut self, now: &Moment) -> Due {
        if self.held_since.is_some() {
            self.files.values_mut().for_each(|file| file.watch_found(now));
        } else {
            if self.has_waited(now, GATHER) {
                // Whoever polls rarely finds that the files of the last poll were replaced again.
                self.files.values_mut().for_each(|file| file.watch_found(now));
                if self.is_of_one_moment && self.are_all_settled(now) {
                    return Due::Now;
                }
            }
            self.is_of_one_moment = self.look(now);
            if !self.files.values().any(WatchedFile::is_found) {
                (self.gathering_since, self.blocked_since, self.waiting) = (None, None, None);
                let is_due = self.files.values().any(|file| file.doubt(now).is_some_and(|wait| wait.is_zero()));
                return if is_due { Due::Verify } else { Due::Nothing };
            }
            self.gathering_since.get_or_insert(now.monotonic);
            if self.is_of_one_moment && self.are_all_settled(now) {
                return Due::Now;
            }
            if !self.is_of_one_moment || !self.has_waited(now, GATHER) {
                return Due::Later;
            }
            self.held_since = Some(now.monotonic);
        }
        self.observe_held(now)
    }

    fn observe_held(&mut self, now: &Moment) -> Due {
        if self.are_all_settled(now) {
            return Due::Now;
        }
        // By then, whatever was not written meanwhile has settled.
        if self.held_since.is_some_and(|since| now.since(since) < SETTLE) {
            return Due::Later;
        }
        if self.files.values().any(|file| file.is_settled(now)) {
            return Due::Now;
        }
        // All of them are being written.
        self.start_over();
        Due::Later
    }

    /// Whether changed files have been gathered for so long.
    fn has_waited(&self, now: &Moment, duration: Duration) -> bool {
        self.gathering_since.is_some_and(|since| now.since(since) >= duration)
    }

    fn are_all_settled(&self, now: &Moment) -> bool {
        self.files.values().filter(|file| file.is_found()).all(|file| file.is_settled(now))
    }

    fn start_over(&mut self) {
        (self.gathering_since, self.held_since) = (None, None);
    }

    /// Looks at every path. Whether there was a moment at which all files that were found were there.
    fn look(&mut self, now: &Moment) -> bool {
        (0..LOOKS).any(|_| {
            let mut held = self.files.values().filter(|file| file.is_held()).count();
            for file in self.files.values_mut() {
                let was_held = file.is_held();
                file.look(now, was_held || held < MAX_HELD);
                held = held + usize::from(file.is_held()) - usize::from(was_held);
            }
            self.are_at_their_paths()
        })
    }

    fn are_at_their_paths(&self) -> bool {
        self.files.values().all(WatchedFile::is_at_path)
    }

    /// Reads files again whose signatures do not prove that their content is what was read.
    pub(crate) fn verify(&mut self, now: &Moment) {
        for file in self.files.values_mut() {
            if file.doubt(now).is_some_and(|wait| wait.is_zero()) && !file.is_transient() {
                file.verify(now);
            }
        }
    }

    /// Takes whatever is at the paths now. Whether there was a moment at which all of it was.
    pub(crate) fn find_all(&mut self, now: &Moment) -> bool {
        self.start_over();
        (0..LOOKS).any(|_| {
            for (held, file) in self.files.values_mut().enumerate() {
                file.find(now, held < MAX_HELD);
            }
            self.are_at_their_paths()
        })
    }

    /// Adds files that are not known yet. Whether a load can use all of them, and there was a moment at which
    /// they were there with the others.
    pub(crate) fn add(&mut self, files: Vec<WatchedFile>, used: Use, now: &Moment) -> bool {
        let mut is_usable = true;
        let mut has_new = false;
        for mut file in files {
            if self.files.contains_key(file.path()) {
                continue;
            }
            let held = self.files.values().filter(|file| file.is_held()).count();
            file.find(now, held < MAX_HELD);
            is_usable &= used == Use::Newest || file.is_settled(now);
            has_new = true;
            self.files.insert(file.path().to_owned(), file);
        }
        is_usable && (!has_new || self.are_at_their_paths())
    }

    /// Reads a file if the load uses what was found. The hash of the content that it uses; `None` if there
    /// is none that it can use.
    pub(crate) fn prepare(&mut self, path: &Path, used: Use, now: &Moment) -> Option<Part> {
        let file = self.files.get_mut(path)?;
        let is_due = match used {
            Use::Newest => file.is_found(),
            Use::Settled => file.is_settled(now),
            Use::Last => false,
        };
        let is_read = is_due && file.read_found(now);
        (is_read || (used != Use::Newest && file.is_kept())).then(|| file.part()).flatten()
    }

    /// The content that the load uses.
    pub(crate) fn bytes(&self, path: &Path) -> Result<Bytes, ReadError> {
        self.files.get(path).map_or(Err(ReadError::Changing), WatchedFile::bytes)
    }

    /// A load was not made because of a file that it could not use. Whether other changes have waited for
    /// too long.
    pub(crate) fn block(&mut self, document: &Path, now: &Moment) -> bool {
        self.start_over();
        self.files.values_mut().for_each(WatchedFile::release);
        let is_awaited = |file: &&WatchedFile| file.path() != document && !file.is_usable(now);
        let awaited = self.files.values().filter(is_awaited).map(|file| file.path().to_owned()).collect();
        self.waiting = self.files.get(document).and_then(WatchedFile::found).map(|found| (found, awaited));
        let since = *self.blocked_since.get_or_insert(now.monotonic);
        now.since(since) >= BLOCKED
    }

    /// Whether the document still waits for a list, so that it need not be read again.
    pub(crate) fn is_waiting(&self, document: &Path, now: &Moment) -> bool {
        self.waiting.as_ref().is_some_and(|(waiting, awaited)| {
            let is_same = self.files.get(document).and_then(WatchedFile::found) == Some(*waiting);
            is_same && awaited.iter().filter_map(|path| self.files.get(path)).any(|file| !file.is_usable(now))
        })
    }

    /// Whether another file than this has settled.
    pub(crate) fn has_settled_beside(&self, document: &Path, now: &Moment) -> bool {
        self.files.values().any(|file| file.path() != document && file.is_settled(now))
    }

    /// Records that a load used what was read for it. Forgets the files that are not in `known`, if given.
    /// Of the others, what has settled is read too, so that it need not be looked at again, but for the
    /// document if it is `waiting`. Returns the content that was read, to be kept.
    pub(crate) fn record(
        &mut self,
        now: &Moment,
        known: Option<&HashSet<&Path>>,
        waiting: Option<&Path>,
    ) -> Vec<(PathBuf, Bytes)> {
        self.start_over();
        (self.blocked_since, self.waiting) = (None, None);
        if let Some(known) = known {
            self.files.retain(|path, _| known.contains(path.as_path()));
        }
        for file in self.files.values_mut() {
            if file.is_settled(now) && waiting != Some(file.path()) {
                file.read_found(now);
            }
        }
        let read = self.files.iter_mut().filter_map(|(path, file)| Some((path.clone(), file.record(now)?)));
        let read: Vec<_> = read.collect();
        // A document without lists is never needed without having changed.
        if self.files.len() > 1 { read } else { Vec::new() }
    }

    pub(crate) fn keep(&mut self, read: Vec<(PathBuf, Bytes)>) {
        for (path, content) in read {
            if let Some(file) = self.files.get_mut(&path) {
                file.keep(&content);
            }
        }
    }
}
