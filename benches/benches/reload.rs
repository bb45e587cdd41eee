//! Reloads, and what readers notice of them.
//!
//! The quiet run stands where other groups have their floor, so that `ratios` prints it beside the
//! same decisions under a storm of reloads.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use corsac::{Engine, Policies, Request, Target, Verdict};
use corsac_bench::{WARM, diverse, draw, policy};
use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main};

/// Reloads a second.
const STORM: u64 = 1_000;

/// Origins of the sets that the storm consists of.
const ORIGINS: usize = 100;

fn policies(rows: &[String]) -> Policies {
    policy(rows).into()
}

/// Reloads an engine a thousand times a second until it is dropped.
struct Storm {
    is_over: Arc<AtomicBool>,
    reloads: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
    start: Instant,
}

impl Storm {
    fn over(engine: &Engine, rows: &[String]) -> Self {
        let (is_over, reloads) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (engine, rows) = (engine.clone(), rows.to_vec());
        let (over, count) = (Arc::clone(&is_over), Arc::clone(&reloads));
        let start = Instant::now();
        let reload_on = move || {
            while !over.load(Ordering::Relaxed) {
                engine.reload(policies(&rows));
                let done = count.fetch_add(1, Ordering::Relaxed) + 1;
                let next = start + Duration::from_micros(done * 1_000_000 / STORM);
                std::thread::sleep(next.saturating_duration_since(Instant::now()));
            }
        };
        Self { is_over, reloads, thread: Some(std::thread::spawn(reload_on)), start }
    }
}

impl Drop for Storm {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        let ended = self.thread.take().map(JoinHandle::join);
        let rate = self.reloads.load(Ordering::Relaxed) as f64 / self.start.elapsed().as_secs_f64();
        println!("{rate:.0} reloads a second");
        assert!(matches!(ended, Some(Ok(()))), "the storm broke off");
    }
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
    let mut next = 0;
    group.bench_function(BenchmarkId::new(name, ORIGINS), |bencher| {
        bencher.iter(|| {
            let query = &queries[next];
            next = if next + 1 == queries.len() { 0 } else { next + 1 };
            let verdict = decide(&Request::new("GET").origin(black_box(query)));
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
    drop(raging);
    group.finish();

    let mut group = criterion.benchmark_group("snapshot");
    time(&mut group, "floor", &queries, |request| engine.snapshot().decide(target, request).verdict());
    let raging = Storm::over(&engine, &rows);
    time(&mut group, "decide", &queries, |request| engine.snapshot().decide(target, request).verdict());
    drop(raging);
    group.finish();
}

fn config() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1000))
        .sample_size(30)
}

criterion_group! { name = benches; config = config(); targets = reload, storm }
criterion_main!(benches);
