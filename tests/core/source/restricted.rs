//! Documents that may name only files of their own folder.

use std::fs;
use std::os::unix::fs::symlink;

use corsac::ConfigError;
use corsac_source::{Format, LoadOptions, Poll};
use corsac_tests::live::{document, list};
use corsac_tests::scratch::Scratch;

/// A folder with a document, beside a secret.
fn beside_a_secret() -> Scratch {
    let scratch = Scratch::without("inside/policy.toml");
    fs::create_dir_all(scratch.folder().join("inside/lists")).unwrap();
    scratch.write("secret", "root:hash-of-a-password\n");
    fs::write(scratch.folder().join("inside/lists/own.txt"), list("b")).unwrap();
    scratch
}

fn is_outside(error: &ConfigError) {
    let codes: Vec<_> = error.diagnostics().iter().map(|found| found.code().as_str()).collect();
    assert_eq!(codes, ["list/outside-folder"], "{error}");
    assert!(!format!("{error:?}").contains("password"), "{error:?}");
}

#[test]
fn lists_outside_are_not_read() {
    let scratch = beside_a_secret();
    let secret = scratch.folder().join("secret");
    symlink(&secret, scratch.folder().join("inside/link.txt")).unwrap();
    symlink("../..", scratch.folder().join("inside/lists/up")).unwrap();
    let restricted = LoadOptions::new().restrict_paths(true);
    let own = scratch.folder().join("inside/lists/own.txt");
    for name in [
        secret.to_str().unwrap(),
        own.to_str().unwrap(),
        "../secret",
        "lists/../lists/own.txt",
        "link.txt",
        "lists/up/secret",
    ] {
        let text = document("a", &[name]);
        fs::write(scratch.document(), &text).unwrap();
        is_outside(&restricted.open(scratch.document()).unwrap_err());
        is_outside(&restricted.report(scratch.document()).into_result().unwrap_err());
        let folder = scratch.document().parent().unwrap();
        let report = restricted.report_text_in(folder, "tenant", text.as_bytes(), Format::Toml);
        is_outside(&report.into_result().unwrap_err());
    }
}

/// Inside may be another folder, and a link that stays inside, as those that are switched at once.
#[test]
fn lists_inside_are_read_and_reloaded() {
    let scratch = beside_a_secret();
    symlink("lists", scratch.folder().join("inside/data")).unwrap();
    fs::write(scratch.document(), document("a", &["data/own.txt", "./lists/own.txt"])).unwrap();
    let options = LoadOptions::new().restrict_paths(true);
    let source = options.open(scratch.document()).unwrap();
    // A reload and another document are held to it, too.
    fs::write(scratch.document(), document("a", &["../secret"])).unwrap();
    let Poll::Refused(error) = source.reload() else { panic!("a reload reads what the first load would not") };
    is_outside(&error);
    let other = scratch.folder().join("inside/other.toml");
    fs::write(&other, document("a", &["../secret"])).unwrap();
    let Poll::Refused(error) = source.reload_file(&other) else { panic!("another document reads it") };
    is_outside(&error);
}
