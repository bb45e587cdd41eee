//! Decisions that a binding may give again: over the corpus, what tells them apart tells apart
//! everything that they say.

use std::collections::HashMap;

use corsac::document::Format;
use corsac::{DecisionKey, Request, Target};
use corsac_tests::answer::Answer;
use corsac_tests::{corpus, engine};

#[test]
fn equal_constants_are_equal_decisions() {
    let (mut constant, mut repeated, mut own) = (0, 0, 0);
    for theme in corpus::read() {
        for (name, text) in &theme.documents {
            let policies = engine::load(text.as_bytes(), Format::Toml).unwrap().policies;
            let mut seen: HashMap<DecisionKey, Answer> = HashMap::new();
            for case in theme.cases.iter().filter(|case| case.document == *name) {
                let bytes = |text: &corsac_tests::bytes::Text| text.to_bytes().unwrap();
                let route = case.route.as_ref().map(|route| (bytes(&route.host), bytes(&route.path)));
                let target = match (&route, &case.policy) {
                    (Some((host, path)), _) => Target::Route { host, path },
                    (None, Some(name)) => Target::Policy(policies.id(name).unwrap()),
                    (None, None) => Target::Policy(policies.only().unwrap()),
                };
                let method = bytes(&case.method);
                let headers: Vec<_> = case.headers.iter().map(|(name, value)| (bytes(name), bytes(value))).collect();
                let lines: Vec<_> = headers.iter().map(|(name, value)| (name.as_slice(), value.as_slice())).collect();
                // Twice, from copies at other addresses: only what the set holds may tell.
                for _ in 0..2 {
                    let method = method.clone();
                    let lines: Vec<_> = lines.iter().map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
                    let lines: Vec<_> = lines.iter().map(|(name, value)| (name.as_slice(), value.as_slice())).collect();
                    let decision = policies.decide(target, &Request::from_headers(&method, &lines));
                    let answer = Answer::of(&decision);
                    let Some(key) = decision.cache_key() else {
                        own += 1;
                        continue;
                    };
                    constant += 1;
                    if let Some(before) = seen.insert(key, answer.clone()) {
                        repeated += 1;
                        assert_eq!(before.differences(&answer), [""; 0], "{}: `{}`", theme.file, case.name);
                    }
                }
            }
        }
    }
    println!("{constant} constant decisions, {repeated} of them again, {own} with something of the request");
    assert!(repeated > constant / 2 && own > 0);
}
