//! Reads logs of requests: opens them, decompresses them, and parses their lines.

pub(crate) mod access_log;

pub(crate) mod bad_line;
pub(crate) mod blocks;
mod decompression;
pub(crate) mod line;
pub(crate) mod targets;

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use crate::argument::is_stdin;
use crate::log::decompression::Compression;
use crate::show::progress_bar::Progress;

/// A log to read, decompressed.
pub(crate) struct Log<'a> {
    pub(crate) reader: Box<dyn Read + Send + 'a>,
    pub(crate) progress: Progress,
}

impl<'a> Log<'a> {
    pub(crate) fn open(path: &Path, stdin: &'a mut (dyn Read + Send)) -> io::Result<Self> {
        let (raw, length): (Box<dyn Read + Send + 'a>, _) = if is_stdin(path) {
            (Box::new(stdin), None)
        } else {
            let file = File::open(path)?;
            let length = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|metadata| metadata.len());
            (Box::new(file), length)
        };
        let progress = Progress::of(length);
        let mut counted = Counted { reader: raw, progress: progress.clone() };
        let beginning = beginning(&mut counted)?;
        let compression = Compression::of(&beginning);
        let whole = Cursor::new(beginning).chain(counted);
        let reader = match compression {
            Some(compression) => compression.reader(whole),
            None => Box::new(whole),
        };
        Ok(Self { reader, progress })
    }
}

/// Reads just enough bytes to recognise a compressed log, because more may take long to arrive.
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

/// Counts the bytes read.
struct Counted<R> {
    reader: R,
    progress: Progress,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.progress.add(read as u64);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::beginning;

    #[test]
    fn only_the_bytes_that_identify_a_log_are_awaited() {
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
