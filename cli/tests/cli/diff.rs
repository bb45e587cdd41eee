//! `corsac diff`.

use serde_json::{Value, json};

use crate::command::{BROKEN, Ended, Folder, TWO};

/// A document with one policy of two grants.
fn one(first: &str, second: &str) -> String {
    format!("version = 1\n[policy.api]\n{first}\n[[policy.api.grant]]\n{second}\n")
}

fn diff(old: &str, new: &str, options: &[&str]) -> Ended {
    let folder = Folder::with(&[("old.toml", old), ("new.toml", new)]);
    folder.run(&[&["diff", "old.toml", "new.toml"], options].concat())
}

fn human(old: &str, new: &str) -> String {
    diff(old, new, &["--format", "human"]).expect(1).stdout
}

fn changes(old: &str, new: &str) -> Vec<Value> {
    diff(old, new, &[]).expect(1).json().get("changes").and_then(Value::as_array).unwrap().clone()
}

const APP: &str = "allow_origins = [\"https://app.example.com\"]";
const PARTNER: &str = "allow_origins = [\"https://partner.example.org\"]\nallow_methods = [\"DELETE\"]";

#[test]
fn human_output_lists_allowed_denied_and_changed_origins() {
    let old = one(&format!("{APP}\nallow_methods = [\"PUT\"]"), PARTNER);
    let new = one(
        "allow_origins = [\"https://new.example.com\", \"https://other.example.com\"]\nallow_methods = [\"PUT\"]\npreflight_status = 200",
        &format!("{PARTNER}\nallow_credentials = true\nmax_age = 60"),
    );
    let new = format!(
        "unrouted = \"pass\"\n{new}[policy.web]\nallow_origins = [\"*\"]\n[[route]]\nhost = \"a.test\"\npolicy = \"web\"\n"
    );
    let expected = "\
policy api
  + newly allowed, without credentials; methods PUT
      `https://new.example.com`
      `https://other.example.com`
  - no longer allowed, previously without credentials; methods PUT
      `https://app.example.com`
  + gains credentials; max_age unset → 60
      `https://partner.example.org`
  ~ preflight_status: 204 → 200
policy web
  + added, with 1 row
  ~ `a.test` now leads to this policy
routes
  + unrouted: deny → pass
note: browsers keep answers to preflights: what is no longer allowed may still be sent for up to 5 seconds
old.toml → new.toml: 7 changes, 4 widen, 1 narrows
";
    assert_eq!(human(&old, &new), expected);
}

#[test]
fn a_wildcard_of_another_depth_is_said_in_words() {
    let wildcard =
        |row: &str, age: u32| format!("version = 1\n[policy.api]\nallow_origins = [{row}]\nmax_age = {age}\n");
    let any = wildcard("\"https://*.example.com\"", 86_400);
    let one = wildcard("{ pattern = \"https://*.example.com\", depth = 1 }", 86_400);
    let three = wildcard("{ pattern = \"https://*.example.com\", depth = 3 }", 0);
    let kept = "note: browsers keep answers to preflights: what is no longer allowed may still be sent for up to 86400 seconds (Chromium 7200, Safari 600)";
    let rights = "without credentials; methods GET, HEAD, POST";
    for (old, new, now, before, sign, note) in [
        (&any, &one, "one label only", "any number of labels", '-', Some(kept)),
        (&one, &any, "any number of labels", "one label only", '+', None),
    ] {
        let mut lines = vec![
            "policy api".to_owned(),
            format!("  {sign} `*` now stands for {now}, previously for {before}; {rights}; max_age 86400"),
        ];
        lines.push(format!("      `https://*.example.com`{}", if now.starts_with("one") { " (depth 1)" } else { "" }));
        lines.extend(note.map(String::from));
        let shown = human(old, new);
        assert_eq!(shown.lines().take(lines.len()).collect::<Vec<_>>(), lines);
        assert_eq!(shown.lines().count(), lines.len() + 1, "{shown}");
    }
    // Answers that browsers do not keep need no line.
    assert!(!human(&three, &wildcard("{ pattern = \"https://*.example.com\", depth = 2 }", 0)).contains("note:"));
    let found = changes(&any, &one);
    assert_eq!(found.len(), 1);
    assert_eq!(
        [&found[0]["change"], &found[0]["effect"], &found[0]["old_depth"], &found[0]["new_depth"]],
        [&json!("depth-changed"), &json!("narrows"), &Value::Null, &json!(1)]
    );
    // With other rights than before, both rows are listed.
    assert!(human(&any, &three).contains("no longer allowed"));
}

