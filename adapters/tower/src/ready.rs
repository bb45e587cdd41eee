//! What a thread keeps of an engine.

use corsac::{Engine, Policies, PolicyId, Reader, Target};

use crate::outcome::{Asked, Outcome};
use crate::request::{self, RequestedLines};
use crate::values::Values;

/// A thread's reader, and the header values that it gave before.
///
/// The set that it decided by last stays in memory until it decides again, as is so for every
/// [`Reader`].
#[derive(Debug)]
pub(crate) struct Ready {
    reader: Reader,
    values: Values,
}

impl Ready {
    pub(crate) fn new(engine: &Engine) -> Self {
        Self { reader: engine.reader(), values: Values::default() }
    }

    pub(crate) fn decide<B>(&mut self, policy: Option<PolicyId>, request: &http::Request<B>) -> Outcome {
        let snapshot = self.reader.snapshot();
        let target = match policy {
            Some(id) => Target::Policy(id),
            None => unnamed(snapshot.policies(), request),
        };
        let origins = request::origin_lines(request);
        let requested = request::requested_lines(request);
        let decision = snapshot.decide(target, &request::seen(request, &origins, requested.as_ref()));
        let asked =
            Asked { origin: origins.iter().next(), headers: requested.as_ref().and_then(RequestedLines::first) };
        Outcome::new(&decision, asked, &mut self.values)
    }
}

/// The only policy; where there are routes, the one that they choose.
fn unnamed<'a, B>(policies: &Policies, request: &'a http::Request<B>) -> Target<'a> {
    match policies.only() {
        Some(id) if !policies.has_routes() => Target::Policy(id),
        _ => request::route(request),
    }
}
