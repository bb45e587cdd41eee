//! The header names of a grant, and an index to find each of them.

use hashbrown::HashTable;

use super::ignore_case::{eq_ignore_case, hash_ignore_case};

/// Names in lower case, found by their text in any case.
#[derive(Debug)]
pub(super) struct Names {
    // INVARIANT: lower-case ASCII, sorted by bytes, unique, each of at most `longest` bytes.
    sorted: Box<[Box<str>]>,
    longest: usize,
    /// Indexes of names, by their hashes.
    places: HashTable<u32>,
}

impl Names {
    /// In any case and order.
    pub(super) fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut sorted: Vec<Box<str>> =
            names.into_iter().map(|name| name.to_ascii_lowercase().into_boxed_str()).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let longest = sorted.iter().map(|name| name.len()).max().unwrap_or(0);
        let hash_at = |place: &u32| sorted.get(*place as usize).map_or(0, |name| hash_ignore_case(name.as_bytes()));
        let mut places = HashTable::with_capacity(sorted.len());
        for place in 0..sorted.len() as u32 {
            places.insert_unique(hash_at(&place), place, hash_at);
        }
        Self { longest, places, sorted: sorted.into_boxed_slice() }
    }

    pub(super) fn len(&self) -> usize {
        self.sorted.len()
    }

    /// The longest name's length.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// The rest of `text` after the name at this index, if `text` starts with that name in lower
    /// case.
    #[inline]
    pub(super) fn strip<'t>(&self, place: usize, text: &'t [u8]) -> Option<&'t [u8]> {
        let name = self.sorted.get(place)?.as_bytes();
        // Most names that differ do so in their first byte, and comparing that costs no call.
        if text.first() == name.first() { text.strip_prefix(name) } else { None }
    }

    /// The place of `name`, ignoring ASCII case (Fetch, "CORS-preflight fetch", steps 7.6 and 7.7:
    /// "byte-case-insensitive"). Expected constant time; at worst linear in the number of names, if
    /// the policy's author chose names that collide.
    #[inline]
    pub(super) fn find(&self, name: &[u8]) -> Option<usize> {
        let is_it = |place: &u32| {
            self.sorted.get(*place as usize).is_some_and(|listed| eq_ignore_case(listed.as_bytes(), name))
        };
        self.places.find(hash_ignore_case(name), is_it).map(|place| *place as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find_all(names: &Names) {
        for (place, name) in names.sorted.iter().enumerate() {
            for text in [name.to_string(), name.to_ascii_uppercase()] {
                assert_eq!(names.find(text.as_bytes()), Some(place), "{name}");
                assert_eq!(names.find(format!("{text}-").as_bytes()), None, "{name}-");
            }
        }
    }

    #[test]
    fn each_name_is_found_in_any_case() {
        for count in [0, 1, 2, 20, 500, 5_000] {
            let texts: Vec<String> = (0..count).map(|index| format!("X-Custom-Header-{index}")).collect();
            let names = Names::new(texts.iter().map(String::as_str));
            find_all(&names);
        }
    }

    /// They differ in bytes that are not hashed, or in a bit that does not count.
    #[test]
    fn names_with_the_same_hash_are_distinguished() {
        let end = "-".repeat(40);
        for texts in [
            (0..9).map(|index| format!("{end}{index}{end}---------")).collect::<Vec<_>>(),
            (0..8).map(|index| (0..3).map(|bit| if index >> bit & 1 == 1 { '^' } else { '~' }).collect()).collect(),
        ] {
            find_all(&Names::new(texts.iter().map(String::as_str)));
        }
    }

    #[test]
    fn a_name_is_stripped_in_lower_case() {
        let names = Names::new(["x-a", "X-Header"]);
        assert_eq!(names.strip(0, b"x-a,x"), Some(&b",x"[..]));
        assert_eq!(names.strip(1, b"x-header"), Some(&b""[..]));
        assert_eq!(names.strip(0, b"X-a"), None);
        assert_eq!(names.strip(1, b"x\rheader"), None);
        assert_eq!(names.strip(1, b"x-heade"), None);
        assert_eq!(names.strip(2, b""), None);
    }
}