#[test]
fn json_output_is_one_document() {
    let old = one(APP, PARTNER);
    let found = changes(&old, &old.replace("app.", "*."));
    assert_eq!(
        found,
        [json!({
            "change": "origins-allowed", "effect": "widens", "policy": "api",
            "text": "policy `api`: newly allowed, without credentials; methods GET, HEAD, POST: `https://*.example.com`",
            "rows": [{"pattern": "https://*.example.com"}], "old": null,
            "new": {"allow_methods": ["GET", "HEAD", "POST"], "allow_headers": [], "expose_headers": [], "allow_credentials": false, "max_age": null}
        })]
    );
    let found = changes(&old, &old.replace("\"DELETE\"", "\"PATCH\", \"PUT\""));
    assert_eq!(found[0]["change"], "rights-changed");
    assert_eq!(
        found[0]["keys"],
        json!([{"key": "allow_methods", "effect": "both", "text": "allow_methods gains PATCH, PUT and loses DELETE"}])
    );
    let found = changes(&format!("{old}[[route]]\npath = \"/v1\"\npolicy = \"api\"\n"), &old);
    assert_eq!(
        [&found[0]["change"], &found[0]["host"], &found[0]["path"], &found[0]["old"], &found[0]["new"]],
        [&json!("route-removed"), &Value::Null, &json!("/v1"), &json!("api"), &Value::Null]
    );
}

#[test]
fn edits_without_effect_are_no_difference() {
    let rows = "allow_origins = [\"https://a.example.com\", \"https://*.example.net\"]";
    let old = one(rows, PARTNER);
    let same = [
        // The order of rows; a row that another one contains; the same rights in another grant.
        one("allow_origins = [\"https://*.example.net\", \"https://a.example.com\"]", PARTNER),
        one(&rows.replace("https://a.", "https://x.example.net\", \"https://a."), PARTNER),
        old.replace("[\"https://a.example.com\", ", "[")
            + "[[policy.api.grant]]\nallow_origins = [\"https://a.example.com\"]\n",
        // The default, written out.
        one(&format!("{rows}\nallow_methods = [\"GET\", \"HEAD\", \"POST\"]"), PARTNER),
        // An own origin that is in a grant, a status that is never sent.
        one(&format!("{rows}\nown_origins = [\"https://a.example.com\"]"), PARTNER),
    ];
    for new in same {
        let ended = diff(&old, &new, &[]).expect(0);
        assert_eq!(ended.json(), json!({"same": true, "changes": []}), "{new}");
        assert_eq!(diff(&old, &new, &["--format", "human"]).expect(0).stdout, "old.toml → new.toml: no difference\n");
    }
}

#[test]
fn origins_of_a_removed_row_that_others_match_are_not_denied() {
    let exception = "allow_origins = [\"https://a.example.com\", \"https://*.b.example.com\"]";
    let rest = "allow_origins = [\"https://*.example.com\"]\nallow_credentials = true";
    let old = one(&format!("{exception}\nallow_credentials = false"), rest);
    let new = one("allow_origins = []\nallow_credentials = false", rest);
    let expected = "\
policy api
  + gains credentials
      `https://a.example.com`
      `https://*.b.example.com`
old.toml → new.toml: 1 change, 1 widens
";
    assert_eq!(human(&old, &new), expected);
}

