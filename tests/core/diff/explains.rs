//! `diff` and `replay --against` agree: whatever flips when a request is decided by two sets of
//! policies, the difference of the sets says why, and where it says nothing, nothing flips.
//!
//! What explains what is judged here from the requests, the decisions and the naive matcher alone.

mod explanation;

use std::cell::Cell;
use std::fmt::Write as _;

use corsac::diff::Diff;
use corsac::{Decision, Policies, PolicyId, Request, Target};
use corsac_tests::binary::{self, Bounds};
use corsac_tests::generate::documents::{Document, HEADERS, HOSTS, METHODS, NAMES, OVERLAPPING, PATHS};
use corsac_tests::generate::{self, Dice, Policy, hold, origins, requests};
use corsac_tests::{engine, generate::requests::Request as TestRequest};
use explanation::{Difference, unexplained};
use proptest::collection::vec;
use proptest::prelude::*;

const PAIRS: u32 = 1200;
const REQUESTS: usize = 120;

/// Whom a request asks.
#[derive(Clone, Debug)]
enum Whom {
    Policy(String),
    Route(String, String),
}

impl Whom {
    fn roll(dice: &mut Dice) -> Self {
        if dice.percent(70) {
            return Self::Policy((*dice.pick(&NAMES)).into());
        }
        let more = dice.pick(&["", "", "/x", "/../v2", "//", "?q"]);
        Self::Route((*dice.pick(&HOSTS)).into(), format!("{}{more}", dice.pick(&PATHS)))
    }

    fn target<'t>(&'t self, policies: &Policies) -> Target<'t> {
        match self {
            Self::Policy(name) => Target::Policy(policies.id(name).unwrap_or(PolicyId::NONE)),
            Self::Route(host, path) => Target::Route { host: host.as_bytes(), path: path.as_bytes() },
        }
    }
}

/// A request near the rows of one of the documents.
fn request(dice: &mut Dice, documents: [&Document; 2], whom: &Whom) -> TestRequest {
    let document = documents[dice.below(2)];
    let named = match whom {
        Whom::Policy(name) => document.get(name),
        Whom::Route(..) => None,
    };
    let policy = named.unwrap_or_else(|| dice.pick(&document.policies));
    let has_rows = policy.rows.grants.iter().any(|rows| !rows.is_empty());
    let mut asked = TestRequest { method: b"GET".to_vec(), ..TestRequest::default() };
    match dice.below(20) {
        0 => {}
        2 | 3 => asked.origins = vec![dice.pick(&OVERLAPPING).2.as_bytes().to_vec()],
        1 => asked.origins = vec![b"https://a.com".to_vec(), b"https://b.com".to_vec()],
        _ if has_rows => asked.origins = vec![origins::origin(dice, &policy.rows)],
        _ => asked.origins = vec![b"https://a.com".to_vec()],
    }
    if dice.percent(60) {
        asked.method = b"OPTIONS".to_vec();
        asked.request_methods = match dice.percent(85) {
            true => vec![dice.pick(&METHODS).as_bytes().to_vec()],
            false => vec![requests::method_line(dice)],
        };
        asked.request_headers = match dice.below(4) {
            0 => requests::header_lines(dice),
            1 => vec![format!("{},{}", dice.pick(&HEADERS), dice.pick(&HEADERS)).into_bytes()],
            _ => vec![],
        };
        if dice.percent(15) {
            asked.private_network = vec![b"true".to_vec()];
        }
    }
    asked
}

/// Two documents, the second made of the first.
fn pairs() -> impl Strategy<Value = (Vec<Policy>, Policy, u64)> {
    (vec(generate::grants(), 1..3), generate::grants(), any::<u64>())
}

/// The policies of a document; `None` for the few that break a rule which the generator cannot see.
fn load(document: &Document) -> Option<Policies> {
    let text = document.to_toml();
    engine::load(text.as_bytes(), corsac::document::Format::Toml).ok().map(|loaded| loaded.policies)
}

#[derive(Default)]
struct Counts {
    pairs: Cell<u32>,
    without_difference: Cell<u32>,
    flips: Cell<u32>,
    other_answers: Cell<u32>,
    order: Cell<u32>,
}

fn count(cell: &Cell<u32>) {
    cell.set(cell.get() + 1);
}

