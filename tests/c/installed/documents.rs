//! What documents show is what happens: the snippets of `docs/embedding.md`, the examples' output.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::tree::{Tree, command, copy_folder, read, run, scratch, workspace};

/// The fenced blocks of one kind.
fn blocks(text: &str, kind: &str) -> Vec<String> {
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

/// The programs of both examples, with the languages that they are in.
fn examples() -> &'static [(&'static str, PathBuf); 2] {
    static EXAMPLES: OnceLock<[(&str, PathBuf); 2]> = OnceLock::new();
    EXAMPLES.get_or_init(|| {
        let tree = Tree::shared();
        let projects = scratch("examples");
        copy_folder(&workspace().join("examples/c"), &projects.join("c"));
        copy_folder(&workspace().join("examples/cpp"), &projects.join("cpp"));
        run(tree.command("make").arg("-B").current_dir(projects.join("c")));
        run(tree.command("cmake").current_dir(projects.join("cpp")).args(["-S", ".", "-B", "build"]));
        run(tree.command("cmake").current_dir(projects.join("cpp")).args(["--build", "build"]));
        [("c", projects.join("c/decide")), ("cpp", projects.join("cpp/build/decide"))]
    })
}

#[test]
fn the_examples_print_what_their_readmes_say() {
    let tree = Tree::shared();
    for (language, program) in examples() {
        let readme = read(Path::new("examples").join(language).join("README.md"));
        let [requests, responses] =
            ["requests", "responses"].map(|kind| blocks(&readme, kind).pop().unwrap_or_else(|| panic!("no {kind}")));
        let input = scratch(&format!("printed-{language}")).join("requests");
        fs::write(&input, requests).unwrap();
        let mut decide = tree.command(program);
        decide.current_dir(workspace().join("examples").join(language));
        decide.args(["../policies/small-service.toml", "api"]).stdin(File::open(input).unwrap());
        assert_eq!(run(&mut decide), responses, "{language}");
    }
}

#[test]
fn the_examples_say_why_they_do_not_start() {
    let tree = Tree::shared();
    for (language, program) in examples() {
        let document = scratch(&format!("refused-{language}")).join("refused.toml");
        fs::write(&document, "version = 1\n[policy.api]\nallow_origins = [\"https://a.example/\"]\n").unwrap();
        for (arguments, said) in [
            (vec![document.to_str().unwrap(), "api"], "origin/trailing-slash"),
            (vec!["/nonexistent/policy.toml", "api"], "document/unreadable"),
            (vec![], "usage: decide DOCUMENT POLICY"),
        ] {
            let output = tree.command(program).args(&arguments).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{language} {arguments:?}");
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(stderr.contains(said), "{language} {arguments:?}: {stderr}");
        }
    }
}

/// As in `make demo`: the command line and both examples decide one request alike.
#[test]
fn all_bindings_decide_alike() {
    let mut bindings = command(workspace().join("examples/bindings.sh"));
    let printed = run(bindings.arg(corsac_tests::binary::path()).arg(Tree::shared().prefix()));
    assert!(printed.contains("\n204 preflight-allowed ok\naccess-control-allow-origin: "), "{printed}");
}

/// An example that runs: a request in, the first line of its response out.
struct Running {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
}

impl Running {
    fn ask(&mut self, request: &str) -> String {
        writeln!(self.child.stdin.as_mut().unwrap(), "{request}").unwrap();
        let mut first = String::new();
        self.output.read_line(&mut first).unwrap();
        let mut line = String::from("-");
        while !line.trim().is_empty() {
            line.clear();
            self.output.read_line(&mut line).unwrap();
        }
        first.trim_end().to_owned()
    }

    fn ask_until(&mut self, request: &str, response: &str) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while self.ask(request) != response {
            assert!(Instant::now() < deadline, "`{request}` does not become `{response}`");
        }
    }
}

#[test]
fn the_examples_reload() {
    let tree = Tree::shared();
    for (language, program) in examples() {
        let document = scratch(&format!("reload-{language}")).join("policy.toml");
        let write = |origin| {
            fs::write(&document, format!("version = 1\n[policy.api]\nallow_origins = [\"{origin}\"]\n")).unwrap();
        };
        write("https://old.example.com");
        let mut command = tree.command(program);
        command.arg(&document).arg("api").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut running = Running { child, output };
        assert_eq!(running.ask("GET https://old.example.com"), "200 allowed ok");
        write("https://*");
        assert_eq!(running.ask("GET https://old.example.com"), "200 allowed ok");
        write("https://new.example.com");
        running.ask_until("GET https://new.example.com", "200 allowed ok");
        assert_eq!(running.ask("GET https://old.example.com"), "200 denied origin-not-allowed");
        drop(running.child.stdin.take());
        let ended = running.child.wait_with_output().unwrap();
        assert!(ended.status.success(), "{}", ended.status);
        assert!(String::from_utf8_lossy(&ended.stderr).contains("reloaded"));
    }
}