#[test]
fn grants_that_change_places_are_a_change_where_their_rows_overlap() {
    let [ports, names] =
        ["allow_origins = [\"https://*.a.example.com:*\"]", "allow_origins = [\"https://*.example.com\"]"];
    let (put, delete) = ("allow_methods = [\"PUT\"]", "allow_methods = [\"DELETE\"]");
    let old = one(&format!("{ports}\n{put}"), &format!("{names}\n{delete}"));
    let new = one(&format!("{names}\n{delete}"), &format!("{ports}\n{put}"));
    let expected = "\
policy api
  ± now takes precedence over rows that came first: allow_methods gains DELETE and loses PUT
      `https://*.example.com`
    before these
      `https://*.a.example.com:*`
note: browsers keep answers to preflights: what is no longer allowed may still be sent for up to 5 seconds
old.toml → new.toml: 1 change, 1 widens, 1 narrows
";
    assert_eq!(human(&old, &new), expected);
    let apart = |text: String| text.replace("*.a.example.com", "*.a.example.org");
    diff(&apart(old), &apart(new), &[]).expect(0);
}

#[test]
fn many_rows_are_one_change() {
    let list: String = (0..10_000).map(|number| format!("https://t{number}.example.com\n")).collect();
    let folder = Folder::with(&[("list.txt", &list), ("empty.txt", "")]);
    let document = |list: &str| format!("version = 1\n[policy.api]\nallow_origins = [{{ file = \"{list}\" }}]\n");
    folder.write("old.toml", document("empty.txt").as_bytes());
    folder.write("new.toml", document("list.txt").as_bytes());
    let shown = folder.run(&["diff", "old.toml", "new.toml", "--format", "human"]).expect(1).stdout;
    assert_eq!(shown.lines().count(), 14, "{shown}");
    assert!(shown.contains("      `https://t9.example.com`\n      … and 9,990 more\n"), "{shown}");
    let all = folder.run(&["diff", "old.toml", "new.toml", "--format", "human", "--verbose"]).expect(1).stdout;
    assert_eq!(all.lines().count(), 10_003);
    let report = folder.run(&["diff", "old.toml", "new.toml"]).expect(1).json();
    assert_eq!(report["changes"][0]["rows"].as_array().unwrap().len(), 10_000);
}

#[test]
fn documents_with_errors_cannot_be_compared() {
    let ended = diff(TWO, BROKEN, &[]).expect(2);
    assert!(ended.stderr.ends_with("error: `new.toml` has 2 errors, so it cannot be used\n"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    // Both are shown.
    let ended = diff(BROKEN, BROKEN, &[]).expect(2);
    assert_eq!(ended.stderr.matches("error[origin/trailing-slash]").count(), 2, "{}", ended.stderr);
    let folder = Folder::with(&[("two.toml", TWO)]);
    folder.run(&["diff", "two.toml", "missing.toml"]).expect(2);
    assert!(folder.run(&["diff", "-", "-"]).expect(2).stderr.contains("cannot both be standard input"));
    folder.run_with(&["diff", "-", "two.toml"], TWO.as_bytes()).expect(0);
}

#[test]
fn nothing_in_a_document_reaches_a_terminal_raw() {
    let old = "version = 1\n[policy.p]\nallow_origins = []\n";
    let new = "version = 1\n[policy.p]\nallow_origins = [{ regex = \"https://\\u001b\\u202e[a-z]+\", dangerously_unproved = true }]\n";
    for format in ["human", "json"] {
        let shown = diff(old, new, &["--format", format]);
        let raw = |character: char| (character.is_control() && character != '\n') || character == '\u{202e}';
        assert!(!shown.stdout.contains(raw) && !shown.stderr.contains(raw), "{}", shown.stdout);
    }
}
