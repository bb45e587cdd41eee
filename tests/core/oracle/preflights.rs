//! Answers to preflights as browsers read them: none that is refused lets a request through in any
//! browser, also where a page forced the preflight, and none that is allowed keeps one back.

use std::cell::RefCell;
use std::collections::BTreeMap;

use corsac::{Decision, Request, Verdict};
use corsac_tests::engine;
use corsac_tests::generate::{Dice, hold};
use corsac_tests::oracle::preflight::{Answer, Asked, Lax};
use proptest::prelude::*;

const PREFLIGHTS: u32 = 200_000;
const REQUESTS_EACH: u32 = 100;

const LISTED: [&str; 9] = ["GET", "HEAD", "POST", "POST", "PUT", "PATCH", "patch", "DELETE", "CHICKEN"];
/// What browsers send: none of those that "normalize a method" upper-cases is in lower case, and none
/// is forbidden.
const ASKED: [&str; 11] = ["GET", "HEAD", "POST", "POST", "PUT", "PATCH", "patch", "DELETE", "CHICKEN", "chicken", "*"];
const NAMES: [&str; 5] = ["authorization", "content-type", "x-a", "x-b", "*"];

/// The keys of a grant, or of the policy's own.
fn rights(dice: &mut Dice, any_origin: bool) -> String {
    let mut text = String::new();
    match dice.below(10) {
        0..=2 => {}
        3 => text.push_str("allow_methods = []\n"),
        4 | 5 => text.push_str("allow_methods = [\"*\"]\n"),
        _ => text.push_str(&format!("allow_methods = {:?}\n", some(dice, &LISTED))),
    }
    match dice.below(5) {
        0 => {}
        1 => text.push_str("allow_headers = [\"*\"]\n"),
        2 => text.push_str("allow_headers = [\"*\", \"authorization\"]\n"),
        _ => text.push_str(&format!("allow_headers = {:?}\n", some(dice, &NAMES[..4]))),
    }
    text.push_str(&format!("allow_credentials = {}\n", !any_origin && dice.percent(50)));
    text
}

fn some(dice: &mut Dice, names: &[&'static str]) -> Vec<&'static str> {
    let mut names: Vec<_> = names.iter().copied().filter(|_| dice.percent(40)).collect();
    names.sort_unstable();
    names.dedup();
    dice.shuffle(&mut names);
    names
}

fn document(dice: &mut Dice) -> String {
    let any_origin = dice.percent(20);
    let origins = if any_origin { "*" } else { "https://a.example" };
    let mut text = format!("version = 1\n[policy.p]\nallow_origins = [{origins:?}]\n{}", rights(dice, any_origin));
    for setting in [
        "preflight = \"forward\"",
        "preflight_answer = \"requested\"",
        "preflight_status = 200",
        "refused_preflight_status = 204",
        "allow_private_network = true",
        "max_age = 600",
    ] {
        // A policy for any origin cannot grant private network access everywhere.
        if dice.percent(30) && !(any_origin && setting.starts_with("allow_private")) {
            text.push_str(&format!("{setting}\n"));
        }
    }
    if !any_origin {
        text.push_str(&format!(
            "[[policy.p.grant]]\nallow_origins = [\"https://b.example\"]\n{}",
            rights(dice, any_origin)
        ));
        text.push_str("[[policy.p.grant]]\nallow_origins = [\"https://c.example\"]\nallow_credentials = false\n");
    }
    text
}

/// Where the application answers itself, it does so with 204 and no header of CORS.
fn answer(decision: &Decision<'_>) -> Answer {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let headers = decision.set().map(|(name, value)| (name.to_string(), text(value))).collect();
    Answer { status: decision.status().unwrap_or(204), headers }
}

#[test]
fn no_refused_answer_passes_in_a_browser_and_no_allowed_one_fails() {
    let tally = RefCell::new(BTreeMap::<_, u32>::new());
    hold(PREFLIGHTS / REQUESTS_EACH, &any::<u64>(), |seed| {
        let mut dice = Dice::new(seed);
        let text = document(&mut dice);
        let policies = engine::policies(&text);
        for _ in 0..REQUESTS_EACH {
            let origin = *dice.pick(&[
                "https://a.example",
                "https://b.example",
                "https://c.example",
                "null",
                "https://d.example",
            ]);
            let (method, mut names) = (*dice.pick(&ASKED), some(&mut dice, &NAMES));
            names.sort_unstable();
            let line = [names.join(",")];
            let mut request = Request::new("OPTIONS").origin(origin).request_method(method);
            if !names.is_empty() {
                request = request.request_headers(&line);
            }
            let private = dice.percent(25);
            if private {
                request = request.request_private_network("true");
            }
            let decision = policies.decide(engine::only(&policies), &request);
            let (answer, is_allowed) = (answer(&decision), decision.verdict() == Verdict::PreflightAllowed);
            let has = |name: &str| answer.headers.iter().any(|header| header.0 == name);
            if has("access-control-allow-origin") {
                assert!(has("access-control-allow-methods"), "{method} {names:?} {answer:?} by\n{text}");
            }
            for (credentials, forced) in [(false, false), (false, true), (true, false), (true, true)] {
                let names = names.iter().map(|name| (*name).into()).collect();
                let asked = Asked { origin: origin.into(), method: method.into(), names, credentials, forced };
                if is_allowed && (!credentials || has("access-control-allow-credentials")) {
                    assert!(answer.admits(&asked, Lax::NOT), "{asked:?} {answer:?} by\n{text}");
                }
                if !is_allowed {
                    let fooled = Lax::all().find(|lax| answer.admits(&asked, *lax));
                    assert!(fooled.is_none(), "{fooled:?} {asked:?} {answer:?} by\n{text}");
                }
            }
            *tally.borrow_mut().entry(decision.reason().as_str()).or_default() += 1;
        }
    });
    let tally = tally.into_inner();
    println!("{tally:?}");
    for reason in
        ["ok", "method-not-allowed", "header-not-allowed", "origin-not-allowed", "private-network-not-allowed"]
    {
        assert!(tally.get(reason).is_some_and(|count| count * 100 >= PREFLIGHTS), "{reason} is hardly ever given");
    }
}
