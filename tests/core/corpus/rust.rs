//! The corpus through the Rust library: every case as a whole decision of `Policies::decide`, every
//! load through `corsac_source`, from files on disk. All failures are told, not only the first.

use std::collections::BTreeMap;

use corsac::document::Loaded;
use corsac::{ConfigError, Policies, Request, Target};
use corsac_tests::answer::Answer;
use corsac_tests::corpus::{self, Case, Load, Theme};
use corsac_tests::engine;
use corsac_tests::finding::{Finding, differences};
use corsac_tests::question::Question;
use corsac_tests::scratch::Scratch;

#[test]
fn every_case_is_decided_as_expected() {
    let (mut count, mut failures) = (0, vec![]);
    for theme in corpus::read() {
        let documents = documents(&theme, &mut failures);
        for case in &theme.cases {
            count += 1;
            let Some(policies) = documents.get(case.document.as_str()) else { continue };
            for difference in decide(case, policies) {
                failures.push(format!("{}: `{}`: {difference}", theme.file, case.name));
            }
        }
    }
    println!("{count} cases decided");
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

fn documents<'t>(theme: &'t Theme, failures: &mut Vec<String>) -> BTreeMap<&'t str, Policies> {
    let mut documents = BTreeMap::new();
    for (name, text) in &theme.documents {
        match engine::load(text.as_bytes(), corsac::document::Format::Toml) {
            Ok(loaded) => drop(documents.insert(name.as_str(), loaded.policies)),
            Err(error) => failures.push(format!("{}: the document `{name}` is refused: {error}", theme.file)),
        }
    }
    documents
}

/// In what the decision differs, asked with lines one by one and with all headers at once.
fn decide(case: &Case, policies: &Policies) -> Vec<String> {
    let question = Question::of(case);
    let lines = question.lines();
    let Some(target) = question.target(policies) else {
        return vec!["the document has no such policy, or more than one".into()];
    };

    let decision = policies.decide(target, &Request::from_headers(&question.method, &lines));
    let mut differences = case.expect.differences(&Answer::of(&decision));
    if decision.generation() != 1 {
        differences.push(format!("generation: expected 1, not {}", decision.generation()));
    }

    let of_name = |wanted: &'static str| {
        lines.iter().filter(move |(name, _)| name.eq_ignore_ascii_case(wanted.as_bytes())).map(|(_, value)| *value)
    };
    let request_headers: Vec<&[u8]> = of_name("access-control-request-headers").collect();
    let mut request = Request::new(&question.method).request_headers(&request_headers);
    request = of_name("origin").fold(request, |request, line| request.origin(line));
    request = of_name("access-control-request-method").fold(request, |request, line| request.request_method(line));
    request = of_name("access-control-request-private-network")
        .fold(request, |request, line| request.request_private_network(line));
    for difference in Answer::of(&decision).differences(&Answer::of(&policies.decide(target, &request))) {
        differences.push(format!("line by line: {difference}"));
    }
    differences
}

#[test]
fn every_load_says_what_is_expected() {
    let (mut count, mut failures) = (0, vec![]);
    for theme in corpus::read() {
        for load in &theme.loads {
            count += 1;
            let scratch = Scratch::of(load);
            let outcome = corsac_source::load_file(scratch.document());
            for difference in judge(load, outcome, &scratch) {
                failures.push(format!("{}: `{}`: {difference}", theme.file, load.name));
            }
        }
    }
    println!("{count} documents loaded");
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

fn judge(load: &Load, outcome: Result<Loaded, ConfigError>, scratch: &Scratch) -> Vec<String> {
    let accepted = outcome.is_ok();
    let diagnostics = outcome.map_or_else(ConfigError::into_diagnostics, |loaded| loaded.diagnostics);
    let findings: Vec<Finding> = diagnostics.iter().map(Finding::of).collect();
    let mut differences = differences(load, &findings, scratch);
    if accepted != load.is_accepted() {
        differences.push(format!("accepted: expected {}, not {accepted}", load.is_accepted()));
    }
    differences
}

/// A set of policies asked with an id of another one.
#[test]
fn an_unknown_id_has_no_policy() {
    let policy = |name: &str| format!("[policy.{name}]\nallow_origins = [\"https://example.com\"]\n");
    let two = engine::policies(&format!("version = 1\n{}{}", policy("a"), policy("b")));
    let one = engine::policies(&format!("version = 1\n{}", policy("a")));
    let unknown = Target::Policy(two.id("b").unwrap());
    let decision = one.decide(unknown, &Request::new("GET").origin("https://example.com"));
    assert_eq!((decision.verdict().as_str(), decision.reason().as_str()), ("no-policy", "no-policy"));
    assert_eq!((decision.set().count(), decision.status(), decision.upstream().as_str()), (0, None, "replace"));
    assert!(decision.vary().names().eq(["Origin"]));
    let preflight = Request::new("OPTIONS").origin("https://example.com").request_method("GET");
    assert_eq!(one.decide(unknown, &preflight).status(), Some(403));
}
