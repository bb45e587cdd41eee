//! A log in blocks of whole lines, in bounded memory.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memrchr};

/// The longest line of a request log.
pub(crate) const MAX_LINE: usize = 16 << 20;

/// How many bytes are read at once; about the size of a block.
const BLOCK: usize = 1 << 18;

/// A line of this many bytes is too long, even if a byte order mark and half of a line end are
/// among them.
const SURELY_TOO_LONG: usize = MAX_LINE + 5;

/// Some editors begin UTF-8 files with it.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Consecutive lines of a log.
#[derive(Debug, Default)]
pub(crate) struct Block {
    // INVARIANT: ends at a line end or at the end of the log.
    text: Vec<u8>,
    /// The number of the first line.
    first: u64,
    /// The block represents one line that was skipped; `text` is empty.
    too_long: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// Without its end.
    Whole(&'a [u8]),
    /// Longer than [`MAX_LINE`].
    TooLong,
}

impl Block {
    /// The lines and their numbers in the log, from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (u64, Line<'_>)> {
        let mut rest = self.text.as_slice();
        let mut number = self.first;
        let whole = std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let (line, after) = rest.split_at(memchr(b'\n', rest).unwrap_or(rest.len()));
            rest = after.strip_prefix(b"\n").unwrap_or(after);
            number += 1;
            Some((number - 1, Line::new(line, number == 2)))
        });
        whole.chain(self.too_long.then_some((self.first, Line::TooLong)))
    }

    /// Keeps an allocation of ordinary size.
    fn clear(&mut self) {
        self.text.clear();
        self.text.shrink_to(4 * BLOCK);
        self.too_long = false;
    }
}

impl<'a> Line<'a> {
    fn new(line: &'a [u8], first: bool) -> Self {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = if first { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line) } else { line };
        if line.len() <= MAX_LINE { Self::Whole(line) } else { Self::TooLong }
    }
}

/// The log cannot be read further.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) error: io::Error,
    /// How many lines were read before that.
    pub(crate) after: u64,
}

/// Cuts a log into blocks.
#[derive(Debug)]
pub(crate) struct Blocks<R> {
    reader: R,
    /// The beginning of the next block, already read.
    begun: Vec<u8>,
    lines: u64,
    ended: bool,
}

