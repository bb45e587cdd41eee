//! `corsac.hpp`, from a program of two translation units.

use std::collections::BTreeSet;

use super::tree::{Tree, read, run, scratch, workspace};

#[test]
fn two_translation_units_link_and_run() {
    let tree = Tree::shared();
    let folder = workspace().join("tests/c/programs/wrapper");
    for compiler in ["g++", "clang++"] {
        for standard in ["-std=c++17", "-std=c++20"] {
            let program = scratch(&format!("wrapper-{compiler}{standard}")).join("wrapper");
            let sources = ["one.cpp", "two.cpp"].map(|name| folder.join(name));
            tree.compile(&[compiler, standard, "-Wshadow", "-Wconversion"], &sources, &[], &program);
            assert_eq!(run(&mut tree.command(&program)), "ok\n", "{compiler} {standard}");
        }
    }
}

/// Without the compiler's support for exceptions and types at run time, as some servers are built.
#[test]
fn exceptions_are_not_needed() {
    let tree = Tree::shared();
    let folder = scratch("no-exceptions");
    let source = folder.join("main.cpp");
    std::fs::write(&source, "#include <corsac.hpp>\nint main() { return corsac::is_compatible() ? 0 : 1; }\n").unwrap();
    tree.compile(&["g++", "-std=c++17", "-fno-exceptions", "-fno-rtti"], &[source], &[], &folder.join("main"));
    run(&mut tree.command(folder.join("main")));
}

/// Every number and every function of the header stands in the wrapper, so that one that is new is
/// not forgotten.
#[test]
fn the_wrapper_has_all_of_the_header() {
    let (header, wrapper) = (read("include/corsac.h"), read("include/corsac.hpp"));
    let numbers: BTreeSet<&str> = header
        .lines()
        .filter_map(|line| line.trim().split_once(" = ").filter(|(name, _)| name.starts_with("CORSAC_")))
        .map(|(name, _)| name)
        .collect();
    let functions: BTreeSet<&str> = header
        .split("\nCORSAC_API")
        .skip(1)
        .map(|declaration| declaration.split('(').next().unwrap().rsplit([' ', '*']).next().unwrap())
        // The wrapper asks whether the version is compatible.
        .filter(|name| *name != "corsac_abi_version")
        .collect();
    assert!(numbers.len() >= 40 && functions.len() >= 30, "{} and {}", numbers.len(), functions.len());
    let words: BTreeSet<&str> = wrapper.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let missing: Vec<_> = numbers.union(&functions).filter(|name| !words.contains(**name)).collect();
    assert!(missing.is_empty(), "not in corsac.hpp: {missing:?}");
}
