//! Documents cut off anywhere, and documents with bytes changed: the loader always answers, in TOML
//! and in JSON.

use corsac::document::Format;
use corsac_tests::engine;
use corsac_tests::generate::{Dice, hold};
use proptest::prelude::*;

const TOML: &str = r#"version = 1
unrouted = "deny" # comment
[policy.api]
allow_origins = ["https://a.example", "https://*.b.example:*", { pattern = 'https://*.c.example', depth = 1 }, "app://x"]
allow_methods = ["GET", "PUT"]
allow_headers = ["authorization", "x-\u0061"]
allow_credentials = true
max_age = 6_00
own_origins = ["""https://api.example"""]
denied_requests = "reject"
[[policy.api.grant]]
allow_origins = [
  "https://partner.example",
]
allow_credentials = false
[policy."any"]
allow_origins = ["*"]
[[route]]
host = "api.example"
path = "/v1"
policy = "api"
[[route]]
policy = "any"
"#;

const JSON: &str = r#"{"version": 1, "unrouted": "pass",
 "policy": {"api": {"allow_origins": ["https://a.example", {"pattern": "https://*.b.example", "depth": 2}, "https://c\u002eexample:*"],
   "allow_methods": ["PUT"], "allow_credentials": true, "max_age": 600, "own_origins": [],
   "grant": [{"allow_origins": ["https://p.example"], "allow_credentials": false}]},
  "any": {"allow_origins": ["*"], "allow_private_network": false}},
 "route": [{"host": "[::1]", "path": "/", "policy": "api"}, {"policy": "any"}]}
"#;

/// Loads a document whatever it is; every finding must name a place that the document has.
fn load(text: &[u8], format: Format) -> bool {
    let outcome = engine::load(text, format);
    let accepted = outcome.is_ok();
    let diagnostics = outcome.map_or_else(corsac::ConfigError::into_diagnostics, |loaded| loaded.diagnostics);
    assert!(accepted || !diagnostics.is_empty());
    for location in diagnostics.iter().filter_map(corsac::Diagnostic::location) {
        let lines = text.iter().filter(|byte| **byte == b'\n').count() as u32 + 1;
        let line = location.position().map(|position| position.line);
        assert!(line.is_none_or(|line| (1..=lines).contains(&line)), "line {line:?} of {lines}");
        if let Some(excerpt) = location.excerpt() {
            assert!(excerpt.line().get(excerpt.span()).is_some(), "{excerpt:?}");
        }
    }
    accepted
}

#[test]
fn every_prefix_of_a_document_is_answered() {
    for (text, format) in [(TOML, Format::Toml), (JSON, Format::Json)] {
        assert!(load(text.as_bytes(), format), "{:?}", engine::load(text.as_bytes(), format).unwrap_err());
        let accepted = (0..text.len()).filter(|end| load(&text.as_bytes()[..*end], format)).count();
        assert!(accepted < text.len() / 3, "{accepted} of {} prefixes are accepted", text.len());
    }
}

#[test]
fn every_changed_document_is_answered() {
    hold(4000, &any::<u64>(), |seed| {
        let mut dice = Dice::new(seed);
        let (text, format) = *dice.pick(&[(TOML, Format::Toml), (JSON, Format::Json)]);
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..=dice.below(3) {
            let (at, byte) = (dice.below(bytes.len()), dice.below(256) as u8);
            match dice.below(4) {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, *dice.pick(b"\"'[]{},.=#\\\n\0*")),
                2 => drop(bytes.drain(at..(at + dice.below(20)).min(bytes.len()))),
                _ => bytes.splice(at..at, text.bytes().skip(dice.below(text.len())).take(30)).for_each(drop),
            }
        }
        load(&bytes, format);
    });
}
