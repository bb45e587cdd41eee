//! Only matching, next to a hash probe for exact rows and a walk over labels for wildcards.
//!
//! The matcher is not public, so `Policy::origin_allowed` is called: it takes the request's `Origin` line,
//! calls the matcher, and only makes a boolean of the result.

use std::hint::black_box;

use corsac::{Policy, Request};
use corsac_bench::floor::{HashProbe, LabelWalk};
use corsac_bench::{WARM, diverse, draw, globs, policy_of_rows, siblings, wildcards};
use corsac_tests::oracle::{Judgement, Oracle};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, criterion_group};

fn is_allowed(policy: &Policy, origin: &str) -> bool {
    policy.origin_allowed(&Request::new("GET").origin(origin)) == Some(true)
}

fn time(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    case: &str,
    queries: &[String],
    answer: impl Fn(&str) -> bool,
) {
    let mut round = queries.iter().cycle();
    group.bench_function(BenchmarkId::new(name, case), |bencher| {
        bencher.iter(|| answer(black_box(round.next().expect("a cycle"))));
    });
}

/// Hits and misses of these rows, which the naive matcher checks first.
fn run(
    criterion: &mut Criterion,
    name: &str,
    rows: &[String],
    [hits, misses]: [Vec<String>; 2],
    floor: Option<impl Fn(&str) -> bool + Copy>,
) {
    let policy = policy_of_rows(rows);
    let mut oracle = Oracle::default();
    for row in rows {
        oracle.add(0, row, None);
    }
    let mut group = criterion.benchmark_group(format!("match-{name}"));
    for (case, is_listed, queries) in [("hit", true, hits), ("miss", false, misses)] {
        for query in &queries {
            let granted = matches!(oracle.judge(query.as_bytes()), Judgement::Granted { .. });
            assert_eq!((granted, is_allowed(&policy, query)), (is_listed, is_listed), "{name}: {query}");
            assert!(floor.as_ref().is_none_or(|floor| floor(query) == is_listed), "{name}: {query}");
        }
        if let Some(floor) = floor {
            time(&mut group, "floor", case, &queries, floor);
        }
        time(&mut group, "match", case, &queries, |query| is_allowed(&policy, query));
    }
    group.finish();
}

/// The queries, each changed in one place.
fn changed(queries: &[String], from: &str, to: &str) -> Vec<String> {
    queries.iter().map(|query| query.replacen(from, to, 1)).collect()
}

fn exact(criterion: &mut Criterion) {
    for count in [1, 10, 1_000, 10_000] {
        for (shape, rows, from, to) in
            [("diverse", diverse(count, ""), "tenant", "tenent"), ("siblings", siblings(count, ""), "site", "sito")]
        {
            let hits = draw(&rows, WARM);
            let misses = changed(&hits, from, to);
            let probe = HashProbe::of(&rows);
            run(
                criterion,
                &format!("{shape}-{count}"),
                &rows,
                [hits, misses],
                Some(|query: &str| probe.contains(query)),
            );
        }
    }
}

fn wildcard(criterion: &mut Criterion) {
    for count in [100, 10_000] {
        let rows = wildcards(count);
        let hits = changed(&draw(&rows, WARM), "*", "deep.preview");
        let misses = changed(&hits, "tenant", "tenent");
        let walk = LabelWalk::of(&rows);
        run(criterion, &format!("wildcards-{count}"), &rows, [hits, misses], Some(|query: &str| walk.contains(query)));
    }
}

fn glob(criterion: &mut Criterion) {
    for count in [100, 10_000] {
        let rows = globs(count);
        let hits = changed(&draw(&rows, WARM), "*", "pr-417");
        let misses = changed(&hits, "--site", "--sito");
        run(criterion, &format!("globs-{count}"), &rows, [hits, misses], None::<fn(&str) -> bool>);
    }
}

criterion_group! { name = matching; config = crate::short_cases(300); targets = exact, wildcard, glob }
