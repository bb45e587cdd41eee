//! One thread's reader and its cache of decisions. With these, deciding takes no lock and writes
//! nothing that another thread reads.

use std::fmt;
use std::hash::{Hash, Hasher};

use corsac::{DecisionKey, Reader, Request, Snapshot, Target};
use pyo3::prelude::*;

use crate::decision::Decision;

/// A thread's reader, and the Python objects of decisions that it made.
///
/// Like every [`Reader`], it keeps the policies of its last decision in memory until the next one.
pub(crate) struct CachingReader {
    pub(crate) reader: Reader,
    pub(crate) cache: DecisionCache,
}

/// Recent decisions, of any generation. They do not borrow from policies.
#[derive(Default)]
pub(crate) struct DecisionCache(Box<[Slot]>);

type Slot = Option<(DecisionKey, Py<Decision>)>;

impl CachingReader {
    pub(crate) fn new(engine: &corsac::Engine) -> Self {
        Self { reader: engine.reader(), cache: DecisionCache::default() }
    }
}

impl DecisionCache {
    /// The number of slots: about 25 KiB, allocated for the first decision. A power of two.
    const SLOTS: usize = 512;

    /// Decides; returns the cached object of an identical decision if there is one.
    #[inline]
    pub(crate) fn decide<'py>(
        &mut self,
        py: Python<'py>,
        snapshot: &Snapshot<'_>,
        target: Target<'_>,
        request: &Request<'_>,
    ) -> PyResult<Bound<'py, Decision>> {
        let decision = snapshot.decide(target, request);
        let Some(key) = decision.cache_key() else {
            return new_object(py, &decision, snapshot);
        };
        let slot = slot_of(&key);
        if let Some(Some((cached_key, cached))) = self.0.get(slot)
            && *cached_key == key
        {
            return Ok(cached.bind(py).clone());
        }
        let object = new_object(py, &decision, snapshot)?;
        self.store(slot, key, &object);
        Ok(object)
    }

    #[cold]
    fn store(&mut self, slot: usize, key: DecisionKey, decision: &Bound<'_, Decision>) {
        if self.0.is_empty() {
            self.0 = std::iter::repeat_with(|| None).take(Self::SLOTS).collect();
        }
        if let Some(slot) = self.0.get_mut(slot) {
            *slot = Some((key, decision.clone().unbind()));
        }
    }
}

/// Out of line, so that the path of cached decisions stays short.
#[inline(never)]
fn new_object<'py>(
    py: Python<'py>,
    decision: &corsac::Decision<'_>,
    snapshot: &Snapshot<'_>,
) -> PyResult<Bound<'py, Decision>> {
    Bound::new(py, Decision::new(py, decision, snapshot.policies())?)
}

impl fmt::Debug for CachingReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachingReader").field("reader", &self.reader).finish_non_exhaustive()
    }
}

fn slot_of(key: &DecisionKey) -> usize {
    let mut mix = Mix(0);
    key.hash(&mut mix);
    mix.finish() as usize % DecisionCache::SLOTS
}

/// Spreads addresses and small numbers over the slots. None of them is chosen by a client.
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
