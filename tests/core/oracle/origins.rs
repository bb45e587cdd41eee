//! The engine's matcher against the oracle's linear scan: the same verdict, grant and rule for every
//! origin, on generated policies, in both directions. At least a million comparisons on policies that
//! have globs or expressions among their rows.
//!
//! `CORSAC_COMPARISONS` asks for more, `CORSAC_SEED` for others.

use std::cell::RefCell;
use std::collections::BTreeMap;

use corsac::origin::Origin;
use corsac_tests::bytes::shown;
use corsac_tests::engine;
use corsac_tests::generate::{self, Dice, Policy, Row, comparisons, hold, origins};
use corsac_tests::oracle::{self, Judgement};
use proptest::prelude::*;

const LEAST: u64 = 1_000_000;
const ORIGINS_EACH: u64 = 250;
const ORIGINS_EACH_LARGE: u64 = 1000;

/// What was compared, to be printed and to be enough.
#[derive(Debug, Default)]
struct Tally {
    comparisons: u64,
    policies: u64,
    /// Comparisons on policies that have such rows.
    with_globs: u64,
    with_expressions: u64,
    with_either: u64,
    kinds: BTreeMap<&'static str, u64>,
}

impl Tally {
    fn count_policy(&mut self, policy: &Policy, comparisons: u64) {
        let has = |kind: fn(&Row) -> bool| policy.grants.iter().flatten().any(kind);
        let (globs, expressions) = (has(Row::is_glob), has(Row::is_expression));
        self.policies += 1;
        self.with_globs += comparisons * u64::from(globs);
        self.with_expressions += comparisons * u64::from(expressions);
        self.with_either += comparisons * u64::from(globs || expressions);
    }

    fn count(&mut self, policy: &Policy, judgement: &Judgement) {
        let kind = match judgement {
            Judgement::Granted { grant, rule } => match (policy.row(*grant, rule), grant) {
                (Some(row), _) if row.is_glob() => "granted by a glob",
                (Some(row), _) if row.is_expression() => "granted by an expression",
                (_, 0) => "granted by the policy",
                _ => "granted by a grant",
            },
            Judgement::Own(_) => "own",
            Judgement::Malformed => "malformed",
            Judgement::Repeated => "repeated",
            Judgement::Null => "null",
            Judgement::NotAllowed => "not allowed",
        };
        self.comparisons += 1;
        *self.kinds.entry(kind).or_default() += 1;
    }

    /// A comparison of nothing but refusals would prove little.
    fn check(&self, least: u64) {
        println!("{self:?}");
        assert!(self.with_either >= least, "{} comparisons are fewer than {least}", self.with_either);
        assert!(self.with_globs.min(self.with_expressions) * 2 >= least, "too few comparisons of either kind");
        for (kind, percent) in [
            ("granted by the policy", 10),
            ("granted by a grant", 4),
            ("granted by a glob", 4),
            ("granted by an expression", 4),
            ("malformed", 10),
            ("not allowed", 15),
        ] {
            let share = self.kinds.get(kind).copied().unwrap_or(0) * 100 / self.comparisons;
            assert!(share >= percent, "only {share} of a hundred are {kind}");
        }
        assert_eq!(self.kinds.len(), 9, "a kind of judgement is missing");
    }
}

/// Asks engine and oracle about so many origins.
fn compare(policy: &Policy, seed: u64, origins: u64, tally: &RefCell<Tally>) {
    let policy = policy.without_shadowed();
    let text = policy.to_toml("");
    let (policies, oracle) = (engine::policies(&text), policy.to_oracle());
    let (mut dice, mut tally) = (Dice::new(seed), tally.borrow_mut());
    tally.count_policy(&policy, origins);
    for _ in 0..origins {
        let origin = origins::origin(&mut dice, &policy);
        let expected = oracle.judge(&origin);
        assert_eq!(engine::judge(&policies, &origin), expected, "`{}` by\n{text}", shown(&origin));
        tally.count(&policy, &expected);
    }
}

/// Small policies, and lists long enough for tables; a tenth of the comparisons are on the latter.
/// One small policy in eight or so has neither globs nor expressions, so a quarter more is done.
/// Every document must be accepted: one that is not fails the test.
#[test]
fn engine_and_oracle_agree() {
    let (least, tally) = (comparisons(LEAST), RefCell::new(Tally::default()));
    let wanted = least / 4 * 5;
    let large = wanted / 10 / ORIGINS_EACH_LARGE;
    let small = wanted.saturating_sub(large * ORIGINS_EACH_LARGE).div_ceil(ORIGINS_EACH);
    hold(small as u32, &(generate::grants(), any::<u64>()), |(policy, seed)| {
        compare(&policy, seed, ORIGINS_EACH, &tally);
    });
    hold(large as u32, &(generate::large_grants(), any::<u64>()), |(policy, seed)| {
        compare(&policy, seed, ORIGINS_EACH_LARGE, &tally);
    });
    tally.into_inner().check(least);
}

