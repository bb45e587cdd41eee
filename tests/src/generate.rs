//! Generated policies and requests. Names are made of few labels, so that equal suffixes, rows
//! below rows and near misses are frequent.

pub mod dice;
pub mod documents;
pub mod expressions;
pub mod near_misses;
pub mod origins;
pub mod requests;
pub mod rows;
pub mod wild_expressions;
pub mod wild_requests;

use std::fmt::Write;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

pub use dice::Dice;
pub use rows::{Row, grants, large_grants};

use crate::oracle::expression::Expression;
use crate::oracle::{self, Oracle};

/// The rows of one generated policy, grant by grant, and the service's own origins.
#[derive(Clone, Debug)]
pub struct Policy {
    pub grants: Vec<Vec<Row>>,
    pub own: Vec<String>,
}

impl Policy {
    /// Whether a row lies wholly within an earlier grant, which is an error.
    pub fn is_shadowed(&self) -> bool {
        self.without_shadowed().grants.iter().map(Vec::len).ne(self.grants.iter().map(Vec::len))
    }

    /// Without the rows that lie wholly within an earlier grant.
    #[must_use]
    pub fn without_shadowed(&self) -> Self {
        let mut policy = Self { grants: vec![], own: self.own.clone() };
        let mut earlier: Vec<Rule> = vec![];
        for rows in &self.grants {
            let (rules, mut kept): (Vec<Rule>, Vec<Row>) = (rows.iter().map(Rule::parse).collect(), vec![]);
            for (row, rule) in rows.iter().zip(&rules) {
                if !earlier.iter().any(|earlier| earlier.contains(rule)) {
                    kept.push(row.clone());
                }
            }
            policy.grants.push(kept);
            earlier.extend(rules);
        }
        policy
    }

    /// The row that a decision names.
    pub fn row(&self, grant: u32, rule: &str) -> Option<&Row> {
        self.grants[grant as usize].iter().find(|row| row.pattern == rule)
    }

    /// The policy as a document. `keys` are further lines of the policy's table.
    pub fn to_toml(&self, keys: &str) -> String {
        let mut text = "version = 1\n".to_string();
        for (index, rows) in self.grants.iter().enumerate() {
            text.push_str(if index == 0 { "[policy.p]\n" } else { "[[policy.p.grant]]\n" });
            text.push_str("allow_origins = [\n");
            rows.iter().for_each(|row| writeln!(text, "  {},", row.to_toml()).unwrap());
            text.push_str("]\n");
            if index == 0 {
                writeln!(text, "own_origins = {:?}\n{keys}", self.own).unwrap();
            }
        }
        text
    }

    /// The same rows as the oracle reads them.
    pub fn to_oracle(&self) -> Oracle {
        let mut oracle = Oracle::default();
        for (grant, rows) in (0..).zip(&self.grants) {
            for row in rows {
                match row.is_expression() {
                    true => oracle.add_expression(grant, &row.pattern),
                    false => oracle.add(grant, &row.pattern, row.depth),
                }
            }
        }
        self.own.iter().for_each(|own| oracle.add_own(own));
        oracle
    }
}

/// A row as the oracle reads it.
enum Rule {
    Null,
    Pattern(oracle::row::Row),
    Expression(Expression),
}

impl Rule {
    fn parse(row: &Row) -> Self {
        match row.pattern.as_str() {
            "null" => Self::Null,
            text if row.is_expression() => Self::Expression(Expression::parse(text)),
            text => Self::Pattern(oracle::row::Row::parse(text, row.depth)),
        }
    }

    /// Of expressions only their text is compared, with exact rows what they match.
    fn contains(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Pattern(outer), Self::Pattern(inner)) => outer.contains(inner),
            (Self::Expression(outer), Self::Expression(inner)) => outer.text == inner.text,
            (Self::Expression(outer), Self::Pattern(inner)) => {
                inner.only_origin().is_some_and(|origin| outer.matches(&origin))
            }
            _ => false,
        }
    }
}

/// How much is compared: `CORSAC_COMPARISONS`, and no fewer than `least`.
pub fn comparisons(least: u64) -> u64 {
    let asked = std::env::var("CORSAC_COMPARISONS").map(|count| count.parse().expect("CORSAC_COMPARISONS is a number"));
    asked.unwrap_or(least).max(least)
}

/// A runner whose every choice follows from one seed: `CORSAC_SEED`, or a fixed one. A failure says
/// which it was, and shrinks.
pub fn runner(cases: u32) -> (TestRunner, u64) {
    let seed = std::env::var("CORSAC_SEED").map_or(0x00c0_25ac, |seed| seed.parse().expect("CORSAC_SEED is a number"));
    let mut dice = Dice::new(seed);
    let bytes: Vec<u8> = (0..4).flat_map(|_| dice.next().to_le_bytes()).collect();
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    (TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)), seed)
}

/// Runs a property over generated values, and says the seed where it fails.
pub fn hold<S: proptest::strategy::Strategy>(cases: u32, strategy: &S, property: impl Fn(S::Value)) {
    let (mut runner, seed) = runner(cases);
    let outcome = runner.run(strategy, |value| {
        property(value);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}\nThe seed was {seed}: set CORSAC_SEED={seed} to see it again.");
    }
}
