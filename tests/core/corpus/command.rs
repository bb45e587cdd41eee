//! The corpus through the command line: every case as a line of `corsac replay`, every
//! load through `corsac check`, JSON out, exit status and all, with the binary that people run.

use corsac_tests::answer::Answer;
use corsac_tests::binary::{Bounds, run};
use corsac_tests::corpus::{self, Case, Load, Theme};
use corsac_tests::finding::{Finding, differences};
use corsac_tests::scratch::Scratch;
use data_encoding::BASE64;
use serde_json::{Value, json};

#[test]
fn every_case_is_decided_as_expected() {
    let (mut count, mut failures) = (0, vec![]);
    for theme in corpus::read() {
        for (name, text) in &theme.documents {
            let cases: Vec<&Case> = theme.cases.iter().filter(|case| case.document == *name).collect();
            count += cases.len();
            decide(&theme, text, &cases, &mut failures);
        }
    }
    println!("{count} cases decided");
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// All cases of one document, in one run.
fn decide(theme: &Theme, text: &str, cases: &[&Case], failures: &mut Vec<String>) {
    let scratch = Scratch::with("policy.toml", text);
    let lines: Vec<String> = cases.iter().zip(0..).map(|(case, id)| request(case, id).to_string() + "\n").collect();
    let requests = scratch.write("requests.ndjson", lines.concat());
    let document = scratch.document().to_str().unwrap();
    let arguments = ["replay", document, "-", "--format", "json"];
    let ended = run(&arguments, Some(&requests), Bounds::NONE);
    let first = &cases[0].name;
    let answers = String::from_utf8(ended.stdout.clone()).unwrap();
    let answers: Vec<&str> = answers.lines().collect();
    if answers.len() != cases.len() {
        let (got, wanted, said) = (answers.len(), cases.len(), ended.said());
        failures.push(format!("{}: `{first}` and following: {got} answers to {wanted} requests: {said}", theme.file));
        return;
    }
    for ((case, line), id) in cases.iter().zip(answers).zip(0..) {
        match Answer::of_json(line, id) {
            Ok(answer) => failures.extend(
                case.expect.differences(&answer).iter().map(|d| format!("{}: `{}`: {d}", theme.file, case.name)),
            ),
            Err(error) => failures.push(format!("{}: `{}`: {error}", theme.file, case.name)),
        }
    }
    let refused = |case: &&Case| ["denied", "preflight-denied", "no-policy"].contains(&case.expect.verdict.as_str());
    let expected = i32::from(cases.iter().any(refused));
    if ended.code() != expected {
        let code = ended.code();
        failures.push(format!("{}: `{first}` and following: exit status {code}, not {expected}", theme.file));
    }
}

/// The case as a line of a request log. Bytes that are no text stand as base64.
fn request(case: &Case, id: u64) -> Value {
    let value = |bytes: Vec<u8>| match String::from_utf8(bytes) {
        Ok(text) => json!(text),
        Err(error) => json!({ "base64": BASE64.encode(error.as_bytes()) }),
    };
    let headers: Vec<Value> = case
        .headers
        .iter()
        .map(|(name, line)| {
            json!([String::from_utf8(name.to_bytes().unwrap()).unwrap(), value(line.to_bytes().unwrap())])
        })
        .collect();
    let mut line = json!({ "id": id, "method": value(case.method.to_bytes().unwrap()), "headers": headers });
    if let Some(policy) = &case.policy {
        line["policy"] = json!(policy);
    }
    if let Some(route) = &case.route {
        line["route"] =
            json!({ "host": value(route.host.to_bytes().unwrap()), "path": value(route.path.to_bytes().unwrap()) });
    }
    line
}

#[test]
fn every_load_says_what_is_expected() {
    let (mut count, mut failures) = (0, vec![]);
    for theme in corpus::read() {
        for load in &theme.loads {
            count += 1;
            failures.extend(check(load).into_iter().map(|d| format!("{}: `{}`: {d}", theme.file, load.name)));
        }
    }
    println!("{count} documents checked");
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

fn check(load: &Load) -> Vec<String> {
    let scratch = Scratch::of(load);
    let ended = run(&["check", scratch.document().to_str().unwrap(), "--format", "json"], None, Bounds::NONE);
    let Ok(report) = serde_json::from_slice::<Value>(&ended.stdout) else {
        return vec![format!("no JSON, exit status {}: {}", ended.code(), ended.said())];
    };
    let findings: Vec<Finding> = match serde_json::from_value(report["diagnostics"].clone()) {
        Ok(findings) => findings,
        Err(error) => return vec![format!("the diagnostics have another shape: {error}")],
    };
    let mut differences = differences(load, &findings, &scratch);
    if report["ok"] != load.is_accepted() {
        differences.push(format!("ok: expected {}, not {}", load.is_accepted(), report["ok"]));
    }
    if ended.code() != exit_status(load) {
        differences.push(format!("exit status {}, not {}", ended.code(), exit_status(load)));
    }
    differences
}

/// 2 where there is nothing to check, 1 for errors and warnings, 0 for notes and nothing.
fn exit_status(load: &Load) -> i32 {
    match load.diagnostics.iter().any(|diagnostic| diagnostic.code == "document/unreadable") {
        true => 2,
        false => i32::from(load.diagnostics.iter().any(|diagnostic| diagnostic.severity != "note")),
    }
}
