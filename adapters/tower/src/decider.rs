//! Deciding for all clones of a layer and its services.

use std::cell::RefCell;

use corsac::{Engine, Missing, PolicyId};
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
    required: Required,
    threads: ThreadLocal<RefCell<CachingReader>>,
}

/// What the engine requires for this decider's sake, until it is dropped.
#[derive(Debug)]
enum Required {
    Nothing,
    /// One policy alone, or routes.
    Only,
    Routes,
    Policy(Box<str>),
}

impl Decider {
    pub(crate) fn unnamed(engine: Engine) -> Self {
        let required = (engine.require_routes().map(|()| Required::Routes))
            .or_else(|_| engine.require_only().map(|()| Required::Only))
            .unwrap_or(Required::Nothing);
        Self { engine, policy: None, required, threads: ThreadLocal::new() }
    }

    pub(crate) fn named(engine: Engine, policy: &str) -> Result<Self, Missing> {
        let id = engine.require(policy)?;
        let required = Required::Policy(policy.into());
        Ok(Self { engine, policy: Some(id), required, threads: ThreadLocal::new() })
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

impl Drop for Decider {
    fn drop(&mut self) {
        match &self.required {
            Required::Nothing => {}
            Required::Only => self.engine.release_only(),
            Required::Routes => self.engine.release_routes(),
            Required::Policy(name) => self.engine.release(name),
        }
    }
}
