//! A contestant that is configured for a scenario.

use std::hint::black_box;

use crate::answer::Answer;

/// What is timed, and how its answers are read.
pub(crate) trait Ask {
    /// How many requests there are.
    fn len(&self) -> usize;

    /// Answers one request; the number stands for the answer, so that it is made.
    fn ask(&mut self, index: usize) -> usize;

    /// Answers one request by the same code, and keeps the answer.
    fn answer(&mut self, index: usize) -> Result<Answer, String>;
}

/// [`Ask`] for whoever does not know the contestant; its loop is compiled for each.
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

/// What becomes of a contestant and a scenario.
pub(crate) enum Preparation {
    Ready(Box<dyn Prepared>),
    /// It has no such feature, in one line.
    Cannot(&'static str),
}

impl Preparation {
    pub(crate) fn ready(contestant: impl Ask + 'static) -> Self {
        Self::Ready(Box::new(contestant))
    }
}
