//! The saved inputs of the fuzz targets, and what the corpus has of the same kind.

use std::fs;

use corsac_tests::corpus;
use corsac_tests::fuzz::{TARGETS, run};
use corsac_tests::native::root;

#[test]
fn saved_inputs_of_every_target_hold() {
    for target in TARGETS {
        let folder = root().join("fuzz/corpus").join(target.name);
        let saved = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut count = 0;
        for input in saved {
            let path = input.unwrap().path();
            println!("{}", path.display());
            (target.run)(&fs::read(&path).unwrap());
            count += 1;
        }
        assert!(count >= 5, "only {count} inputs are saved for `{}`", target.name);
    }
}

#[test]
fn every_target_has_a_program() {
    for target in TARGETS {
        let program = root().join("fuzz/fuzz_targets").join(format!("{}.rs", target.name));
        let text = fs::read_to_string(&program).unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        assert!(text.contains(&format!("run(\"{}\"", target.name)), "{} runs another target", program.display());
    }
}

#[test]
fn documents_of_the_corpus_hold() {
    let mut count = 0;
    for theme in corpus::read() {
        for text in theme.documents.values() {
            run("document", text.as_bytes());
            count += 1;
        }
    }
    assert!(count > 100, "only {count} documents");
}
