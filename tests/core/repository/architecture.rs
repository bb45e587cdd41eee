//! The house keeps its shape: which module may name which, over every path that its code has, not
//! only its `use` lines. Paths through `self`, `super`, aliases and re-exports are followed to the
//! module that is meant.

mod paths;

use std::path::Path;

use paths::{House, Named};

/// Modules of the request path, with all that is below them.
const REQUEST_PATH: &[&str] =
    &["outcome", "origin", "method", "header", "request", "matcher", "decide", "decision", "plan", "policy", "route"];

/// The crate's root: it says what is public.
const ROOT: &str = "";

/// Modules of `core` that may not be named, by whom.
struct Rule {
    what: &'static [&'static str],
    by: By,
    why: &'static str,
}

enum By {
    /// None of these modules.
    These(&'static [&'static str]),
    /// No module but these.
    AllBut(&'static [&'static str]),
}

const RULES: &[Rule] = &[
    Rule {
        what: &["crate::config"],
        by: By::AllBut(&[ROOT, "config", "explain"]),
        why: "the configuration path ends in `Policy`; only the advice of `explain` is checked by it",
    },
    Rule { what: &["crate"], by: By::These(&["outcome"]), why: "the words of a decision depend on no module" },
    Rule {
        what: &["crate::engine", "crate::explain"],
        by: By::These(REQUEST_PATH),
        why: "the request path decides on one set of policies, and explains nothing",
    },
    Rule {
        what: &["idna", "psl", "toml", "serde_json", "serde", "strsim", "log", "tracing", "arc_swap"],
        by: By::These(REQUEST_PATH),
        why: "the request path needs none of these crates",
    },
    Rule {
        what: &["psl"],
        by: By::AllBut(&["config::suffix_list"]),
        why: "only suffix_list.rs names the public suffix list",
    },
    Rule {
        what: &["toml", "serde_json"],
        by: By::AllBut(&["config::document"]),
        why: "only document/ reads notations",
    },
    Rule {
        what: &["aho_corasick", "regex_automata"],
        by: By::AllBut(&["matcher", "config::pattern", "config::validate", "config::compile"]),
        why: "automata are searched in matcher/, and built and proved where policies are configured",
    },
    Rule { what: &["regex_syntax"], by: By::AllBut(&["config::pattern"]), why: "only pattern/ reads expressions" },
    Rule { what: &["regex"], by: By::AllBut(&[]), why: "the crate regex is the oracle, and no part of the engine" },
    Rule { what: &["arc_swap"], by: By::AllBut(&["engine"]), why: "only engine.rs swaps" },
    Rule { what: &["thread_local"], by: By::AllBut(&["engine"]), why: "only engine.rs counts by thread" },
    Rule {
        what: &[
            "std::fs",
            "std::net",
            "std::env",
            "std::thread",
            "std::time",
            "std::io",
            "std::process",
            "std::os",
            "println",
            "print",
            "eprintln",
            "eprint",
            "dbg",
        ],
        by: By::AllBut(&[]),
        why: "core touches no file, socket, clock, environment or thread",
    },
];

/// Packages with code of their own; `unsafe` is in none of them.
const SAFE: &[&str] = &["core", "source", "cli", "python", "adapters/tower", "tests", "benches"];

/// The only files of `ffi` with `unsafe`: memory of the caller's, views of it, and the C library's allocator.
const UNSAFE: &[&str] = &["memory.rs", "pointer.rs", "view.rs"];

/// All that breaks a rule, as sentences.
fn violations(house: &House) -> Vec<String> {
    let mut violations = vec![];
    for Named { module, path, line } in house.named() {
        for rule in RULES {
            let bound = match rule.by {
                By::These(modules) => is_in(&module, modules),
                By::AllBut(modules) => !is_in(&module, modules),
            };
            let named = rule.what.iter().any(|what| path == *what || path.starts_with(&format!("{what}::")));
            if bound && named {
                violations.push(format!("{module}, line {line}: names {path}: {}", rule.why));
            }
        }
    }
    violations
}

