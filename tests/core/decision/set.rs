//! The headers to set are the same however they are walked: one by one, all at once, or first some
//! and then the others, wherever that is.

use corsac::document::Format;
use corsac::{Decision, Request, Set};
use corsac_tests::question::Question;
use corsac_tests::{corpus, engine};

type Headers<'a> = Vec<(&'static str, &'a [u8])>;

#[test]
fn headers_are_the_same_however_they_are_walked() {
    let (mut walked, mut longest) = (0, 0);
    for theme in corpus::read() {
        for (name, text) in &theme.documents {
            let policies = engine::load(text.as_bytes(), Format::Toml).unwrap().policies;
            for case in theme.cases.iter().filter(|case| case.document == *name) {
                let question = Question::of(case);
                let lines = question.lines();
                let target = question.target(&policies).unwrap();
                let decision = policies.decide(target, &Request::from_headers(&question.method, &lines));
                let one_by_one = one_by_one(&decision);
                for first in 0..=one_by_one.len() {
                    assert_eq!(first_then_rest(&decision, first), one_by_one, "{}: `{}`", theme.file, case.name);
                }
                longest = longest.max(one_by_one.len());
                walked += 1;
            }
        }
    }
    assert!(walked > 500 && longest > 5, "{walked} sets, the longest of {longest}");
}

fn one_by_one<'a>(decision: &Decision<'a>) -> Headers<'a> {
    let mut set = decision.set();
    std::iter::from_fn(|| set.next()).collect()
}

fn first_then_rest<'a>(decision: &Decision<'a>, first: usize) -> Headers<'a> {
    let mut set: Set<'a> = decision.set();
    let mut headers: Headers<'a> = (0..first).map_while(|_| set.next()).collect();
    set.for_each(|header| headers.push(header));
    headers
}
