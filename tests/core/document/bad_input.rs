//! Documents, lists and logs that are broken, huge or hostile, through the real binary with bounded
//! time and memory: a clear error each, the right exit status, no panic, no flood of output.

use std::io::Write;
use std::path::Path;

use corsac_tests::binary::{Bounds, Ended, run};
use corsac_tests::scratch::{Scratch, write_zeros};
use serde_json::{Value, json};

/// Address space for all of it, the binary's own pages included, while inputs have up to 100 MiB.
const BOUNDS: Bounds = Bounds { seconds: 60, memory: Some(1024) };

const MIB: usize = 1 << 20;

const LISTED: &str = "version = 1\n[policy.p]\nallow_origins = [{ file = \"list.txt\" }]\n";
const GOOD: &str = "version = 1\n[policy.p]\nallow_origins = [\"https://a.example\"]\n";

/// Ends on its own, does not panic, and says no more than a person can read.
fn calm(ended: &Ended, status: i32, stdout_most: usize) {
    let said = ended.said();
    assert_eq!(ended.code(), status, "{said}");
    assert!(!String::from_utf8_lossy(&ended.stderr).contains("panicked"), "{said}");
    assert!(ended.stderr.len() < 64 * 1024, "{} bytes on standard error", ended.stderr.len());
    assert!(ended.stdout.len() < stdout_most, "{} bytes on standard output", ended.stdout.len());
    println!("{:?}, {} MiB at most", ended.took, BOUNDS.memory.unwrap());
}

/// What `check` finds, in both of its formats.
fn check(document: &Path, status: i32) -> Vec<Value> {
    let document = document.to_str().unwrap();
    let human = run(&["check", document, "--format", "human"], None, BOUNDS);
    calm(&human, status, 64 * 1024);
    let json = run(&["check", document, "--format", "json"], None, BOUNDS);
    calm(&json, status, 64 * 1024);
    let report = json.json();
    report["diagnostics"].as_array().unwrap().clone()
}

/// The only thing that `check` finds.
fn only(document: &Path, status: i32, code: &str) -> Value {
    let found = check(document, status);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["code"], code, "{found:?}");
    let words = found[0]["message"].as_str().unwrap().len() + found[0]["help"].as_str().unwrap_or_default().len();
    assert!(words < 2000, "{words} bytes of message and help");
    found[0].clone()
}

/// The first place at which a document breaks its notation; a reader that goes on may find more.
fn broken(document: &Path) -> Value {
    let found = check(document, 1);
    assert!((1..5).contains(&found.len()), "{found:?}");
    assert!(found.iter().all(|found| found["code"] == "document/syntax"), "{found:?}");
    found[0].clone()
}

#[test]
fn a_document_cut_off() {
    let scratch = Scratch::with("policy.toml", &GOOD[..GOOD.len() - 12]);
    let found = broken(scratch.document());
    assert_eq!(found["line"], 3);
}

#[test]
fn an_empty_document() {
    for text in ["", "\n", "\u{feff}"] {
        let scratch = Scratch::with("policy.toml", text);
        let found = check(scratch.document(), 1);
        assert!(found.iter().any(|found| found["code"] == "document/version"), "{found:?}");
    }
    let found = only(Scratch::with("policy.json", "").document(), 1, "document/syntax");
    assert_eq!(found["line"], 1);
}

#[test]
fn a_missing_document() {
    only(Scratch::without("policy.toml").document(), 2, "document/unreadable");
}

#[test]
fn a_directory_for_a_document() {
    let scratch = Scratch::without("policy.toml");
    std::fs::create_dir(scratch.document()).unwrap();
    only(scratch.document(), 2, "document/unreadable");
}

#[test]
fn a_line_of_100_mib_in_a_list() {
    let scratch = Scratch::with("policy.toml", LISTED);
    let mut list = b"https://".to_vec();
    list.resize(100 * MIB, b'a');
    list.push(b'\n');
    scratch.write("list.txt", &list);
    let found = check(scratch.document(), 1);
    assert_eq!(found.len(), 1);
    assert!(
        ["origin/too-long", "origin/host-invalid"].contains(&found[0]["code"].as_str().unwrap()),
        "{}",
        found[0]["code"]
    );
    assert_eq!((&found[0]["line"], &found[0]["column"]), (&json!(1), &json!(1)));
    assert!(found[0].to_string().len() < 4000);
}

#[test]
fn a_line_of_100_mib_in_a_document() {
    let long = "a".repeat(100 * MIB);
    let scratch = Scratch::with("policy.toml", GOOD.replace("a.example", &long));
    only(scratch.document(), 1, "document/too-large");
}

