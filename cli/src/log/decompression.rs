//! Decompresses logs in bounded memory.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    Gzip,
    Zstd,
}

impl Compression {
    /// The compression of a log that begins with these bytes; `None` for text.
    pub(crate) fn of(beginning: &[u8]) -> Option<Self> {
        match beginning {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // A frame of data, or a skippable frame, with which some programs begin.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Whether these bytes may be the beginning of a compressed log, but more are needed to know.
    pub(crate) fn is_open(beginning: &[u8]) -> bool {
        matches!(
            beginning,
            [] | [0x1f]
                | [0x28]
                | [0x28, 0xb5]
                | [0x28, 0xb5, 0x2f]
                | [0x50..=0x5f]
                | [0x50..=0x5f, 0x2a]
                | [0x50..=0x5f, 0x2a, 0x4d]
        )
    }

    pub(crate) fn reader<'a>(self, compressed: impl Read + Send + 'a) -> Box<dyn Read + Send + 'a> {
        let compressed = BufReader::with_capacity(1 << 18, Input { reader: compressed, ended: false, failed: false });
        match self {
            Self::Gzip => Box::new(Gzip(MultiGzDecoder::new(compressed))),
            Self::Zstd => Box::new(Zstd { frames: FrameDecoder::new(), compressed }),
        }
    }
}

/// Remembers whether a decoder failed because reading failed or because the input ended.
#[derive(Debug)]
struct Input<R> {
    reader: R,
    ended: bool,
    failed: bool,
}

impl<R: Read> Read for Input<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer);
        self.ended = matches!(read, Ok(0));
        self.failed = read.is_err();
        read
    }
}

impl<R> Input<R> {
    /// The error in plain words.
    fn explain(&self, name: &str, error: io::Error) -> io::Error {
        if self.failed || error.kind() == io::ErrorKind::Interrupted {
            error
        } else if self.ended {
            let message = format!("its {name} data is truncated");
            io::Error::new(io::ErrorKind::UnexpectedEof, message)
        } else {
            io::Error::new(io::ErrorKind::InvalidData, format!("its {name} data is corrupt ({error})"))
        }
    }
}

/// A gzip file of any number of members.
struct Gzip<R: Read>(MultiGzDecoder<BufReader<Input<R>>>);

impl<R: Read> Read for Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| self.0.get_ref().get_ref().explain("gzip", error))
    }
}

/// A zstd file of any number of frames.
struct Zstd<R> {
    frames: FrameDecoder,
    compressed: BufReader<Input<R>>,
}

impl<R: Read> Zstd<R> {
    /// Decodes until there are bytes to return; `false` at the end.
    fn decode(&mut self) -> io::Result<bool> {
        while self.frames.can_collect() == 0 {
            if !self.frames.is_finished() {
                let strategy = BlockDecodingStrategy::UptoBlocks(1);
                self.frames.decode_blocks(&mut self.compressed, strategy).map_err(into_io)?;
            } else if !self.begin_frame()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Begins the next frame, or skips one without data; `false` if there is none.
    fn begin_frame(&mut self) -> io::Result<bool> {
        self.check()?;
        if self.compressed.fill_buf()?.is_empty() {
            return Ok(false);
        }
        match self.frames.init(&mut self.compressed) {
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                let skipped = io::copy(&mut self.compressed.by_ref().take(length.into()), &mut io::sink())?;
                if skipped == u64::from(length) { Ok(true) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
            }
            begun => begun.map(|()| true).map_err(into_io),
        }
    }

    fn check(&self) -> io::Result<()> {
        match (self.frames.get_checksum_from_data(), self.frames.get_calculated_checksum()) {
            (Some(written), Some(read)) if written != read => Err(io::Error::other("its checksum is wrong")),
            _ => Ok(()),
        }
    }
}

fn into_io(error: FrameDecoderError) -> io::Error {
    io::Error::other(error)
}

impl<R: Read> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.decode() {
            Ok(true) => self.frames.read(buffer),
            Ok(false) => Ok(0),
            Err(error) => Err(self.compressed.get_ref().explain("zstd", error)),
        }
    }
}
