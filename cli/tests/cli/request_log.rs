//! Request logs of `corsac replay`: a JSON object per line.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::command::{Ended, Folder, TWO, WARNED};

const ALLOWED: &str = r#"{"policy":"api","method":"GET","headers":[["origin","https://app.example.com"]]}"#;

/// Decides `log` with the document of two policies.
fn replay(log: &[u8], options: &[&str]) -> Ended {
    let folder = Folder::with(&[("two.toml", TWO)]);
    folder.write("log.ndjson", log);
    folder.run(&[&["replay", "two.toml", "log.ndjson"], options].concat())
}

#[test]
fn every_request_has_a_decision_with_its_id() {
    let log = r#"
{"id": 7, "policy": "api", "method": "GET", "headers": [["Origin", "https://app.example.com"]]}
{"id": {"a": [1, null]}, "policy": "public", "method": "GET", "headers": []}
{"id": null, "route": {"host": "api.example.com", "path": "/"}, "method": "GET", "headers": []}
{"route": {"host": "www.example.com", "path": "/"}, "method": "GET", "headers": [], "time": 12}
"#;
    let ended = replay(log.as_bytes(), &[]).expect(1);
    let first = concat!(
        r#"{"id":7,"verdict":"allowed","reason":"ok","failed":[],"status":null,"rule":"https://app.example.com","grant":0,"#,
        r#""set":[["access-control-allow-origin","https://app.example.com"]],"vary":["Origin"],"upstream":"replace","#,
        r#""generation":1}"#
    );
    assert_eq!(ended.stdout.lines().next(), Some(first));
    let answers = ended.json_lines();
    let of = |key: &str| answers.iter().map(|answer| answer.get(key).cloned()).collect::<Vec<_>>();
    assert_eq!(of("id"), [Some(json!(7)), Some(json!({"a": [1, null]})), Some(Value::Null), None]);
    let verdicts = ["allowed", "not-cors", "not-cors", "no-policy"].map(|verdict| Some(json!(verdict)));
    assert_eq!(of("verdict"), verdicts);
    assert_eq!(ended.stderr, "");
}

#[test]
fn the_exit_status_is_0_if_nothing_was_denied_or_bad() {
    replay(ALLOWED.as_bytes(), &[]).expect(0);
    replay(b"", &[]).expect(0);
    replay(b"\n  \r\n", &[]).expect(0);
    replay(ALLOWED.replace("app.", "evil.").as_bytes(), &[]).expect(1);
    replay(b"{}", &[]).expect(1);
}

