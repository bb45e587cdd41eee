//! How readers on one engine affect each other, and how reloads affect them.
//!
//! ```text
//! readers scaling    two threads with a reader each, compared with one thread
//! readers reload     one reader while policies are reloaded, compared with no reloads
//! ```
//!
//! All times are CPU time of the deciding thread.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use corsac::{Engine, PolicyId, Reader, Request, Target, Verdict};
use corsac_bench::floor::HashProbe;
use corsac_bench::table::{Table, quantile, samples};
use corsac_bench::{WARM, diverse, draw, policy};
use rustix::time::{ClockId, clock_gettime};

/// The origins of every policy.
const ORIGINS: usize = 100;

/// How often policies are reloaded in a second.
const RELOADS: u64 = 1_000;

/// Samples of each case, taken in turn so that all see the same machine.
const SAMPLES: usize = 21;

/// Turns with and without reloads.
const TURNS: usize = 12;

/// Passes through the queries in a sample: about 50 ms.
const PASSES: usize = 2_000;

fn main() -> ExitCode {
    let measured = match std::env::args().nth(1).as_deref() {
        Some("scaling") => scaling(),
        Some("reload") => reload(),
        _ => Err("usage: readers scaling|reload".into()),
    };
    match measured.and_then(|table| table.print()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Two threads that write no shared memory decide twice as much as one. Two threads with a hash set each,
/// which share nothing, show what the machine allows.
fn scaling() -> Result<Table, String> {
    const BOUND: Option<&str> = Some("≥ 1.9 ×");
    let rows = diverse(ORIGINS, "");
    let queries = &*draw(&rows, WARM);
    let (engine, id) = engine(&rows)?;
    let mut table = Table::new("scaling");

    let probes = [HashProbe::of(&rows), HashProbe::of(&rows)];
    let mut passes =
        probes.each_ref().map(|probe| move || queries.iter().filter(|query| probe.contains(black_box(query))).count());
    report(&mut table, "the machine: two threads over one, a hash set each", None, &ratios(&mut passes)?);

    let mut readers = [engine.reader(), engine.reader()];
    let mut passes = readers.each_mut().map(|reader| move || allowed(reader, id, queries));
    report(&mut table, "two readers over one, no reloads", BOUND, &ratios(&mut passes)?);

    let (ratios, reloads) = while_reloading(&engine, &rows, || ratios(&mut passes));
    report(&mut table, "two readers over one, reloads all the while", BOUND, &ratios?);
    table.row("reloads in that time", reloads, "a second", None, "by a third thread, which also compiles the policies");
    Ok(table)
}

/// The time of a decision without reloads and with them, including the slow passes that a mean hides.
fn reload() -> Result<Table, String> {
    let rows = diverse(ORIGINS, "");
    let queries = draw(&rows, WARM);
    let (engine, id) = engine(&rows)?;
    let mut reader = engine.reader();
    let mut sample =
        || (0..PASSES).map(|_| pass(&mut || allowed(&mut reader, id, &queries))).collect::<Result<Vec<_>, _>>();
    let (mut quiet, mut reloading, mut reloads, mut ratios) = (vec![], vec![], vec![], vec![]);
    for _ in 0..samples(TURNS) {
        let before = sample()?;
        let (during, rate) = while_reloading(&engine, &rows, &mut sample);
        let during = during?;
        reloads.push(rate);
        ratios.push(quantile(&during, 0.5) / quantile(&before, 0.5));
        quiet.extend(before);
        reloading.extend(during);
    }
    let mut table = Table::new("reload");
    let note = format!("passes of {WARM} decisions, CPU time of the reader, {} turns of each", ratios.len());
    for (name, times) in [("quiet", &quiet), ("reloaded 1,000 times a second", &reloading)] {
        for (percent, share) in [("median", 0.5), ("95 %", 0.95), ("99 %", 0.99), ("99.9 %", 0.999)] {
            table.row(&format!("a reader, {name}: {percent}"), quantile(times, share), "ns", None, &note);
        }
    }
    let note = format!("median of {} turns, each next to a turn without reloads", ratios.len());
    let ratio = quantile(&ratios, 0.5);
    table.row("a reader's median, reloaded over quiet", ratio, "×", Some("≤ 1.05 ×"), &note);
    table.row("reloads", quantile(&reloads, 0.5), "a second", None, "median of the turns");
    Ok(table)
}

fn engine(rows: &[String]) -> Result<(Engine, PolicyId), String> {
    let engine = Engine::new(policy(rows).into());
    let id = engine.policy_id("bench").ok_or("the policy has another name")?;
    Ok((engine, id))
}

/// One pass: how many of the queries are allowed. All of them are listed.
fn allowed(reader: &mut Reader, policy: PolicyId, queries: &[String]) -> usize {
    let allows = |query: &&String| {
        let request = Request::new("GET").origin(black_box(*query));
        reader.decide(Target::Policy(policy), &request).verdict() == Verdict::Allowed
    };
    queries.iter().filter(allows).count()
}

/// Does some work while another thread reloads the engine; also returns the reloads in a second.
fn while_reloading<T>(engine: &Engine, rows: &[String], work: impl FnOnce() -> T) -> (T, f64) {
    let (is_over, reloads, start) = (AtomicBool::new(false), AtomicU64::new(0), Instant::now());
    let reload = || {
        while !is_over.load(Ordering::Relaxed) {
            engine.reload(policy(rows).into()).unwrap();
            let done = reloads.fetch_add(1, Ordering::Relaxed) + 1;
            let next = start + Duration::from_micros(done * 1_000_000 / RELOADS);
            thread::sleep(next.saturating_duration_since(Instant::now()));
        }
    };
    let value = thread::scope(|scope| {
        // A panic of this thread ends the scope with a panic.
        scope.spawn(reload);
        let value = work();
        is_over.store(true, Ordering::Relaxed);
        value
    });
    (value, reloads.into_inner() as f64 / start.elapsed().as_secs_f64())
}

/// The throughput of two threads over that of one, for each sample, and the time of a query on one.
struct Scaling {
    ratios: Vec<f64>,
    nanoseconds: Vec<f64>,
}

/// Takes samples of one thread and of two in turn.
fn ratios(passes: &mut [impl FnMut() -> usize + Send; 2]) -> Result<Scaling, String> {
    let mut scaling = Scaling { ratios: Vec::new(), nanoseconds: Vec::new() };
    for turn in 0..samples(SAMPLES) {
        let [first, second] = &mut *passes;
        let alone = if turn % 2 == 0 { &mut *first } else { &mut *second };
        let one = thread::scope(|scope| join(scope.spawn(|| rate(alone, None))))?;
        let start = Barrier::new(2);
        let (left, right) = thread::scope(|scope| {
            let left = scope.spawn(|| rate(first, Some(&start)));
            let right = scope.spawn(|| rate(second, Some(&start)));
            Ok::<_, String>((join(left)?, join(right)?))
        })?;
        scaling.ratios.push((left + right) / one);
        scaling.nanoseconds.push(1e9 / one);
    }
    Ok(scaling)
}

fn join<T>(thread: thread::ScopedJoinHandle<'_, Result<T, String>>) -> Result<T, String> {
    thread.join().map_err(|_| "a thread panicked".to_owned())?
}

/// Queries per second of this thread's CPU time.
fn rate(walk: &mut impl FnMut() -> usize, start: Option<&Barrier>) -> Result<f64, String> {
    if let Some(start) = start {
        start.wait();
    }
    let begun = thread_time();
    let found: usize = (0..PASSES).map(|_| walk()).sum();
    let time = thread_time() - begun;
    check(found, PASSES * WARM)?;
    Ok(found as f64 / time.as_secs_f64())
}

/// Nanoseconds of CPU time of a query in one pass.
fn pass(walk: &mut impl FnMut() -> usize) -> Result<f64, String> {
    let begun = thread_time();
    let found = walk();
    let time = thread_time() - begun;
    check(found, WARM)?;
    Ok(time.as_secs_f64() * 1e9 / WARM as f64)
}

fn check(found: usize, queries: usize) -> Result<(), String> {
    if found == queries { Ok(()) } else { Err(format!("{found} of {queries} queries were found, and all are listed")) }
}

/// CPU time of this thread.
fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

fn report(table: &mut Table, case: &str, bound: Option<&'static str>, scaling: &Scaling) {
    let at = |share| quantile(&scaling.ratios, share);
    let note = format!(
        "queries per CPU second of each thread; median of {} samples, half of them between {:.2} and {:.2}; \
         one thread takes {:.1} ns",
        scaling.ratios.len(),
        at(0.25),
        at(0.75),
        quantile(&scaling.nanoseconds, 0.5),
    );
    table.row(case, at(0.5), "×", bound, &note);
}
