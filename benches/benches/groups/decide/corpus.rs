//! The requests of `tests/data` in turn: cases that no generator would make, and too many for the branch
//! predictor.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::rc::Rc;

use corsac::{Policies, Request};
use corsac_bench::floor::read;
use corsac_tests::answer::Answer;
use corsac_tests::corpus;
use corsac_tests::engine;
use corsac_tests::question::Question;
use criterion::{BenchmarkId, Criterion};

/// A question and the policies that decide it.
type Case = (Rc<Policies>, Question);

/// All cases by their expected verdict.
fn questions() -> BTreeMap<String, Vec<Case>> {
    let mut by_verdict = BTreeMap::<String, Vec<Case>>::new();
    for theme in corpus::read() {
        for (name, text) in &theme.documents {
            let policies = Rc::new(engine::policies(text));
            for case in theme.cases.iter().filter(|case| case.document == *name) {
                let question = Question::of(case);
                let (lines, target) = (question.lines(), question.target(&policies).expect("the case's policy"));
                let decision = policies.decide(target, &Request::from_headers(&question.method, &lines));
                let differences = case.expect.differences(&Answer::of(&decision));
                assert!(differences.is_empty(), "{}: `{}`: {differences:?}", theme.file, case.name);
                by_verdict.entry(case.expect.verdict.clone()).or_default().push((Rc::clone(&policies), question));
            }
        }
    }
    by_verdict
}

/// From the header lines to the decision, next to reading the lines once.
pub(crate) fn corpus(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("corpus");
    for (verdict, questions) in questions() {
        let cases: Vec<_> = questions
            .iter()
            .map(|(policies, question)| {
                let target = question.target(policies).expect("the case's policy");
                (policies, target, &question.method, question.lines())
            })
            .collect();
        let mut round = cases.iter().cycle();
        group.bench_function(BenchmarkId::new("floor", &verdict), |bencher| {
            bencher.iter(|| {
                let (.., lines) = black_box(round.next().expect("a cycle"));
                lines.iter().fold(0, |sum, (name, value)| sum ^ read(name) ^ read(value))
            });
        });
        let mut round = cases.iter().cycle();
        group.bench_function(BenchmarkId::new("decide", &verdict), |bencher| {
            bencher.iter(|| {
                let (policies, target, method, lines) = black_box(round.next().expect("a cycle"));
                black_box(policies.decide(*target, &Request::from_headers(*method, lines)));
            });
        });
    }
    group.finish();
}