#[test]
fn bad_lines_are_reported_skipped_and_counted() {
    let bad = [
        ("nonsense", "not JSON: expected value"),
        ("[1]", "expected an object, found an array"),
        (r#"{"policy":"api","headers":[]}"#, "`method` is missing"),
        (r#"{"policy":"api","method":"GET"}"#, "`headers` is missing"),
        (r#"{"policy":"api","method":7,"headers":[]}"#, "expected a string or"),
        (r#"{"policy":"api","method":"GET","headers":{}}"#, "found an object"),
        (r#"{"policy":"apu","method":"GET","headers":[]}"#, "there is no policy `apu`; did you mean `api`?"),
        (r#"{"policy":"\u001b[2J","method":"GET","headers":[]}"#, "there is no policy `\\x1b[2J`"),
        (
            r#"{"method":"GET","headers":[]}"#,
            "the document has several policies, and the line has neither `policy` nor `route`",
        ),
        (
            r#"{"policy":"api","route":{"host":"h","path":"/"},"method":"GET","headers":[]}"#,
            "`policy` and `route` cannot be combined",
        ),
        (r#"{"policy":"api","method":"GET","headers":[["origin",{"base64":"%"}]]}"#, "`base64` is not base64"),
    ];
    let log: String = bad.iter().map(|(line, _)| format!("{line}\n{ALLOWED}\n")).collect();
    let ended = replay(log.as_bytes(), &[]).expect(1);
    assert_eq!(ended.json_lines().len(), bad.len());
    let reports: Vec<_> = ended.stderr.lines().collect();
    assert_eq!(reports.len(), bad.len());
    for (index, (report, (line, expected))) in reports.iter().zip(&bad).enumerate() {
        assert!(report.starts_with(&format!("error: log.ndjson:{}:", 2 * index + 1)), "{report}");
        assert!(report.contains(expected), "{line}: {report}");
    }
}

#[test]
fn lines_that_are_not_utf8_or_too_long_are_bad() {
    let long = "a".repeat((16 << 20) + 1);
    let log = [b"{\"id\": \"\xff\"}\n", long.as_bytes(), b"\n", ALLOWED.as_bytes()].concat();
    let ended = replay(&log, &[]).expect(1);
    assert_eq!(ended.json_lines().len(), 1);
    let reports: Vec<_> = ended.stderr.lines().collect();
    assert_eq!(reports[0], "error: log.ndjson:1:9: not UTF-8; write non-UTF-8 values as `{\"base64\": \"...\"}`");
    assert_eq!(reports[1], "error: log.ndjson:2: longer than 16 MiB");
}

#[test]
fn no_report_quotes_a_secret() {
    for line in [
        r#"{"policy":"api","method":"GET","headers":["authorization: s3cret"]}"#,
        r#"{"policy":"api","method":"GET","headers":"cookie: s3cret"}"#,
        r#"{"policy":"api","method":"GET","headers":[["cookie","s3cret","s3cret"]]}"#,
        r#"{"policy":"api","method":"GET","headers":[["cookie",{"base64":"s3cret"}]]}"#,
        r#"{"policy":"api","method":"GET","headers":[["cookie",{"s3cret":"s3cret"}]]}"#,
        r#""s3cret, expected s3cret""#,
        "s3cret",
    ] {
        let ended = replay(line.as_bytes(), &[]).expect(1);
        assert_eq!(ended.stderr.lines().count(), 1);
        assert!(!ended.stderr.contains("s3cret"), "{}", ended.stderr);
    }
}

#[test]
fn values_that_are_not_utf8_come_as_base64() {
    let log = r#"{"policy":"api","method":{"base64":"R0VU"},"headers":[["origin",{"base64":"aHR0cHM6Ly//"}]]}"#;
    assert_eq!(replay(log.as_bytes(), &[]).expect(1).json()["reason"], "origin-malformed");
    let log = r#"{"policy":"api","method":"GET","headers":[["origin",{"base64":"aHR0cHM6Ly9hcHAuZXhhbXBsZS5jb20="}]]}"#;
    assert_eq!(replay(log.as_bytes(), &[]).expect(0).json()["reason"], "ok");
    let log = r#"{"policy":"api","method":"GET","headers":[["ori\u0067in","https:\/\/app.example.com"]]}"#;
    assert_eq!(replay(log.as_bytes(), &[]).expect(0).json()["reason"], "ok");
}

#[test]
fn a_header_of_a_megabyte_is_decided() {
    let commas = ",".repeat(1 << 20);
    let log = format!(
        r#"{{"policy":"api","method":"OPTIONS","headers":[["origin","https://app.example.com"],["access-control-request-method","PUT"],["access-control-request-headers","{commas}"]]}}"#
    );
    assert_eq!(replay(log.as_bytes(), &[]).expect(1).json()["reason"], "headers-over-budget");
}

#[test]
fn human_output_is_a_summary() {
    let denied = ALLOWED.replace("app.", "evil.");
    let log = format!("{ALLOWED}\n{denied}\n{{}}\n{denied}\n");
    let shown = replay(log.as_bytes(), &["--format", "human"]).expect(1).stdout;
    let lines: Vec<_> = shown.lines().collect();
    let expected = [
        "  2  denied             origin-not-allowed",
        "  1  allowed            ok",
        "  3  requests",
        "  1  bad lines, skipped",
        "origins denied most often",
        "  2  https://evil.example.com",
    ];
    let (rate, counts) = lines.split_last().unwrap();
    assert_eq!(counts, expected);
    assert!(rate.starts_with("decided in ") && rate.ends_with(" requests per second"), "{rate}");
}

#[test]
fn one_policy_needs_no_name() {
    let folder = Folder::with(&[("warned.toml", WARNED)]);
    let log = br#"{"method":"GET","headers":[]}"#;
    let ended = folder.run_with(&["replay", "warned.toml", "-"], log).expect(0);
    assert_eq!(ended.json()["reason"], "no-origin");
}

#[test]
fn decisions_for_a_slow_writer_are_not_held_back() {
    let folder = Folder::with(&[("two.toml", TWO)]);
    let mut child = folder.command(&["replay", "two.toml", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    let (mut stdin, stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let (sender, decisions) = mpsc::channel();
    let reading = thread::spawn(move || stdout.lines().try_for_each(|line| sender.send(line.unwrap())));
    for _ in 0..3 {
        // Half of the next line is already there and must not delay the decision.
        stdin.write_all(format!("{ALLOWED}\n{{\"id\": ").as_bytes()).unwrap();
        let decision = decisions.recv_timeout(Duration::from_secs(20)).unwrap();
        assert!(decision.contains("\"verdict\":\"allowed\""));
        stdin.write_all(b"\n").unwrap();
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(1));
    reading.join().unwrap().unwrap();
}
