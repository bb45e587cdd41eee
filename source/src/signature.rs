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

    /// When the file was last written to or changed in status, in nanoseconds since 1970.
    pub(crate) fn newest(&self) -> Option<i128> {
        match self {
            Self::Present(stamp) => Some(stamp.modified.max(stamp.changed)),
            Self::Absent(_) => None,
        }
    }
}

impl Stamp {
    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let nanoseconds = |seconds: i64, part: i64| i128::from(seconds) * 1_000_000_000 + i128::from(part);
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    #[cfg(not(unix))]
    fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().map_or(0, since_1970);
        Self { device: 0, inode: 0, size: metadata.len(), modified, changed: modified }
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
