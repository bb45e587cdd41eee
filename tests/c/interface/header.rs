//! The header, as compilers and other languages read it.

use std::path::{Path, PathBuf};
use std::process::Command;

use corsac_tests::binary::bounded;
use corsac_tests::native::{Library, root, sources};
use corsac_tests::scratch::Scratch;

/// What is compiled: the header alone, and twice with its macro in use.
const ALONE: &str = "#include <corsac.h>\n";
const TWICE: &str = "#include <corsac.h>\n#include <corsac.h>\n\
    const corsac_decision *decide(corsac_reader *reader);\n\
    const corsac_decision *decide(corsac_reader *reader)\n\
    {\n    corsac_request request = CORSAC_REQUEST_INIT;\n    return corsac_decide(reader, CORSAC_POLICY_ROUTE, &request);\n}\n";

#[test]
fn it_compiles_alone_and_twice_in_every_language() {
    let c: (&[_], &[_], _) = (&["gcc", "clang"], &["-std=c99", "-std=c11", "-std=c17"], "c");
    let cpp: (&[_], &[_], _) = (&["g++", "clang++"], &["-std=c++17", "-std=c++20"], "c++");
    let mut compiled = 0;
    for (compilers, standards, language) in [c, cpp] {
        for compiler in compilers {
            for standard in standards {
                for text in [ALONE, TWICE] {
                    let source = Scratch::with("source", text);
                    let mut command = Command::new(compiler);
                    command.args([standard, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]);
                    command.arg("-I").arg(root().join("include")).args(["-x", language]).arg(source.document());
                    let ended = bounded(command, None, 60);
                    assert!(ended.status.success(), "{compiler} {standard}: {text}{}", ended.said());
                    compiled += 1;
                }
            }
        }
    }
    println!("compiled {compiled} times");
}

/// The header for parsers that know the types of the standard headers, but no attributes and no
/// functions with a body.
fn preprocessed(scratch: &Scratch) -> PathBuf {
    for standard in ["stdbool.h", "stddef.h", "stdint.h"] {
        scratch.write(standard, "");
    }
    let plain = scratch.folder().join("plain.h");
    let mut command = Command::new("gcc");
    command.args(["-E", "-P", "-nostdinc", "-U__GNUC__", "-DCORSAC_NO_INLINE", "-I"]).arg(scratch.folder());
    command.arg(root().join("include/corsac.h")).arg("-o").arg(&plain);
    let ended = bounded(command, None, 60);
    assert!(ended.status.success(), "{}", ended.said());
    plain
}

/// Runs a script of `tests/c/programs/` on the header and the library.
fn decide(interpreter: &Path, script: &str) {
    let scratch = Scratch::without("policy.toml");
    let mut command = Command::new(interpreter);
    command.arg(sources().join(script)).arg(preprocessed(&scratch));
    command.arg(Library::shipped().folder().join("libcorsac.so.0"));
    let ended = bounded(command, None, 60);
    assert!(ended.status.success(), "{}", ended.said());
    assert!(ended.stdout.ends_with(b": preflight-allowed\n"), "{}", String::from_utf8_lossy(&ended.stdout));
}

#[test]
fn luajit_reads_it_and_decides() {
    decide(Path::new("luajit"), "decide.lua");
}

/// The system's Python, for which the package `python3-cffi` is.
#[test]
fn cffi_reads_it_and_decides() {
    decide(Path::new("/usr/bin/python3"), "decide.py");
}
