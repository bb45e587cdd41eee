//! The expected decisions of the comparison's scenarios agree with the oracle, which shares no code with the
//! engine, and scenarios are what their names say.

use std::collections::BTreeSet;

use corsac_bench::scenario::Request;
use corsac_bench::scenarios::all;
use corsac_tests::oracle::{Judgement, Oracle};

/// The longest list: the oracle compares every row.
const ROWS: usize = 1_000;

#[test]
fn expected_decisions_are_the_oracle_s() {
    let mut compared = 0;
    for plan in all() {
        // Large lists are made by the same code as small ones, and would take minutes.
        if plan.name.contains("10,000") || plan.name.contains("100,000") || plan.name.contains("1,000,000") {
            continue;
        }
        let scenario = plan.make();
        let rows = &scenario.policy.allow_origins;
        assert!(rows.len() <= ROWS, "{}", scenario.name);
        let mut oracle = Oracle::default();
        rows.iter().filter(|row| *row != "*").for_each(|row| oracle.add(0, row, None));
        let distinct: BTreeSet<&str> = scenario.requests.iter().map(Request::origin).take(200).collect();
        for (request, expected) in scenario.requests.iter().zip(&scenario.expected) {
            if !distinct.contains(request.origin()) {
                continue;
            }
            let judged = oracle.judge(request.origin().as_bytes());
            let granted = scenario.policy.is_for_any() || matches!(judged, Judgement::Granted { .. });
            let may_be_allowed = expected.allowed != Some(false);
            let is_denied_otherwise = scenario.name.contains("header denied")
                || scenario.name.contains("method denied")
                || scenario.name.contains("distinct")
                || scenario.name.contains("one name of");
            assert_eq!(may_be_allowed, granted && !is_denied_otherwise, "{}: {judged:?}", scenario.name);
            compared += 1;
        }
    }
    assert!(compared > 5_000, "{compared}");
}

#[test]
fn names_match_the_expected_decisions() {
    let mut names = BTreeSet::new();
    for plan in all() {
        assert!(names.insert(plan.name.clone()), "{} appears twice", plan.name);
        if plan.name.contains("100,000") || plan.name.contains("1,000,000") {
            continue;
        }
        let scenario = plan.make();
        assert_eq!(scenario.requests.len(), scenario.expected.len());
        let expected: BTreeSet<_> = scenario.expected.iter().map(|expected| expected.allowed).collect();
        assert_eq!(expected.len(), 1, "{}", scenario.name);
        if scenario.name.contains("hostile") {
            assert!(!expected.contains(&Some(true)), "{}", scenario.name);
        } else {
            assert_eq!(expected.contains(&Some(false)), scenario.name.contains("denied"), "{}", scenario.name);
        }
    }
    assert!(names.len() > 50, "{}", names.len());
}
