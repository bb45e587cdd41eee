//! Reloads, and a decision by each of the two ways to read the current policies. How reloads affect
//! readers is measured by `src/bin/readers.rs`.

use std::hint::black_box;
use std::time::Duration;

use corsac::{Engine, Policies, Request, Target, Verdict};
use corsac_bench::{WARM, diverse, draw, policy};
use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group};

/// The origins of the policy that decides.
const ORIGINS: usize = 100;

fn policies(rows: &[String]) -> Policies {
    policy(rows).into()
}

/// From compiled policies to the first decision with them, including the release of the old ones.
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
                    let generation = engine.reload(policies).unwrap();
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

/// A decision by a reader, and by a new snapshot.
fn read(criterion: &mut Criterion) {
    let rows = diverse(ORIGINS, "");
    let queries = draw(&rows, WARM);
    let engine = Engine::new(policies(&rows));
    let target = Target::Policy(engine.policies().only().expect("one policy"));
    let mut reader = engine.reader();
    let mut queries = queries.iter().cycle().map(|query| Request::new("GET").origin(query));
    let mut request = || black_box(queries.next().expect("a cycle"));
    let mut group = criterion.benchmark_group("read");
    group.bench_function("reader", |bencher| {
        bencher.iter(|| assert_eq!(reader.decide(target, &request()).verdict(), Verdict::Allowed));
    });
    group.bench_function("snapshot", |bencher| {
        bencher.iter(|| assert_eq!(engine.snapshot().decide(target, &request()).verdict(), Verdict::Allowed));
    });
    group.finish();
}

fn config() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(1000))
        .sample_size(30)
        .nresamples(5_000)
}

criterion_group! { name = reloads; config = config(); targets = reload, read }
