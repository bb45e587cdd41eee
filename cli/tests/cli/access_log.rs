//! `corsac replay --fields`.

use serde_json::json;

use crate::command::{Ended, Folder, TWO, WARNED};

/// What nginx writes by `combined-cors`, without the last fields.
const BEGINNING: &str = r#"192.0.2.7 - - [12/Nov/2025:10:00:00 +0000]"#;

fn replay(document: &str, log: &str, options: &[&str]) -> Ended {
    let folder = Folder::with(&[("p.toml", document), ("access.log", log)]);
    folder.run(&[&["replay", "p.toml", "access.log"], options].concat())
}

#[test]
fn every_line_is_a_request() {
    let log = format!(
        r#"{BEGINNING} "GET /v1?x=1 HTTP/1.1" 200 12 "-" "agent" "https://app.example.com" "-" "-" api.example.com
{BEGINNING} "OPTIONS /v1 HTTP/2.0" 204 0 "-" "agent" "https://app.example.com" "PUT" "content-type" api.example.com
{BEGINNING} "POST / HTTP/1.1" 200 12 "-" "agent" "-" "-" "-" API.example.com:443

{BEGINNING} "GET / HTTP/1.1" 403 0 "-" "\x22agent\x22" "https://evil\x1B.example" "-" "-" api.example.com
{BEGINNING} "GET / HTTP/1.1" 200 12 "-" "agent" "https://app.example.com" "-" "-" www.example.com
"#
    );
    let ended = replay(TWO, &log, &["--fields", "combined-cors"]).expect(1);
    let answers: Vec<_> =
        ended.json_lines().iter().map(|answer| json!([answer["id"], answer["verdict"], answer["reason"]])).collect();
    let expected = [
        json!([1, "allowed", "ok"]),
        json!([2, "preflight-allowed", "ok"]),
        json!([3, "not-cors", "no-origin"]),
        json!([5, "denied", "origin-malformed"]),
        json!([6, "no-policy", "no-policy"]),
    ];
    assert_eq!(answers, expected);
    assert_eq!(ended.stderr, "");
}

#[test]
fn the_policy_is_the_named_the_routed_or_the_only_one() {
    let log = "GET www.example.com /a https://app.example.com\n";
    let format = "$request_method $host $uri $http_origin";
    let verdict = |document: &str, options: &[&str]| {
        replay(document, log, &[&["--fields", format], options].concat()).json()["verdict"].clone()
    };
    assert_eq!(verdict(TWO, &["--policy", "api"]), "allowed");
    assert_eq!(verdict(TWO, &[]), "no-policy");
    assert_eq!(verdict(&TWO.replace("api.example.com", "www.example.com"), &[]), "allowed");
    assert_eq!(verdict(WARNED, &[]), "allowed");

    let ended = replay(TWO, "GET\n", &["--fields", "$request_method"]).expect(2);
    let expected = "error: the document has several policies, `api`, `public`; choose one with `--policy`, or add routes \
                to the document and `$host` to the log and to `--fields`\n";
    assert!(ended.stderr.ends_with(expected), "{}", ended.stderr);
    let unrouted = TWO.split("[[route]]").next().unwrap();
    let ended = replay(unrouted, log, &["--fields", format]).expect(2);
    assert!(ended.stderr.ends_with(expected), "{}", ended.stderr);
}

#[test]
fn a_line_in_another_format_is_a_bad_line() {
    let log = format!("{BEGINNING} \"GET / HTTP/1.1\" 200 12 \"-\" \"agent\" \"null\"\ns3cret\n{BEGINNING} \"s3cret\n");
    let ended = replay(WARNED, &log, &["--fields", "combined-origin"]).expect(1);
    assert_eq!(ended.json()["reason"], "origin-null");
    let reports: Vec<_> = ended.stderr.lines().collect();
    let expected = [
        "error: access.log:2:1: `$remote_addr` is not followed by ` - `, which `--fields` requires",
        "error: access.log:3:45: `$request` is not followed by `\" `, which `--fields` requires",
    ];
    assert_eq!(reports, expected);
}

#[test]
fn a_format_without_origin_is_warned_about() {
    let log = format!("{BEGINNING} \"GET / HTTP/1.1\" 200 12 \"-\" \"agent\"\n");
    let ended = replay(WARNED, &log, &["--fields", "combined"]).expect(0);
    assert_eq!(ended.json()["reason"], "no-origin");
    let expected = "warning: `--fields` has no `$http_origin`: every request is treated as having no `Origin`\n";
    assert_eq!(ended.stderr, expected);
}

#[test]
fn an_invalid_format_is_rejected() {
    for (format, expected) in [
        ("combined-orgin", "has neither `$request` nor `$request_method`; give the log's format, or one of `combined`"),
        ("$request$host", "`--fields` has no separator between `$request` and `$host`"),
    ] {
        let ended = replay(WARNED, "", &["--fields", format]).expect(2);
        assert!(ended.stderr.starts_with("error: ") && ended.stderr.contains(expected), "{}", ended.stderr);
    }
}
