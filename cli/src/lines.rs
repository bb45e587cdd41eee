//! Lines of any input in bounded memory.

use std::io::{self, BufRead as _, BufReader, Read};

/// The longest line of a request log.
pub(crate) const MAX_LINE: usize = 16 << 20;

/// Reads line by line into one buffer.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    reader: BufReader<R>,
    buffer: Vec<u8>,
    number: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// Without its end.
    Whole(&'a [u8]),
    /// Longer than [`MAX_LINE`]; it was passed over.
    TooLong,
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { reader: BufReader::with_capacity(1 << 18, reader), buffer: Vec::new(), number: 0 }
    }

    /// The number of the line that was read last, from 1.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Whether the next line is not here yet: reading it may wait for whoever writes it.
    pub(crate) fn may_wait(&self) -> bool {
        !self.reader.buffer().contains(&b'\n')
    }

    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.buffer.clear();
        // Two bytes more than a line may have: its end.
        let limit = MAX_LINE as u64 + 2;
        if self.reader.by_ref().take(limit).read_until(b'\n', &mut self.buffer)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let ended = self.buffer.last() == Some(&b'\n');
        let line = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        // Some editors put a byte order mark in front of UTF-8.
        let line = if self.number == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
        if line.len() <= MAX_LINE {
            return Ok(Some(Line::Whole(line)));
        }
        if !ended {
            self.reader.skip_until(b'\n')?;
        }
        Ok(Some(Line::TooLong))
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Lines, MAX_LINE};

    #[test]
    fn line_ends_and_a_byte_order_mark_are_not_part_of_lines() {
        let mut lines = Lines::new(&b"\xef\xbb\xbfa\nb\r\n\nc"[..]);
        for expected in ["a", "b", "", "c"] {
            assert_eq!(lines.next().unwrap(), Some(Line::Whole(expected.as_bytes())));
        }
        assert_eq!(lines.next().unwrap(), None);
        assert_eq!(lines.number(), 4);
    }

    #[test]
    fn too_long_lines_are_passed_over_whole() {
        for excess in [1, 2, 3, 100] {
            for end in ["\n", "\r\n"] {
                let text =
                    [&vec![b'a'; MAX_LINE], end.as_bytes(), &vec![b'b'; MAX_LINE + excess], end.as_bytes(), b"c"]
                        .concat();
                let mut lines = Lines::new(&text[..]);
                assert!(matches!(lines.next().unwrap(), Some(Line::Whole(line)) if line.len() == MAX_LINE));
                assert_eq!(lines.next().unwrap(), Some(Line::TooLong));
                assert_eq!(lines.next().unwrap(), Some(Line::Whole(b"c")));
                assert_eq!(lines.number(), 3);
            }
        }
    }
}
