//! Attacks on the proof of expressions: whatever an accepted one lets in must lie in a registrable
//! domain that stands literally in it, and have a scheme that does. Expressions are made by a grammar of mistakes; origins by
//! random walks over the expression's automaton, by walks over what of it lies outside of its
//! domains, where there is anything, and by changing origins that it matches.
//!
//! `CORSAC_COMPARISONS` asks for more (a fiftieth as many expressions), `CORSAC_SEED` for others.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use corsac::origin::Origin;
use corsac::{Policy, PolicyBuilder, Row};
use corsac_tests::automaton::Graph;
use corsac_tests::confined::{Attack, Confined};
use corsac_tests::generate::{Dice, comparisons, hold, wild_expressions};
use corsac_tests::oracle::named::{Named, registrable};
use proptest::prelude::*;

const LEAST: u64 = 1_000_000;
const COMPARISONS_PER_EXPRESSION: u64 = 50;
const EXPRESSIONS_EACH: u64 = 20;

/// Walks outside of the domains of an expression that is refused.
const WALKS_OUTSIDE: usize = 25;

#[derive(Debug, Default)]
struct Tally {
    expressions: u64,
    accepted: u64,
    /// Accepted ones, each once.
    distinct: BTreeSet<String>,
    /// Accepted ones that match nothing, and those of which a part is left out.
    empty: u64,
    cut: u64,
    /// Valid origins that a policy was asked for, by where they come from.
    walked: u64,
    missed: u64,
    allowed: u64,
    refused: BTreeMap<String, u64>,
}

impl Tally {
    fn add(&mut self, attack: Attack) {
        self.accepted += 1;
        self.walked += attack.walked;
        self.missed += attack.missed;
        self.allowed += attack.allowed;
        self.empty += u64::from(attack.is_empty);
        self.cut += u64::from(attack.is_cut);
    }
}

/// `Err` has the codes for which the expression is refused.
fn policy(text: &str) -> Result<Policy, Vec<String>> {
    let mut builder = PolicyBuilder::new("p");
    builder.row(Row::regex(text.to_string()));
    builder.build().map_err(|error| error.diagnostics().iter().map(|found| found.code().as_str().into()).collect())
}

#[test]
fn no_accepted_expression_leaves_its_domains() {
    let (wanted, tally) = (comparisons(LEAST) / COMPARISONS_PER_EXPRESSION, RefCell::new(Tally::default()));
    hold((wanted / EXPRESSIONS_EACH) as u32, &any::<u64>(), |seed| {
        let (mut dice, mut tally) = (Dice::new(seed), tally.borrow_mut());
        for _ in 0..EXPRESSIONS_EACH {
            let text = wild_expressions::wild(&mut dice);
            tally.expressions += 1;
            match policy(&text) {
                Ok(policy) => tally.add(Confined::new(&text, policy).attack(&mut dice)),
                Err(codes) => {
                    codes.into_iter().for_each(|code| *tally.refused.entry(code).or_default() += 1);
                    continue;
                }
            }
            tally.distinct.insert(text);
        }
    });
    let mut tally = tally.into_inner();
    let distinct = std::mem::take(&mut tally.distinct).len() as u64;
    println!("{distinct} distinct ones accepted, {tally:?}");
    assert!(tally.expressions >= wanted, "{} expressions are fewer than {wanted}", tally.expressions);
    assert!(tally.accepted * 100 >= tally.expressions * 15, "only {} were accepted", tally.accepted);
    assert!(distinct * 10 >= tally.accepted * 3, "only {distinct} of {} are distinct", tally.accepted);
    assert!(tally.walked + tally.missed >= wanted * 10, "only {} origins", tally.walked + tally.missed);
    assert!(tally.walked * 5 >= tally.missed && tally.missed * 5 >= tally.walked, "one way is hardly gone");
    assert!(tally.allowed * 10 >= tally.walked + tally.missed, "only {} origins were allowed", tally.allowed);
    assert!(tally.empty * 10 <= tally.accepted, "{} match nothing", tally.empty);
    assert!(tally.cut * 100 <= tally.accepted, "{} graphs are cut", tally.cut);
    for code in ["scheme", "domain", "no-domain", "public-suffix", "port", "look", "syntax"] {
        let refused = tally.refused.get(&format!("regex/{code}")).copied().unwrap_or(0);
        assert!(refused * 500 >= tally.expressions, "only {refused} were refused for regex/{code}");
    }
}

/// What the attack itself is worth: expressions that were accepted somewhere, each with the domains
/// that its author had in mind, are seen to leave them.
#[test]
fn an_expression_that_leaves_its_domains_would_be_seen() {
    for text in [
        r"https://example.com",
        r"https://.*example\.com",
        r"https://[a-z]*\.?example\.com",
        r"https://[a-z-]+\.github\.io",
        r"https://([a-z]+\.)?example\.com.*",
        r"https://a\.example\.com(:.*|\.[a-z]+)?",
        r"https://(foo|bar|.*)\.com",
        r"https://example\.com|.*",
        r"https://a\.example\.(com|[a-z]+)",
        r"https://a\.b\.example\.com[a-z]?",
        r"https://[a-z]+\.com",
    ] {
        let (named, mut dice) = (Named::in_expression(text).domains, Dice::new(1));
        let outside = Graph::of_matches_outside(text, &named);
        let origins: Vec<String> = (0..WALKS_OUTSIDE).filter_map(|_| outside.walk(&mut dice)).collect();
        let leaves = |origin: &&String| {
            let domain = Origin::parse(origin.as_bytes()).ok().and_then(|parsed| registrable(parsed.host()));
            domain.is_some_and(|domain| !named.contains(&domain))
        };
        assert!(origins.iter().any(|origin| leaves(&origin)), "{text}: {named:?}, {origins:?}");
        assert!(policy(text).is_err(), "{text} is accepted");
    }
}
