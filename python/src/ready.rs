//! What a thread keeps of an engine: its reader, and decisions that it gave before and gives again.
//! So deciding takes no lock, and writes nothing that another thread reads.

use std::fmt;
use std::hash::{Hash, Hasher};

use corsac::{Constant, Reader, Request, Snapshot, Target};
use pyo3::prelude::*;

use crate::decision::Decision;

/// One thread's way to an engine.
///
/// The set that it decided by last stays in memory until it decides again, as is so for every
/// [`Reader`].
pub(crate) struct Ready {
    pub(crate) reader: Reader,
    pub(crate) given: Given,
}

/// Decisions that were given, of any generation. They point into no set.
#[derive(Default)]
pub(crate) struct Given(Box<[Slot]>);

type Slot = Option<(Constant, Py<Decision>)>;

impl Ready {
    pub(crate) fn new(engine: &corsac::Engine) -> Self {
        Self { reader: engine.reader(), given: Given::default() }
    }
}

impl Given {
    /// How many decisions are kept, in some 25 KiB once there is one. A power of two.
    const SLOTS: usize = 512;

    /// Decides, and gives the decision that was given before where it says the same.
    #[inline]
    pub(crate) fn decide<'py>(
        &mut self,
        py: Python<'py>,
        snapshot: &Snapshot<'_>,
        target: Target<'_>,
        request: &Request<'_>,
    ) -> PyResult<Bound<'py, Decision>> {
        let decision = snapshot.decide(target, request);
        let Some(constant) = decision.constant() else {
            return made(py, &decision, snapshot);
        };
        let place = place(&constant);
        if let Some(Some((known, given))) = self.0.get(place)
            && *known == constant
        {
            return Ok(given.bind(py).clone());
        }
        let made = made(py, &decision, snapshot)?;
        self.keep(place, constant, &made);
        Ok(made)
    }

    #[cold]
    fn keep(&mut self, place: usize, constant: Constant, decision: &Bound<'_, Decision>) {
        if self.0.is_empty() {
            self.0 = std::iter::repeat_with(|| None).take(Self::SLOTS).collect();
        }
        if let Some(slot) = self.0.get_mut(place) {
            *slot = Some((constant, decision.clone().unbind()));
        }
    }
}

/// Apart, so that giving a decision again stays short.
#[inline(never)]
fn made<'py>(
    py: Python<'py>,
    decision: &corsac::Decision<'_>,
    snapshot: &Snapshot<'_>,
) -> PyResult<Bound<'py, Decision>> {
    Bound::new(py, Decision::new(py, decision, snapshot.policies())?)
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ready").field("reader", &self.reader).finish_non_exhaustive()
    }
}

fn place(constant: &Constant) -> usize {
    let mut mix = Mix(0);
    constant.hash(&mut mix);
    mix.finish() as usize % Given::SLOTS
}

/// Spreads addresses and small numbers over the slots. None of them comes from a request.
struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0 >> 32
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64((*byte).into()));
    }

    fn write_u64(&mut self, word: u64) {
        const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
        self.0 = (self.0 ^ word).wrapping_mul(ODD);
    }
}
