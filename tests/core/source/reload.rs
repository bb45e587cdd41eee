//! A source beside its files: policies from memory, reloads that somebody asks for, status, digest.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use corsac::{Policies, Request, Target, Verdict};
use corsac_source::{Format, LoadReport, Poll, Source};
use corsac_tests::engine::policies;
use corsac_tests::live::{document, list};
use corsac_tests::scratch::Scratch;
use serde_json::Value;

/// Looks until a file that changes without showing it would go unseen.
fn rest(source: &Source) {
    let started = Instant::now();
    while source.changed() || source.poll_in().is_some() {
        source.poll();
        assert!(started.elapsed() < Duration::from_secs(60), "never at rest");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Which origins are allowed, of a few.
fn allowed(policies: &Policies) -> String {
    let is_allowed = |letter: &char| {
        let origin = format!("https://{letter}.example");
        let target = Target::Policy(policies.only().unwrap());
        policies.decide(target, &Request::new("GET").origin(&origin)).verdict() == Verdict::Allowed
    };
    "abcdef".chars().filter(is_allowed).collect()
}

fn serving(source: &Source) -> (u64, String) {
    (source.engine().generation(), allowed(&source.engine().policies()))
}

fn codes(poll: &Poll) -> Vec<&str> {
    let Poll::Refused(error) = poll else { panic!("not refused: {poll:?}") };
    error.diagnostics().iter().map(|diagnostic| diagnostic.code().as_str()).collect()
}

fn reloaded(poll: Poll) -> corsac_source::Reloaded {
    match poll {
        Poll::Reloaded(reloaded) => reloaded,
        poll => panic!("not reloaded: {poll:?}"),
    }
}

/// What `sha256sum` prints of these files, and of its own output.
fn sha256sum(files: &[PathBuf]) -> String {
    let script = r#"[ $# = 1 ] && exec sha256sum "$1"; sha256sum "$@" | cut -c1-64 | sha256sum"#;
    let output = Command::new("sh").args(["-c", script, "sh"]).args(files).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()[..64].to_owned()
}

#[test]
fn the_digest_is_that_of_sha256sum() {
    let scratch = Scratch::with("policy.toml", document("a", &[]));
    let digest = |path: &Path| {
        let status = Source::open(path).unwrap().status();
        assert_eq!(LoadReport::file(path).digest(), Some(status.digest));
        assert_eq!(status.digest.to_string(), sha256sum(&status.sources));
        status.digest.to_string()
    };
    assert_eq!(digest(scratch.document()), sha256sum(&[scratch.document().to_owned()]));
    // The first by its name comes last, and one is named twice.
    let text = document("a", &["z.txt", "b.txt", "a.txt"]);
    fs::write(scratch.document(), format!("{text}[[policy.p.grant]]\nallow_origins = [{{ file = \"b.txt\" }}]\n"))
        .unwrap();
    let lists = ["z.txt", "b.txt", "a.txt"].map(|name| scratch.write(name, list("b")));
    assert!(Source::open(scratch.document()).is_err());
    assert_eq!(LoadReport::file(scratch.document()).digest(), None);
    fs::write(scratch.document(), &text).unwrap();
    for (path, letters) in lists.iter().zip(["b", "c", "d"]) {
        fs::write(path, list(letters)).unwrap();
    }
    let [z, b, a] = lists.clone();
    let before = digest(scratch.document());
    assert_eq!(before, sha256sum(&[scratch.document().to_owned(), z, b, a]));
    fs::write(&lists[1], list("e")).unwrap();
    assert_ne!(digest(scratch.document()), before);
}

#[test]
fn policies_from_memory() {
    let text = document("ab", &[]);
    let source = Arc::new(Source::from_text("policy.toml", text.as_bytes(), Format::Toml, &[]).unwrap());
    assert_eq!(serving(&source), (1, "ab".to_owned()));
    assert!(!source.changed() && source.path().is_none());
    assert!(matches!((source.poll(), source.reload()), (Poll::Unchanged, Poll::Unchanged)));
    let status = source.status();
    assert!(status.sources.is_empty() && status.last_error.is_none() && !status.watched);
    let scratch = Scratch::with("policy.toml", &text);
    assert_eq!(status.digest.to_string(), sha256sum(&[scratch.document().to_owned()]));

    let error =
        Source::from_text("policy.toml", document("a", &["list.txt"]).as_bytes(), Format::Toml, &[]).unwrap_err();
    assert_eq!(error.diagnostics()[0].code().as_str(), "list/not-given");

    let source = Source::from_policies(policies(&text));
    assert_eq!(serving(&source), (1, "ab".to_owned()));
    let written = Scratch::with("policy.toml", source.engine().policies().to_document());
    assert_eq!(source.status().digest.to_string(), sha256sum(&[written.document().to_owned()]));
    // What the policies are written as is what serves.
    assert!(matches!(source.reload_file(written.document()), Poll::Unchanged));
}

#[test]
fn a_reload_that_somebody_asks_for() {
    let scratch = Scratch::with("policy.toml", document("a", &[]));
    let source = Source::open(scratch.document()).unwrap();
    assert!(matches!(source.reload(), Poll::Unchanged));
    // At once: it need not have come to rest.
    fs::write(scratch.document(), document("b", &[])).unwrap();
    let reload = reloaded(source.reload());
    assert_eq!((reload.generation, allowed(&reload.previous), allowed(&reload.policies)), (2, "a".into(), "b".into()));
    assert_eq!((reload.digest, serving(&source)), (source.status().digest, (2, "b".to_owned())));
    drop(reload);
    assert!(matches!(source.reload(), Poll::Unchanged));
    // Whoever asks hears why, each time.
    fs::write(scratch.document(), document("c", &[]).replace("version = 1", "version = 3")).unwrap();
    for _ in 0..2 {
        assert_eq!(codes(&source.reload())[0], "document/version");
    }
    rest(&source);
    assert!(matches!(source.poll(), Poll::Unchanged));
    assert!(source.status().last_error.is_some());
    assert_eq!(codes(&source.reload())[0], "document/version");
    fs::write(scratch.document(), document("b", &[])).unwrap();
    assert!(matches!(source.reload(), Poll::Unchanged));
    assert!(source.status().last_error.is_none());
    assert_eq!(serving(&source), (2, "b".to_owned()));
}

#[test]
fn a_reload_is_seen_by_a_poll_as_done() {
    let scratch = Scratch::with("policy.toml", document("a", &[]));
    let source = Source::open(scratch.document()).unwrap();
    rest(&source);
    fs::write(scratch.document(), document("b", &[])).unwrap();
    assert!(source.changed());
    assert!(matches!(source.poll(), Poll::Unsettled));
    reloaded(source.reload());
    rest(&source);
    assert_eq!(serving(&source), (2, "b".to_owned()));
}

#[test]
fn another_document_takes_the_place_of_the_first() {
    let scratch = Scratch::with("policy.toml", document("a", &[]));
    let source = Source::open(scratch.document()).unwrap();
    // From the file to a text that is not accepted: it stays the file.
    assert_eq!(codes(&source.reload_text("new", b"version = 1", Format::Toml, &[])), ["document/no-policy"]);
    assert_eq!(
        codes(&source.reload_text("new", document("b", &["policy.toml"]).as_bytes(), Format::Toml, &[])),
        ["list/not-given"]
    );
    assert_eq!(source.path().as_deref(), Some(scratch.document()));
    assert!(source.status().last_error.is_some());
    rest(&source);
    assert_eq!(serving(&source), (1, "a".to_owned()));
    assert!(matches!(source.reload(), Poll::Unchanged));
    assert!(source.status().last_error.is_none());

    // To a text; the file is nobody's then.
    assert_eq!(reloaded(source.reload_text("new", document("b", &[]).as_bytes(), Format::Toml, &[])).generation, 2);
    fs::write(scratch.document(), document("c", &[])).unwrap();
    assert!(!source.changed() && source.path().is_none() && source.status().sources.is_empty());
    assert!(matches!(source.poll(), Poll::Unchanged));

    // To a file that is not accepted, and to one that is: then it is looked at.
    let missing = scratch.folder().join("missing.toml");
    assert_eq!(codes(&source.reload_file(&missing)), ["document/unreadable"]);
    assert!(!source.changed() && source.path().is_none());
    let lists = scratch.write("lists.toml", document("d", &["list.txt"]));
    let list_file = scratch.write("list.txt", list("e"));
    assert_eq!(reloaded(source.reload_file(&lists)).generation, 3);
    assert_eq!((serving(&source), source.status().sources), ((3, "de".to_owned()), vec![lists, list_file.clone()]));
    rest(&source);
    fs::write(list_file, list("f")).unwrap();
    let started = Instant::now();
    while source.engine().generation() == 3 {
        source.poll();
        assert!(started.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(serving(&source), (4, "df".to_owned()));
}

/// The same bytes serve on, wherever they come from from now on.
#[test]
fn the_same_document_from_elsewhere_swaps_nothing() {
    let text = document("a", &[]);
    let scratch = Scratch::with("policy.toml", &text);
    let copy = scratch.write("copy.toml", &text);
    let source = Source::open(scratch.document()).unwrap();
    let loaded_at = source.status().loaded_at;
    assert!(matches!(source.reload_file(&copy), Poll::Unchanged));
    assert_eq!((source.path(), source.status().sources), (Some(copy.clone()), vec![copy]));
    assert!(matches!(source.reload_text("text", text.as_bytes(), Format::Toml, &[]), Poll::Unchanged));
    assert_eq!((source.path(), source.status().loaded_at), (None, loaded_at));
    assert_eq!(serving(&source), (1, "a".to_owned()));
    // Bytes that are no JSON are none because they serve as TOML.
    assert_eq!(codes(&source.reload_text("text", text.as_bytes(), Format::Json, &[]))[0], "document/syntax");
}

#[test]
fn the_status_as_json() {
    let before = SystemTime::now() - Duration::from_millis(1);
    let scratch = Scratch::with("policy.toml", document("a", &["list.txt"]));
    let list_file = scratch.write("list.txt", list("b"));
    let source = Arc::new(Source::open(scratch.document()).unwrap());
    let json = |source: &Source| serde_json::from_str::<Value>(&source.status().to_json()).unwrap();
    let status = json(&source);
    let keys: Vec<_> = status.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        ["checked_at", "digest", "generation", "last_error", "loaded_at", "pending_since", "sources", "watched"]
    );
    assert_eq!(status["generation"], 1);
    assert_eq!(status["digest"], sha256sum(&[scratch.document().to_owned(), list_file.clone()]));
    assert_eq!(status["sources"], serde_json::json!([scratch.document(), list_file]));
    assert_eq!((&status["last_error"], &status["watched"]), (&Value::Null, &Value::Bool(false)));
    let loaded_at = source.status().loaded_at;
    assert!(loaded_at > before && loaded_at <= SystemTime::now());
    let text = status["loaded_at"].as_str().unwrap();
    assert!(text.len() == "2026-01-01T00:00:00.000Z".len() && text.ends_with('Z'), "{text}");

    fs::write(scratch.document(), "version = 1\n[policy.p]\nallow_origins = []\nallow_origin = []\n").unwrap();
    source.reload();
    let watch = source.watch(|_| ()).unwrap();
    let status = json(&source);
    assert_eq!((&status["generation"], &status["watched"]), (&1.into(), &true.into()));
    let found = status["last_error"]["diagnostics"].as_array().unwrap();
    let found = found.iter().find(|found| found["severity"] == "error").unwrap();
    assert_eq!((&found["code"], &found["severity"]), (&"document/unknown-key".into(), &"error".into()));
    assert_eq!((&found["policy"], &found["line"], &found["column"]), (&"p".into(), &4.into(), &1.into()));
    assert_eq!(found["file"], scratch.document().to_str().unwrap());
    assert!(found["message"].as_str().unwrap().contains("`allow_origin`") && found["help"].is_string());
    assert!(status["last_error"]["at"].is_string() && status["last_error"]["message"].is_string());
    drop(watch);
    assert_eq!(json(&source)["watched"], false);
}

/// What was replaced is freed by a poll, once nobody reads it.
#[test]
fn a_poll_frees_what_was_replaced() {
    let scratch = Scratch::with("policy.toml", document("a", &[]));
    let source = Source::open(scratch.document()).unwrap();
    let mut reader = source.engine().reader();
    reader.policies();
    fs::write(scratch.document(), document("b", &[])).unwrap();
    drop(source.reload());
    assert_eq!(source.engine().stats().retired(), 1);
    source.poll();
    assert_eq!(source.engine().stats().retired(), 1);
    reader.policies();
    source.poll();
    assert_eq!(source.engine().stats().retired(), 0);
}

#[test]
fn sources_are_shared_between_threads() {
    fn is_shared<T: Send + Sync + 'static>() {}
    fn is_sent<T: Send + 'static>() {}
    is_shared::<Source>();
    is_sent::<corsac_source::Watch>();
    is_sent::<Poll>();
}

/// However much is wrong, the status keeps a little of it; whoever reloads gets all.
#[test]
fn the_status_of_many_findings_is_small() {
    let scratch = Scratch::with("policy.toml", document("a", &["list.txt"]));
    let rows = scratch.write("list.txt", list("b"));
    let source = Source::open(scratch.document()).unwrap();
    let bad: String = (0..5_000).map(|row| format!("https://t{row}.example/\n")).collect();
    fs::write(&rows, bad + "https://B.example\n").unwrap();
    let Poll::Refused(error) = source.reload() else { panic!("not refused") };
    assert_eq!(error.diagnostics().len(), 5_001);
    let text = source.status().to_json();
    assert!(text.len() < 8 << 10, "{} bytes", text.len());
    let status: Value = serde_json::from_str(&text).unwrap();
    let expected = serde_json::json!([
        { "code": "origin/trailing-slash", "severity": "error", "count": 5_000 },
        { "code": "origin/upper-case", "severity": "error", "count": 1 },
    ]);
    assert_eq!(status["last_error"]["counts"], expected);
    assert_eq!(status["last_error"]["diagnostics"].as_array().unwrap().len(), 10);
    assert!(status["last_error"]["message"].as_str().unwrap().ends_with("; and 5000 more"));
}

/// Errors are kept before warnings, wherever they are.
#[test]
fn the_most_severe_findings_are_kept() {
    let rows: String = (0..20).map(|row| format!("  \"http://a{row}.example:80x\",\n")).collect();
    let text = format!("version = 1\n[policy.p]\nmax_age = 1000000\nallow_origins = [\n{rows}]\n");
    let error = Source::from_text("policy.toml", text.as_bytes(), Format::Toml, &[]).unwrap_err();
    let summary = error.summary();
    assert_eq!(summary.counts().iter().map(|count| count.count).sum::<usize>(), error.diagnostics().len());
    let severities: Vec<_> = summary.diagnostics().iter().map(|found| found.severity()).collect();
    assert_eq!(severities, [corsac::Severity::Error; 10]);
}

/// What a reload replaced goes when its report does, not at the next poll.
#[test]
fn what_a_reload_replaced_is_freed() {
    let scratch = Scratch::with("policy.toml", document("a", &[]));
    let source = Arc::new(Source::open(scratch.document()).unwrap());
    fs::write(scratch.document(), document("b", &[])).unwrap();
    drop(reloaded(source.reload()));
    assert_eq!((source.sweep(), source.engine().stats().retired()), (0, 0));
    let watch = source.watch(|_| ()).unwrap();
    fs::write(scratch.document(), document("c", &[])).unwrap();
    let started = Instant::now();
    while source.engine().generation() == 2 || source.engine().stats().retired() > 0 {
        assert!(started.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(2));
    }
    drop(watch);
}
