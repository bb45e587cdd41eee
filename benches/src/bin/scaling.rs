//! Two threads beside one, each with a reader of its own on one engine: how many decisions each makes
//! in a second of its CPU time, while nothing changes and while policies are reloaded. Two threads
//! that write no memory which both of them use make twice as many as one.
//!
//! Beside them are two threads with a hash set each, which share nothing: what the machine gives.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Barrier;
use std::thread;

use corsac::{Engine, PolicyId, Reader, Request, Target, Verdict};
use corsac_bench::clock::timed;
use corsac_bench::floor::HashProbe;
use corsac_bench::raw::quantile;
use corsac_bench::storm::Storm;
use corsac_bench::table::{Table, exit_code};
use corsac_bench::{WARM, diverse, draw, policy};

/// Origins of every set of policies.
const ORIGINS: usize = 100;

/// Turns of one thread and of two, each of which gives a ratio.
const TURNS: usize = 21;

/// Rounds through the queries in a turn: some 50 ms.
const ROUNDS: usize = 2_000;

const BOUND: Option<&str> = Some("≥ 1.9 ×");

fn main() -> ExitCode {
    exit_code(measure())
}

fn measure() -> Result<(), String> {
    let rows = diverse(ORIGINS, "");
    let queries = &*draw(&rows, WARM);
    let engine = Engine::new(policy(&rows).into());
    let mut table = Table::new("scaling");

    let probes = [HashProbe::of(&rows), HashProbe::of(&rows)];
    let mut walks =
        probes.each_ref().map(|probe| move || queries.iter().filter(|query| probe.contains(black_box(query))).count());
    report(&mut table, "the machine: two threads over one, a hash set each", None, &turns(&mut walks)?);

    let only = engine.policy_id("bench").ok_or("the policy has another name")?;
    let mut readers = [engine.reader(), engine.reader()];
    let mut walks = readers.each_mut().map(|reader| move || allowed(reader, only, queries));
    report(&mut table, "two readers over one, no reloads", BOUND, &turns(&mut walks)?);

    let storm = Storm::over(&engine, &rows);
    let measured = turns(&mut walks);
    let reloads = storm.end();
    report(&mut table, "two readers over one, reloads all the while", BOUND, &measured?);
    table.row("reloads in that time", reloads, "a second", None, "by a third thread, which compiles each set");
    table.write()
}

/// One round: how many of the queries are allowed. All of them are listed.
fn allowed(reader: &mut Reader, policy: PolicyId, queries: &[String]) -> usize {
    let allows = |query: &&String| {
        let request = Request::new("GET").origin(black_box(*query));
        reader.decide(Target::Policy(policy), &request).verdict() == Verdict::Allowed
    };
    queries.iter().filter(allows).count()
}

/// What two threads did, over what one did, turn by turn, and how fast one was.
struct Scaling {
    ratios: Vec<f64>,
    /// Nanoseconds of CPU time a query.
    one: Vec<f64>,
}

/// Takes turns of one thread and of two. A walk goes through the queries once and says how many were
/// found, which must be all.
fn turns(walks: &mut [impl FnMut() -> usize + Send; 2]) -> Result<Scaling, String> {
    let mut scaling = Scaling { ratios: Vec::new(), one: Vec::new() };
    for turn in 0..TURNS {
        let [first, second] = &mut *walks;
        let alone = if turn % 2 == 0 { &mut *first } else { &mut *second };
        let one = thread::scope(|scope| ended(scope.spawn(|| rate(alone, None))))?;
        let start = Barrier::new(2);
        let (left, right) = thread::scope(|scope| {
            let left = scope.spawn(|| rate(first, Some(&start)));
            let right = scope.spawn(|| rate(second, Some(&start)));
            Ok::<_, String>((ended(left)?, ended(right)?))
        })?;
        scaling.ratios.push((left + right) / one);
        scaling.one.push(1e9 / one);
    }
    Ok(scaling)
}

fn ended<T>(thread: thread::ScopedJoinHandle<'_, Result<T, String>>) -> Result<T, String> {
    thread.join().map_err(|_| "a thread broke off".to_owned())?
}

/// Queries a second of this thread's CPU time. Every round is checked.
fn rate(walk: &mut impl FnMut() -> usize, start: Option<&Barrier>) -> Result<f64, String> {
    if let Some(start) = start {
        start.wait();
    }
    let (found, time) = timed(|| (0..ROUNDS).map(|_| walk()).sum::<usize>());
    if found != ROUNDS * WARM {
        return Err(format!("{found} of {} queries were found: all are listed", ROUNDS * WARM));
    }
    Ok(found as f64 / time.as_secs_f64())
}

fn report(table: &mut Table, case: &str, bound: Option<&str>, scaling: &Scaling) {
    let at = |share| quantile(&scaling.ratios, share);
    let note = format!(
        "queries per CPU second of each thread; median of {TURNS} turns, of which half are between {:.2} and {:.2}; \
         one thread takes {:.1} ns",
        at(0.25),
        at(0.75),
        quantile(&scaling.one, 0.5),
    );
    table.row(case, at(0.5), "×", bound, &note);
}
