//! Programs of `tests/c/programs/`: as they are, linked with the archive, with sanitizers, and under
//! memcheck.

use std::path::Path;

use corsac_tests::native::{Library, Program, Under, root, sources};
use corsac_tests::table::Table;
use sha2::{Digest, Sha256};

/// How a program is built and run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Shared,
    Archive,
    Sanitized,
    Memcheck,
}

const WAYS: [Way; 4] = [Way::Shared, Way::Archive, Way::Sanitized, Way::Memcheck];

impl Way {
    /// Memcheck runs fifty times slower, and one thread at a time.
    fn is_slow(self) -> bool {
        self == Self::Memcheck
    }

    /// Whether it watches over the memory of a process, with locks of its own that a child forked
    /// from several threads may wait for for ever.
    fn sees_memory(self) -> bool {
        matches!(self, Self::Sanitized | Self::Memcheck)
    }
}

/// Builds files of `tests/c/programs/` in every way, and runs them with the arguments that each is to have;
/// gives what each said.
fn in_every_way(files: &[&str], library: &Library, arguments: impl Fn(&Program, Way) -> Vec<String>) -> Vec<String> {
    let is_cpp = files.iter().any(|file| file.ends_with(".cpp"));
    let run = |way| {
        let (compiler, standard) = match (way, is_cpp) {
            (Way::Archive, false) => ("clang", "-std=c17"),
            (Way::Archive, true) => ("clang++", "-std=c++20"),
            (_, false) => ("gcc", "-std=c11"),
            (_, true) => ("g++", "-std=c++17"),
        };
        let flags: &[_] = match way {
            Way::Shared | Way::Memcheck => &[standard],
            Way::Archive => &[standard, "-static-corsac"],
            Way::Sanitized => &[standard, "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
        };
        let program = Program::compile(compiler, flags, files, library);
        let under = if way == Way::Memcheck { Under::Memcheck } else { Under::Nothing };
        let ended = program.run(&arguments(&program, way), under);
        let said = String::from_utf8_lossy(&ended.stdout).into_owned();
        println!("{way:?}: {}", said.trim_end().replace('\n', ", "));
        said
    };
    WAYS.map(run).to_vec()
}

/// That a program really checked something.
fn assert_checked(said: &str, least: u64) {
    let checks = said.lines().last().and_then(|line| line.strip_suffix(" checks, 0 failed"));
    let checks: u64 = checks.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{said}"));
    assert!(checks >= least, "only {checks} checks");
}

fn path(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// Runs a program on the whole corpus; under memcheck without the largest documents.
fn run_corpus(files: &[&str], least: u64) {
    let (whole, small) = (Table::of_corpus(false), Table::of_corpus(true));
    assert!(small.cases == whole.cases && small.loads + 10 > whole.loads && whole.cases > 1000);
    let said = in_every_way(files, Library::shipped(), |program, way| {
        let file = program.folder().join("corpus");
        if way.is_slow() {
            small.write(&file)
        } else {
            whole.write(&file)
        }
        vec![path(&file)]
    });
    for (said, way) in said.iter().zip(WAYS) {
        let loads = if way.is_slow() { small.loads } else { whole.loads };
        assert!(said.contains(&format!("{} cases, {loads} loads\n", whole.cases)), "{said}");
        assert_checked(said, least);
    }
}

#[test]
fn the_corpus() {
    run_corpus(&["corpus.c", "table.c"], 40_000);
}

#[test]
fn the_corpus_through_the_wrapper() {
    let table = Program::compile_object("table.c", "-c");
    let object = table.folder().join("table.o");
    std::fs::rename(table.path(), &object).unwrap();
    run_corpus(&["corpus.cpp", &path(&object)], 40_000);
}

/// The fuzz target in C, on its saved inputs.
#[test]
fn saved_requests_are_decided_alike() {
    let fuzz = root().join("fuzz");
    let saved = std::fs::read_dir(fuzz.join("corpus/c_request")).unwrap();
    let saved: Vec<String> = saved.map(|input| path(&input.unwrap().path())).collect();
    assert!(saved.len() >= 10, "only {} inputs are saved", saved.len());
    let said = in_every_way(&[&path(&fuzz.join("c_request.c"))], Library::shipped(), |_, _| saved.clone());
    said.iter().for_each(|said| assert_eq!(said, &format!("{} inputs\n", saved.len())));
}

#[test]
fn views_of_what_stays() {
    let said = in_every_way(&["views.cpp"], Library::shipped(), |_, _| vec![]);
    said.iter().for_each(|said| assert_checked(said, 40));
}

#[test]
fn wrong_calls() {
    let said = in_every_way(&["misuse.c"], Library::shipped(), |_, _| vec![]);
    said.iter().for_each(|said| assert_checked(said, 3000));
}

#[test]
fn a_host_that_ignores_every_status() {
    let said = in_every_way(&["ignored.c"], Library::shipped(), |_, _| vec![]);
    said.iter().for_each(|said| assert_checked(said, 2000));
}

#[test]
fn lists_and_variables_beside_a_document() {
    let scratch = corsac_tests::scratch::Scratch::without("policy.toml");
    let name = |way: Way| format!("{way:?}.toml");
    let said = in_every_way(&["given.c"], Library::shipped(), |_, way| {
        vec![scratch.folder().join(name(way)).to_str().unwrap().to_owned()]
    });
    said.iter().for_each(|said| assert_checked(said, 40));
}

#[test]
fn readers_of_threads() {
    let said = in_every_way(&["thread_readers.c"], Library::shipped(), |_, _| vec![]);
    said.iter().for_each(|said| assert_checked(said, 1000));
}

#[test]
fn a_panic() {
    let said = in_every_way(&["panic.c"], Library::panicking(), |_, _| vec![]);
    said.iter().for_each(|said| assert_checked(said, 1000));
}

#[test]
fn lifetimes() {
    let said = in_every_way(&["lifetimes.c"], Library::shipped(), |_, _| vec![]);
    said.iter().for_each(|said| assert_checked(said, 20_000));
}

#[test]
fn threads() {
    let said = in_every_way(&["threads.c"], Library::shipped(), |_, way| {
        vec![if way.is_slow() { "40" } else { "2000" }.into()]
    });
    said.iter().for_each(|said| assert_checked(said, 80));
}

#[test]
fn forks() {
    let said = in_every_way(&["fork.c"], Library::shipped(), |program, way| {
        vec![path(program.folder()), if way.sees_memory() { "0" } else { "200" }.into()]
    });
    said.iter().for_each(|said| assert_checked(said, 30));
    // The forks that were left out, under memcheck, where leaks are not looked for.
    let program = Program::compile("gcc", &["-std=c11"], &["fork.c"], Library::shipped());
    program.run(&[path(program.folder()), "10".into()], Under::MemcheckOfAccesses);
}

#[test]
fn nothing_is_allocated() {
    let (counting, table) = (Program::compile_object("counting_malloc.c", "-shared"), Table::of_corpus(false));
    let program = Program::compile("gcc", &["-std=c11"], &["allocation.c", "table.c"], Library::shipped());
    let file = program.folder().join("corpus");
    table.write(&file);
    let ended = program.run(&[&file], Under::Preloaded(&counting));
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(said.contains(&format!("{} cases measured\n", table.cases)), "{said}");
    assert_checked(&said, 2 * table.cases as u64);
}

#[test]
fn no_shared_memory_is_written() {
    let table = Table::of_corpus(false);
    let files = ["shared_memory.c", "arenas.c", "table.c"];
    let program = Program::compile("gcc", &["-std=c11"], &files, Library::shipped());
    let file = program.folder().join("corpus");
    table.write(&file);
    let ended = program.run(&[&file], Under::Nothing);
    let said = String::from_utf8_lossy(&ended.stdout);
    println!("{said}");
    assert!(said.contains(&format!("{} cases decided\n", table.cases)), "{said}");
    assert_checked(&said, 100);
}

/// The first header, and what `sha256sum` says of it. It is never changed: who was compiled with it
/// cannot be asked.
const FIRST_HEADER: (&str, &str) =
    ("abi-1/corsac.h", "959f1a8b763701ce8887cb2668362111dbeff98d7c489ae80964710deb7153ec");

#[test]
fn an_old_caller() {
    let (header, expected) = FIRST_HEADER;
    let digest = Sha256::digest(std::fs::read(sources().join(header)).unwrap());
    assert_eq!(data_encoding::HEXLOWER.encode(&digest), expected, "{header} is frozen: restore it");
    let said = in_every_way(&["abi-1/caller.c"], Library::shipped(), |_, _| vec![]);
    assert!(said.iter().all(|said| said == "an old caller runs\n"));
}
