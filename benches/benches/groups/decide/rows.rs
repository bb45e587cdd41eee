//! Wildcards, globs and expressions.

use corsac::{Policy, Verdict};
use corsac_bench::floor::LabelWalk;
use corsac_bench::{WARM, draw, expressions, globs, policy, policy_of_expressions, wildcards};
use corsac_tests::oracle::Oracle;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};

use super::timing::{actual, check, time};

pub(crate) fn wildcard(criterion: &mut Criterion) {
    for count in [100, 10_000] {
        let rows = wildcards(count);
        let (policy, oracle, walk) = (policy(&rows), oracle_of(&rows), LabelWalk::of(&rows));
        let hits: Vec<String> = draw(&rows, WARM).iter().map(|row| row.replace('*', "deep.preview")).collect();
        let misses: Vec<String> = hits.iter().map(|hit| hit.replace("tenant", "tenent")).collect();
        let mut group = criterion.benchmark_group(format!("wildcards-{count}"));
        for (case, queries) in [("hit", hits), ("miss", misses)] {
            assert!(queries.iter().all(|query| walk.contains(query) == (case == "hit")), "{case}");
            check(&policy, &oracle, &queries, case == "hit");
            time(&mut group, "floor", case, &queries, |query| walk.contains(query));
            time(&mut group, "decide", case, &queries, |query| policy.decide(&actual(query)));
        }
        group.finish();
    }
}

fn oracle_of(rows: &[String]) -> Oracle {
    let mut oracle = Oracle::default();
    for row in rows {
        oracle.add(0, row, None);
    }
    oracle
}

pub(crate) fn glob(criterion: &mut Criterion) {
    for count in [100, 10_000] {
        let rows = globs(count);
        let hits: Vec<String> = draw(&rows, WARM).iter().map(|row| row.replace('*', "pr-417")).collect();
        let misses: Vec<String> = hits.iter().map(|hit| hit.replace("--site", "--sito")).collect();
        // As many literals as fit into a host, none of them in a place where it could match.
        let hostile = vec![format!("https://{}x.example.app", "a--site1.example.app.".repeat(11))];
        let mut group = criterion.benchmark_group(format!("globs-{count}"));
        cases(&mut group, &policy(&rows), &oracle_of(&rows), [hits, misses, hostile]);
        group.finish();
    }
}

pub(crate) fn expression(criterion: &mut Criterion) {
    let rows = expressions(100);
    let mut oracle = Oracle::default();
    for row in &rows {
        oracle.add_expression(0, row);
    }
    let hits: Vec<String> =
        (0..WARM).map(|index| format!("https://web-pr-{index}.tenant{}.example.org", index % 100)).collect();
    let misses: Vec<String> = hits.iter().map(|hit| hit.replace("-pr-", "-pq-")).collect();
    let hostile =
        vec![format!("https://{}.tenant1.example.org", "pr-1.tenant1.example.org.".repeat(9).trim_end_matches('.'))];
    let mut group = criterion.benchmark_group("expressions-100");
    cases(&mut group, &policy_of_expressions(&rows), &oracle, [hits, misses, hostile]);
    group.finish();
}

/// Times hits, misses, and long origins that contain many of the literals of the rows.
fn cases(
    group: &mut BenchmarkGroup<'_, WallTime>,
    policy: &Policy,
    oracle: &Oracle,
    [hits, misses, hostile]: [Vec<String>; 3],
) {
    for (case, verdict, queries) in
        [("hit", Verdict::Allowed, hits), ("miss", Verdict::Denied, misses), ("hostile", Verdict::Denied, hostile)]
    {
        check(policy, oracle, &queries, verdict == Verdict::Allowed);
        time(group, "decide", case, &queries, |query| policy.decide(&actual(query)));
    }
}
