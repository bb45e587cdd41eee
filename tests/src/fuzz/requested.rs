//! Any bytes as a requested method (the first line) and requested headers (the lines after it): engine
//! and oracle give the same reason. The first byte chooses the rights.

use corsac::Request;

use crate::bytes::shown;
use crate::engine;
use crate::oracle::lists::{Rights, reason};

const METHODS: [&[&str]; 4] = [&["PUT", "patch"], &["*"], &[], &["GET", "POST", "DELETE"]];
const HEADERS: [&[&str]; 4] = [&["x-a", "X-B", "content-type"], &["*"], &["*", "authorization"], &[]];

pub(super) fn run(input: &[u8]) {
    let Some((choice, lines)) = input.split_first() else { return };
    let [methods, headers] = [(METHODS, choice & 3), (HEADERS, choice >> 2 & 3)]
        .map(|(lists, index)| -> Vec<String> { lists[usize::from(index)].iter().map(|name| (*name).into()).collect() });
    let rights = Rights {
        // No list at all is another policy than an empty one.
        methods: (choice & 64 == 0).then_some(methods),
        headers,
        credentials: choice & 16 != 0,
        requested: choice & 32 != 0,
    };
    let text = rights.to_toml();
    let policies = engine::policies(&text);

    let mut lines = lines.split(|byte| *byte == b'\n');
    let method = lines.next().unwrap_or_default();
    let lines: Vec<&[u8]> = lines.collect();
    let request = Request::new("OPTIONS").origin("https://a.example").request_method(method).request_headers(&lines);
    let decision = policies.decide(engine::only(&policies), &request);
    let expected = reason(rights.judge_method(&[method]), rights.judge_headers(&lines));
    assert_eq!(decision.reason().as_str(), expected, "`{}` by\n{text}", shown(input));
    for (_, value) in decision.set() {
        assert!(!value.iter().any(|byte| *byte < b' ' || *byte == 0x7f), "`{}` gives `{}`", shown(input), shown(value));
    }
}
