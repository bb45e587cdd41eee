//! Lower bounds (floors): the cheapest way to answer the same yes-or-no question. They do nothing else:
//! they check no syntax and make no headers.

use foldhash::fast::FixedState;
use hashbrown::HashSet;

type Keys = HashSet<Box<[u8]>, FixedState>;

/// One probe of a hash set of boxed origins.
#[derive(Clone, Debug)]
pub struct HashProbe(Keys);

impl HashProbe {
    /// A set of these origins.
    #[must_use]
    pub fn of(rows: &[String]) -> Self {
        Self(rows.iter().map(|row| row.as_bytes().into()).collect())
    }

    /// Whether the origin is in the set.
    #[inline]
    #[must_use]
    pub fn contains(&self, origin: &str) -> bool {
        self.0.contains(origin.as_bytes())
    }
}

/// A walk over the labels of a host that probes a hash set of bases at each dot.
#[derive(Clone, Debug)]
pub struct LabelWalk(Keys);

impl LabelWalk {
    const SCHEME: &[u8] = b"https://";

    /// A set of the bases of rows `https://*.BASE`.
    ///
    /// # Panics
    /// A row has another form.
    #[must_use]
    pub fn of(rows: &[String]) -> Self {
        let base = |row: &String| match row.strip_prefix("https://*.") {
            Some(base) => base.as_bytes().into(),
            None => panic!("`{row}` does not begin with `https://*.`"),
        };
        Self(rows.iter().map(base).collect())
    }

    /// Whether an origin without a port is below one of the bases.
    #[inline]
    #[must_use]
    pub fn contains(&self, origin: &str) -> bool {
        let Some(mut host) = origin.as_bytes().strip_prefix(Self::SCHEME) else { return false };
        while let Some(dot) = host.iter().position(|byte| *byte == b'.') {
            host = host.split_at(dot + 1).1;
            if self.0.contains(host) {
                return true;
            }
        }
        false
    }
}

/// Reads every byte once.
#[inline]
#[must_use]
pub fn read(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}

#[cfg(test)]
mod tests {
    use super::{HashProbe, LabelWalk, read};

    #[test]
    fn floors_are_right() {
        let probe = HashProbe::of(&["https://a.example".into()]);
        assert!(probe.contains("https://a.example") && !probe.contains("https://b.example"));
        let walk = LabelWalk::of(&["https://*.a.example".into()]);
        for (origin, is_contained) in [
            ("https://b.a.example", true),
            ("https://c.b.a.example", true),
            ("https://a.example", false),
            ("https://ba.example", false),
            ("http://b.a.example", false),
        ] {
            assert_eq!(walk.contains(origin), is_contained, "{origin}");
        }
        assert_eq!(read(b"aab"), b'b');
    }
}
