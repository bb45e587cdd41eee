//! Where a name's dots are, found eight bytes at a time.
//!
//! One pass over a host answers two questions: are all its bytes ones that labels can have, and
//! where do labels begin. The second is what the wildcard walk needs, so it does not look at the
//! host's bytes again.

use super::host::MAX_LABEL;

const WORDS: usize = 4;

/// Bit n: the byte n of a name is a dot. Names have at most 254 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dots([u64; WORDS]);

/// A byte value in each of the eight bytes of a word.
const fn each(byte: u8) -> u64 {
    byte as u64 * 0x0101_0101_0101_0101
}

const HIGH: u64 = each(0x80);

/// The high bit of each byte of `word` that is from `low` to `high`. Bytes must be below 0x80:
/// then no sum reaches the next byte.
const fn in_range(word: u64, low: u8, high: u8) -> u64 {
    let at_least = word.wrapping_add(each(0x80 - low));
    let above = word.wrapping_add(each(0x7f - high));
    at_least & !above & HIGH
}

/// The high bits of the eight bytes of a word as eight bits, in their order.
const fn gather(high_bits: u64) -> u64 {
    (high_bits >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// The dots of eight bytes, and whether all eight are of `[a-z0-9._-]`.
const fn scan(word: u64) -> (u64, bool) {
    let dots = in_range(word, b'.', b'.');
    let ascii = word & !HIGH;
    let valid = in_range(ascii, b'a', b'z')
        | in_range(ascii, b'0', b'9')
        | in_range(ascii, b'-', b'.')
        | in_range(ascii, b'_', b'_');
    (gather(dots), valid & !word == HIGH)
}

impl Dots {
    /// The dots of a name of at most 254 bytes; `None` if a byte is not one of `[a-z0-9._-]`.
    pub(crate) fn of(name: &[u8]) -> Option<Self> {
        let mut dots = Self([0; WORDS]);
        let (words, rest) = name.as_chunks::<8>();
        for (index, word) in words.iter().enumerate() {
            dots.take(u64::from_le_bytes(*word), index * 8)?;
        }
        if let (false, Some(last)) = (rest.is_empty(), name.last_chunk::<8>()) {
            // Overlaps bytes that were taken already: their dots are the same bits again.
            dots.take(u64::from_le_bytes(*last), name.len() - 8)?;
        } else if !rest.is_empty() {
            let mut word = [b'a'; 8];
            word.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            dots.take(u64::from_le_bytes(word), 0)?;
        }
        Some(dots)
    }

    fn take(&mut self, word: u64, at: usize) -> Option<()> {
        let (bits, valid) = scan(word);
        let shift = at % 64;
        *self.0.get_mut(at / 64)? |= bits << shift;
        if shift > 56 {
            *self.0.get_mut(at / 64 + 1)? |= bits >> (64 - shift);
        }
        valid.then_some(())
    }

    /// Whether the dots of a name of `len` bytes leave labels of 1 to 63 bytes between them.
    pub(crate) fn separate_labels(self, len: usize) -> bool {
        if let (Self([word, ..]), 1..=MAX_LABEL) = (self, len) {
            // No label can be too long; that none is empty shows without going through them.
            let beside = word & (word << 1) | word & (1 | 1 << (len - 1));
            return beside == 0;
        }
        let mut end = len;
        for dot in self.right_to_left() {
            if !(1..=MAX_LABEL).contains(&(end - dot - 1)) {
                return false;
            }
            end = dot;
        }
        (1..=MAX_LABEL).contains(&end)
    }

    /// Where the dots are, the last one first.
    pub(crate) fn right_to_left(self) -> impl Iterator<Item = usize> {
        self.0.into_iter().enumerate().rev().flat_map(|(index, mut word)| {
            core::iter::from_fn(move || {
                let bit = 63_u32.checked_sub(word.leading_zeros())?;
                word ^= 1 << bit;
                Some(index * 64 + bit as usize)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_at_every_place_is_judged() {
        for len in [1, 7, 8, 9, 15, 16, 17, 63, 64, 65, 130, 254] {
            for at in 0..len {
                for byte in 0..=255_u8 {
                    let mut name = vec![b'x'; len];
                    name[at] = byte;
                    let valid = byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
                    let dots = Dots::of(&name);
                    assert_eq!(dots.is_some(), valid, "byte {byte} at {at} of {len}");
                    let found: Vec<_> = dots.map(|dots| dots.right_to_left().collect()).unwrap_or_default();
                    assert_eq!(found, if byte == b'.' { vec![at] } else { vec![] }, "byte {byte} at {at} of {len}");
                }
            }
        }
    }

    #[test]
    fn all_dots_are_found_in_order() {
        let name = "ab.c.d..e-f_0.".repeat(18);
        let expected: Vec<_> = name.rmatch_indices('.').map(|(at, _)| at).collect();
        assert_eq!(Dots::of(name.as_bytes()).map(|dots| dots.right_to_left().collect()), Some(expected));
    }

    #[test]
    fn labels_have_1_to_63_bytes() {
        for (name, valid) in [
            ("a", true),
            ("a.b", true),
            (".a", false),
            ("a.", false),
            ("a..b", false),
            (&"a".repeat(63), true),
            (&"a".repeat(64), false),
            (&format!("{}.b", "a".repeat(63)), true),
            (&format!("b.{}", "a".repeat(64)), false),
        ] {
            let dots = Dots::of(name.as_bytes()).unwrap();
            assert_eq!(dots.separate_labels(name.len()), valid, "{name}");
        }
    }
}
