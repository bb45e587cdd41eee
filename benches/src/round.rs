//! Queries, one after the other and again from the first.

/// Goes round through a list, at the cost of a comparison.
#[derive(Clone, Debug)]
pub struct Round<'q> {
    queries: &'q [String],
    place: usize,
}

impl<'q> Round<'q> {
    /// Begins with the first.
    ///
    /// # Panics
    /// There is none.
    #[must_use]
    pub fn of(queries: &'q [String]) -> Self {
        assert!(!queries.is_empty(), "there are no queries");
        Self { queries, place: 0 }
    }

    /// The next one.
    #[inline]
    pub fn step(&mut self) -> &'q str {
        let query = &self.queries[self.place];
        self.place = if self.place + 1 == self.queries.len() { 0 } else { self.place + 1 };
        query
    }
}

#[cfg(test)]
mod tests {
    use super::Round;

    #[test]
    fn after_the_last_comes_the_first() {
        let queries = ["a".to_owned(), "b".to_owned()];
        let mut round = Round::of(&queries);
        assert_eq!([round.step(), round.step(), round.step()], ["a", "b", "a"]);
    }
}
