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

/// What the compiler is to refuse when warnings are errors, in a function's body; and what it is to accept.
const WRONG: &[&str] = &[
    "corsac_engine_watch(engine);",
    "corsac_engine_find_policy(engine, &name, &id);",
    "corsac_decide(reader, id, &request);",
];
const MIXED: &[&str] =
    &["corsac_poll poll = CORSAC_STATUS_CONFIG; (void)poll;", "corsac_verdict other = CORSAC_REASON_OK; (void)other;"];
const RIGHT: &str = "if (corsac_engine_find_policy(engine, &name, &id) != CORSAC_STATUS_OK) return 1;\n\
    corsac_status status = CORSAC_STATUS_CONFIG; (void)status;\n\
    corsac_poll poll = CORSAC_POLL_REFUSED; if (corsac_engine_poll(engine, &poll, 0)) return 1;";

fn compiles(compiler: &str, standard: &str, flags: &[&str], body: &str) -> (bool, String) {
    let language = if compiler.ends_with("++") { "c++" } else { "c" };
    let text = format!(
        "#include <corsac.h>\nint function(corsac_engine *engine, corsac_reader *reader);\n\
         int function(corsac_engine *engine, corsac_reader *reader)\n{{\n    corsac_policy id = CORSAC_POLICY_NONE;\n\
         corsac_str name = {{\"p\", 1}};\n    corsac_request request = CORSAC_REQUEST_INIT;\n{body}\n\
         (void)engine; (void)reader; (void)id; (void)name; (void)request;\n    return 0;\n}}\n"
    );
    let source = Scratch::with("source", text);
    let mut command = Command::new(compiler);
    command.args([standard, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-S", "-o", "/dev/null"]).args(flags);
    command.arg("-I").arg(root().join("include")).args(["-x", language]).arg(source.document());
    let ended = bounded(command, None, 60);
    (ended.status.success(), ended.said())
}

#[test]
fn what_must_be_used_cannot_be_ignored() {
    for (compiler, standard) in
        [("gcc", "-std=c11"), ("clang", "-std=c11"), ("g++", "-std=c++17"), ("clang++", "-std=c++17")]
    {
        let (accepted, said) = compiles(compiler, standard, &[], RIGHT);
        assert!(accepted, "{compiler}: {said}");
        for body in WRONG {
            let (accepted, said) = compiles(compiler, standard, &[], body);
            assert!(!accepted && said.contains("unused"), "{compiler}: {body}: {said}");
        }
    }
}

/// Where enums can be types of a fixed size, one is not another.
#[test]
fn enums_are_not_mixed_up() {
    let typed = [("clang", "-std=c99"), ("clang", "-std=c17"), ("g++", "-std=c++17"), ("clang++", "-std=c++20")];
    for (compiler, standard) in typed {
        for body in MIXED {
            assert!(!compiles(compiler, standard, &[], body).0, "{compiler} {standard}: {body}");
        }
        assert!(compiles(compiler, standard, &[], RIGHT).0, "{compiler} {standard}");
    }
    // Elsewhere they are numbers, which have the same size.
    assert!(compiles("gcc", "-std=c11", &[], MIXED[0]).0);
    let size = "char right[sizeof(corsac_status) == 4 ? 1 : -1]; (void)right;";
    for compiler in ["gcc", "clang"] {
        assert!(compiles(compiler, "-std=c11", &[], size).0, "{compiler}");
    }
}

#[test]
fn the_build_can_say_how_functions_are_imported() {
    let import = "__declspec(dllimport)";
    let declared = |flags: &[&str]| {
        let mut command = Command::new("gcc");
        command.args(["-E", "-P"]).args(flags).arg(root().join("include/corsac.h"));
        String::from_utf8(bounded(command, None, 60).stdout).unwrap()
    };
    assert!(declared(&["-D_WIN32"]).contains(import));
    assert!(!declared(&["-D_WIN32", "-DCORSAC_STATIC"]).contains(import));
    assert!(!declared(&[]).contains(import) && declared(&[]).contains("visibility"));
    let mine = declared(&["-DCORSAC_API=MINE"]);
    assert!(mine.contains("MINE") && !mine.contains("visibility(") && !mine.contains(import));
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