#[test]
fn a_line_of_60_mib_in_a_document() {
    let long = "a".repeat(60 * MIB);
    for (name, text) in [
        ("policy.toml", GOOD.replace("a.example", &long)),
        (
            "policy.json",
            format!("{{\"version\": 1,\n\"policy\": {{\"p\": {{\n\"allow_origins\": [\"https://{long}\"]}}}}}}"),
        ),
    ] {
        let scratch = Scratch::with(name, text);
        let found = check(scratch.document(), 1);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["line"], 3);
        assert!(found[0].to_string().len() < 4000);
    }
}

#[test]
fn a_document_of_one_byte_too_many() {
    let scratch = Scratch::without("policy.toml");
    write_zeros(scratch.document(), 64 * MIB as u64 + 1);
    only(scratch.document(), 1, "document/too-large");
}

#[test]
fn a_list_of_one_byte_too_many() {
    let scratch = Scratch::with("policy.toml", LISTED);
    write_zeros(&scratch.folder().join("list.txt"), 256 * MIB as u64 + 1);
    only(scratch.document(), 1, "list/too-large");
}

#[test]
fn documents_that_are_no_text() {
    only(Scratch::with("policy.toml", b"version = 1\n\xff").document(), 1, "document/not-utf8");
    only(Scratch::with("policy.json", b"{\"version\": 1, \"\xc3\": 1}").document(), 1, "document/not-utf8");
    let found = broken(Scratch::with("policy.toml", b"version = 1\n\0\n[policy.p]\nallow_origins = []").document());
    assert_eq!(found["line"], 2);
    broken(Scratch::with("policy.toml", vec![0; MIB]).document());
    broken(Scratch::with("policy.json", vec![0; MIB]).document());
}

#[test]
fn lists_that_are_no_text_or_not_there() {
    let scratch = Scratch::with("policy.toml", LISTED);
    let missing = only(scratch.document(), 1, "list/unreadable");
    assert_eq!((&missing["line"], missing["file"].as_str().unwrap().ends_with("policy.toml")), (&json!(3), true));
    let list = scratch.write("list.txt", b"https://a.example\nhttps://\xff.example\n");
    let found = only(scratch.document(), 1, "list/not-utf8");
    assert!(
        found["message"].as_str().unwrap().contains("list.txt")
            || found["file"].as_str().unwrap().ends_with("list.txt")
    );
    std::fs::write(&list, b"https://a.example\nhttps://b\0.example\n").unwrap();
    let found = check(scratch.document(), 1);
    assert_eq!((found.len(), &found[0]["line"], &found[0]["column"]), (1, &json!(2), &json!(1)), "{found:?}");
    assert!(!found[0]["message"].as_str().unwrap().contains('\0'), "a control byte reaches the terminal");
    std::fs::remove_file(&list).unwrap();
    std::fs::create_dir(&list).unwrap();
    only(scratch.document(), 1, "list/unreadable");
}

#[test]
fn one_bad_row_in_a_million() {
    let scratch = Scratch::with("policy.toml", LISTED);
    let row = |n: u32| if n == 654_321 { "https://bad_.example/\n".into() } else { format!("https://t{n}.example\n") };
    scratch.write("list.txt", (1..=1_000_000).map(row).collect::<String>());
    let found = only(scratch.document(), 1, "origin/trailing-slash");
    assert_eq!((&found["line"], &found["column"]), (&json!(654_321), &json!(1)));
}

#[test]
fn ten_thousand_findings_at_once() {
    let scratch = Scratch::with("policy.toml", LISTED);
    scratch.write("list.txt", (1..=10_000).map(|n| format!("https://t{n}.example/\n")).collect::<String>());
    let ended = run(&["check", scratch.document().to_str().unwrap(), "--format", "json"], None, BOUNDS);
    calm(&ended, 1, 8 * MIB);
    let report = ended.json();
    let found = report["diagnostics"].as_array().unwrap();
    let lines = found.iter().map(|found| found["line"].as_u64().unwrap());
    assert!(lines.eq(1..=10_000), "{} findings", found.len());
    assert!(found.iter().all(|found| found["code"] == "origin/trailing-slash"));
    let human = run(&["check", scratch.document().to_str().unwrap(), "--format", "human"], None, BOUNDS);
    assert_eq!(human.code(), 1);
    assert!(human.stdout.len() + human.stderr.len() < 8 * MIB);
}