/// A document is refused exactly when an earlier grant contains a row of a later one, and for no
/// other reason.
#[test]
fn exactly_shadowed_rows_are_refused() {
    let (accepted, refused) = (RefCell::new(0_u32), RefCell::new(0_u32));
    hold(3000, &generate::grants(), |policy| {
        let text = policy.to_toml("");
        let mut errors = engine::errors(&text);
        errors.dedup();
        let expected: &[&str] = if policy.is_shadowed() { &["grant/shadowed"] } else { &[] };
        assert_eq!(errors, expected, "{text}");
        *if errors.is_empty() { &accepted } else { &refused }.borrow_mut() += 1;
    });
    let (accepted, refused) = (accepted.into_inner(), refused.into_inner());
    println!("{accepted} documents accepted, {refused} refused");
    assert!(accepted > 1000 && refused > 200, "both kinds must be seen");
}

/// The engine's parser against the grammar: the same values are origins, with the same parts.
#[test]
fn the_same_values_are_origins() {
    let (count, valid) = (RefCell::new(0_u64), RefCell::new(0_u64));
    hold(1000, &(generate::grants(), any::<u64>()), |(policy, seed)| {
        let mut dice = Dice::new(seed);
        for _ in 0..200 {
            let value = origins::origin(&mut dice, &policy);
            let expected = oracle::origin::parse(&value);
            let parsed = Origin::parse(&value).ok();
            let parts = parsed.map(|origin| oracle::origin::Parsed {
                text: origin.as_str().into(),
                scheme: origin.scheme().into(),
                host: origin.host().into(),
                port: origin.port().map(u32::from),
            });
            assert_eq!(parts, expected, "`{}`", shown(&value));
            *count.borrow_mut() += 1;
            *valid.borrow_mut() += u64::from(expected.is_some());
        }
    });
    let (count, valid) = (count.into_inner(), valid.into_inner());
    println!("{count} values parsed, {valid} of them origins");
    assert!(valid > count / 4 && valid < count * 3 / 4, "{valid} of {count} are valid");
}

/// Addresses are where two readers of a URL differ most: all forms of them, valid and not.
#[test]
fn the_same_addresses_are_canonical() {
    let (count, valid) = (RefCell::new(0_u64), RefCell::new(0_u64));
    hold(4000, &any::<u64>(), |seed| {
        let mut dice = Dice::new(seed);
        for _ in 0..25 {
            let host = if dice.percent(60) { address_v6(&mut dice) } else { address_v4(&mut dice) };
            let value = format!("{}://{host}", dice.pick(&["http", "https", "app"]));
            let expected = oracle::origin::parse(value.as_bytes()).is_some();
            assert_eq!(Origin::parse(value.as_bytes()).is_ok(), expected, "`{value}`");
            *count.borrow_mut() += 1;
            *valid.borrow_mut() += u64::from(expected);
        }
    });
    let (count, valid) = (count.into_inner(), valid.into_inner());
    println!("{count} addresses parsed, {valid} of them canonical");
    assert!(valid > count / 20, "{valid} of {count} are valid");
}

fn address_v6(dice: &mut Dice) -> String {
    let groups = *dice.pick(&[8, 8, 8, 7, 6, 4, 3, 2, 1, 9]);
    let mut groups: Vec<&str> =
        (0..groups).map(|_| *dice.pick(&["0", "0", "0", "1", "a", "ff", "1f0", "2001"])).collect();
    if dice.percent(10) {
        let at = dice.below(groups.len());
        groups[at] = *dice.pick::<&str>(&["0db8", "A", "12345", "g", "1.2.3.4", ""]);
    }
    if dice.percent(60) {
        // Compress a run of zeros, whether it is the longest or not.
        if let Some(start) = groups.iter().position(|group| *group == "0") {
            let length = groups[start..].iter().take_while(|group| **group == "0").count();
            let (before, after) = (groups[..start].join(":"), groups[start + length..].join(":"));
            return format!("[{before}::{after}]");
        }
    }
    if dice.percent(10) { format!("[::{}]", groups[0]) } else { format!("[{}]", groups.join(":")) }
}

fn address_v4(dice: &mut Dice) -> String {
    let parts = *dice.pick(&[4, 4, 4, 4, 3, 5, 1]);
    let parts: Vec<&str> = (0..parts)
        .map(|_| *dice.pick(&["0", "1", "9", "10", "127", "199", "255", "256", "01", "0x1", "a", "0x", "", "00"]))
        .collect();
    format!("{}{}", parts.join("."), dice.pick(&["", "", "", "."]))
}
