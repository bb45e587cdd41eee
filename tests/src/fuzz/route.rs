//! Any bytes as a host (the first line) and a path: the engine's routes and the oracle's choose the same
//! policy. The first byte chooses the routes.

use corsac::{Policy, Reason, Request, Target, Verdict};

use crate::bytes::shown;
use crate::engine;
use crate::oracle::routes::{Judgement, Route, judge};

/// Host, path and policy of each route; one document for each list.
const ROUTES: [&[(&str, &str, &str)]; 4] = [
    &[("", "/public", "p")],
    &[("api.test", "/a", "p"), ("api.test", "/a/b", "q"), ("", "/secret", "r")],
    &[("api.test", "", "p"), ("api.test", "/secret", "p"), ("web.test", "/a", "q")],
    &[("", "/public", "p"), ("", "/public/secret", "q")],
];

pub(super) fn run(input: &[u8]) {
    let Some((choice, rest)) = input.split_first() else { return };
    let routes: Vec<Route> = ROUTES[usize::from(choice & 3)]
        .iter()
        .map(|&(host, path, policy)| Route {
            host: (!host.is_empty()).then(|| host.into()),
            path: path.into(),
            policy: policy.into(),
        })
        .collect();
    let text = crate::oracle::routes::to_toml(&routes, choice & 4 != 0);
    let policies = engine::policies(&text);
    let at = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let (host, path) = (&rest[..at], rest.get(at + 1..).unwrap_or_default());
    // A server has decoded the host before; the path is any bytes.
    let Ok(host) = std::str::from_utf8(host) else { return };
    if !host.is_ascii() {
        return;
    }
    let request = Request::new("GET").origin("https://a.example");
    let decision = policies.decide(Target::Route { host: host.as_bytes(), path }, &request);
    let judged = match (decision.verdict(), decision.reason()) {
        (Verdict::NoPolicy, Reason::PathAmbiguous) => Judgement::Ambiguous,
        (Verdict::NoPolicy, Reason::NoPolicy) => Judgement::Unrouted,
        _ => {
            let policy = decision.policy().and_then(|id| policies.get(id)).map(Policy::name);
            Judgement::Policy(policy.expect("a policy decided").into())
        }
    };
    let latin_1: String = path.iter().map(|byte| char::from(*byte)).collect();
    assert_eq!(judged, judge(&routes, host, &latin_1), "`{}` by\n{text}", shown(input));
}