/// Where the parser recurses, a million levels would end the process.
#[test]
fn a_million_brackets() {
    const DEEP: usize = 1_000_000;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = format!("{}1{}", open.repeat(DEEP), close.repeat(DEEP));
        let scratch = Scratch::with("policy.json", format!("{{\"version\": 1, \"policy\": {nested}}}"));
        only(scratch.document(), 1, "document/too-deep");
    }
    // What is never closed is both: too deep, and no JSON.
    let scratch = Scratch::with("policy.json", format!("{{\"version\": 1, \"policy\": {}}}", "[".repeat(DEEP)));
    let found = check(scratch.document(), 1);
    assert!(["document/syntax", "document/too-deep"].contains(&found[0]["code"].as_str().unwrap()), "{found:?}");
    for (open, close) in [("[", "]"), ("{a=", "}"), ("[", ""), ("a.", "a=1")] {
        let nested = format!("{}{}", open.repeat(DEEP), close.repeat(DEEP));
        let scratch = Scratch::with("policy.toml", format!("version = 1\nx = {nested}\n"));
        let found = check(scratch.document(), 1);
        assert!(
            ["document/syntax", "document/too-deep"].contains(&found[0]["code"].as_str().unwrap()),
            "{}",
            found[0]["code"]
        );
        // One for each level that was followed at most, and those are few.
        assert!(found.len() < 5, "{} findings", found.len());
    }
    let scratch = Scratch::with("policy.toml", format!("version = 1\n[{}a]\n", "a.".repeat(100_000)));
    let found = check(scratch.document(), 1);
    assert!(!found.is_empty() && found.len() < 5);
}

/// Decides a log of three lines of which the second is not fit; the others are decided.
fn log_with(line: &[u8]) -> String {
    let scratch = Scratch::with("policy.toml", GOOD);
    let log = scratch.folder().join("log.ndjson");
    let mut file = std::fs::File::create(&log).unwrap();
    let good = b"{\"id\":1,\"method\":\"GET\",\"headers\":[[\"origin\",\"https://a.example\"]]}\n";
    for part in [good.as_slice(), line, b"\n", good] {
        file.write_all(part).unwrap();
    }
    drop(file);
    let arguments = ["replay", scratch.document().to_str().unwrap(), log.to_str().unwrap(), "--format", "json"];
    let ended = run(&arguments, None, BOUNDS);
    calm(&ended, 1, 64 * 1024);
    let answers = String::from_utf8(ended.stdout.clone()).unwrap();
    assert_eq!(answers.lines().count(), 2, "{}", ended.said());
    assert!(answers.lines().all(|line| line.contains("\"allowed\"")));
    let said = ended.said();
    assert!(said.contains("log.ndjson:2"), "{said}");
    assert!(
        said.bytes().all(|byte| byte == b'\n' || (0x20..0x7f).contains(&byte)),
        "a byte that a terminal obeys: {said:?}"
    );
    said
}

#[test]
fn bad_lines_in_a_log_are_named_and_skipped() {
    for line in [
        &b"{"[..],
        b"not json",
        b"[]",
        b"{\"id\":2}",
        b"{\"method\":\"GET\",\"headers\":[[\"origin\"]]}",
        b"{\"method\":\"GET\",\"headers\":[[\"origin\",{\"base64\":\"?\"}]]}",
        b"{\"method\":\"GET\",\"headers\":[],\"policy\":\"\x1b[31mnone\"}",
        b"{\"method\":\"GET\",\"headers\":[],\"policy\":\"\\u001b[31mnone\"}",
        b"{\"method\":\"GET\",\"headers\":[],\"hedaers\":[]}\0",
        b"\xff\xfe",
        b"\0",
    ] {
        log_with(line);
    }
    log_with("[".repeat(1_000_000).as_bytes());
    log_with(format!("{{\"id\":{}", "[".repeat(1_000_000)).as_bytes());
}

#[test]
fn a_line_of_100_mib_in_a_log() {
    log_with(&vec![b'x'; 100 * MIB]);
    let origin = "a".repeat(100 * MIB);
    log_with(format!("{{\"method\":\"GET\",\"headers\":[[\"origin\",\"{origin}\"]]}}").as_bytes());
}

#[test]
fn a_log_that_is_not_there() {
    let scratch = Scratch::with("policy.toml", GOOD);
    let document = scratch.document().to_str().unwrap();
    for log in [scratch.folder().join("missing.ndjson"), scratch.folder().to_path_buf()] {
        let ended = run(&["replay", document, log.to_str().unwrap()], None, BOUNDS);
        calm(&ended, 2, 64 * 1024);
        assert!(!ended.stderr.is_empty());
    }
}

/// The bound is real: reading what is too large would break it.
#[test]
fn the_memory_bound_holds() {
    let scratch = Scratch::with("policy.toml", GOOD);
    let tight = Bounds { memory: Some(1), ..BOUNDS };
    let ended = run(&["check", scratch.document().to_str().unwrap()], None, tight);
    assert!(!ended.status.success(), "a process of 1 MiB cannot run");
}
