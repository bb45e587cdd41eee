//! Whole decisions. A list of exact origins stands beside the floor, a bare hash set of boxed keys
//! that holds the same origins; what has a hostile length, beside reading it once.
//!
//! Every case first checks its answers by an oracle that shares nothing with the engine, then is
//! timed; a wrong answer ends the run. Floor and engine run next to each other, so that their ratio
//! means something on a machine whose speed changes.

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
