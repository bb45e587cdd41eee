//! Reading a file up to a limit.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Why there is no content.
#[derive(Debug)]
pub(crate) enum ReadError {
    Io(io::Error),
    /// It is larger than the limit.
    TooLarge,
}

impl ReadError {
    /// Two failures with the same reason are the same failure.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Io(error) => reason(error),
            Self::TooLarge => "it is too large".into(),
        }
    }

    /// Whether it may be temporary: too many open files, a disk or a server that does not respond.
    pub(crate) fn is_transient(&self) -> bool {
        use io::ErrorKind::{InvalidInput, IsADirectory, NotADirectory, NotFound, PermissionDenied};
        match self {
            Self::TooLarge => false,
            Self::Io(error) => {
                !matches!(error.kind(), InvalidInput | IsADirectory | NotADirectory | NotFound | PermissionDenied)
            }
        }
    }
}

/// Reads a file of at most `limit` bytes, also if it grows while it is read. A directory is an error,
/// and so is anything else that cannot be read to its end.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let file = File::open(path).map_err(ReadError::Io)?;
    let metadata = file.metadata().map_err(ReadError::Io)?;
    if metadata.is_dir() {
        return Err(ReadError::Io(io::ErrorKind::IsADirectory.into()));
    }
    if metadata.len() > limit {
        return Err(ReadError::TooLarge);
    }
    let mut content = Vec::with_capacity(metadata.len() as usize + 1);
    file.take(limit + 1).read_to_end(&mut content).map_err(ReadError::Io)?;
    if content.len() as u64 > limit {
        return Err(ReadError::TooLarge);
    }
    Ok(content)
}

/// The system's message for a failure, without its number.
pub(crate) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        io::ErrorKind::IsADirectory => "is a directory".into(),
        _ => error.to_string(),
    }
}
