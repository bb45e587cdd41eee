//! The header names of a grant, and an index to find each of them.

use core::cmp::Ordering;

use super::words::{are_equal_but_for_case, hash_but_for_case};

/// How many slots are looked at for one name.
const PROBES: usize = 4;

/// Names in lower case, found by their text in any case.
#[derive(Debug)]
pub(super) struct Names {
    // INVARIANT: lower-case ASCII, sorted by bytes, unique, each of at most `longest` bytes.
    sorted: Box<[Box<str>]>,
    longest: usize,
    slots: Option<Slots>,
}

/// Where names stand, by their hashes.
#[derive(Debug)]
struct Slots {
    /// The index of a name in the sorted list is in the slot given by the upper bits of its hash,
    /// or in one of the following slots, before the first free one.
    // INVARIANT: 2^(64 - shift) + PROBES - 1 slots; shift < 64.
    places: Box<[Option<u16>]>,
    shift: u32,
}

impl Names {
    /// In any case and order.
    pub(super) fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut sorted: Vec<Box<str>> =
            names.into_iter().map(|name| name.to_ascii_lowercase().into_boxed_str()).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let longest = sorted.iter().map(|name| name.len()).max().unwrap_or(0);
        Self { slots: Slots::of(&sorted), sorted: sorted.into_boxed_slice(), longest }
    }

    pub(super) fn len(&self) -> usize {
        self.sorted.len()
    }

    /// The longest name's length.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// The rest of `text` after the name at this index, if `text` starts with that name in any
    /// case.
    #[inline]
    pub(super) fn strip<'t>(&self, place: usize, text: &'t [u8]) -> Option<&'t [u8]> {
        let name = self.sorted.get(place)?.as_bytes();
        let (start, rest) = text.split_at_checked(name.len())?;
        are_equal_but_for_case(name, start).then_some(rest)
    }

    /// The index of `name`, ignoring ASCII case (Fetch, "CORS-preflight fetch", steps 7.6 and 7.7:
    /// "byte-case-insensitive").
    #[inline]
    pub(super) fn find(&self, name: &[u8]) -> Option<usize> {
        let Some(slots) = &self.slots else { return self.bisect(name) };
        slots
            .of_hash(hash_but_for_case(name))
            .find(|place| self.sorted.get(*place).is_some_and(|listed| are_equal_but_for_case(listed.as_bytes(), name)))
    }

    /// The same without slots.
    fn bisect(&self, name: &[u8]) -> Option<usize> {
        self.sorted.binary_search_by(|listed| cmp_lower_case(listed.as_bytes(), name)).ok()
    }
}

impl Slots {
    /// The fewest in which all names stand near enough, or none where too many hashes are alike.
    fn of(sorted: &[Box<str>]) -> Option<Self> {
        let fewest = (2 * sorted.len()).next_power_of_two().trailing_zeros();
        (fewest.max(1)..=fewest + 4).find_map(|bits| Self::with_bits(bits, sorted))
    }

    fn with_bits(bits: u32, sorted: &[Box<str>]) -> Option<Self> {
        let shift = 64 - bits;
        let mut places = vec![None; (1 << bits) + PROBES - 1];
        for (place, name) in sorted.iter().enumerate() {
            let start = (hash_but_for_case(name.as_bytes()) >> shift) as usize;
            let free = places.get_mut(start..start + PROBES)?.iter_mut().find(|slot| slot.is_none())?;
            *free = Some(u16::try_from(place).ok()?);
        }
        Some(Self { places: places.into_boxed_slice(), shift })
    }

    #[inline]
    fn of_hash(&self, hash: u64) -> impl Iterator<Item = usize> {
        let start = (hash >> self.shift) as usize;
        let near = self.places.get(start..start + PROBES).unwrap_or_default();
        near.iter().map_while(|place| place.map(usize::from))
    }
}

/// Orders `listed`, which is lower-case, against `name` as if that were lower-case too.
fn cmp_lower_case(listed: &[u8], name: &[u8]) -> Ordering {
    listed.iter().copied().cmp(name.iter().map(u8::to_ascii_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find_all(names: &Names) {
        for (place, name) in names.sorted.iter().enumerate() {
            for text in [name.to_string(), name.to_ascii_uppercase()] {
                assert_eq!(names.find(text.as_bytes()), Some(place), "{name}");
                assert_eq!(names.bisect(text.as_bytes()), Some(place), "{name}");
                assert_eq!(names.find(format!("{text}-").as_bytes()), None, "{name}-");
            }
        }
    }

    #[test]
    fn each_name_is_found_in_any_case() {
        for count in [0, 1, 2, 20, 500, 5_000] {
            let texts: Vec<String> = (0..count).map(|index| format!("X-Custom-Header-{index}")).collect();
            let names = Names::new(texts.iter().map(String::as_str));
            assert!(names.slots.is_some(), "{count}");
            find_all(&names);
        }
    }

    /// They differ where no hash looks, or in a bit that may not count.
    #[test]
    fn names_with_one_hash_are_found_without_slots() {
        let end = "-".repeat(40);
        for texts in [
            (0..9).map(|index| format!("{end}{index}{end}---------")).collect::<Vec<_>>(),
            (0..8).map(|index| (0..3).map(|bit| if index >> bit & 1 == 1 { '^' } else { '~' }).collect()).collect(),
        ] {
            let names = Names::new(texts.iter().map(String::as_str));
            assert!(names.slots.is_none());
            find_all(&names);
        }
    }

    #[test]
    fn a_name_is_stripped_in_any_case() {
        let names = Names::new(["x-a", "x-header"]);
        assert_eq!(names.strip(0, b"x-a,x"), Some(&b",x"[..]));
        assert_eq!(names.strip(1, b"x-header"), Some(&b""[..]));
        assert_eq!(names.strip(0, b"X-a"), Some(&b""[..]));
        assert_eq!(names.strip(1, b"X-HEADER,"), Some(&b","[..]));
        assert_eq!(names.strip(1, b"x\rheader"), None);
        assert_eq!(names.strip(1, b"x-heade"), None);
        assert_eq!(names.strip(2, b""), None);
    }
}
