//! Rows only add: one more never refuses an origin that was allowed, one fewer never allows one that
//! was refused, and their order within a grant changes no verdict.

use std::cell::Cell;

use corsac::Policies;
use corsac_tests::bytes::shown;
use corsac_tests::engine;
use corsac_tests::generate::{self, Dice, Policy, hold, origins};
use corsac_tests::oracle::Judgement;
use proptest::prelude::*;

const CASES: u32 = 1500;
const ORIGINS_EACH: usize = 100;

fn is_allowed(policies: &Policies, origin: &[u8]) -> bool {
    matches!(engine::judge(policies, origin), Judgement::Granted { .. })
}

/// The policy with one row less.
fn without_one(policy: &Policy, dice: &mut Dice) -> Option<Policy> {
    let filled: Vec<usize> = (0..policy.grants.len()).filter(|grant| !policy.grants[*grant].is_empty()).collect();
    if filled.is_empty() {
        return None;
    }
    let mut fewer = policy.clone();
    let rows = &mut fewer.grants[*dice.pick(&filled)];
    rows.remove(dice.below(rows.len()));
    Some(fewer)
}

#[test]
fn a_row_more_allows_no_less_and_a_row_less_no_more() {
    let changed = Cell::new(0_u32);
    hold(CASES, &(generate::grants(), any::<u64>()), |(policy, seed)| {
        let mut dice = Dice::new(seed);
        let more = policy.without_shadowed();
        let Some(fewer) = without_one(&more, &mut dice) else { return };
        let (text, fewer_text) = (more.to_toml(""), fewer.to_toml(""));
        let (with, without) = (engine::policies(&text), engine::policies(&fewer_text));
        for _ in 0..ORIGINS_EACH {
            let origin = origins::origin(&mut dice, &more);
            let (before, after) = (is_allowed(&without, &origin), is_allowed(&with, &origin));
            assert!(after || !before, "`{}` by\n{fewer_text}and not by\n{text}", shown(&origin));
            changed.set(changed.get() + u32::from(before != after));
        }
    });
    println!("{} of {} verdicts changed", changed.get(), CASES as usize * ORIGINS_EACH);
    assert!(changed.get() > CASES, "the removed rows decide nearly nothing");
}

/// Whether two rules are both globs or both expressions, of which the first that matches is named.
/// Other rows of one rank are alike but for their depth, and have one text.
fn are_ranked_by_order(policy: &Policy, grant: u32, rules: [&str; 2]) -> bool {
    let [one, other] = rules.map(|rule| policy.row(grant, rule).unwrap());
    (one.is_glob() && other.is_glob()) || (one.is_expression() && other.is_expression())
}

#[test]
fn the_order_of_rows_within_a_grant_changes_no_verdict() {
    let rules = Cell::new(0_u32);
    hold(CASES, &(generate::grants(), any::<u64>()), |(policy, seed)| {
        let mut dice = Dice::new(seed);
        let policy = policy.without_shadowed();
        let mut shuffled = policy.clone();
        shuffled.grants.iter_mut().for_each(|rows| dice.shuffle(rows));
        let (text, shuffled_text) = (policy.to_toml(""), shuffled.to_toml(""));
        let (one, other) = (engine::policies(&text), engine::policies(&shuffled_text));
        for _ in 0..ORIGINS_EACH {
            let origin = origins::origin(&mut dice, &policy);
            match (engine::judge(&one, &origin), engine::judge(&other, &origin)) {
                (Judgement::Granted { grant, rule }, Judgement::Granted { grant: other_grant, rule: other_rule }) => {
                    assert_eq!(grant, other_grant, "`{}` by\n{text}and\n{shuffled_text}", shown(&origin));
                    let is_same = rule == other_rule || are_ranked_by_order(&policy, grant, [&rule, &other_rule]);
                    assert!(is_same, "`{}`: {rule}, {other_rule} by\n{text}and\n{shuffled_text}", shown(&origin));
                    rules.set(rules.get() + 1);
                }
                (a, b) => assert_eq!(a, b, "`{}` by\n{text}and\n{shuffled_text}", shown(&origin)),
            }
        }
    });
    assert!(rules.get() as usize > CASES as usize * ORIGINS_EACH / 10, "hardly an origin is allowed");
}
