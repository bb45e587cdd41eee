//! One file: what was read of it last, and what is at its path now if that is something else.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::digest::{Digest, Part};
use crate::file::{self, ReadError};
use crate::kept::Kept;
use crate::settle::{Moment, SETTLE, TICK, is_old, proof};
use crate::signature::{Signature, Stamp};

pub(crate) type Bytes = Arc<Vec<u8>>;

#[derive(Debug)]
pub(crate) struct WatchedFile {
    path: PathBuf,
    limit: u64,
    /// The folder that it must be below, if it may not be anywhere.
    below: Option<PathBuf>,
    read: Option<Read>,
    found: Option<Found>,
    /// Read for the load that is being made.
    fresh: Option<Fresh>,
    /// Since when something has been found that no load has used.
    pending_since: Option<SystemTime>,
    /// How many times content was read.
    #[cfg_attr(not(test), allow(dead_code, reason = "tests count it"))]
    reads: u64,
}

/// What was read last.
#[derive(Debug)]
struct Read {
    signature: Signature,
    /// Since when it has had this signature.
    since: Instant,
    at: Instant,
    /// Whether an equal signature proves equal content.
    is_proven: bool,
    /// Whether the content is known to be another, although the signature is the same.
    is_stale: bool,
    part: Part,
    failure: Option<ReadError>,
    kept: Option<Kept>,
}

/// What is at the path and was not read yet.
#[derive(Debug)]
struct Found {
    /// Held open: it can be read even after another took its place.
    file: Option<File>,
    signature: Signature,
    since: Instant,
    /// The hash of its content at `since`, where its times are too coarse to show that it is written.
    sample: Option<Digest>,
    /// Whether it cannot be read any more.
    is_lost: bool,
}

#[derive(Debug)]
struct Fresh {
    content: Result<Bytes, ReadError>,
    part: Part,
    signature: Signature,
    since: Instant,
    at: Instant,
    is_first: bool,
}

