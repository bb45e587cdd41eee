//! A file's metadata, by which a change is noticed without reading the file.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Two reads of a file with equal signatures found the same content, except for writes within one tick
/// of the file system's clock (see [`crate::settle`]).
///
/// Symbolic links are followed: one that leads elsewhere is another inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signature {
    /// There is something at the path.
    Present(Stamp),
    /// There is nothing, or its metadata cannot be read.
    Absent(io::ErrorKind),
}

/// The status of a file. The time of the last status change is part of it, because a file that
/// could not be read and now can be has the content and the modification time that it had before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) device: u64,
    pub(crate) inode: u64,
    pub(crate) links: u64,
    pub(crate) size: u64,
    /// Both in nanoseconds since 1970.
    pub(crate) modified: i128,
    pub(crate) changed: i128,
}

impl Signature {
    pub(crate) fn of(path: &Path) -> Self {
        match fs::metadata(path) {
            Ok(metadata) => Self::Present(Stamp::of(&metadata)),
            Err(error) => Self::Absent(error.kind()),
        }
    }

    /// Whether both are the same file, whatever was written to it, or no file.
    pub(crate) fn is_same_file(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Present(one), Self::Present(other)) => one.is_same_file(other),
            (one, other) => one == other,
        }
    }

    /// How old the file is by its own times, if they are not in the future.
    pub(crate) fn age(&self, now: SystemTime) -> Option<Duration> {
        let Self::Present(stamp) = self else { return None };
        let age = since_1970(now) - stamp.modified.max(stamp.changed);
        u64::try_from(age).ok().map(Duration::from_nanos)
    }

    /// Whether the file system may stamp all writes of a while with the same time.
    pub(crate) fn is_coarse(&self) -> bool {
        matches!(self, Self::Present(stamp) if stamp.changed % COARSE == 0)
    }
}

/// A time without a part finer than this, in nanoseconds, comes from a coarse clock, or from a fine one in
/// a rare case.
const COARSE: i128 = 10_000_000;

impl Stamp {
    #[cfg(unix)]
    pub(crate) fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let nanoseconds = |seconds: i64, part: i64| i128::from(seconds) * 1_000_000_000 + i128::from(part);
        #[cfg(test)]
        let nanoseconds = |seconds, part| crate::wrong_clocks::shown(nanoseconds(seconds, part));
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            links: metadata.nlink(),
            size: metadata.size(),
            modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    #[cfg(not(unix))]
    pub(crate) fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().map_or(0, since_1970);
        Self { device: 0, inode: 0, links: 1, size: metadata.len(), modified, changed: modified }
    }

    fn is_same_file(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }

    /// Whether the same file, whose status is `later` now, was not written to between. That it lost or
    /// gained a name, as when another file took its place, changes its status but not its content.
    pub(crate) fn is_unwritten(&self, later: &Self) -> bool {
        self.is_same_file(later)
            && (self.size, self.modified) == (later.size, later.modified)
            && (self.changed == later.changed || self.links != later.links)
    }
}

/// Nanoseconds since 1970; negative before.
pub(crate) fn since_1970(time: SystemTime) -> i128 {
    let nanoseconds = |duration: Duration| i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => nanoseconds(after),
        Err(error) => -nanoseconds(error.duration()),
    }
}
