//! Opens a log, and finds out whether it is compressed.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::blocks::Unreadable;
use crate::decompression::Compression;
use crate::failure::Failure;
use crate::load::{display_name, is_stdin};

/// A log to read, already without compression.
pub(crate) struct Log<'a> {
    pub(crate) name: String,
    pub(crate) reader: Box<dyn Read + Send + 'a>,
    pub(crate) progress: Progress,
}

/// How far a log was read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    read: Arc<AtomicU64>,
    length: Option<u64>,
}

impl Progress {
    /// The bytes read until now, as they are in the file.
    pub(crate) fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// All bytes, where that is known.
    pub(crate) fn length(&self) -> Option<u64> {
        self.length
    }
}

impl<'a> Log<'a> {
    pub(crate) fn open(path: &Path, stdin: &'a mut (dyn Read + Send)) -> Result<Self, Failure> {
        let name = display_name(path);
        Self::start(path, stdin)
            .map(|(reader, progress)| Self { name: name.clone(), reader, progress })
            .map_err(|error| Failure::Log { name, unreadable: Unreadable { error, after: 0 } })
    }

    fn start(path: &Path, stdin: &'a mut (dyn Read + Send)) -> io::Result<(Box<dyn Read + Send + 'a>, Progress)> {
        let (raw, length): (Box<dyn Read + Send + 'a>, _) = if is_stdin(path) {
            (Box::new(stdin), None)
        } else {
            let file = File::open(path)?;
            let length = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|metadata| metadata.len());
            (Box::new(file), length)
        };
        let progress = Progress { read: Arc::default(), length };
        let mut counted = Counted { reader: raw, read: Arc::clone(&progress.read) };
        let beginning = beginning(&mut counted)?;
        let compression = Compression::of(&beginning);
        let whole = Cursor::new(beginning).chain(counted);
        let reader = match compression {
            Some(compression) => compression.reader(whole),
            None => Box::new(whole),
        };
        Ok((reader, progress))
    }
}

/// As many bytes as show whether a log is compressed: no more are waited for.
fn beginning(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut beginning = Vec::new();
    while Compression::is_open(&beginning) {
        let mut byte = [0];
        match reader.read(&mut byte) {
            Ok(0) => break,
            Ok(_) => beginning.extend(byte),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(beginning)
}

/// Counts what is read.
struct Counted<R> {
    reader: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::beginning;

    #[test]
    fn no_more_is_waited_for_than_shows_what_a_log_is() {
        for (log, read) in [
            (&b"{\"id\": 1}"[..], &b"{"[..]),
            (b"", b""),
            (b"\x1f\x8b\x08\x00\x00", b"\x1f\x8b"),
            (b"\x1f{", b"\x1f{"),
            (b"(\xb5/\xfd\x00", b"(\xb5/\xfd"),
            (b"(\xb5x", b"(\xb5x"),
            (b"P*M\x18\x00", b"P*M\x18"),
            (b"POST", b"PO"),
        ] {
            assert_eq!(beginning(&mut &log[..]).unwrap(), read);
        }
    }
}