impl WatchedFile {
    pub(crate) fn new(path: PathBuf, limit: u64, below: Option<PathBuf>) -> Self {
        let (read, found, fresh) = (None, None, None);
        Self { path, limit, below, read, found, fresh, pending_since: None, reads: 0 }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    #[cfg(test)]
    pub(crate) fn reads(&self) -> u64 {
        self.reads
    }

    pub(crate) fn pending_since(&self) -> Option<SystemTime> {
        self.pending_since
    }

    pub(crate) fn is_found(&self) -> bool {
        self.found.is_some()
    }

    /// The signature of what was found.
    pub(crate) fn found(&self) -> Option<Signature> {
        self.found.as_ref().map(|found| found.signature)
    }

    /// Whether a load could use it: it has settled, or can be used as it was read last.
    pub(crate) fn is_usable(&self, now: &Moment) -> bool {
        self.found.is_none() || self.is_settled(now) || self.is_kept()
    }

    pub(crate) fn is_held(&self) -> bool {
        self.found.as_ref().is_some_and(|found| found.file.is_some())
    }

    /// Whether it was read before, and its content can be had without the file.
    pub(crate) fn is_kept(&self) -> bool {
        self.read.as_ref().is_some_and(|read| read.kept.is_some() || read.failure.is_some())
    }

    /// The signature at which nothing needs to be done; `None` if something needs to be.
    pub(crate) fn quiet(&self) -> Option<Signature> {
        self.read.as_ref().filter(|read| self.found.is_none() && !read.is_stale).map(|read| read.signature)
    }

    /// Looks at the path. What is found there stays found until it changes.
    pub(crate) fn look(&mut self, now: &Moment, may_hold: bool) {
        let signature = Signature::of(&self.path);
        if self.read.as_ref().is_some_and(|read| read.signature == signature && !read.must_be_read_again(now)) {
            self.found = None;
            self.pending_since = None;
        } else if !self.found.as_ref().is_some_and(|found| found.signature == signature && !found.is_lost) {
            self.find(now, may_hold);
        }
    }

    /// Takes what is at the path as found now.
    pub(crate) fn find(&mut self, now: &Moment, may_hold: bool) {
        let opened = if may_hold { file::open(&self.path, self.below.as_deref()).ok() } else { None };
        let (file, signature) = match opened {
            Some((file, stamp)) => (Some(file), Signature::Present(stamp)),
            None => (None, Signature::of(&self.path)),
        };
        // A signature that was seen before is as old as it was.
        let known = self.found.as_ref().filter(|found| found.signature == signature && !found.is_lost);
        let read = self.read.as_ref().filter(|read| read.signature == signature && !read.is_stale);
        let (since, sample) = match (known, read) {
            (Some(found), _) => (found.since, found.sample),
            (None, Some(read)) => (read.since, None),
            (None, None) => (now.monotonic, None),
        };
        let mut found = Found { file, signature, since, sample, is_lost: false };
        if found.signature.is_coarse() && found.sample.is_none() {
            self.reads += 1;
            found.sample = found.content(&self.path, self.below.as_deref(), self.limit).ok().map(|it| Digest::of(&it));
        }
        self.found = Some(found);
        self.pending_since.get_or_insert(now.system);
    }

    /// Whether the path still leads to what was found, or else read.
    pub(crate) fn is_at_path(&self) -> bool {
        let found = self.found.as_ref().map(|found| found.signature);
        let known = found.or(self.read.as_ref().map(|read| read.signature));
        known.is_some_and(|known| known.is_same_file(&Signature::of(&self.path)))
    }

    /// Looks at what was found, wherever the path leads now.
    pub(crate) fn watch_found(&mut self, now: &Moment) {
        let Some(found) = &mut self.found else { return };
        let status = found.file.as_ref().map(|file| file.metadata().map(|metadata| Stamp::of(&metadata)));
        match (status, &found.signature) {
            (Some(Ok(stamp)), Signature::Present(before)) if before.is_unwritten(&stamp) => {}
            (Some(Ok(stamp)), _) => {
                found.signature = Signature::Present(stamp);
                (found.since, found.sample) = (now.monotonic, None);
            }
            (Some(Err(_)), _) => found.is_lost = true,
            (None, signature) => found.is_lost |= *signature != Signature::of(&self.path),
        }
    }

    /// Whether what was found has been seen unchanged for long enough.
    pub(crate) fn is_settled(&self, now: &Moment) -> bool {
        self.found.as_ref().is_some_and(|found| {
            let is_first = self.read.is_none();
            !found.is_lost && (now.since(found.since) >= SETTLE || (is_first && is_old(&found.signature, now)))
        })
    }

    /// Whether it is time to read the file again although nothing shows that it changed, and if not yet,
    /// in how long.
    pub(crate) fn doubt(&self, now: &Moment) -> Option<Duration> {
        let read = self.read.as_ref().filter(|_| self.found.is_none())?;
        if read.is_transient() {
            return Some(TICK.saturating_sub(now.since(read.at)));
        }
        (!read.is_proven).then(|| proof(&read.signature).saturating_sub(now.since(read.since)))
    }

    /// Reads the file again, because its signature does not prove that its content is what was read.
    pub(crate) fn verify(&mut self, now: &Moment) {
        let (limit, below) = (self.limit, self.below.as_deref());
        let opened = file::open(&self.path, below);
        let Some(read) = &mut self.read else { return };
        let (signature, content) = match opened {
            Ok((file, stamp)) => (Signature::Present(stamp), file::read(&file, &stamp, limit)),
            Err(error) => (Signature::of(&self.path), Err(error)),
        };
        self.reads += 1;
        if signature != read.signature || matches!(content, Err(ReadError::Changing)) {
            return;
        }
        if part(&content) == read.part {
            read.is_proven = true;
        } else {
            read.is_stale = true;
            let sample = content.ok().map(|content| Digest::of(&content));
            self.found = Some(Found { file: None, signature, since: now.monotonic, sample, is_lost: false });
            self.pending_since.get_or_insert(now.system);
        }
    }

    /// Reads what was found for a load. Whether it did not change meanwhile.
    pub(crate) fn read_found(&mut self, now: &Moment) -> bool {
        if self.fresh.is_some() {
            return true;
        }
        let Some(found) = &mut self.found else { return false };
        self.reads += 1;
        let content = found.content(&self.path, self.below.as_deref(), self.limit);
        let part = part(&content);
        let is_sampled = found.sample.is_none_or(|sample| part == Ok(sample));
        if matches!(content, Err(ReadError::Changing)) || !is_sampled {
            found.since = now.monotonic;
            found.sample = part.ok().filter(|_| found.signature.is_coarse());
            return false;
        }
        let (signature, since, is_first) = (found.signature, found.since, self.read.is_none());
        let content = content.map(Arc::new);
        self.fresh = Some(Fresh { content, part, signature, since, at: now.monotonic, is_first });
        true
    }

    /// The hash of the content that the load uses: what was read for it, otherwise what was read last.
    pub(crate) fn part(&self) -> Option<Part> {
        let fresh = self.fresh.as_ref().map(|fresh| &fresh.part);
        fresh.or(self.read.as_ref().map(|read| &read.part)).cloned()
    }

    /// The content that the load uses.
    pub(crate) fn bytes(&self) -> Result<Bytes, ReadError> {
        if let Some(fresh) = &self.fresh {
            return fresh.content.clone();
        }
        let read = self.read.as_ref().ok_or(ReadError::Changing)?;
        match &read.failure {
            Some(failure) => Err(failure.clone()),
            None => read.kept.as_ref().and_then(Kept::content).ok_or(ReadError::Changing),
        }
    }

    /// Forgets what was read for a load that is not made.
    pub(crate) fn release(&mut self) {
        self.fresh = None;
    }

    /// Whether a load that used what was read for it read a failure that may pass.
    pub(crate) fn is_transient(&self) -> bool {
        self.read.as_ref().is_some_and(Read::is_transient)
    }

    /// Records what was read as used, and returns its content, to be kept.
    pub(crate) fn record(&mut self, now: &Moment) -> Option<Bytes> {
        let Fresh { content, part, signature, since, at, is_first } = self.fresh.take()?;
        let seen = at.saturating_duration_since(since);
        let is_proven = seen >= proof(&signature) || (is_first && is_old(&signature, now));
        let failure = content.as_ref().err().cloned();
        self.read = Some(Read { signature, since, at, is_proven, is_stale: false, part, failure, kept: None });
        self.found = None;
        self.pending_since = None;
        content.ok()
    }

    pub(crate) fn keep(&mut self, content: &[u8]) {
        if let Some(read) = &mut self.read {
            read.kept = Kept::of(content);
        }
    }
}

impl Read {
    fn is_transient(&self) -> bool {
        self.failure.as_ref().is_some_and(ReadError::is_transient)
    }

    fn must_be_read_again(&self, now: &Moment) -> bool {
        self.is_stale || (self.is_transient() && now.since(self.at) >= TICK)
    }
}

impl Found {
    fn content(&self, path: &Path, below: Option<&Path>, limit: u64) -> Result<Vec<u8>, ReadError> {
        let Signature::Present(stamp) = &self.signature else {
            return match file::open(path, below) {
                Ok(_) => Err(ReadError::Changing),
                Err(error) => Err(error),
            };
        };
        let reopened;
        let file = match &self.file {
            Some(file) => file,
            None => {
                let (file, now) = file::open(path, below)?;
                if now != *stamp {
                    return Err(ReadError::Changing);
                }
                reopened = file;
                &reopened
            }
        };
        file::read(file, stamp, limit)
    }
}

fn part(content: &Result<Vec<u8>, ReadError>) -> Part {
    content.as_ref().map(|content| Digest::of(content)).map_err(ReadError::reason)
}
