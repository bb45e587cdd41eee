//! Checks and times cases.

use std::collections::HashSet;
use std::hint::black_box;

use corsac::{Policy, Request, Verdict};
use corsac_tests::oracle::{Judgement, Oracle};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId};

/// Times one query per iteration, repeatedly in their order. A sample continues where the last one
/// stopped, so that a cold run really passes over the whole list.
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

/// A request other than a preflight.
pub(crate) fn actual(origin: &str) -> Request<'_> {
    Request::new("GET").origin(origin)
}

/// Compares the verdicts of actual requests with a set of the standard library.
pub(crate) fn check_exact(policy: &Policy, listed: &HashSet<&str>, queries: &[String]) {
    for query in queries {
        let verdict = if listed.contains(&**query) { Verdict::Allowed } else { Verdict::Denied };
        assert_eq!(policy.decide(&actual(query)).verdict(), verdict, "{query}");
    }
}

/// Compares the verdicts of actual requests, and the rules that they name, with the naive matcher.
pub(crate) fn check(policy: &Policy, oracle: &Oracle, queries: &[String], is_allowed: bool) {
    for query in queries {
        let decision = policy.decide(&actual(query));
        let (verdict, rule) = match oracle.judge(query.as_bytes()) {
            Judgement::Granted { rule, .. } => (Verdict::Allowed, Some(rule)),
            _ => (Verdict::Denied, None),
        };
        assert_eq!((decision.verdict(), decision.rule()), (verdict, rule.as_deref()), "{query}");
        // Otherwise the case would not measure what its name says.
        assert_eq!(verdict == Verdict::Allowed, is_allowed, "{query}");
    }
}
