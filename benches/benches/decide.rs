//! Whole decisions beside the floor: a bare hash set of boxed keys that holds the same origins.
//!
//! Every case first checks its answers, then is timed. Floor and engine run next to each other, so
//! that their ratio means something on a machine whose speed changes; `ratios` prints it.

use std::hint::black_box;
use std::time::Duration;

use corsac::{Policy, Request, Verdict};
use corsac_bench::{
    WARM, diverse, draw, expressions, globs, header_names, policy, policy_of_expressions, shuffled, wildcards,
};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main};
use foldhash::fast::FixedState;
use hashbrown::HashSet;

type Floor = HashSet<Box<[u8]>, FixedState>;

const SIZES: [usize; 7] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

/// Lists from which a cold run differs from a warm one.
const COLD: usize = 100_000;

fn floor_of(rows: &[String]) -> Floor {
    rows.iter().map(|row| row.as_bytes().into()).collect()
}

/// Times one answer a query, going round through `queries`.
fn time<'q, T>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    id: BenchmarkId,
    queries: &'q [String],
    answer: impl Fn(&'q str) -> T,
) {
    group.bench_function(id, |bencher| {
        let mut next = 0;
        bencher.iter(|| {
            let query = &queries[next];
            next = if next + 1 == queries.len() { 0 } else { next + 1 };
            black_box(answer(black_box(query)))
        });
    });
}

fn check(policy: &Policy, floor: &Floor, queries: &[String], listed: bool) {
    let verdict = if listed { Verdict::Allowed } else { Verdict::Denied };
    for query in queries {
        assert_eq!(floor.contains(query.as_bytes()), listed, "{query}");
        assert_eq!(policy.decide(&Request::new("GET").origin(query)).verdict(), verdict, "{query}");
    }
}

fn exact(criterion: &mut Criterion) {
    for size in SIZES {
        let rows = diverse(size, "");
        let absent = diverse(size.max(WARM), "x");
        let (policy, floor) = (policy(&rows), floor_of(&rows));
        let mut runs = vec![("hit-warm", draw(&rows, WARM), true), ("miss-warm", draw(&absent, WARM), false)];
        if size >= COLD {
            runs.push(("hit-cold", shuffled(&rows), true));
            runs.push(("miss-cold", shuffled(&absent), false));
        }
        for (name, queries, listed) in runs {
            check(&policy, &floor, &queries, listed);
            let mut group = criterion.benchmark_group(format!("exact-{name}"));
            time(&mut group, BenchmarkId::new("floor", size), &queries, |query| floor.contains(query.as_bytes()));
            time(&mut group, BenchmarkId::new("decide", size), &queries, |query| {
                policy.decide(&Request::new("GET").origin(query))
            });
            group.finish();
        }
    }
}

fn wildcard(criterion: &mut Criterion) {
    let rows = wildcards(10_000);
    let policy = policy(&rows);
    let hits: Vec<String> = draw(&rows, WARM).iter().map(|row| row.replace('*', "deep.preview")).collect();
    let misses: Vec<String> = hits.iter().map(|hit| hit.replace("tenant", "tenent")).collect();
    let mut group = criterion.benchmark_group("wildcards-10000");
    time_all(&mut group, "hit", &policy, &hits, Verdict::Allowed);
    time_all(&mut group, "miss", &policy, &misses, Verdict::Denied);
    group.finish();
}

/// Decides `queries` by `policy` under a name, all of which must get `verdict`.
fn time_all(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    policy: &Policy,
    queries: &[String],
    verdict: Verdict,
) {
    for query in queries {
        assert_eq!(policy.decide(&Request::new("GET").origin(query)).verdict(), verdict, "{query}");
    }
    time(group, BenchmarkId::new("decide", name), queries, |query| policy.decide(&Request::new("GET").origin(query)));
}

