//! All benchmarks of functions, by criterion, in one program, so that it is linked once.
//!
//! ```text
//! cargo bench -p corsac-bench                       everything, in about five minutes
//! cargo bench -p corsac-bench -- '^(parse|match)'   the groups whose names start like this
//! ```
//!
//! Every case is first checked with the corpus, or with an oracle that shares no code with the engine; a
//! wrong decision ends the run.

mod compile;
mod decide;
mod ffi;
mod matching;
mod parse;
mod reload;

use std::time::Duration;

use criterion::{Criterion, criterion_main};

/// For groups of many short cases, which together take some minutes.
fn short_cases(milliseconds: u64) -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(milliseconds))
        .sample_size(20)
        .nresamples(5_000)
}

criterion_main!(parse::parse, matching::matching, decide::decide, compile::compile, reload::reloads, ffi::ffi);
