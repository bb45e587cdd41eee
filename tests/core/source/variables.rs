//! Rows from environment variables, which may hold secrets, and lists of documents in memory.

use std::fs;

use corsac::{ConfigError, Request, Verdict};
use corsac_source::{Format, LoadOptions, Poll, Source};
use corsac_tests::scratch::Scratch;

const DOCUMENT: &str =
    "version = 1\n[policy.p]\nallow_origins = [\"https://own.example\", { env = \"CORSAC_TEST_ROWS\" }]\n";
const OPTIONAL: &str = "version = 1\n[policy.p]\nallow_origins = [\"https://own.example\", { env = \"CORSAC_TEST_ROWS\", optional = true }]\n";

/// The codes of the findings of a document with this value, whatever the outcome.
fn codes(text: &str, value: Option<&[u8]>) -> Vec<(String, String)> {
    let scratch = Scratch::with("policy.toml", text);
    let options = LoadOptions::new();
    let options = match value {
        Some(value) => options.variable("CORSAC_TEST_ROWS", value),
        None => options,
    };
    let loaded = options.report(scratch.document()).into_result();
    let found = loaded.map_or_else(ConfigError::into_diagnostics, |loaded| loaded.diagnostics);
    found.iter().map(|found| (found.severity().to_string(), found.code().to_string())).collect()
}

fn is_allowed(source: &Source, origin: &str) -> bool {
    let policies = source.engine().policies();
    let policy = policies.iter().next().unwrap().1;
    policy.decide(&Request::new("GET").origin(origin)).verdict() == Verdict::Allowed
}

#[test]
fn rows_stand_between_commas_or_white_space_or_in_an_array() {
    for value in [
        "https://a.example,https://*.b.example",
        "https://a.example https://*.b.example",
        " https://a.example ,\n\thttps://*.b.example, ",
        "[\"https://a.example\", \"https://*.b.example\"]",
        "\n[\"https://a.example\",\"https://*.b.example\"]\n",
    ] {
        let options = LoadOptions::new().variable("CORSAC_TEST_ROWS", value);
        let source = options.from_text("policy.toml", DOCUMENT.as_bytes(), Format::Toml, &[]).unwrap();
        for origin in ["https://own.example", "https://a.example", "https://x.b.example"] {
            assert!(is_allowed(&source, origin), "{value:?}: {origin}");
        }
        assert!(!is_allowed(&source, "https://c.example"));
    }
}

#[test]
fn what_is_wrong_with_a_variable() {
    let of = |severity: &str, code: &str| vec![(severity.to_owned(), code.to_owned())];
    assert_eq!(codes(DOCUMENT, None), of("error", "env/unset"));
    assert_eq!(codes(OPTIONAL, None), of("note", "env/unset"));
    for empty in ["", " ", ",, ,", "[]"] {
        assert_eq!(codes(DOCUMENT, Some(empty.as_bytes())), of("warning", "env/empty"), "{empty:?}");
        assert_eq!(codes(OPTIONAL, Some(empty.as_bytes())), of("warning", "env/empty"), "{empty:?}");
    }
    for broken in [&b"[1]"[..], b"[\"https://a.example\"", b"[{\"pattern\": \"https://a.example\"}]", b"\xff"] {
        assert_eq!(codes(DOCUMENT, Some(broken)), of("error", "env/not-strings"), "{broken:?}");
    }
    for (row, code) in [
        ("*", "any-origin/not-alone"),
        ("null", "origin/null"),
        ("https://a.example/", "origin/trailing-slash"),
        ("a.example", "origin/scheme-missing"),
        ("{\"pattern\":\"https://a.example\"}", "origin/scheme-invalid"),
    ] {
        assert_eq!(codes(DOCUMENT, Some(row.as_bytes())), of("error", code), "{row}");
    }
    // Alone, too.
    let alone = "version = 1\n[policy.p]\nallow_origins = [{ env = \"CORSAC_TEST_ROWS\" }]\n";
    assert_eq!(codes(alone, Some(b"*")), of("error", "any-origin/not-alone"));
}