impl<R: Read> Blocks<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, begun: Vec::new(), lines: 0, ended: false }
    }

    /// Fills `block` with the next lines; `false` at the end of the log. Returns the lines that are
    /// available: a log that is written slowly does not delay them until the block is full.
    pub(crate) fn fill(&mut self, block: &mut Block) -> Result<bool, Unreadable> {
        block.clear();
        block.first = self.lines + 1;
        std::mem::swap(&mut block.text, &mut self.begun);
        let filled = self.read_lines(block).map_err(|error| Unreadable { error, after: self.lines })?;
        self.lines += match block.text.last() {
            // The last line of a log may lack its end.
            Some(&last) => memchr_iter(b'\n', &block.text).count() as u64 + u64::from(last != b'\n'),
            None => u64::from(block.too_long),
        };
        Ok(filled)
    }

    fn read_lines(&mut self, block: &mut Block) -> io::Result<bool> {
        let mut searched = 0;
        loop {
            let unsearched = block.text.get(searched..).unwrap_or_default();
            if let Some(end) = memrchr(b'\n', unsearched) {
                self.begun.extend(block.text.drain(searched + end + 1..));
                return Ok(true);
            }
            if block.text.len() >= SURELY_TOO_LONG {
                self.skip_line(&mut block.text)?;
                block.too_long = true;
                return Ok(true);
            }
            if self.ended {
                return Ok(!block.text.is_empty());
            }
            searched = block.text.len();
            self.ended = self.read(&mut block.text)? == 0;
        }
    }

    /// Reads to the end of the line, and keeps only what follows it.
    fn skip_line(&mut self, text: &mut Vec<u8>) -> io::Result<()> {
        loop {
            text.clear();
            if self.read(text)? == 0 {
                self.ended = true;
                return Ok(());
            }
            if let Some(end) = memchr(b'\n', text) {
                self.begun.extend(text.drain(end + 1..));
                text.clear();
                return Ok(());
            }
        }
    }

    /// Reads once, and appends the bytes. 0 means the end of the log.
    fn read(&mut self, text: &mut Vec<u8>) -> io::Result<usize> {
        let length = text.len();
        text.resize(length + BLOCK, 0);
        loop {
            let read = self.reader.read(text.get_mut(length..).unwrap_or_default());
            match read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => {
                    text.truncate(length + read.as_ref().copied().unwrap_or(0));
                    return read;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use super::{BLOCK, Block, Blocks, Line, MAX_LINE};

    /// Returns its pieces one by one.
    struct Pieces<'a>(std::vec::IntoIter<&'a [u8]>);

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let piece = self.0.next().unwrap_or_default();
            buffer[..piece.len()].copy_from_slice(piece);
            Ok(piece.len())
        }
    }

    fn pieces<'a>(pieces: &[&'a str]) -> Pieces<'a> {
        Pieces(pieces.iter().map(|piece| piece.as_bytes()).collect::<Vec<_>>().into_iter())
    }

    /// Every line; `None` if it is too long.
    fn lines(reader: impl Read) -> Vec<(u64, Option<Vec<u8>>)> {
        let (mut blocks, mut block, mut all) = (Blocks::new(reader), Block::default(), Vec::new());
        while blocks.fill(&mut block).unwrap() {
            all.extend(block.lines().map(|(number, line)| match line {
                Line::Whole(line) => (number, Some(line.to_vec())),
                Line::TooLong => (number, None),
            }));
        }
        assert_eq!(blocks.lines, all.len() as u64);
        all
    }

    fn texts(expected: &[&str]) -> Vec<(u64, Option<Vec<u8>>)> {
        (1..).zip(expected.iter().map(|text| Some(text.as_bytes().to_vec()))).collect()
    }

    #[test]
    fn line_ends_and_a_byte_order_mark_are_not_part_of_lines() {
        assert_eq!(lines(&b"\xef\xbb\xbfa\nb\r\n\n\xef\xbb\xbf\nc"[..]), texts(&["a", "b", "", "\u{feff}", "c"]));
        assert_eq!(lines(&b"a\n"[..]), texts(&["a"]));
        assert_eq!(lines(&b""[..]), []);
    }

    #[test]
    fn short_reads_change_nothing() {
        for cut in [&["one\ntwo\nthree\n"][..], &["o", "ne\ntwo", "\n", "three", "\n"], &["one\n", "two\nth", "ree"]] {
            assert_eq!(lines(pieces(cut)), texts(&["one", "two", "three"]));
        }
    }

    #[test]
    fn available_lines_are_not_held_back() {
        let (mut blocks, mut block) = (Blocks::new(pieces(&["one\ntw", "o\n"])), Block::default());
        assert!(blocks.fill(&mut block).unwrap());
        assert_eq!(block.lines().collect::<Vec<_>>(), [(1, Line::Whole(b"one"))]);
    }

    #[test]
    fn too_long_lines_are_skipped_whole() {
        for excess in [1, 2, 3, 4, 5, 6, 100, BLOCK, 2 * BLOCK] {
            for end in ["\n", "\r\n"] {
                let text =
                    [&vec![b'a'; MAX_LINE], end.as_bytes(), &vec![b'b'; MAX_LINE + excess], end.as_bytes(), b"c"]
                        .concat();
                let lines = lines(&text[..]);
                assert_eq!(lines[0].1.as_ref().unwrap().len(), MAX_LINE);
                assert_eq!(lines[1..], [(2, None), (3, Some(b"c".to_vec()))]);
            }
        }
        let long = vec![b'a'; MAX_LINE + 2 * BLOCK];
        let text = [b"a", &long[..], b"b", &long, &long, b"c"].join(&b'\n');
        let expected = [Some(&b"a"[..]), None, Some(b"b"), None, None, Some(b"c")];
        assert_eq!(lines(&text[..]), (1..).zip(expected.map(|line| line.map(<[u8]>::to_vec))).collect::<Vec<_>>());
        let unended = vec![b'a'; MAX_LINE + BLOCK];
        assert_eq!(lines(&unended[..]), [(1, None)]);
    }
}