#[test]
fn every_flip_is_explained_and_no_difference_means_no_flip() {
    let counts = Counts::default();
    hold(PAIRS, &pairs(), |(rows, more, seed)| {
        let mut dice = Dice::new(seed);
        let old_document = Document::roll(rows, &mut dice);
        let new_document = old_document.changed(&mut dice, &more);
        let (Some(old), Some(new)) = (load(&old_document), load(&new_document)) else { return };
        let diff = Diff::between(&old, &new);
        count(&counts.pairs);
        if diff.is_empty() {
            count(&counts.without_difference);
        }
        for _ in 0..REQUESTS {
            let whom = Whom::roll(&mut dice);
            let asked = request(&mut dice, [&old_document, &new_document], &whom);
            let headers = asked.headers();
            let request = Request::from_headers(&asked.method, &headers);
            let before = old.decide(whom.target(&old), &request);
            let after = new.decide(whom.target(&new), &request);
            let Some(difference) = Difference::between((&old, &before), (&new, &after)) else { continue };
            count(if difference.is_flip() { &counts.flips } else { &counts.other_answers });
            let name = match &whom {
                Whom::Policy(name) => Some(name.as_str()),
                Whom::Route(..) => None,
            };
            let found = unexplained(&diff, name, &asked, &difference, &counts.order);
            assert!(
                found.is_none(),
                "{}: {whom:?} {:?}\n{difference:?}\n{}\nold\n{}\nnew\n{}",
                found.unwrap_or_default(),
                headers
                    .iter()
                    .map(|(n, v)| (String::from_utf8_lossy(n), String::from_utf8_lossy(v)))
                    .collect::<Vec<_>>(),
                diff.changes().iter().map(|change| format!("{change}\n")).collect::<String>(),
                old_document.to_toml(),
                new_document.to_toml()
            );
        }
    });
    let Counts { pairs, without_difference, flips, other_answers, order } = counts;
    println!(
        "{} pairs, {} without a difference: {} flips and {} other answers explained, {} by an order alone",
        pairs.get(),
        without_difference.get(),
        flips.get(),
        other_answers.get(),
        order.get()
    );
    assert!(pairs.get() > PAIRS / 2, "most generated documents are refused");
    assert!(without_difference.get() > PAIRS / 50, "nearly every pair differs");
    assert!(flips.get() > PAIRS * 2 && other_answers.get() > PAIRS * 2, "nothing much flips");
    assert!(order.get() > 10, "no grants that changed places decide anything");
}

#[test]
fn what_is_only_written_otherwise_is_no_difference() {
    let compared = Cell::new(0_u32);
    hold(PAIRS / 2, &pairs(), |(rows, _, seed)| {
        let mut dice = Dice::new(seed);
        let document = Document::roll(rows, &mut dice);
        let other = document.rewritten(&mut dice);
        let (Some(old), Some(new)) = (load(&document), load(&other)) else { return };
        let diff = Diff::between(&old, &new);
        assert!(diff.is_empty(), "{:?}\n{}\n{}", diff.changes(), document.to_toml(), other.to_toml());
        count(&compared);
    });
    println!("{} pairs are written otherwise", compared.get());
    assert!(compared.get() > PAIRS / 4);
}

/// The same comparison, through the command line.
#[test]
fn the_command_line_counts_the_same_flips_and_sees_the_same_differences() {
    let flips = Cell::new(0_u64);
    hold(40, &pairs(), |(rows, more, seed)| {
        let mut dice = Dice::new(seed);
        let documents = Document::roll(rows, &mut dice);
        let documents = [documents.clone(), documents.changed(&mut dice, &more)];
        let (Some(old), Some(new)) = (load(&documents[0]), load(&documents[1])) else { return };
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).into_os_string();
        std::fs::write(path("old.toml"), documents[0].to_toml()).unwrap();
        std::fs::write(path("new.toml"), documents[1].to_toml()).unwrap();
        let (mut log, mut expected) = (String::new(), (0, 0));
        for _ in 0..REQUESTS {
            let name = *dice.pick(&NAMES);
            if old.id(name).is_none() && new.id(name).is_none() {
                continue;
            }
            let whom = Whom::Policy(name.into());
            let asked = request(&mut dice, [&documents[0], &documents[1]], &whom);
            let headers = asked.headers();
            let request = Request::from_headers(&asked.method, &headers);
            let (before, after) = (old.decide(whom.target(&old), &request), new.decide(whom.target(&new), &request));
            match Difference::between((&old, &before), (&new, &after)) {
                Some(difference) if difference.is_flip() => expected.0 += 1,
                Some(_) => expected.1 += 1,
                None => {}
            }
            writeln!(log, "{}", line(name, &asked)).unwrap();
        }
        std::fs::write(path("log"), log).unwrap();
        let arguments = ["replay".into(), path("old.toml"), path("log"), "--against".into(), path("new.toml")];
        let replayed = binary::run(&arguments, None, Bounds::NONE);
        let report = replayed.json();
        let totals = &report["totals"];
        assert_eq!(totals["bad_lines"], 0, "{}", replayed.said());
        assert_eq!((totals["flips"].as_u64(), totals["other_answers"].as_u64()), (Some(expected.0), Some(expected.1)));
        assert_eq!(replayed.code(), i32::from(expected != (0, 0)));
        let compared = binary::run(&["diff".into(), path("old.toml"), path("new.toml")], None, Bounds::NONE);
        let diff = Diff::between(&old, &new);
        assert_eq!(compared.code(), i32::from(!diff.is_empty()));
        let texts: Vec<_> =
            compared.json()["changes"].as_array().unwrap().iter().map(|change| change["text"].clone()).collect();
        assert_eq!(texts, diff.changes().iter().map(ToString::to_string).collect::<Vec<_>>());
        flips.set(flips.get() + expected.0);
    });
    assert!(flips.get() > 40, "{} flips", flips.get());
}

/// A request as a line of a log.
fn line(policy: &str, asked: &TestRequest) -> serde_json::Value {
    let bytes = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::json!(text),
        Err(_) => serde_json::json!({ "base64": data_encoding::BASE64.encode(bytes) }),
    };
    let headers: Vec<_> = asked.headers().iter().map(|(name, value)| [bytes(name), bytes(value)]).collect();
    serde_json::json!({ "policy": policy, "method": bytes(&asked.method), "headers": headers })
}

/// Both sets, with what they decided.
type Decided<'a> = (&'a Policies, &'a Decision<'a>);
