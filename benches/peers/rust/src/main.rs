//! The Rust driver of the comparison: reads one JSON object per line from standard input, and writes one
//! answer to each to standard output. Times are CPU time of this thread.
//!
//! A service of tower gets a clone of a prebuilt request, one of actix another handle of it. A contestant
//! without CORS in each framework measures this cost.

mod actix;
mod answer;
mod contestants;
mod decide;
mod floor;
mod pending;
mod prepared;
mod scenario;
mod tower;

use std::io::{self, BufRead, Write};
use std::path::PathBuf;

use rustix::time::{ClockId, clock_gettime};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::prepared::{Preparation, Prepared};
use crate::scenario::Scenario;

#[derive(Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Question {
    Prepare { contestant: String, scenario: PathBuf },
    Run { requests: usize },
}

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", contestants::list())?;
    let mut prepared = None;
    for line in io::stdin().lock().lines() {
        let answer = answer(&line?, &mut prepared).unwrap_or_else(|error| json!({ "error": error }));
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

fn answer(line: &str, prepared: &mut Option<Box<dyn Prepared>>) -> Result<Value, String> {
    match serde_json::from_str(line).map_err(|error| format!("`{line}` is not a question: {error}"))? {
        Question::Prepare { contestant, scenario } => {
            // Release the last contestant before the next is prepared.
            *prepared = None;
            let scenario = Scenario::read(&scenario)?;
            match contestants::prepare(&contestant, &scenario)? {
                Preparation::Ready(mut ready) => {
                    let answers = ready.answers()?;
                    *prepared = Some(ready);
                    Ok(json!({ "answers": answers }))
                }
                Preparation::Cannot(reason) => Ok(json!({ "cannot": reason })),
            }
        }
        Question::Run { requests } => {
            let prepared = prepared.as_mut().ok_or("nothing is prepared: send `prepare` first")?;
            let start = thread_time();
            prepared.run(requests);
            Ok(json!({ "ns": thread_time() - start }))
        }
    }
}

/// CPU time of this thread, in nanoseconds.
fn thread_time() -> i64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}
