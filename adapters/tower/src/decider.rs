//! What decides for all clones of a layer and of its services.

use std::cell::RefCell;

use corsac::{Engine, PolicyId};
use thread_local::ThreadLocal;

use crate::outcome::Outcome;
use crate::ready::Ready;

/// The engine, which policy of it is meant, and what each thread keeps of it.
///
/// Servers clone a service for each connection or even for each request, and taking a reader costs
/// a lock. So it is threads that have readers.
#[derive(Debug)]
pub(crate) struct Decider {
    engine: Engine,
    policy: Option<PolicyId>,
    threads: ThreadLocal<RefCell<Ready>>,
}

impl Decider {
    pub(crate) fn new(engine: Engine, policy: Option<PolicyId>) -> Self {
        Self { engine, policy, threads: ThreadLocal::new() }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn decide<B>(&self, request: &http::Request<B>) -> Outcome {
        let ready = self.threads.get_or(|| RefCell::new(Ready::new(&self.engine)));
        // INVARIANT: nothing that deciding calls comes back here, so it is never borrowed already.
        ready.borrow_mut().decide(self.policy, request)
    }
}