/// A value may be a secret, or have one in it.
#[test]
fn no_finding_shows_what_a_variable_holds() {
    let secrets = [
        "https://user:hunter2@db.example",
        "postgres://user:hunter2@db.example/x",
        "hunter2",
        "HUNTER2 hunter2",
        "https://hunter2.example https://hunter2.example",
        "https://hunter2.example/",
        "https://*.hunter2.example https://a.hunter2.example",
        "[\"hunter2\"]",
        "[\"hunter2\", 2]",
        "[hunter2",
        "[{\"hunter2\": \"hunter2\"}]",
        "http://hunter2.example",
        "https://*.hunter2.github.io https://*.hunter2.co.uk https://hunter2.pages.dev",
        "https://*hunter2.example https://hunter2*.vercel.app",
        "https://hunter2.example:443 https://hunter2.example:6000 wss://hunter2.example",
    ];
    let grants = "version = 1\n[policy.p]\nallow_credentials = true\n\
        allow_origins = [{ env = \"CORSAC_TEST_ROWS\" }, \"https://b.a.hunter.example\"]\n\
        [[policy.p.grant]]\nallow_credentials = true\nallow_origins = [\"https://*.example\", \"https://hunter.example\", { env = \"CORSAC_TEST_ROWS\" }]\n\
        [[policy.p.expect]]\norigin = \"https://x.hunter.example\"\nverdict = \"denied\"\n";
    let mut checked = 0;
    for secret in secrets {
        for text in [DOCUMENT, OPTIONAL, grants] {
            let options = LoadOptions::new().variable("CORSAC_TEST_ROWS", secret);
            let error = options.from_text("policy.toml", text.as_bytes(), Format::Toml, &[]);
            let found = match error {
                Ok(source) => format!("{:?}{}{options:?}", source.diagnostics(), source.status().to_json()),
                Err(error) => {
                    checked += 1;
                    let each: Vec<_> = error.diagnostics().iter().map(ToString::to_string).collect();
                    format!("{error}{error:?}{each:?}{options:?}")
                }
            };
            assert!(!found.to_lowercase().contains("hunter2"), "{secret}:\n{found}");
        }
    }
    assert!(checked > 20, "{checked}");

    let options = LoadOptions::new().variable("CORSAC_TEST_ROWS", "https://a.example,https://user:hunter2@b.example");
    let error = options.from_text("policy.toml", DOCUMENT.as_bytes(), Format::Toml, &[]).unwrap_err();
    let found = &error.diagnostics()[0];
    assert_eq!(found.code().as_str(), "origin/userinfo");
    assert!(found.message().contains("element 2 of the variable `CORSAC_TEST_ROWS`"), "{found}");
    assert_eq!(found.location().unwrap().position().unwrap().line, 3);
}

/// What an expectation that is not met and a row that is covered say of a row of a variable.
#[test]
fn other_rows_name_the_element() {
    for text in [
        "version = 1\n[policy.p]\nallow_origins = [{ env = \"CORSAC_TEST_ROWS\" }, \"https://a.secret.example\"]\n",
        "version = 1\n[policy.p]\nallow_origins = [{ env = \"CORSAC_TEST_ROWS\" }]\n[[policy.p.expect]]\norigin = \"https://a.secret.example\"\nverdict = \"denied\"\n",
        "version = 1\n[policy.p]\nallow_origins = [{ env = \"CORSAC_TEST_ROWS\" }]\n[[policy.p.grant]]\nallow_origins = [\"https://a.secret.example\"]\n",
    ] {
        let scratch = Scratch::with("policy.toml", text);
        let options = LoadOptions::new().variable("CORSAC_TEST_ROWS", "https://*.secret.example");
        let loaded = options.report(scratch.document()).into_result();
        let found = loaded.map_or_else(ConfigError::into_diagnostics, |loaded| loaded.diagnostics);
        assert!(found.iter().any(|found| found.message().contains("element 1 of the variable")), "{found:?}");
        assert!(!format!("{found:?}").contains("*.secret"), "{found:?}");
    }
}

