//! The engine's judgement of requested methods and header names against a naive one: the same
//! verdict, reason and failed checks, for lists, for `*`, and where the request's own are answered.

use std::cell::RefCell;
use std::collections::BTreeMap;

use corsac::Request;
use corsac_tests::bytes::shown;
use corsac_tests::engine;
use corsac_tests::generate::{Dice, hold, requests};
use corsac_tests::oracle::lists::{Rights, Verdict, reason};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const COMPARISONS: u32 = 200_000;
const REQUESTS_EACH: u32 = 100;

fn rights() -> impl Strategy<Value = Rights> {
    let strings = |names: Vec<&str>| -> Vec<String> { names.into_iter().map(String::from).collect() };
    let methods = prop_oneof![
        4 => subsequence(vec!["GET", "POST", "PUT", "DELETE", "PATCH", "patch", "CHICKEN", "OPTIONS"], 0..=5)
            .prop_map(strings)
            .prop_map(Some),
        1 => Just(None),
        2 => Just(Some(vec!["*".into()])),
    ];
    let names = vec!["x-a", "X-B", "x-abc", "content-type", "authorization", "x", "x-very-long-header-name", "accept"];
    let headers = prop_oneof![
        4 => subsequence(names, 0..=8).prop_map(strings),
        1 => select(vec![vec!["*"], vec!["*", "authorization"]]).prop_map(strings),
    ];
    (methods, headers, any::<bool>(), any::<bool>()).prop_map(|(methods, headers, credentials, requested)| Rights {
        methods,
        headers,
        credentials,
        requested,
    })
}

#[test]
fn engine_and_oracle_agree() {
    let tally = RefCell::new(BTreeMap::<_, u32>::new());
    hold(COMPARISONS / REQUESTS_EACH, &(rights(), any::<u64>()), |(rights, seed)| {
        let text = rights.to_toml();
        let (policies, mut dice) = (engine::policies(&text), Dice::new(seed));
        for _ in 0..REQUESTS_EACH {
            let methods: Vec<_> =
                (0..*dice.pick(&[1, 1, 1, 1, 1, 1, 1, 1, 2])).map(|_| requests::method_line(&mut dice)).collect();
            let methods: Vec<&[u8]> = methods.iter().map(Vec::as_slice).collect();
            let lines = requests::header_lines(&mut dice);
            let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
            let request = Request::new("OPTIONS").origin("https://a.example").request_headers(&lines);
            let request = methods.iter().fold(request, |request, line| request.request_method(line));
            let decision = policies.decide(engine::only(&policies), &request);

            let (method, headers) = (rights.judge_method(&methods), rights.judge_headers(&lines));
            let asked = || {
                let asked: Vec<String> =
                    methods.iter().chain(&lines).map(|line| format!("`{}`", shown(line))).collect();
                format!("{} by\n{text}", asked.join(" "))
            };
            assert_eq!(decision.reason().as_str(), reason(method, headers), "{}", asked());
            let failed =
                [("method", method), ("headers", headers)].into_iter().filter(|check| check.1 != Verdict::Passed);
            assert!(decision.failed().names().eq(failed.map(|check| check.0)), "{:?} {}", decision.failed(), asked());
            let passed = method == Verdict::Passed && headers == Verdict::Passed;
            let verdict = if passed { "preflight-allowed" } else { "preflight-denied" };
            assert_eq!(decision.verdict().as_str(), verdict, "{}", asked());
            // What is malformed or over budget is refused whole; what is only not listed is answered, but
            // for POST, which browsers do not look for in a list.
            let is_post = method == Verdict::NotAllowed && methods == [b"POST"];
            let refused = is_post
                || [method, headers].iter().any(|check| matches!(check, Verdict::Malformed | Verdict::OverBudget));
            assert_eq!(decision.status(), Some(if refused { 403 } else { 204 }), "{}", asked());
            assert_eq!(decision.set().count() == 0, refused, "{}", asked());
            *tally.borrow_mut().entry(decision.reason().as_str()).or_default() += 1;
        }
    });
    let tally = tally.into_inner();
    let count: u32 = tally.values().sum();
    println!("{count} comparisons: {tally:?}");
    assert!(count >= COMPARISONS);
    assert_eq!(tally.len(), 6, "a reason is missing");
    assert!(tally.values().all(|reason| reason * 100 >= count), "a reason is hardly ever given");
}

/// Grants of many names that are hard to tell apart, asked for in every form.
#[test]
fn engine_and_oracle_agree_on_many_names() {
    let tally = RefCell::new(BTreeMap::<_, u32>::new());
    hold(COMPARISONS / REQUESTS_EACH, &(any::<u64>(), any::<bool>()), |(seed, requested)| {
        let mut dice = Dice::new(seed);
        let rights = Rights { headers: requests::many_names(&mut dice), requested, ..Rights::default() };
        let text = rights.to_toml();
        let policies = engine::policies(&text);
        for _ in 0..REQUESTS_EACH {
            let lines = requests::lines_asking_for(&mut dice, &rights.headers);
            let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
            let request = Request::new("OPTIONS").origin("https://a.example").request_method("GET");
            let decision = policies.decide(engine::only(&policies), &request.request_headers(&lines));
            let expected = reason(Verdict::Passed, rights.judge_headers(&lines));
            let asked: Vec<String> = lines.iter().map(|line| format!("`{}`", shown(line))).collect();
            assert_eq!(decision.reason().as_str(), expected, "{} by\n{text}", asked.join(" "));
            *tally.borrow_mut().entry(expected).or_default() += 1;
        }
    });
    let tally = tally.into_inner();
    println!("{tally:?}");
    assert_eq!(tally.len(), 4, "a reason is missing");
    assert!(tally.values().all(|reason| reason * 200 >= COMPARISONS), "a reason is hardly ever given");
}
