//! One thread's reader and its cache of header values.

use corsac::{Engine, Policies, PolicyId, Reader, Target};

use crate::outcome::{Outcome, RequestLines};
use crate::request::{self, RequestedLines};
use crate::values::Values;

/// A thread's reader, and the header values of its recent decisions.
///
/// Like every [`Reader`], it keeps the policies of its last decision in memory until the next one.
#[derive(Debug)]
pub(crate) struct CachingReader {
    reader: Reader,
    values: Values,
}

impl CachingReader {
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
        let decision = snapshot.decide(target, &request::view(request, &origins, requested.as_ref()));
        let lines =
            RequestLines { origin: origins.iter().next(), headers: requested.as_ref().and_then(RequestedLines::first) };
        Outcome::new(&decision, lines, &mut self.values)
    }
}

/// The only policy or, if there are routes, the policy that they choose.
fn unnamed<'a, B>(policies: &Policies, request: &'a http::Request<B>) -> Target<'a> {
    match policies.only() {
        Some(id) if !policies.has_routes() => Target::Policy(id),
        _ => request::route(request),
    }
}
