//! A contestant that is configured for a scenario.

use std::hint::black_box;

use crate::answer::Answer;

/// The timed call, and a way to read its answers.
pub(crate) trait Ask {
    /// How many requests there are.
    fn len(&self) -> usize;

    /// Answers one request; the result depends on the answer, so that it cannot be optimised away.
    fn ask(&mut self, index: usize) -> usize;

    /// Answers one request with the same code, and returns the answer.
    fn answer(&mut self, index: usize) -> Result<Answer, String>;
}

/// [`Ask`] without its type; the loop is compiled for each contestant.
pub(crate) trait Prepared {
    fn answers(&mut self) -> Result<Vec<Answer>, String>;
    fn run(&mut self, requests: usize);
}

impl<A: Ask> Prepared for A {
    fn answers(&mut self) -> Result<Vec<Answer>, String> {
        (0..self.len()).map(|index| self.answer(index)).collect()
    }

    fn run(&mut self, requests: usize) {
        let mut index = 0;
        for _ in 0..requests {
            black_box(self.ask(index));
            index += 1;
            if index == self.len() {
                index = 0;
            }
        }
    }
}

/// The result of configuring a contestant for a scenario.
pub(crate) enum Preparation {
    Ready(Box<dyn Prepared>),
    /// It lacks a feature, described in one line.
    Cannot(&'static str),
}

impl Preparation {
    pub(crate) fn ready(contestant: impl Ask + 'static) -> Self {
        Self::Ready(Box::new(contestant))
    }
}
