//! Everything that criterion times, in one program: it is linked once, and all of it sees one machine.
//!
//! ```text
//! cargo bench -p corsac-bench                       all of it, in about five minutes
//! cargo bench -p corsac-bench -- '^(parse|match)'   the groups whose names begin so
//! ```
//!
//! Every case first checks its answer by the corpus, or by an oracle that shares nothing with the
//! engine, and is timed then; a wrong answer ends the run.

mod compile;
mod decide;
mod ffi;
mod matching;
mod parse;
mod reload;

use std::time::Duration;

use criterion::{Criterion, criterion_main};

/// For groups of many cases, each of them short: all of them take some minutes.
fn short_cases(milliseconds: u64) -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(milliseconds))
        .sample_size(20)
        .nresamples(5_000)
}

criterion_main!(parse::parse, matching::matching, decide::decide, compile::compile, reload::reloads, ffi::ffi);
