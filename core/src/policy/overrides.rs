//! The `dangerously_…` keys of rows.

/// Which overrides a row carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Overrides(u8);

impl Overrides {
    /// In the order of their keys' names: public suffix, insecure scheme, `null`, unproved.
    pub(crate) fn new(given: [bool; 4]) -> Self {
        Self((0..).zip(given).map(|(bit, given)| u8::from(given) << bit).sum())
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn names(self) -> impl Iterator<Item = &'static str> + use<> {
        let names = [
            "dangerously_allow_public_suffix",
            "dangerously_allow_insecure_scheme",
            "dangerously_allow_null",
            "dangerously_unproved",
        ];
        names.into_iter().enumerate().filter(move |(bit, _)| self.0 & (1 << bit) != 0).map(|(_, name)| name)
    }
}

/// The rows that carry overrides, which are few.
#[derive(Debug, Default)]
pub(crate) struct Overridden {
    // INVARIANT: sorted.
    rows: Box<[(u32, Box<str>, Overrides)]>,
}

impl Overridden {
    pub(crate) fn new(mut rows: Vec<(u32, Box<str>, Overrides)>) -> Self {
        rows.sort_by(|(a, x, _), (b, y, _)| (a, x).cmp(&(b, y)));
        Self { rows: rows.into_boxed_slice() }
    }

    pub(crate) fn of(&self, grant: u32, text: &str) -> Overrides {
        let found = self.rows.binary_search_by(|(other, row, _)| (*other, &**row).cmp(&(grant, text)));
        found.ok().and_then(|index| self.rows.get(index)).map_or(Overrides::default(), |&(.., overrides)| overrides)
    }
}
