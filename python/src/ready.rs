//! Decisions that were given before and are given again.
//!
//! Each thread keeps a few, so that finding one takes no lock and writes nothing that another thread
//! reads. What is kept belongs to one generation of one engine and points into neither.

use std::cell::RefCell;
use std::hash::{Hash, Hasher};

use corsac::Constant;
use pyo3::prelude::*;

use crate::decision::Decision;

/// How many decisions a thread keeps, all its engines together: some 50 KiB of slots, once one is
/// used. A power of two.
const SLOTS: usize = 512;

struct Slot {
    engine: u64,
    constant: Constant,
    decision: Py<Decision>,
}

thread_local! {
    static READY: RefCell<Vec<Option<Slot>>> = const { RefCell::new(Vec::new()) };
}

/// The decision of this engine that says the same, if this thread gave it not long ago.
pub(crate) fn find<'py>(py: Python<'py>, engine: u64, constant: &Constant) -> Option<Bound<'py, Decision>> {
    READY.with(|ready| {
        let ready = ready.try_borrow().ok()?;
        let slot = ready.get(place(engine, constant))?.as_ref()?;
        (slot.engine == engine && slot.constant == *constant).then(|| slot.decision.bind(py).clone())
    })
}

/// Keeps a decision in place of another.
pub(crate) fn keep(engine: u64, constant: Constant, decision: &Bound<'_, Decision>) {
    let place = place(engine, &constant);
    let slot = Slot { engine, constant, decision: decision.clone().unbind() };
    // The old one is let go of when nothing is borrowed.
    let _old = READY.with(|ready| {
        let mut ready = ready.try_borrow_mut().ok()?;
        if ready.is_empty() {
            ready.resize_with(SLOTS, || None);
        }
        ready.get_mut(place)?.replace(slot)
    });
}

fn place(engine: u64, constant: &Constant) -> usize {
    let mut mix = Mix(engine);
    constant.hash(&mut mix);
    mix.finish() as usize % SLOTS
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
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(ODD);
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }
}