fn glob(criterion: &mut Criterion) {
    for count in [100, 10_000] {
        let rows = globs(count);
        let policy = policy(&rows);
        let hits: Vec<String> = draw(&rows, WARM).iter().map(|row| row.replace('*', "pr-417")).collect();
        let misses: Vec<String> = hits.iter().map(|hit| hit.replace("--site", "--sito")).collect();
        // As many literals as fit into a host, none of them where it would count.
        let hostile = vec![format!("https://{}x.example.app", "a--site1.example.app.".repeat(11))];
        let mut group = criterion.benchmark_group(format!("globs-{count}"));
        time_all(&mut group, "hit", &policy, &hits, Verdict::Allowed);
        time_all(&mut group, "miss", &policy, &misses, Verdict::Denied);
        time_all(&mut group, "hostile", &policy, &hostile, Verdict::Denied);
        group.finish();
    }
}

fn expression(criterion: &mut Criterion) {
    let policy = policy_of_expressions(&expressions(100));
    let hits: Vec<String> =
        (0..WARM).map(|index| format!("https://web-pr-{index}.tenant{}.example.org", index % 100)).collect();
    let misses: Vec<String> = hits.iter().map(|hit| hit.replace("-pr-", "-pq-")).collect();
    let hostile =
        vec![format!("https://{}.tenant1.example.org", "pr-1.tenant1.example.org.".repeat(9).trim_end_matches('.'))];
    let mut group = criterion.benchmark_group("expressions-100");
    time_all(&mut group, "hit", &policy, &hits, Verdict::Allowed);
    time_all(&mut group, "miss", &policy, &misses, Verdict::Denied);
    time_all(&mut group, "hostile", &policy, &hostile, Verdict::Denied);
    group.finish();
}

fn asking<'r>(origin: &'r str, lines: &'r [&'r [u8]]) -> Request<'r> {
    Request::new("OPTIONS").origin(origin).request_method("PUT").request_headers(lines)
}

fn preflight(criterion: &mut Criterion) {
    let rows = diverse(1_000, "");
    let policy = policy(&rows);
    let queries = draw(&rows, WARM);
    let names = header_names();
    let mut group = criterion.benchmark_group("preflight");
    for count in [1, 20] {
        let line = names[..count].join(",");
        let lines = [line.as_bytes()];
        for query in &queries {
            assert_eq!(policy.decide(&asking(query, &lines)).verdict(), Verdict::PreflightAllowed, "{query}");
        }
        time(&mut group, BenchmarkId::new("decide", count), &queries, |query| policy.decide(&asking(query, &lines)));
    }
    group.finish();
}

/// Inputs that make other implementations slow: 64 KiB each.
fn hostile(criterion: &mut Criterion) {
    const LEN: usize = 64 << 10;
    let rows = diverse(1_000, "");
    let policy = policy(&rows);
    let queries = draw(&rows, WARM);
    let distinct: String = (0..LEN / 8).map(|index| format!("x-{index:05},")).collect();
    let mut group = criterion.benchmark_group("hostile");
    for (name, line) in [
        ("commas", ",".repeat(LEN)),
        ("one-name-repeated", "x-custom-header-00,".repeat(LEN / 19)),
        ("distinct-names", distinct),
        ("one-long-name", "x".repeat(LEN)),
        ("white-space", " ".repeat(LEN)),
    ] {
        let lines = [line.as_bytes()];

        assert_eq!(policy.decide(&asking(&queries[0], &lines)).verdict(), Verdict::PreflightDenied, "{name}");
        time(&mut group, BenchmarkId::new("decide", name), &queries, |query| policy.decide(&asking(query, &lines)));
    }
    let long = vec![format!("https://{}.example", "a".repeat(LEN))];
    assert_eq!(policy.decide(&Request::new("GET").origin(&long[0])).verdict(), Verdict::Denied);
    time(&mut group, BenchmarkId::new("decide", "long-origin"), &long, |query| {
        policy.decide(&Request::new("GET").origin(query))
    });
    group.finish();
}

fn compile(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("compile");
    group.sample_size(10);
    for size in [1_000, 100_000] {
        let rows = diverse(size, "");
        group.bench_function(BenchmarkId::new("exact", size), |bencher| bencher.iter(|| policy(black_box(&rows))));
    }
    group.finish();
}

fn config() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1000))
        .sample_size(30)
}

criterion_group! { name = benches; config = config(); targets = exact, wildcard, glob, expression, preflight, hostile, compile }
criterion_main!(benches);
