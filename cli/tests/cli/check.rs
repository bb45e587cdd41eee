//! `corsac check`.

use serde_json::json;

use crate::command::{BROKEN, Folder, TWO, WARNED};

#[test]
fn the_exit_status_shows_whether_there_are_findings() {
    let noted = "version = 1\n[policy.p]\nallow_origins = [\"https://*.example.com\"]\nallow_credentials = true\n";
    let folder =
        Folder::with(&[("two.toml", TWO), ("noted.toml", noted), ("warned.toml", WARNED), ("bad.toml", BROKEN)]);
    for (name, code, summary) in [
        ("two.toml", 0, "two.toml: 2 policies, 4 rows: no findings"),
        ("noted.toml", 0, "noted.toml: 1 policy, 1 row: 1 note"),
        ("warned.toml", 1, "warned.toml: 1 policy, 1 row: 1 warning"),
        ("bad.toml", 1, "bad.toml: 2 errors"),
        ("missing.toml", 2, "missing.toml: 1 error"),
        (".", 2, ".: 1 error"),
    ] {
        let ended = folder.run(&["check", name]).expect(code);
        assert_eq!(ended.stdout.lines().last(), Some(summary));
        assert_eq!(ended.stderr, "");
    }
}

#[test]
fn findings_are_shown_with_line_caret_and_help() {
    let shown = Folder::with(&[("bad.toml", BROKEN)]).run(&["check", "bad.toml"]).expect(1).stdout;
    let expected = "\
error[origin/trailing-slash]: `https://app.example.com/` ends with `/`, which no origin does
 --> bad.toml:3:18
  |
3 | allow_origins = [\"https://app.example.com/\"]
  |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = policy: api
  = help: write `https://app.example.com`
  = see: corsac check --explain origin/trailing-slash

";
    assert!(shown.starts_with(expected), "{shown}");
}

#[test]
fn json_has_every_field() {
    let folder = Folder::with(&[("bad.toml", BROKEN), ("two.toml", TWO)]);
    let report = folder.run(&["check", "bad.toml", "--format", "json"]).expect(1).json();
    assert_eq!(report["ok"], false);
    let first = json!({
        "code": "origin/trailing-slash", "severity": "error", "policy": "api", "file": "bad.toml", "line": 3, "column": 18,
        "message": "`https://app.example.com/` ends with `/`, which no origin does", "help": "write `https://app.example.com`"
    });
    assert_eq!(report["diagnostics"][0], first);
    assert_eq!(report["diagnostics"].as_array().unwrap().len(), 2);
    assert_eq!(report.as_object().unwrap().len(), 2);

    let report = folder.run(&["check", "missing.toml", "--format", "json"]).expect(2).json();
    let unreadable = &report["diagnostics"][0];
    assert_eq!((&unreadable["code"], &unreadable["file"]), (&json!("document/unreadable"), &json!("missing.toml")));
    assert_eq!([&unreadable["policy"], &unreadable["line"], &unreadable["column"]], [&json!(null); 3]);

    assert_eq!(
        folder.run(&["check", "two.toml", "--format", "json"]).expect(0).json(),
        json!({"ok": true, "diagnostics": []})
    );
}

#[test]
fn verbose_shows_rows_and_bytes_of_each_policy() {
    let folder = Folder::with(&[("two.toml", TWO), ("bad.toml", BROKEN)]);
    let shown = folder.run(&["check", "two.toml", "--verbose"]).expect(0).stdout;
    let words: Vec<Vec<_>> = shown.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(words[0][..2], ["policy", "grants"]);
    assert_eq!(words[1][..6], ["api", "2", "3", "0", "0", "0"]);
    assert_eq!(words[2][..], ["public", "1", "any", "origin"]);
    // As computed by `sha256sum`.
    let digest = "4a7abeb8b64b21c272f47f7f432f0888ea3cf80ca8d0feb3f2b8169e9a51f35c";
    assert_eq!(shown.lines().rev().nth(1), Some(format!("digest {digest}").as_str()));
    assert!(shown.lines().last().unwrap().starts_with("read, checked and compiled in "));

    let report = folder.run(&["check", "two.toml", "--verbose", "--format", "json"]).expect(0).json();
    let api = &report["policies"][0];
    assert_eq!(
        [&api["name"], &api["grants"], &api["exact"], &api["any_origin"]],
        [&json!("api"), &json!(2), &json!(3), &json!(false)]
    );
    assert_eq!(report["digest"], digest);
    assert!(report["load_seconds"].as_f64().unwrap() > 0.0);
    let report = folder.run(&["check", "bad.toml", "--verbose", "--format", "json"]).expect(1).json();
    assert_eq!(report["policies"], json!([]));
}

#[test]
fn a_document_on_standard_input_finds_its_lists_in_the_current_directory() {
    let folder = Folder::with(&[("list.txt", "https://a.example.com\nhttps://b.example.com/\n")]);
    let document = "version = 1\n[policy.p]\nallow_origins = [{ file = \"list.txt\" }]\n";
    let shown = folder.run_with(&["check", "-"], document.as_bytes()).expect(1).stdout;
    assert!(shown.contains(" --> list.txt:2:1\n"), "{shown}");
    assert!(shown.ends_with("<stdin>: 1 error\n"), "{shown}");
}

#[test]
fn a_document_named_json_is_json() {
    let folder =
        Folder::with(&[("p.json", r#"{"version": 1, "policy": {"p": {"allow_origins": ["https://a.example"]}}}"#)]);
    folder.run(&["check", "p.json"]).expect(0);
}

#[test]
fn nothing_in_a_document_or_its_name_reaches_a_terminal_raw() {
    let folder = Folder::with(&[]);
    // In a quoted line, a message, a policy's name, and the names of a list file and the document.
    let row = "version = 1\n[policy.p]\nallow_origins = [\"https://\u{9b}31m\u{202e}.example\"]\n";
    let key = "version = 1\n[policy.\"\\u001b[31m\"]\nallow_origins = []\n\"\\u001b[2J\\u009b\" = 1\n";
    let list = "version = 1\n[policy.p]\nallow_origins = [{ file = \"\\u001b[2J\\u009b\\u202e\" }]\n";
    let raw = |character: char| matches!(character, '\u{0}'..='\u{9}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{202e}');
    for document in [row, key, list] {
        for name in ["p.toml", "p\u{1b}[31m\u{9b}\u{202e}.toml"] {
            folder.write(name, document.as_bytes());
            let shown = folder.run(&["check", "--verbose", name]).expect(1).stdout;
            assert!(!shown.contains(raw), "{shown:?}");
        }
    }
}

/// Whoever checks documents of others does not show them the machine's files.
#[test]
fn lists_outside_the_folder_are_not_shown() {
    let folder = Folder::with(&[("secret.txt", "root:hash-of-a-password\n"), ("own.txt", "https://a.example.com\n")]);
    std::fs::create_dir(folder.path().join("inside")).unwrap();
    let secret = folder.path().join("secret.txt");
    for list in ["../secret.txt", secret.to_str().unwrap()] {
        let document = format!("version = 1\n[policy.p]\nallow_origins = [{{ file = \"{list}\" }}]\n");
        folder.write("inside/p.toml", document.as_bytes());
        assert!(folder.run(&["check", "inside/p.toml"]).expect(1).stdout.contains("password"));
        let shown = folder.run(&["check", "--restrict-paths", "inside/p.toml"]).expect(1).stdout;
        assert!(shown.starts_with("error[list/outside-folder]: the list file `"), "{shown}");
        assert!(shown.contains("is outside the document's folder") && !shown.contains("password"), "{shown}");
        let refused = folder.run(&["watch", "--restrict-paths", "inside/p.toml"]).expect(2);
        assert!(refused.stderr.contains("list/outside-folder"), "{}", refused.stderr);
    }
    folder.write("p.toml", b"version = 1\n[policy.p]\nallow_origins = [{ file = \"own.txt\" }]\n");
    folder.run(&["check", "--restrict-paths", "p.toml"]).expect(0);
}

#[test]
fn a_cut_list_is_an_error() {
    let folder = Folder::with(&[("list.txt", "https://a.example.com\nhttps://app.example.co")]);
    folder.write("p.toml", b"version = 1\n[policy.p]\nallow_origins = [{ file = \"list.txt\" }]\n");
    let shown = folder.run(&["check", "p.toml"]).expect(1).stdout;
    assert!(
        shown.starts_with("error[list/unterminated]: the last line of the list file `list.txt` does not end"),
        "{shown}"
    );
    assert!(shown.contains(" --> list.txt:2:1\n"), "{shown}");
    folder.run(&["decide", "p.toml", "--method", "GET", "--header", "origin: https://app.example.co"]).expect(2);
}

#[test]
fn of_ten_thousand_equal_findings_ten_are_shown() {
    let list: String = (0..10_000).map(|index| format!("https://{index}.example.com/\n")).collect();
    let folder = Folder::with(&[("list.txt", &list)]);
    folder.write("p.toml", b"version = 1\n[policy.p]\nallow_origins = [{ file = \"list.txt\" }]\n");
    let shown = folder.run(&["check", "p.toml"]).expect(1).stdout;
    assert_eq!(shown.lines().last(), Some("p.toml: 10,000 errors"));
    assert_eq!(shown.matches(" --> list.txt:").count(), 10);
    assert!(shown.contains("error[origin/trailing-slash]: … and 9,990 more `origin/trailing-slash`\n"), "{shown}");
    assert_eq!(shown.matches("see: corsac check --explain origin/trailing-slash").count(), 1);
}

#[test]
fn every_code_can_be_explained() {
    let folder = Folder::with(&[]);
    let shown = folder.run(&["check", "--explain", "origin/trailing-slash"]).expect(0).stdout;
    assert!(shown.starts_with("### `origin/trailing-slash`\n\nerror: a row that ends in `/`.\n\n"), "{shown}");
    assert!(shown.ends_with("Good:\n```toml\nallow_origins = [\"https://app.example.com\"]\n```\n"), "{shown}");
    let page = include_str!("../../../docs/diagnostics.md");
    for code in corsac::Code::ALL.iter().map(|code| code.as_str()).chain(["settings/unread"]) {
        let shown = folder.run(&["check", "--explain", code]).expect(0).stdout;
        assert!(page.contains(&shown), "{shown}");
    }
}

#[test]
fn a_code_that_does_not_exist_is_a_wrong_use() {
    let folder = Folder::with(&[]);
    let ended = folder.run(&["check", "--explain", "origin/trailing-slosh"]).expect(2);
    let near = "error: there is no code `origin/trailing-slosh`; did you mean `origin/trailing-slash`?\n";
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", near));
    let ended = folder.run(&["check", "--explain", "x"]).expect(2);
    assert!(ended.stderr.starts_with("error: there is no code `x`; findings of"), "{}", ended.stderr);
    folder.run(&["check", "--explain", "origin/path", "policy.toml"]).expect(2);
    folder.run(&["check"]).expect(2);
}

#[test]
fn the_schema_is_that_of_the_page() {
    let shown = Folder::with(&[]).run(&["check", "--schema"]).expect(0).stdout;
    assert_eq!(shown, include_str!("../../../docs/policy.schema.json"));
}

#[test]
fn variables_are_passed_and_never_shown() {
    let document = "version = 1\n[policy.p]\nallow_origins = [{ env = \"CORSAC_TEST_ROWS\" }]\n";
    let folder = Folder::with(&[("p.toml", document)]);
    folder.run(&["check", "p.toml", "--env", "CORSAC_TEST_ROWS=https://a.example,https://b.example?"]).expect(1);
    folder.run(&["check", "p.toml", "--env", "CORSAC_TEST_ROWS=https://a.example,https://b.example"]).expect(0);
    folder.run(&["check", "p.toml", "--restrict-paths", "--env", "CORSAC_TEST_ROWS=https://a.example"]).expect(0);
    folder.run_with(&["check", "-", "--env", "CORSAC_TEST_ROWS=https://a.example"], document.as_bytes()).expect(0);
    let unset = folder.run(&["check", "p.toml"]).expect(1).stdout;
    assert!(unset.contains("env/unset"), "{unset}");
    let not_given = folder.run_with(&["check", "-"], document.as_bytes()).expect(1).stdout;
    assert!(not_given.contains("env/not-given"), "{not_given}");

    let value = "CORSAC_TEST_ROWS=https://a.example,https://user:hunter2@b.example";
    for format in ["human", "json"] {
        let shown = folder.run(&["check", "p.toml", "--format", format, "--env", value]).expect(1).stdout;
        assert!(shown.contains("element 2 of the variable") && !shown.contains("hunter2"), "{shown}");
    }
    // A name that was forgotten leaves a secret without one.
    let wrong = folder.run(&["check", "p.toml", "--env", "hunter2"]).expect(2);
    assert!(wrong.stderr.contains("--env NAME=VALUE") && !wrong.stderr.contains("hunter2"), "{}", wrong.stderr);
}
