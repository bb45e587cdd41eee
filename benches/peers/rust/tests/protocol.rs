//! The driver speaks the protocol of `peers/README.md`, and every contestant answers correctly.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

const CONTESTANTS: [&str; 9] = [
    "decide",
    "tower: corsac",
    "tower: bare service",
    "tower-http list",
    "tower-http predicate",
    "actix-cors",
    "actix: bare service",
    "floor: hash probe",
    "floor: label walk",
];

struct Driver {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: BufReader<ChildStdout>,
}

impl Driver {
    fn start() -> Self {
        let command = &mut Command::new(env!("CARGO_BIN_EXE_corsac-peers"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { stdin: child.stdin.take(), child, lines }
    }

    fn hear(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("`{line}`: {error}"))
    }

    fn ask(&mut self, question: &Value) -> Value {
        writeln!(self.stdin.as_mut().unwrap(), "{question}").unwrap();
        self.hear()
    }

    /// The driver ends when its input ends.
    fn end(mut self) {
        self.stdin = None;
        assert!(self.child.wait().unwrap().success());
    }
}

fn scenario(kind: &str, allow_origins: &[&str], cases: &[(&str, bool)], lines: &[&str]) -> Value {
    let request = |origin: &str| {
        let mut headers = vec![("origin", origin)];
        if kind == "preflight" {
            headers.push(("access-control-request-method", "PUT"));
            headers.extend(lines.iter().map(|line| ("access-control-request-headers", *line)));
        }
        json!({"method": if kind == "preflight" { "OPTIONS" } else { "GET" }, "headers": headers})
    };
    let policy = json!({
        "allow_origins": allow_origins, "allow_methods": ["GET", "PUT"], "allow_headers": ["x-one", "x-two"],
        "allow_credentials": false, "max_age": 600,
    });
    json!({
        "name": "test", "kind": kind, "policy": policy,
        "requests": cases.iter().map(|(origin, _)| request(origin)).collect::<Vec<_>>(),
        "expected": cases.iter().map(|(origin, allowed)| {
            json!({"allowed": allowed, "allow_origin": allowed.then_some(origin)})
        }).collect::<Vec<_>>(),
    })
}

/// Whether a browser accepts this answer.
fn allows(answer: &Value, request: &Value) -> bool {
    if let Some(allowed) = answer.get("allowed") {
        return allowed.as_bool().unwrap();
    }
    let origin = request["headers"][0][1].as_str().unwrap();
    let values = |name: &str| {
        let headers = answer["headers"].as_array().unwrap().iter();
        headers.filter(|header| header[0] == name).map(|header| header[1].as_str().unwrap()).collect::<Vec<_>>()
    };
    let lists = |name: &str, wanted: &str| {
        values(name).iter().flat_map(|line| line.split(',')).any(|member| member.trim().eq_ignore_ascii_case(wanted))
    };
    let is_granted = [["*"], [origin]].contains(&values("access-control-allow-origin").try_into().unwrap_or([""]));
    is_granted
        && (request["method"] == "GET"
            || (answer["status"].as_u64().is_some_and(|status| (200..300).contains(&status))
                && lists("access-control-allow-methods", "PUT")
                && lists("access-control-allow-headers", "x-one")))
}

#[test]
fn every_contestant_answers_every_scenario_or_says_that_it_cannot() {
    let hostile = format!("https://{}.example", "a".repeat(65_536));
    let commas = ",".repeat(65_536);
    let (a, wild) = ("https://a.example", "https://*.b.example");
    let cases = [(a, true), ("https://x.example", false), ("https://a.example.evil.test", false), (&*hostile, false)];
    let below = [
        (a, true),
        ("https://x.y.b.example", true),
        ("https://b.example", false),
        ("https://x.b.example:8443", false),
        ("http://x.b.example", false),
    ];
    let refused = [("https://x.example", false)];
    let scenarios = [
        ("exact", scenario("actual", &[a], &cases, &[]), vec!["floor: label walk"]),
        ("wildcards", scenario("actual", &[a, wild], &below, &[]), vec!["tower-http list", "floor: hash probe"]),
        ("any", scenario("actual", &["*"], &[(a, true)], &[]), vec!["floor: hash probe", "floor: label walk"]),
        (
            "preflight",
            scenario("preflight", &[a], &[(a, true)], &["x-one"]),
            vec!["floor: hash probe", "floor: label walk"],
        ),
        (
            "refused preflight",
            scenario("preflight", &[a], &refused, &["x-one"]),
            vec!["floor: hash probe", "floor: label walk"],
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    let mut driver = Driver::start();
    let listed = driver.hear();
    let names: Vec<_> =
        listed["contestants"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, CONTESTANTS);
    for one in listed["contestants"].as_array().unwrap() {
        assert!(one["version"].as_str().unwrap().split('.').count() == 3, "{one}");
        assert!(one["runtime"].as_str().unwrap().starts_with("rustc "), "{one}");
        assert_eq!(one["is_corsac"], ["decide", "tower: corsac"].contains(&one["name"].as_str().unwrap()), "{one}");
    }
    for (name, scenario, cannot) in scenarios {
        let path = folder.path().join("scenario.json");
        std::fs::write(&path, scenario.to_string()).unwrap();
        for contestant in CONTESTANTS {
            let prepared = driver.ask(&json!({"prepare": {"contestant": contestant, "scenario": path}}));
            assert_eq!(
                prepared.get("cannot").is_some(),
                cannot.contains(&contestant),
                "{name}, {contestant}: {prepared}"
            );
            let Some(answers) = prepared.get("answers") else { continue };
            let answers = answers.as_array().unwrap();
            assert_eq!(answers.len(), scenario["requests"].as_array().unwrap().len(), "{name}, {contestant}");
            for (index, answer) in answers.iter().enumerate() {
                let expected = scenario["expected"][index]["allowed"].as_bool().unwrap();
                let expected = expected && !contestant.contains("bare");
                assert_eq!(allows(answer, &scenario["requests"][index]), expected, "{name}, {contestant}: {answer}");
            }
            let run = driver.ask(&json!({"run": {"requests": 7_000}}));
            assert!(run["ns"].as_u64().is_some_and(|ns| ns > 0), "{name}, {contestant}: {run}");
        }
    }

    // No browser sends this request, so any answer is right, but there must be one.
    let path = folder.path().join("hostile.json");
    std::fs::write(&path, scenario("preflight", &[a], &[(a, true)], &[&commas, "x-one"]).to_string()).unwrap();
    for contestant in CONTESTANTS {
        let prepared = driver.ask(&json!({"prepare": {"contestant": contestant, "scenario": path}}));
        assert!(prepared.get("answers").is_some() || prepared.get("cannot").is_some(), "{contestant}: {prepared}");
    }
    driver.end();
}

#[test]
fn errors_are_reported_and_survived() {
    let mut driver = Driver::start();
    driver.hear();
    let said = |answer: Value| answer["error"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    assert!(said(driver.ask(&json!({"run": {"requests": 1}}))).starts_with("nothing is prepared"));
    assert!(said(driver.ask(&json!({"walk": 1}))).contains("is not a question"));
    assert!(said(driver.ask(&json!({"prepare": {"contestant": "x", "scenario": "/none"}}))).contains("`/none`"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scenario.json");
    std::fs::write(&path, scenario("actual", &["https://a.example/"], &[("https://a.example", true)], &[]).to_string())
        .unwrap();
    assert_eq!(
        said(driver.ask(&json!({"prepare": {"contestant": "x", "scenario": path}}))),
        "no contestant is named `x`"
    );
    let refused = said(driver.ask(&json!({"prepare": {"contestant": "decide", "scenario": path}})));
    assert!(refused.contains("origin/trailing-slash"), "{refused}");
    driver.end();
}
