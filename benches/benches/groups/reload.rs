//! Reloads, and what readers notice of them.
//!
//! The quiet run stands where other groups have their floor, so that `record` prints it beside the
//! same decisions under a storm of reloads.

use std::hint::black_box;
use std::time::Duration;

use corsac::{Engine, Policies, Request, Target, Verdict};
use corsac_bench::clock::timed;
use corsac_bench::raw::quantile;
use corsac_bench::round::Round;
use corsac_bench::storm::Storm;
use corsac_bench::table::Table;
use corsac_bench::{WARM, diverse, draw, policy};
use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, BenchmarkId, Criterion, criterion_group};

/// Origins of the sets that the storm consists of.
const ORIGINS: usize = 100;

fn policies(rows: &[String]) -> Policies {
    policy(rows).into()
}

/// From a compiled set to its first decision, and the old set freed.
fn reload(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("reload");
    group.sample_size(10);
    for size in [10, 10_000] {
        let rows = diverse(size, "");
        let engine = Engine::new(policies(&rows));
        let mut reader = engine.reader();
        group.bench_function(BenchmarkId::new("decide", size), |bencher| {
            bencher.iter_batched(
                || policies(&rows),
                |policies| {
                    let generation = engine.reload(policies);
                    assert_eq!(reader.policies().generation(), generation);
                },
                BatchSize::SmallInput,
            );
        });
        reader.release();
        assert_eq!(engine.sweep(), 0);
    }
    group.finish();
}

/// Times decisions, going round through `queries`.
fn time<'q>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    queries: &'q [String],
    mut decide: impl FnMut(&Request<'q>) -> Verdict,
) {
    let mut round = Round::of(queries);
    group.bench_function(BenchmarkId::new(name, ORIGINS), |bencher| {
        bencher.iter(|| {
            let verdict = decide(&Request::new("GET").origin(black_box(round.step())));
            assert_eq!(verdict, Verdict::Allowed);
        });
    });
}

fn storm(criterion: &mut Criterion) {
    let rows = diverse(ORIGINS, "");
    let queries = draw(&rows, WARM);
    let engine = Engine::new(policies(&rows));
    let target = Target::Policy(engine.policies().only().expect("one policy"));
    let mut reader = engine.reader();

    let mut group = criterion.benchmark_group("reader");
    time(&mut group, "floor", &queries, |request| reader.decide(target, request).verdict());
    let raging = Storm::over(&engine, &rows);
    time(&mut group, "decide", &queries, |request| reader.decide(target, request).verdict());
    println!("{:.0} reloads a second", raging.end());
    group.finish();

    let mut group = criterion.benchmark_group("snapshot");
    time(&mut group, "floor", &queries, |request| engine.snapshot().decide(target, request).verdict());
    let raging = Storm::over(&engine, &rows);
    time(&mut group, "decide", &queries, |request| engine.snapshot().decide(target, request).verdict());
    println!("{:.0} reloads a second", raging.end());
    group.finish();
}

/// Turns of a quiet engine and one that is reloaded, so that both see the same machine.
const TURNS: usize = 12;

/// Rounds through the queries in a turn.
const ROUNDS: usize = 3_000;

/// How long rounds of 1,024 decisions take: nanoseconds of CPU time a decision.
fn rounds<'q>(queries: &'q [String], mut decide: impl FnMut(&Request<'q>) -> Verdict) -> Vec<f64> {
    let round = |_| {
        let ((), time) = timed(|| {
            for query in queries {
                let verdict = decide(&Request::new("GET").origin(black_box(query)));
                assert_eq!(verdict, Verdict::Allowed);
            }
        });
        time.as_secs_f64() * 1e9 / queries.len() as f64
    };
    (0..ROUNDS).map(round).collect()
}

/// What criterion's means hide: the slow rounds, and turns that follow each other closely.
fn percentiles(_: &mut Criterion) {
    let rows = diverse(ORIGINS, "");
    let queries = draw(&rows, WARM);
    let engine = Engine::new(policies(&rows));
    let target = Target::Policy(engine.policies().only().expect("one policy"));
    let mut reader = engine.reader();
    let (mut quiet, mut stormy, mut reloads, mut ratios) = (vec![], vec![], vec![], vec![]);
    for _ in 0..TURNS {
        let before = rounds(&queries, |request| reader.decide(target, request).verdict());
        let storm = Storm::over(&engine, &rows);
        let during = rounds(&queries, |request| reader.decide(target, request).verdict());
        reloads.push(storm.end());
        ratios.push(quantile(&during, 0.5) / quantile(&before, 0.5));
        quiet.extend(before);
        stormy.extend(during);
    }
    let mut table = Table::new("reload");
    let note = format!("rounds of {WARM} decisions, CPU time of the reader, {TURNS} turns of each");
    for (name, times) in [("quiet", &quiet), ("reloaded 1,000 times a second", &stormy)] {
        for (percent, share) in [("median", 0.5), ("95 %", 0.95), ("99 %", 0.99), ("99.9 %", 0.999)] {
            table.row(&format!("a reader, {name}: {percent}"), quantile(times, share), "ns", None, &note);
        }
    }
    let storms = format!("median of {TURNS} turns beside each other");
    let ratio = quantile(&ratios, 0.5);
    table.row("a reader's median, reloaded over quiet", ratio, "×", Some("≤ 1.05 ×"), &storms);
    table.row("reloads", quantile(&reloads, 0.5), "a second", None, "what the storm came to");
    table.write().expect("the table can be written");
}

fn config() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(1000))
        .sample_size(30)
        .nresamples(5_000)
}

criterion_group! { name = reloads; config = config(); targets = reload, storm, percentiles }
