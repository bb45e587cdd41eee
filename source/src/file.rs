//! Opening and reading files: regular files alone, without ever waiting for another process.

use std::fs::{self, File, FileType, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::signature::Stamp;

/// Why there is no content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ReadError {
    Unreadable {
        reason: String,
        /// Whether it may pass: too many open files, a disk or a server that does not respond.
        is_transient: bool,
    },
    /// It is larger than the limit.
    TooLarge,
    /// It is not below the folder that it must be below.
    Outside,
    /// It was written to while it was read.
    Changing,
}

impl ReadError {
    /// Two failures with the same reason are the same failure.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Unreadable { reason, .. } => reason.clone(),
            Self::TooLarge => "it is too large".into(),
            Self::Outside => "it is outside the document's folder".into(),
            Self::Changing => "it changes while it is read".into(),
        }
    }

    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Self::Unreadable { is_transient: true, .. })
    }

    fn permanent(reason: &str) -> Self {
        Self::Unreadable { reason: reason.to_owned(), is_transient: false }
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{InvalidInput, IsADirectory, NotADirectory, NotFound, PermissionDenied};
        let kinds = [InvalidInput, IsADirectory, NotADirectory, NotFound, PermissionDenied];
        Self::Unreadable { reason: reason(&error), is_transient: !kinds.contains(&error.kind()) }
    }
}

/// Opens a regular file. A named pipe, a device, a socket and a directory are errors: opening or reading
/// them could wait for ever, or do something. With `below`, the file must be below that folder after all
/// symbolic links are resolved.
pub(crate) fn open(path: &Path, below: Option<&Path>) -> Result<(File, Stamp), ReadError> {
    let resolved = below.map(|folder| resolve(path, folder)).transpose()?;
    let path = resolved.as_deref().unwrap_or(path);
    // Before it is opened, because opening some devices has an effect.
    regular(&fs::metadata(path)?)?;
    let file = options().open(path)?;
    let metadata = file.metadata()?;
    regular(&metadata)?;
    Ok((file, Stamp::of(&metadata)))
}

fn resolve(path: &Path, folder: &Path) -> Result<PathBuf, ReadError> {
    let resolved = fs::canonicalize(path)?;
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if resolved.starts_with(fs::canonicalize(folder)?) { Ok(resolved) } else { Err(ReadError::Outside) }
}

/// The file may have been replaced by a pipe since it was looked at.
#[cfg(unix)]
fn options() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY | libc::O_CLOEXEC);
    options
}

#[cfg(not(unix))]
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    options
}

fn regular(metadata: &Metadata) -> Result<(), ReadError> {
    if metadata.is_file() { Ok(()) } else { Err(ReadError::permanent(kind(metadata.file_type()))) }
}

#[cfg(unix)]
fn kind(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_dir() {
        "is a directory"
    } else if kind.is_fifo() {
        "is a named pipe, not a file"
    } else if kind.is_socket() {
        "is a socket, not a file"
    } else {
        "is a device, not a file"
    }
}

#[cfg(not(unix))]
fn kind(kind: FileType) -> &'static str {
    if kind.is_dir() { "is a directory" } else { "is not a file" }
}

/// Reads a whole file of at most `limit` bytes, whose status was `before`. It counts only if the file was
/// not written to meanwhile.
pub(crate) fn read(file: &File, before: &Stamp, limit: u64) -> Result<Vec<u8>, ReadError> {
    if before.size > limit {
        return Err(ReadError::TooLarge);
    }
    // One byte more, which is there only if the file grows.
    let mut content = vec![0; before.size as usize + 1];
    let mut length = 0;
    while let Some(rest) = content.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match read_at(file, rest, length as u64) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    content.truncate(length);
    let after = Stamp::of(&file.metadata()?);
    if content.len() as u64 == before.size && before.is_unwritten(&after) {
        Ok(content)
    } else {
        Err(ReadError::Changing)
    }
}

/// Reads at a position. The file's own is not used: a child process shares it.
#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], position: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, position)
}

#[cfg(windows)]
fn read_at(file: &File, into: &mut [u8], position: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, into, position)
}

/// The system's message for a failure, without its number.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        io::ErrorKind::IsADirectory => "is a directory".into(),
        _ => error.to_string(),
    }
}
