//! Deciding allocates nothing: every case of the corpus, each on a thread of its own that has
//! decided nothing before, with everything a decision can be asked for read from it.

use std::hint::black_box;

use corsac::{Decision, Policies, Request};
use corsac_tests::corpus::{self, Case};
use corsac_tests::engine;
use corsac_tests::question::Question;

/// Reads all of a decision, as a binding would.
fn read(decision: &Decision<'_>) -> usize {
    let set: usize = decision.set().map(|(name, value)| name.len() + value.len()).sum();
    let vary: usize = decision.vary().names().map(str::len).sum();
    let failed: usize = decision.failed().names().map(str::len).sum();
    let words =
        decision.verdict().as_str().len() + decision.reason().as_str().len() + decision.upstream().as_str().len();
    black_box((decision.rule(), decision.grant(), decision.status(), decision.generation()));
    set + vary + failed + words
}

/// How many allocations one decision makes on a fresh thread.
fn allocations(case: &Case, policies: &Policies) -> u64 {
    let question = Question::of(case);
    let lines = question.lines();
    let target = question.target(policies).unwrap();
    let measured = || {
        let info = allocation_counter::measure(|| {
            let request = Request::from_headers(&question.method, &lines);
            black_box(read(&policies.decide(target, &request)));
        });
        info.count_total
    };
    std::thread::scope(|scope| scope.spawn(measured).join().unwrap())
}

#[test]
fn no_case_of_the_corpus_allocates() {
    let (mut count, mut failures) = (0, vec![]);
    for theme in corpus::read() {
        for (name, text) in &theme.documents {
            let policies = engine::policies(text);
            for case in theme.cases.iter().filter(|case| case.document == *name) {
                count += 1;
                match allocations(case, &policies) {
                    0 => {}
                    some => failures.push(format!("{}: `{}`: {some} allocations", theme.file, case.name)),
                }
            }
        }
    }
    println!("{count} cases measured");
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn an_allocation_would_be_seen() {
    let counted = || allocation_counter::measure(|| drop(black_box(vec![black_box(1_u8); 1]))).count_total;
    assert_eq!(std::thread::scope(|scope| scope.spawn(counted).join().unwrap()), 1);
}
