//! List files, and a document that names others.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use corsac_tests::live::{By, Live, Scenario, document, list, play};
use corsac_tests::scratch::Scratch;

const SCENARIOS: &[Scenario] = &[
    ("a list grows to a bad row and is mended", a_list_grows_to_a_bad_row_and_is_mended),
    ("a list is replaced", a_list_is_replaced),
    ("a list is rewritten in place", a_list_is_rewritten_in_place),
    ("a list is deleted and restored", a_list_is_deleted_and_restored),
    ("a list is added to the document", a_list_is_added_to_the_document),
    ("a list is added before it exists", a_list_is_added_before_it_exists),
    ("a list is taken out of the document", a_list_is_taken_out_of_the_document),
    ("a list changes while the document is bad", a_list_changes_while_the_document_is_bad),
    ("all files change at once", all_files_change_at_once),
];

#[test]
fn by_polling() {
    play(By::Poll, SCENARIOS);
}

#[test]
fn by_watching() {
    play(By::Watch, SCENARIOS);
}

/// A document that allows `a`, with a list in a folder of its own that allows `b`.
fn listed(by: By) -> (Live, PathBuf) {
    let scratch = Scratch::with("policy.toml", document("a", &["lists/one.txt"]));
    let (path, one) = (scratch.document().to_owned(), scratch.folder().join("lists/one.txt"));
    fs::create_dir(scratch.folder().join("lists")).unwrap();
    fs::write(&one, list("b")).unwrap();
    let live = Live::open(by, scratch, &path, "ab");
    assert_eq!(live.source.status().sources, [path, one.clone()]);
    (live, one)
}

fn append(path: &PathBuf, text: &str) {
    File::options().append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

fn a_list_grows_to_a_bad_row_and_is_mended(by: By) {
    let (mut live, one) = listed(by);
    append(&one, "https://c.example/\n");
    live.is_refused("origin/trailing-slash");
    live.rests();
    fs::write(&one, list("b")).unwrap();
    live.is_recovered();
    append(&one, "https://c.exampl");
    live.is_refused("list/unterminated");
    append(&one, "e\n");
    live.becomes("abc");
    append(&one, "https://d.example/x\n");
    live.is_refused("origin/path");
    fs::write(&one, list("bcd")).unwrap();
    live.becomes("abcd");
    live.ends();
}

fn a_list_is_replaced(by: By) {
    let (mut live, one) = listed(by);
    let draft = one.with_extension("new");
    for (origins, serving) in [("c", "ac"), ("d", "ad"), ("de", "ade")] {
        fs::write(&draft, list(origins)).unwrap();
        fs::rename(&draft, &one).unwrap();
        live.becomes(serving);
    }
    live.ends();
}

/// Of the same size, and with the time of its last modification set back.
fn a_list_is_rewritten_in_place(by: By) {
    let (mut live, one) = listed(by);
    let modified = fs::metadata(&one).unwrap().modified().unwrap();
    fs::write(&one, list("c")).unwrap();
    File::options().write(true).open(&one).unwrap().set_modified(modified).unwrap();
    live.becomes("ac");
    live.ends();
}

fn a_list_is_deleted_and_restored(by: By) {
    let (mut live, one) = listed(by);
    fs::remove_file(&one).unwrap();
    live.is_refused("list/unreadable");
    live.rests();
    fs::write(&one, list("b")).unwrap();
    live.is_recovered();
    fs::remove_dir_all(one.parent().unwrap()).unwrap();
    live.is_refused("list/unreadable");
    fs::create_dir(one.parent().unwrap()).unwrap();
    fs::write(&one, list("c")).unwrap();
    live.becomes("ac");
    live.ends();
}

fn a_list_is_added_to_the_document(by: By) {
    let (mut live, one) = listed(by);
    let two = live.scratch.folder().join("two.txt");
    fs::write(&two, list("c")).unwrap();
    fs::write(live.scratch.document(), document("a", &["lists/one.txt", "two.txt"])).unwrap();
    live.becomes("abc");
    assert_eq!(live.source.status().sources, [live.scratch.document().to_owned(), one, two.clone()]);
    live.rests();
    fs::write(&two, list("d")).unwrap();
    live.becomes("abd");
    live.ends();
}

fn a_list_is_added_before_it_exists(by: By) {
    let (mut live, one) = listed(by);
    fs::write(live.scratch.document(), document("a", &["lists/one.txt", "new/two.txt"])).unwrap();
    live.is_refused("list/unreadable");
    live.rests();
    // A list of the set that serves goes on being looked at beside the one that is missing.
    fs::write(&one, list("f")).unwrap();
    live.is_refused("list/unreadable");
    fs::create_dir(live.scratch.folder().join("new")).unwrap();
    fs::write(live.scratch.folder().join("new/two.txt"), list("c")).unwrap();
    live.becomes("afc");
    live.ends();
}

fn a_list_is_taken_out_of_the_document(by: By) {
    let (mut live, one) = listed(by);
    fs::write(live.scratch.document(), document("c", &[])).unwrap();
    live.becomes("c");
    live.rests();
    fs::write(&one, "no row\n").unwrap();
    assert!(!live.source.changed());
    fs::write(live.scratch.document(), document("c", &["lists/one.txt"])).unwrap();
    live.is_refused("origin/white-space");
    fs::write(&one, list("d")).unwrap();
    live.becomes("cd");
    live.ends();
}

fn a_list_changes_while_the_document_is_bad(by: By) {
    let (mut live, one) = listed(by);
    fs::write(live.scratch.document(), "version = ").unwrap();
    live.is_refused("document/syntax");
    live.rests();
    fs::write(&one, list("c")).unwrap();
    live.stays();
    fs::write(live.scratch.document(), document("a", &["lists/one.txt"])).unwrap();
    live.becomes("ac");
    live.ends();
}

/// Each before any can have come to rest: one reload, of all of them.
fn all_files_change_at_once(by: By) {
    loop {
        let (mut live, one) = listed(by);
        let files = [(one, list("d")), (live.scratch.document().to_owned(), document("c", &["lists/one.txt"]))];
        let started = Instant::now();
        for (path, text) in files {
            let draft = path.with_extension("new");
            fs::write(&draft, text).unwrap();
            fs::rename(&draft, &path).unwrap();
        }
        // If this was held up, they did not change at once.
        if started.elapsed() < Duration::from_millis(50) {
            live.becomes("cd");
            return live.ends();
        }
    }
}
