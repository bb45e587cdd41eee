//! How cases are checked and timed.

use std::collections::HashSet;
use std::hint::black_box;

use corsac::{Policy, Request, Verdict};
use corsac_tests::oracle::{Judgement, Oracle};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId};

/// Times one answer a query, going round through `queries`. A round goes on where the last sample
/// left it, so that a cold run really passes over the whole list.
pub(crate) fn time<'q, T>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    case: &str,
    queries: &'q [String],
    answer: impl Fn(&'q str) -> T,
) {
    let mut round = queries.iter().cycle();
    group.bench_function(BenchmarkId::new(name, case), |bencher| {
        bencher.iter(|| black_box(answer(black_box(round.next().expect("a cycle")))));
    });
}

/// A request that is no preflight.
pub(crate) fn actual(origin: &str) -> Request<'_> {
    Request::new("GET").origin(origin)
}

/// Holds the verdicts of actual requests against a set of the standard library.
pub(crate) fn check_exact(policy: &Policy, listed: &HashSet<&str>, queries: &[String]) {
    for query in queries {
        let verdict = if listed.contains(&**query) { Verdict::Allowed } else { Verdict::Denied };
        assert_eq!(policy.decide(&actual(query)).verdict(), verdict, "{query}");
    }
}

/// Holds the verdicts of actual requests against the naive matcher, and the rows that it names.
pub(crate) fn check(policy: &Policy, oracle: &Oracle, queries: &[String], is_allowed: bool) {
    for query in queries {
        let decision = policy.decide(&actual(query));
        let (verdict, rule) = match oracle.judge(query.as_bytes()) {
            Judgement::Granted { rule, .. } => (Verdict::Allowed, Some(rule)),
            _ => (Verdict::Denied, None),
        };
        assert_eq!((decision.verdict(), decision.rule()), (verdict, rule.as_deref()), "{query}");
        // Otherwise something else would be timed than the case's name says.
        assert_eq!(verdict == Verdict::Allowed, is_allowed, "{query}");
    }
}
