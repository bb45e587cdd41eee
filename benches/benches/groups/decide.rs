//! Whole decisions, next to lower bounds: a bare hash set of the same origins, or for headers of hostile
//! length, reading them once.
//!
//! Every case is first checked with an oracle that shares no code with the engine; a wrong decision ends
//! the run. The lower bound and the engine run directly after each other, so that their ratio is
//! meaningful on a machine whose speed changes.

mod corpus;
mod exact;
mod headers;
mod rows;
mod timing;

use criterion::criterion_group;

criterion_group! {
    name = decide;
    config = crate::short_cases(400);
    targets = exact::diverse_hosts, exact::sibling_hosts, exact::pathological_hosts, rows::wildcard, rows::glob,
        rows::expression, headers::preflight, headers::hostile, headers::hostile_origins, corpus::corpus
}
