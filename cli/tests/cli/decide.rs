//! `corsac decide` with one request.

use serde_json::json;

use crate::command::{BROKEN, Folder, TWO, WARNED};

fn folder() -> Folder {
    Folder::with(&[("two.toml", TWO), ("warned.toml", WARNED), ("bad.toml", BROKEN)])
}

#[test]
fn the_exit_status_shows_whether_the_request_was_denied() {
    let folder = folder();
    let allowed = "origin: https://app.example.com";
    for (arguments, code, first) in [
        (&["--policy", "api"][..], 0, "not-cors: no-origin"),
        (&["--policy", "api", "-H", allowed], 0, "allowed: ok"),
        (&["--policy", "public", "-H", "origin: null"], 0, "allowed: ok"),
        (&["--policy", "api", "-H", "origin: null"], 1, "denied: origin-null"),
        (
            &["--policy", "api", "-X", "OPTIONS", "-H", allowed, "-H", "access-control-request-method: PUT"],
            0,
            "preflight-allowed: ok",
        ),
        (
            &["--policy", "api", "-X", "OPTIONS", "-H", allowed, "-H", "access-control-request-method: DELETE"],
            1,
            "preflight-denied: method-not-allowed",
        ),
        (&["--host", "api.example.com", "--path", "/v1", "-H", allowed], 0, "allowed: ok"),
        (&["--host", "API.example.com.:443", "-H", allowed], 0, "allowed: ok"),
        (&["--host", "www.example.com", "-H", allowed], 1, "no-policy: no-policy"),
    ] {
        let arguments = [&["decide", "two.toml"], arguments].concat();
        let ended = folder.run(&arguments).expect(code);
        assert_eq!(ended.stdout.lines().next(), Some(first), "{arguments:?}");
        assert_eq!(ended.stderr, "");
    }
}

#[test]
fn errors_suggest_a_fix() {
    let folder = folder();
    for (arguments, expected) in [
        (
            &["two.toml"][..],
            "error: the document has several policies, `api`, `public`; choose one with `--policy`, or use its routes with `--host`\n",
        ),
        (&["two.toml", "--policy", "apu"], "error: there is no policy `apu`; did you mean `api`?\n"),
        (
            &["two.toml", "--policy", "x\x1b[2J"],
            "error: there is no policy `x\\x1b[2J`; the document has `api`, `public`\n",
        ),
        (
            &["warned.toml", "-H", "origin: x", "-H", "authorization secret"],
            "error: `--header` number 2 is not `name: value`\n",
        ),
        (&["warned.toml", "-H", ": x"], "error: `--header` number 1 is not `name: value`\n"),
    ] {
        let ended = folder.run(&[&["decide"], arguments].concat()).expect(2);
        assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", expected));
    }
}

#[test]
fn options_that_cannot_be_combined_are_usage_errors() {
    let folder = folder();
    for arguments in [
        &["--policy", "api", "--host", "api.example.com"][..],
        &["--path", "/"],
        &["--requests", "log"],
        &["--verbose"],
    ] {
        folder.run(&[&["decide", "two.toml"], arguments].concat()).expect(2);
    }
}

#[test]
fn a_document_with_errors_cannot_be_used() {
    let ended = folder().run(&["decide", "bad.toml"]).expect(2);
    assert_eq!(ended.stdout, "");
    assert!(ended.stderr.starts_with("error[origin/trailing-slash]: "), "{}", ended.stderr);
    assert!(ended.stderr.ends_with("error: `bad.toml` has 2 errors, so it cannot be used\n"), "{}", ended.stderr);
    assert!(folder().run(&["decide", "missing.toml"]).expect(2).stderr.starts_with("error[document/unreadable]: "));
}

#[test]
fn only_check_shows_warnings() {
    assert_eq!(folder().run(&["decide", "warned.toml"]).expect(0).stderr, "");
}

#[test]
fn human_output_has_the_whole_decision() {
    let shown = folder()
        .run(&[
            "decide",
            "two.toml",
            "--policy",
            "api",
            "-X",
            "OPTIONS",
            "-H",
            "Origin:https://partner.example.org",
            "-H",
            "Access-Control-Request-Method: PUT",
            "-H",
            "Access-Control-Request-Headers: X-Evil",
        ])
        .expect(1)
        .stdout;
    let expected = "\
preflight-denied: header-not-allowed
a name in `X-Evil` is not in `allow_headers` of grant 1 of policy `api`

  request   OPTIONS
            origin: https://partner.example.org
            access-control-request-method: PUT
            access-control-request-headers: X-Evil
  policy    api
  rule      https://partner.example.org, grant 1
  failed    headers
  status    respond with 204, without forwarding: the browser does not send the request
  set       access-control-allow-origin:  https://partner.example.org
            access-control-allow-methods: POST, PUT
            access-control-allow-headers: content-type
  vary      Origin, Access-Control-Request-Method, Access-Control-Request-Headers
  upstream  replace: the application's own CORS headers are removed
";
    assert_eq!(shown, expected);
}

#[test]
fn json_output_is_one_line() {
    let arguments =
        ["decide", "two.toml", "--policy", "api", "--format", "json", "-H", "origin: https://evil-example.com"];
    let expected = json!({
        "verdict": "denied", "reason": "origin-not-allowed", "failed": ["origin"], "status": null, "rule": null, "grant": null,
        "set": [], "vary": ["Origin"], "upstream": "replace", "generation": 1
    });
    assert_eq!(folder().run(&arguments).expect(1).json(), expected);
}

#[test]
fn a_document_can_be_standard_input() {
    let ended = folder().run_with(&["decide", "-", "--policy", "public"], TWO.as_bytes()).expect(0);
    assert!(ended.stdout.starts_with("not-cors: no-origin\n"));
}

#[test]
fn secrets_are_not_shown() {
    let arguments =
        ["decide", "warned.toml", "-H", "cookie: s3cret", "-H", "Authorization: s3cret", "-H", "x-origin: s3cret"];
    for format in ["human", "json"] {
        let ended = folder().run(&[&arguments[..], &["--format", format]].concat()).expect(0);
        assert!(!ended.stdout.contains("s3cret"));
    }
}

#[cfg(unix)]
#[test]
fn bytes_of_a_request_are_escaped() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;

    let hostile = b"\x1b[2J\xff\xc2\x9b\x07 \\";
    let line = |name: &str| OsString::from_vec([name.as_bytes(), b": https://", hostile, b".example"].concat());
    let mut arguments: Vec<OsString> = ["decide", "warned.toml", "-X"].map(Into::into).into();
    arguments.push(OsString::from_vec(hostile.to_vec()));
    for name in ["origin", "access-control-request-method", "access-control-request-headers"] {
        arguments.extend(["-H".into(), line(name)]);
    }
    let shown = folder().run(&arguments).expect(1).stdout;
    assert!(shown.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'~')), "{shown:?}");
    assert!(shown.contains(r"origin: https://\x1b[2J\xff\xc2\x9b\x07 \\.example"), "{shown}");
}