#[test]
fn somebody_elses_document_has_only_what_is_passed() {
    let given = |error: ConfigError| error.diagnostics()[0].code().as_str() == "env/not-given";
    let text = DOCUMENT.replace("CORSAC_TEST_ROWS", "PATH");
    assert!(given(Source::from_text("policy.toml", text.as_bytes(), Format::Toml, &[]).unwrap_err()));
    let scratch = Scratch::with("policy.toml", &text);
    let restricted = LoadOptions::new().restrict_paths(true);
    assert!(given(restricted.open(scratch.document()).unwrap_err()));
    assert!(given(restricted.report(scratch.document()).into_result().unwrap_err()));
    let folder = scratch.document().parent().unwrap();
    let report = LoadOptions::new().report_text_in(folder, "text", text.as_bytes(), Format::Toml);
    assert!(given(report.into_result().unwrap_err()));
    // From a file that is not restricted, the variable is there: what it holds is no row.
    let error = Source::open(scratch.document()).unwrap_err();
    assert!(error.diagnostics().iter().all(|found| found.message().contains("of the variable `PATH`")), "{error}");
    // Passed, it is used, and stays for reloads.
    let source = restricted.variable("PATH", "https://a.example").open(scratch.document()).unwrap();
    assert!(is_allowed(&source, "https://a.example"));
    fs::write(scratch.document(), text.replace("own.example", "new.example")).unwrap();
    assert!(matches!(source.reload(), Poll::Reloaded(_)));
    assert!(is_allowed(&source, "https://a.example") && is_allowed(&source, "https://new.example"));
    assert!(matches!(source.reload_text("text", text.as_bytes(), Format::Toml, &[]), Poll::Reloaded(_)));
    assert!(is_allowed(&source, "https://a.example"));
}

/// The same document by other variables is another set of policies.
#[test]
fn the_digest_covers_the_variables() {
    let digest = |value: &str| {
        let options = LoadOptions::new().variable("CORSAC_TEST_ROWS", value);
        options.from_text("policy.toml", DOCUMENT.as_bytes(), Format::Toml, &[]).unwrap().status().digest
    };
    assert_eq!(digest("https://a.example"), digest("https://a.example"));
    assert_ne!(digest("https://a.example"), digest("https://b.example"));
}

#[test]
fn lists_are_passed_beside_a_document_in_memory() {
    let text = "version = 1\n[policy.p]\nallow_origins = [{ file = \"a.txt\" }, { file = \"b/hosts.txt\", scheme = \"https\" }]\n";
    // Lists in memory are whole without a line feed at their end.
    let one: [(&str, &[u8]); 2] = [("b/hosts.txt", b"b.example"), ("a.txt", b"https://a.example")];
    let two: [(&str, &[u8]); 3] = [("a.txt", b"https://c.example\n"), ("b/hosts.txt", b""), ("unused", b"\xff")];
    let source = Source::from_text("text", text.as_bytes(), Format::Toml, &one).unwrap();
    assert!(is_allowed(&source, "https://a.example") && is_allowed(&source, "https://b.example"));
    assert!(source.status().sources.is_empty());
    let reload = |lists: &[(&str, &[u8])]| source.reload_text("text", text.as_bytes(), Format::Toml, lists);
    assert!(matches!(reload(&one), Poll::Unchanged));
    assert!(matches!(reload(&two), Poll::Reloaded(_)));
    assert!(is_allowed(&source, "https://c.example") && !is_allowed(&source, "https://b.example"));
    // A list that was not given refuses the whole document, and no file is opened in its place.
    let Poll::Refused(error) = reload(&one[..1]) else { panic!("accepted") };
    let codes: Vec<_> = error.diagnostics().iter().map(|found| found.code().as_str()).collect();
    assert_eq!(codes, ["list/not-given"]);
    assert!(is_allowed(&source, "https://c.example"));
    let bad: [(&str, &[u8]); 2] = [("a.txt", b"https://a.example\nhttps://a.example/\n"), ("b/hosts.txt", b"")];
    let Poll::Refused(error) = reload(&bad) else { panic!("accepted") };
    let location = error.diagnostics()[0].location().unwrap();
    assert_eq!((location.file(), location.position().unwrap().line), ("a.txt", 2));
}

#[test]
fn a_document_in_memory_opens_no_file() {
    let scratch = Scratch::with("list.txt", "https://a.example\n");
    let path = scratch.document().to_str().unwrap().to_owned();
    for name in [path.as_str(), "list.txt", "../list.txt", ""] {
        let text = format!("version = 1\n[policy.p]\nallow_origins = [{{ file = \"{name}\" }}]\n");
        let error = Source::from_text("text", text.as_bytes(), Format::Toml, &[]).unwrap_err();
        assert_eq!(error.diagnostics()[0].code().as_str(), "list/not-given", "{name}");
    }
}
