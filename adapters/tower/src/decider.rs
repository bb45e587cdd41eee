//! Deciding for all clones of a layer and its services.

use std::cell::RefCell;

use corsac::{Engine, PolicyId};
use thread_local::ThreadLocal;

use crate::caching_reader::CachingReader;
use crate::outcome::Outcome;

/// The engine, the chosen policy, and a reader for each thread.
///
/// Servers clone a service for each connection or even for each request, and creating a reader takes a
/// lock. Therefore readers belong to threads, not to services.
#[derive(Debug)]
pub(crate) struct Decider {
    engine: Engine,
    policy: Option<PolicyId>,
    threads: ThreadLocal<RefCell<CachingReader>>,
}

impl Decider {
    pub(crate) fn new(engine: Engine, policy: Option<PolicyId>) -> Self {
        Self { engine, policy, threads: ThreadLocal::new() }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn decide<B>(&self, request: &http::Request<B>) -> Outcome {
        let reader = self.threads.get_or(|| RefCell::new(CachingReader::new(&self.engine)));
        // INVARIANT: deciding never calls this function, so the reader is not borrowed yet.
        reader.borrow_mut().decide(self.policy, request)
    }
}
