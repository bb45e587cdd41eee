//! What documents show is what happens: the snippets of `docs/embedding.md`.

use std::fs;

use super::tree::{Tree, read, run, scratch, workspace};

/// The fenced blocks of one kind.
pub fn blocks(text: &str, kind: &str) -> Vec<String> {
    let fence = format!("\n```{kind}\n");
    text.split(&fence).skip(1).map(|rest| rest[..rest.find("\n```").unwrap() + 1].to_owned()).collect()
}

#[test]
fn the_snippets_about_embedding_compile_and_run() {
    let tree = Tree::shared();
    let page = read("docs/embedding.md");
    let folder = workspace().join("tests/c/programs/embedding");
    for (kind, main, compilers, least) in [
        ("c", "main.c", [["gcc", "-std=c99"], ["clang", "-std=c11"]], 12),
        ("cpp", "main.cpp", [["g++", "-std=c++17"], ["clang++", "-std=c++20"]], 1),
    ] {
        let snippets = blocks(&page, kind);
        assert!(snippets.len() >= least, "{} snippets in {kind}", snippets.len());
        let scratch = scratch(&format!("snippets-{kind}"));
        fs::write(scratch.join("snippets.inc"), snippets.join("\n")).unwrap();
        for compiler in compilers {
            let program = scratch.join(compiler[0]);
            tree.compile(&compiler, &[folder.join(main)], &[&folder, &scratch], &program);
            run(tree.command(&program).arg(&scratch));
        }
    }
}