/// Whether `crate::a::b` is one of these modules, `a` or `a::b`, or below one.
fn is_in(module: &str, modules: &[&str]) -> bool {
    let inside = module.strip_prefix("crate::").unwrap_or_default();
    modules.iter().any(|name| inside == *name || inside.strip_prefix(name).is_some_and(|rest| rest.starts_with("::")))
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn every_module_names_only_what_it_may() {
    let house = House::read(&workspace().join("core/src"));
    for module in REQUEST_PATH.iter().chain(&["engine", "config::document", "config::pattern", "config::suffix_list"]) {
        assert!(house.has(&format!("crate::{module}")), "core has no module {module}: the rules are out of date");
    }
    let violations = violations(&house);
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn no_files_use_each_other() {
    let circles = House::read(&workspace().join("core/src")).circles();
    let shown: Vec<String> = circles.iter().map(|files| files.iter().cloned().collect::<Vec<_>>().join(", ")).collect();
    assert!(circles.is_empty(), "files that use each other:\n{}", shown.join("\n"));
}

#[test]
fn nothing_is_unsafe() {
    let mut found = vec![];
    for package in SAFE {
        let folder = workspace().join(package);
        let files = paths::rust_files(&folder);
        assert!(!files.is_empty(), "{package} has no code");
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            found.extend(paths::unsafe_lines(&text, false).iter().map(|line| format!("{}:{line}", file.display())));
        }
    }
    assert!(found.is_empty(), "unsafe: {}", found.join(", "));
}

/// What is wrong with the `unsafe` of a file in `ffi/src`, as sentences.
fn unsafe_violations(file: &str, code: &str) -> Vec<String> {
    let lines = paths::unsafe_lines(code, true);
    let wrong = lines.into_iter().filter_map(|line| match () {
        () if !UNSAFE.contains(&file) => Some(format!("{file}:{line}: unsafe has no place here")),
        () if !paths::is_argued(code, line) => Some(format!("{file}:{line}: unsafe without `// SAFETY: `")),
        () => None,
    });
    wrong.collect()
}

#[test]
fn the_interface_is_unsafe_in_few_files_and_says_why() {
    let folder = workspace().join("ffi/src");
    let mut violations = vec![];
    for file in paths::rust_files(&folder) {
        let text = std::fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(&folder).unwrap().to_str().unwrap();
        violations.extend(unsafe_violations(name, &text));
        assert_eq!(
            UNSAFE.contains(&name),
            !paths::unsafe_lines(&text, true).is_empty(),
            "{name}: the list is out of date"
        );
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn unsafe_in_the_wrong_place_would_be_seen() {
    let argued = "fn f() {\n    // SAFETY: a comment\n    // of two lines.\n    unsafe { g() }\n}";
    let bare = "fn f() {\n    // Fast.\n    unsafe { g() }\n}";
    let elsewhere = "// SAFETY: of another line\n\nunsafe impl Sync for S {}";
    assert_eq!(unsafe_violations("view.rs", argued), [""; 0]);
    assert_eq!(unsafe_violations("decide.rs", "#[unsafe(no_mangle)]\nextern \"C\" fn f() {}"), [""; 0]);
    for (file, code) in [
        ("decide.rs", argued),
        ("inner/view.rs", argued),
        ("view.rs", bare),
        ("pointer.rs", elsewhere),
        ("decide.rs", "#[unsafe(no_mangle)]\nunsafe extern \"C\" fn f() {}"),
        ("decide.rs", "#[unsafe(link_section = \"x\")]\nstatic S: u8 = 0;"),
        ("decide.rs", "m!(unsafe { g() });"),
    ] {
        assert_eq!(unsafe_violations(file, code).len(), 1, "{file}: {code}");
    }
}

/// Each of these would be a violation, in one of the ways in which a path can be written.
#[test]
fn a_violation_would_be_seen() {
    for (module, code) in [
        ("crate::matcher", "use crate::config::document;"),
        ("crate::matcher", "use crate::{origin::Origin, config::diagnostic::{self, Code}};"),
        ("crate::matcher::table", "use super::super::config::pattern::Pattern;"),
        ("crate::matcher::table", "fn f() { super::super::config::validate::all() }"),
        ("crate::origin::host", "type T = crate::config::suffix_list::Suffix;"),
        ("crate::decide", "fn f(x: &dyn crate::engine::Reader) {}"),
        ("crate::plan", "use crate as house; fn f() { house::config::document::load() }"),
        ("crate::plan", "use crate::Code;"),
        ("crate::plan", "fn f() { vec![idna::x()]; }"),
        ("crate::plan", "#[derive(serde::Deserialize)] struct S;"),
        ("crate::request", "use crate::Draft;"),
        ("crate::request", "use crate::config::builder::Draft as D;"),
        ("crate::outcome", "use crate::origin::Origin;"),
        ("crate::engine", "use crate::config::builder::Draft;"),
        ("crate::method", "fn f() -> bool { log::info!(\"x\"); <u8 as crate::config::compile::Size>::IS }"),
        ("crate::config::pattern::parse", "fn f() { psl::suffix(b\"\"); }"),
        ("crate::config::pattern", "use toml as notation;"),
        ("crate::config::suffix_list", "fn f() { ::serde_json::from_str(\"\"); }"),
        ("crate::config::document", "fn f() { arc_swap::ArcSwap::new(x); }"),
        ("crate::decide", "fn f(x: thread_local::ThreadLocal<u8>) {}"),
        ("crate::config::document", "use std::{fs, fmt};"),
        ("crate::config::document", "fn f() { std::time::Instant::now(); }"),
        ("crate::config::document", "use std as s; fn f() { s::env::var(\"\"); }"),
        ("crate::policy", "fn f() { println!(\"{}\", 1); }"),
        ("crate::decide", "use aho_corasick::AhoCorasick;"),
        ("crate::origin::host", "fn f() { regex_automata::dfa::dense::DFA::new(\"\"); }"),
        ("crate::policy", "use regex_automata as automata;"),
        ("crate::policy", "fn f(x: aho_corasick::Anchored) {}"),
        ("crate::config::document", "use {std::fmt, aho_corasick::{Input, StartKind}};"),
        ("crate::matcher::dfa", "use regex_syntax::hir::Hir;"),
        ("crate::config::validate::expressions", "fn f() { regex_syntax::parse(\"\"); }"),
        ("crate::config::pattern::proof", "use regex::bytes::Regex;"),
        ("crate::matcher", "fn f() -> Result<(), ::regex::Error> { regex::Regex::new(\"\").map(drop) }"),
        ("crate::config::document::reader", "mod inner { use super::super::super::policy; use std::thread::spawn; }"),
    ] {
        let mut house = House::default();
        house.add("crate", "pub use config::diagnostic::Code; pub use config::Draft; mod config;");
        house.add("crate::config", "pub(crate) use builder::Draft; mod builder; pub(crate) mod diagnostic;");
        house.add("crate::config::builder", "");
        house.add("crate::config::diagnostic", "");
        assert_eq!(violations(&house), [""; 0]);
        house.add(module, code);
        assert!(!violations(&house).is_empty(), "{module}: {code}");
    }
}

#[test]
fn what_is_allowed_is_no_violation() {
    for (module, code) in [
        ("crate::config::suffix_list", "fn f() { psl::suffix(b\"\"); }"),
        ("crate::config::document::toml", "use toml::Value; use serde_json::from_str;"),
        ("crate::origin", "use core::net::Ipv4Addr; use crate::plan::Plan;"),
        ("crate::matcher", "mod table; use table::Table; fn f(document: u8) -> u8 { document }"),
        ("crate::matcher", "#[cfg(test)] mod tests { use crate::config::pattern::Pattern; }"),
        ("crate::matcher", "/// See [`crate::config::document`].\nfn f() {}"),
        ("crate::config::pattern", "use crate::config::diagnostic::Code;"),
        ("crate::engine::reader", "use arc_swap::Cache; use thread_local::ThreadLocal;"),
        ("crate::matcher::expressions", "use aho_corasick::{AhoCorasick, automaton::OverlappingState};"),
        (
            "crate::config::pattern::expression",
            "use regex_automata::dfa::dense; use regex_syntax::hir::{Hir, HirKind};",
        ),
        ("crate::config::pattern::row", "fn regex() -> Row { regex_automata::x() }"),
        ("crate::config::pattern::row", "impl Row { fn regex(&self) {} } fn f(row: Row) { Row::regex(row); }"),
    ] {
        let mut house = House::default();
        house.add(module, code);
        assert_eq!(violations(&house), [""; 0], "{module}: {code}");
    }
    assert_eq!(paths::unsafe_lines("#![forbid(unsafe_code)]\n// unsafe\nconst A: &str = \"unsafe\";", false), [0; 0]);
    assert_eq!(paths::unsafe_lines("fn f() {\n unsafe { g() } }\nmac!(unsafe fn h())", false), [2, 3]);
}

/// Which files of a small crate use each other.
fn circles(files: &[(&str, &str)]) -> Vec<String> {
    let mut house = House::default();
    files.iter().for_each(|(module, code)| house.add_file(module, code));
    house.circles().iter().map(|files| files.iter().cloned().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn a_circle_would_be_seen() {
    let leaf = ("crate::a::leaf", "pub struct L;");
    let parent_uses_child = ("crate::a", "mod leaf; mod c; pub struct A(c::C);");
    let reexports = ("crate::a", "mod leaf; mod c; pub use c::C; pub struct A;");
    assert_eq!(circles(&[parent_uses_child, leaf, ("crate::a::c", "pub struct C(super::leaf::L);")]), [""; 0]);
    assert_eq!(circles(&[reexports, leaf, ("crate::a::c", "use super::A; pub struct C(A);")]), [""; 0]);
    // What a re-export leads to is what is used.
    assert_eq!(circles(&[reexports, ("crate::a::c", "pub struct C;"), ("crate::b", "use crate::a::C;")]), [""; 0]);
    let through = ("crate::b", "use crate::a::C; pub struct B(C);");
    assert_eq!(circles(&[reexports, through, ("crate::a::c", "pub struct C(crate::b::B);")]), ["crate::a::c crate::b"]);
    // A re-export that the module itself uses is a use.
    let both = ("crate::a", "mod c; pub use c::C; pub struct A(C);");
    let child = ("crate::a::c", "fn f(_: &super::A) {}");
    assert_eq!(circles(&[both, child]), ["crate::a crate::a::c"]);
    assert_eq!(circles(&[parent_uses_child, leaf, child]), ["crate::a crate::a::c"]);
    let ring = [("crate::x", "use crate::y::Y;"), ("crate::y", "use crate::z::Z;"), ("crate::z", "use crate::x::X;")];
    assert_eq!(circles(&ring), ["crate::x crate::y crate::z"]);
}
