//! `corsac replay --against`.

use serde_json::{Value, json};

use crate::command::{BROKEN, Ended, Folder, TWO};

/// [`TWO`], with one origin removed, one added, credentials for the partner, a renamed policy, another status.
const NEW: &str = r#"
version = 1

[policy.api]
allow_origins = ["https://app.example.com", "https://new.example.com"]
allow_methods = ["POST", "PUT"]
allow_headers = ["content-type"]
preflight_status = 200

[[policy.api.grant]]
allow_origins = ["https://partner.example.org"]
allow_methods = ["DELETE"]

[policy.shared]
allow_origins = ["*"]

[[route]]
host = "api.example.com"
policy = "api"
"#;

fn line(policy: &str, origin: &str, preflight: Option<&str>) -> String {
    let (method, requested) = match preflight {
        Some(method) => ("OPTIONS", format!(r#",["access-control-request-method","{method}"]"#)),
        None => ("GET", String::new()),
    };
    format!(r#"{{"policy":"{policy}","method":"{method}","headers":[["origin","{origin}"]{requested}]}}"#) + "\n"
}

/// Requests of every kind of difference, many times.
fn log(times: usize) -> String {
    let lines = [
        line("api", "https://app.example.com", None),
        line("api", "https://admin.example.com:8443", None),
        line("api", "https://new.example.com", None),
        line("api", "https://app.example.com", Some("PUT")),
        line("api", "https://partner.example.org", Some("PUT")),
        line("api", "https://partner.example.org", Some("DELETE")),
        line("public", "https://app.example.com", None),
        line("shared", "https://app.example.com", None),
        line("api", "https://admin.example.com:8443", Some("PUT")),
        line("api", "https://evil.example.com", None),
    ];
    lines.concat().repeat(times)
}

fn against(log: &str, options: &[&str]) -> Ended {
    let folder = Folder::with(&[("old.toml", TWO), ("new.toml", NEW), ("log", log)]);
    folder.run(&[&["replay", "old.toml", "log", "--against", "new.toml"], options].concat())
}

/// All lines except the last, which has the time taken.
fn without_rate(shown: &str) -> &str {
    shown.trim_end().rsplit_once('\n').unwrap().0
}

#[test]
fn differences_are_grouped_and_the_most_frequent_come_first() {
    let shown = against(&log(2), &["--format", "human", "--samples", "1"]).expect(1).stdout;
    let expected = "\
verdict or reason changed
   2  allowed ok → denied origin-not-allowed
      line 2: api: GET, origin https://admin.example.com:8443
        `https://admin.example.com:8443`, grant 0 → no row
   2  allowed ok → no-policy no-policy
      line 7: public → no policy: GET, origin https://app.example.com
        `*`, grant 0 → no row
   2  denied origin-not-allowed → allowed ok
      line 3: api: GET, origin https://new.example.com
        no row → `https://new.example.com`, grant 0
   2  preflight-allowed ok → preflight-denied origin-not-allowed
      line 9: api: OPTIONS for PUT, origin https://admin.example.com:8443
        `https://admin.example.com:8443`, grant 0 → no row
   2  preflight-allowed ok → preflight-denied method-not-allowed
      line 5: api: OPTIONS for PUT, origin https://partner.example.org
        `https://partner.example.org`, grant 1
   2  preflight-denied method-not-allowed → preflight-allowed ok
      line 6: api: OPTIONS for DELETE, origin https://partner.example.org
        `https://partner.example.org`, grant 1
   2  no-policy no-policy → allowed ok
      line 8: no policy → shared: GET, origin https://app.example.com
        no row → `*`, grant 0

only the response changed
   2  preflight-allowed ok: other status
      line 4: api: OPTIONS for PUT, origin https://app.example.com
        `https://app.example.com`, grant 0
        status: 204 → 200

  20  requests
   4  unchanged
  14  verdict or reason changed
   2  only the response changed";
    assert_eq!(without_rate(&shown), expected);
    let frequent = line("api", "https://new.example.com", None).repeat(3) + &log(1);
    let shown = against(&frequent, &["--format", "human"]).expect(1).stdout;
    assert!(
        shown.starts_with("verdict or reason changed\n   4  denied origin-not-allowed → allowed ok\n      line 1: "),
        "{shown}"
    );
    // Three samples, and no more.
    assert!(shown.contains("line 2: ") && shown.contains("line 3: ") && !shown.contains("line 6: "), "{shown}");
}

#[test]
fn json_output_is_one_document() {
    let report = against(&log(3), &["--samples", "2"]).expect(1).json();
    assert_eq!(report["same"], false);
    assert_eq!(report["totals"], json!({"requests": 30, "same": 6, "flips": 21, "other_answers": 3, "bad_lines": 0}));
    let flips = report["flips"].as_array().unwrap();
    assert_eq!(flips.len(), 7);
    let first = flips.first().unwrap();
    assert_eq!(first["old"], json!({"verdict": "allowed", "reason": "ok"}));
    assert_eq!(first["new"], json!({"verdict": "denied", "reason": "origin-not-allowed"}));
    assert_eq!(first["count"], 3);
    let lines: Vec<_> = first["samples"].as_array().unwrap().iter().map(|sample| sample["line"].clone()).collect();
    assert_eq!(lines, [2, 12]);
    let sample = &first["samples"][0];
    assert_eq!(
        [&sample["id"], &sample["method"], &sample["origin"], &sample["request_method"]],
        [&Value::Null, &json!("GET"), &json!("https://admin.example.com:8443"), &Value::Null]
    );
    assert_eq!(
        sample["old"],
        json!({
            "policy": "api", "verdict": "allowed", "reason": "ok", "rule": "https://admin.example.com:8443", "grant": 0,
            "status": null, "set": [["access-control-allow-origin", "https://admin.example.com:8443"]],
            "vary": ["Origin"], "upstream": "replace"
        })
    );
    let other = &report["other_answers"][0];
    assert_eq!(
        [&other["verdict"], &other["reason"], &other["differs"], &other["count"]],
        [&json!("preflight-allowed"), &json!("ok"), &json!(["status"]), &json!(3)]
    );
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let mut log = log(4_000);
    log.push_str("not a line\n");
    let folder = Folder::with(&[("old.toml", TWO), ("new.toml", NEW), ("log", &log)]);
    let run = |threads: &str| {
        let arguments = ["replay", "old.toml", "log", "--against", "new.toml", "--samples", "40", "--threads", threads];
        folder.run(&arguments).expect(1)
    };
    let one = run("1");
    assert_eq!(one.json()["totals"]["bad_lines"], 1);
    for threads in ["2", "3", "16"] {
        let many = run(threads);
        assert!(many.stdout == one.stdout, "{threads} threads compare otherwise");
        assert_eq!(many.stderr, one.stderr);
    }
}

#[test]
fn the_same_document_has_no_differences() {
    let folder = Folder::with(&[("old.toml", TWO), ("log", &log(1).replace("shared", "public"))]);
    let same = ["replay", "old.toml", "log", "--against", "old.toml"];
    let report = folder.run(&same).expect(0).json();
    assert_eq!(report["totals"], json!({"requests": 10, "same": 10, "flips": 0, "other_answers": 0, "bad_lines": 0}));
    assert_eq!(report["same"], true);
    let shown = folder.run(&[&same[..], &["--format", "human"]].concat()).expect(0).stdout;
    let expected = "  10  requests\n  10  unchanged\n   0  verdict or reason changed\n   0  only the response changed";
    assert_eq!(without_rate(&shown), expected);
}

#[test]
fn a_policy_that_neither_document_has_is_a_bad_line() {
    let ended = against(&line("nobody", "https://app.example.com", None), &[]).expect(1);
    assert_eq!(ended.json()["totals"]["bad_lines"], 1);
    assert_eq!(ended.stderr, "error: log:1: there is no policy `nobody`; the document has `api`, `public`\n");
    let ended = against(r#"{"method":"GET","headers":[]}"#, &[]).expect(1);
    assert!(ended.stderr.contains("neither `policy` nor `route`"), "{}", ended.stderr);
}

#[test]
fn one_policy_of_both_documents_can_decide() {
    let log = log(1);
    let count = |policy: &str| against(&log, &["--policy", policy]).json()["totals"]["flips"].clone();
    assert_eq!(count("public"), 10);
    assert_eq!(count("shared"), 10);
    assert!(against(&log, &["--policy", "nobody"]).expect(2).stderr.contains("there is no policy `nobody`"));
}

#[test]
fn the_only_policy_decides_a_line_that_names_none() {
    let one = "version = 1\n[policy.api]\nallow_origins = [\"https://app.example.com\"]\n";
    let renamed = one.replace("api", "web");
    let folder = Folder::with(&[("one.toml", one), ("renamed.toml", &renamed), ("two.toml", TWO)]);
    folder.write("log", br#"{"method":"GET","headers":[["origin","https://app.example.com"]]}"#);
    folder.run(&["replay", "one.toml", "log", "--against", "renamed.toml"]).expect(0);
    folder.run(&["replay", "one.toml", "log", "--against", "two.toml"]).expect(0);
    folder.run(&["replay", "two.toml", "log", "--against", "one.toml"]).expect(0);
    let report = folder.run(&["replay", "two.toml", "log", "--against", "renamed.toml"]).expect(1).json();
    assert_eq!(report["flips"][0]["old"]["verdict"], "no-policy");
}

#[test]
fn each_document_decides_an_access_log_by_its_own_routes() {
    let folder = Folder::with(&[("old.toml", TWO), ("new.toml", &TWO.replace("api.example.com", "www.example.com"))]);
    folder.write("log", b"\"GET / HTTP/1.1\" \"https://app.example.com\" api.example.com\n");
    let fields = ["--fields", "\"$request\" \"$http_origin\" $host"];
    let report =
        folder.run(&[&["replay", "old.toml", "log", "--against", "new.toml"], &fields[..]].concat()).expect(1).json();
    assert_eq!(report["flips"][0]["new"], json!({"verdict": "no-policy", "reason": "no-policy"}));
    assert_eq!(report["flips"][0]["samples"][0]["line"], 1);
}

#[test]
fn documents_that_cannot_be_compared_are_errors() {
    let folder = Folder::with(&[("old.toml", TWO), ("bad.toml", BROKEN), ("log", "")]);
    let ended = folder.run(&["replay", "old.toml", "log", "--against", "bad.toml"]).expect(2);
    assert!(ended.stderr.contains("error[origin/trailing-slash]"), "{}", ended.stderr);
    assert!(ended.stderr.ends_with("error: `bad.toml` has 2 errors, so it cannot be used\n"), "{}", ended.stderr);
    assert!(folder.run(&["replay", "old.toml", "log", "--samples", "2"]).expect(2).stderr.contains("--against"));
    let ended = folder.run(&["replay", "old.toml", "-", "--against", "-"]).expect(2);
    assert!(ended.stderr.contains("requests and `--against` cannot both be standard input"));
}

#[test]
fn values_of_a_request_are_harmless_on_a_terminal() {
    let hostile = r#"{"id":"\u001b[2J\u009b","policy":"public","method":"G\u001b","headers":[["origin","https://\u001b[2J\u202e"]]}"#;
    for format in ["human", "json"] {
        let shown = against(hostile, &["--format", format]).expect(1).stdout;
        let raw = |character: char| character.is_control() && character != '\n';
        assert!(!shown.contains(raw) && !shown.contains('\u{202e}'), "{shown:?}");
    }
}
