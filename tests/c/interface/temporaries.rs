//! What `corsac.hpp` refuses to compile: views of what is gone when they are used.

use std::collections::BTreeSet;
use std::process::Command;

use corsac_tests::binary::{Ended, bounded};
use corsac_tests::native::{root, sources};

const COMPILERS: [&str; 2] = ["g++", "clang++"];
const STANDARDS: [&str; 2] = ["-std=c++17", "-std=c++20"];

fn compile(compiler: &str, file: &str, flags: &[&str]) -> Ended {
    let mut command = Command::new(compiler);
    command.args(["-Wall", "-Wextra", "-Wpedantic", "-Wno-unused-variable", "-fsyntax-only"]).args(flags);
    command.arg(if compiler == "g++" { "-fmax-errors=0" } else { "-ferror-limit=0" });
    command.arg("-I").arg(root().join("include")).arg(sources().join(file));
    bounded(command, None, 120)
}

/// The lines of `file` that a compiler's message is about, or that brought it to the place in the header that it
/// is about.
fn lines_with_errors(file: &str, said: &str) -> BTreeSet<usize> {
    let kinds = [" error: ", "required from here", "requested here"];
    let about = said.lines().filter(|line| kinds.iter().any(|kind| line.contains(kind)));
    about.filter_map(|line| line.split_once(&format!("{file}:"))?.1.split(':').next()?.parse().ok()).collect()
}

/// Each of these lines, and nothing else: the lines above them do the same with what stays.
#[test]
fn temporaries_are_refused() {
    let file = "temporaries.cpp";
    let text = std::fs::read_to_string(sources().join(file)).unwrap();
    let numbered = text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with("refused("));
    let marked: BTreeSet<usize> = numbered.map(|(index, _)| index + 1).collect();
    assert!(marked.len() > 40, "{} lines", marked.len());
    for compiler in COMPILERS {
        for standard in STANDARDS {
            let accepted = compile(compiler, file, &[standard, "-Werror"]);
            assert!(accepted.status.success(), "{compiler} {standard}:\n{}", accepted.said());
            let refused = compile(compiler, file, &[standard, "-DREFUSED"]);
            // The whole of it: there are many lines.
            let said = String::from_utf8_lossy(&refused.stderr);
            assert!(!refused.status.success());
            assert_eq!(lines_with_errors(file, &said), marked, "{compiler} {standard}:\n{said}");
            // All but the container that makes its elements are refused by a deleted function.
            let deleted = said.lines().filter(|line| line.contains(" error: ") && line.contains("deleted")).count();
            assert_eq!(deleted, marked.len() - 1, "{compiler} {standard}:\n{said}");
        }
    }
}

/// One warning for each function, where the compiler has the attribute.
#[test]
fn views_that_outlive_a_local_draw_a_warning() {
    let file = "outlives.cpp";
    let functions = std::fs::read_to_string(sources().join(file)).unwrap().matches("\n    return ").count();
    let said = compile("clang++", file, &["-std=c++17"]).said();
    let warnings = said.lines().filter(|line| line.contains(" warning: ") && line.contains("stack")).count();
    assert_eq!(warnings, functions, "{said}");
    let accepted = compile("g++", file, &["-std=c++17", "-Werror"]);
    assert!(accepted.status.success(), "{}", accepted.said());
}
