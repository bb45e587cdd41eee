//! Header names compared, hashed and split eight bytes at a time, ignoring ASCII case.
//!
//! A preflight can repeat one name, or list all of them backwards or in capitals: compared byte by
//! byte, such a line costs six times as much.

const WORD: usize = 8;

/// This byte, eight times.
const fn every(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; WORD])
}

/// The number of bytes before the first comma, or of all.
pub(super) fn before_comma(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks::<WORD>();
    for (index, word) in words.iter().enumerate() {
        let commas = u64::from_le_bytes(*word) ^ every(b',');
        // The lowest high bit is that of the lowest byte that is zero; those above it may lie.
        let zeros = commas.wrapping_sub(every(1)) & !commas & every(0x80);
        if zeros != 0 {
            return index * WORD + zeros.trailing_zeros() as usize / 8;
        }
    }
    words.len() * WORD + rest.iter().take_while(|&&byte| byte != b',').count()
}

/// Whether `text` equals `lower`, which is ASCII in lower case, ignoring the case of its letters.
#[inline]
pub(super) fn eq_ignore_case(lower: &[u8], text: &[u8]) -> bool {
    if lower.len() != text.len() {
        return false;
    }
    // The last word overlaps the one before; texts of less than a word are filled up.
    let (Some(last_of_lower), Some(last_of_text)) = (lower.last_chunk(), text.last_chunk()) else {
        return word_eq_ignore_case(&short(lower), &short(text));
    };
    word_eq_ignore_case(last_of_lower, last_of_text)
        && lower.as_chunks().0.iter().zip(text.as_chunks().0).all(|(lower, text)| word_eq_ignore_case(lower, text))
}

#[inline]
fn word_eq_ignore_case(lower: &[u8; WORD], text: &[u8; WORD]) -> bool {
    let lower = u64::from_le_bytes(*lower);
    let difference = lower ^ u64::from_le_bytes(*text);
    difference == 0 || difference & !case_bits(lower) == 0
}

/// Which bits of these ASCII characters may differ: the one that makes a capital, of each letter.
fn case_bits(lower: u64) -> u64 {
    let from_a = lower.wrapping_add(every(0x80 - b'a'));
    let beyond_z = lower.wrapping_add(every(0x80 - (b'z' + 1)));
    ((from_a ^ beyond_z) & every(0x80)) >> 2
}

/// The bytes of a text of less than a word, filled up with zeros.
#[inline]
fn short(text: &[u8]) -> [u8; WORD] {
    let mut word = [0; WORD];
    word.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
    word
}

/// A hash that texts share which differ only in the case of letters. It is made of the first, the
/// middle and the last word, so texts that differ only in other places, or in `^` for `~`, collide.
#[inline]
pub(super) fn hash_ignore_case(text: &[u8]) -> u64 {
    /// Odd, and its bits are as many as not: 2^64 by the golden ratio.
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let fold = |word: &[u8; WORD]| u64::from_le_bytes(*word) | every(b'a' ^ b'A');
    let mix = |hash: u64, word: u64| (hash.rotate_left(32) ^ word).wrapping_mul(SPREAD);
    let hash = text.len() as u64;
    let middle = text.get(text.len().saturating_sub(WORD) / 2..).and_then(<[u8]>::first_chunk);
    let hash = match (text.first_chunk(), middle, text.last_chunk()) {
        (Some(first), Some(middle), Some(last)) => mix(mix(mix(hash, fold(first)), fold(middle)), fold(last)),
        _ => mix(hash, fold(&short(text))),
    };
    // Tables choose the slot by the low bits, which a product mixes least.
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts of every length up to three words and some, with this byte at this place.
    fn with(byte: u8) -> impl Iterator<Item = (Vec<u8>, usize)> {
        (1..28_usize).flat_map(move |length| {
            (0..length).map(move |at| {
                let mut text: Vec<u8> = (0..length).map(|index| b"x-header"[index % WORD]).collect();
                text[at] = byte;
                (text, at)
            })
        })
    }

    #[test]
    fn the_first_comma_is_found() {
        for (mut text, at) in with(b',') {
            // What a borrow of the word's subtraction may take for a comma behind one.
            for behind in [b'-', b'+', b',', 0, 0x80 | b','] {
                text[at + 1..].fill(behind);
                assert_eq!(before_comma(&text), at, "{text:?}");
            }
            for no_comma in [b'-', b'+', b',' ^ 0x80, 0, 0xff] {
                text[at..].fill(no_comma);
                assert_eq!(before_comma(&text), text.len(), "{text:?}");
            }
        }
    }

    #[test]
    fn every_byte_is_compared_at_every_place() {
        for lower in (0..128_u8).filter(|byte| !byte.is_ascii_uppercase()) {
            for byte in 0..=255 {
                for ((lower_text, _), (text, _)) in with(lower).zip(with(byte)) {
                    let equal = lower == byte.to_ascii_lowercase();
                    assert_eq!(eq_ignore_case(&lower_text, &text), equal, "{text:?}");
                    if equal {
                        assert_eq!(hash_ignore_case(&lower_text), hash_ignore_case(&text), "{text:?}");
                    }
                }
            }
        }
        assert!(!eq_ignore_case(b"x-header", b"x-header-"));
        assert!(!eq_ignore_case(b"x-a", b"x-a\0"));
    }
}
