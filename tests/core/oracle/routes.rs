//! The routes of a document against a naive router, for paths in every spelling; and no path that has
//! a policy, or is unrouted, is read by any server as one for which that is not true.

use std::cell::RefCell;
use std::collections::BTreeMap;

use corsac::{Policies, Policy, Reason, Request, Target, Verdict};
use corsac_tests::engine;
use corsac_tests::generate::{Dice, hold};
use corsac_tests::oracle::routes::{self, Judgement, Route};
use proptest::prelude::*;

const COMPARISONS: u32 = 200_000;
const REQUESTS_EACH: usize = 100;

const POLICIES: [&str; 3] = ["p", "q", "r"];
const HOSTS: [&str; 2] = ["api.test", "web.test"];
const PATHS: [&str; 9] = ["", "/a", "/a/b", "/secret", "/a/secret", "/public", "/a.b", "/@me", "/a/%C3%A9"];

/// What paths are made of: segments, separators and dots in every spelling, and halves of them.
const PARTS: [&str; 49] = [
    "@me", "%40me", "%C3%A9", "+", "/", "/", "/", "/", "a", "a", "b", "secret", "secret", "public", "a.b", "x", "..",
    "..", ".", "%2e", "%2E", "%2f", "%2F", "%5c", "%5C", "\\", "%25", "%25", "25", ";", ";v=1", "%3b", "%73ecret",
    "%61", "%32", "%65", "%66", "%35", "%", "%2", "2f", "2e", "e", "%00", "%c3%a9", "\u{e9}", "//", "?x=/..", "*",
];

fn roll_routes(dice: &mut Dice) -> Vec<Route> {
    // One policy or several, one route or several: the cases differ.
    let (most_policies, most_routes) = (1 + dice.below(3), 1 + dice.below(4));
    let mut routes: Vec<Route> = vec![];
    for _ in 0..most_routes {
        let route = Route {
            host: dice.percent(70).then(|| (*dice.pick(&HOSTS)).into()),
            path: (*dice.pick(&PATHS)).into(),
            policy: (*dice.pick(&POLICIES[..most_policies])).into(),
        };
        if !routes.iter().any(|other| (&other.host, &other.path) == (&route.host, &route.path)) {
            routes.push(route);
        }
    }
    routes
}

fn roll_path(dice: &mut Dice, routes: &[Route]) -> String {
    let mut path = match dice.below(20) {
        0 => String::new(),
        1..=9 => format!("{}/", dice.pick(routes).path),
        _ => "/".into(),
    };
    for _ in 0..dice.below(7) {
        path.push_str(dice.pick::<&str>(&PARTS));
        if dice.percent(30) {
            path.push('/');
        }
    }
    path
}

/// What the engine makes of it; both values of `unrouted` say the same of an ambiguous path.
fn judged(policies: &Policies, pass: bool, host: &str, path: &[u8]) -> Judgement {
    let request = Request::new("GET").origin("https://a.example");
    let decision = policies.decide(Target::Route { host: host.as_bytes(), path }, &request);
    match (decision.verdict(), decision.reason()) {
        (Verdict::NoPolicy, Reason::PathAmbiguous) => {
            assert_eq!(decision.upstream().as_str(), "replace");
            Judgement::Ambiguous
        }
        (Verdict::NoPolicy, Reason::NoPolicy) => {
            assert_eq!(decision.upstream().as_str(), if pass { "keep" } else { "replace" });
            Judgement::Unrouted
        }
        _ => {
            let policy = decision.policy().and_then(|id| policies.get(id)).map(Policy::name);
            Judgement::Policy(policy.expect("a policy decided").into())
        }
    }
}

#[test]
fn engine_and_router_agree_and_no_server_reads_another_route() {
    let tally = RefCell::new(BTreeMap::<_, u32>::new());
    hold(COMPARISONS / REQUESTS_EACH as u32, &any::<u64>(), |seed| {
        let mut dice = Dice::new(seed);
        let (routes, pass) = (roll_routes(&mut dice), dice.percent(50));
        let text = routes::to_toml(&routes, pass);
        let policies = engine::policies(&text);
        for _ in 0..REQUESTS_EACH {
            let host = *dice.pick(&["api.test", "API.test:443", "web.test.", "other.test"]);
            let path = roll_path(&mut dice, &routes);
            let bytes: Vec<u8> = path.chars().map(|c| c as u8).collect();
            let judgement = judged(&policies, pass, host, &bytes);
            assert_eq!(judgement, routes::judge(&routes, host, &path), "{host} `{path}` by\n{text}");
            let kind = match &judgement {
                Judgement::Policy(_) => "policy",
                Judgement::Ambiguous => "ambiguous",
                Judgement::Unrouted => "unrouted",
            };
            *tally.borrow_mut().entry(kind).or_default() += 1;
            // There are many readings of each path.
            if judgement == Judgement::Ambiguous || !path.starts_with('/') || dice.percent(60) {
                continue;
            }
            let candidates = routes::candidates(&routes, host);
            for reading in routes::readings(&path) {
                let read = routes::find_read(&candidates, &reading);
                assert_eq!(read, judgement, "{host} `{path}` is read as `{reading}` by\n{text}");
            }
        }
    });
    let tally = tally.into_inner();
    println!("{tally:?}");
    assert!(tally.len() == 3 && tally.values().all(|kind| kind * 10 >= COMPARISONS), "a kind is hardly ever judged");
}
