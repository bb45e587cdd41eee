//! The module under valgrind's memcheck: no access outside of a block, no value that nobody wrote, no
//! block that is lost.

use std::path::Path;
use std::process::Command;

use corsac_tests::native::root;
use corsac_tests::proxy::cases::run;
use corsac_tests::proxy::nginx::{Dialect, Module, program};
use corsac_tests::proxy::site::Target;

/// The module in one process, which memcheck watches until its end.
#[derive(Debug)]
struct Memchecked {
    logs: tempfile::TempDir,
}

impl Dialect for Memchecked {
    fn name(&self) -> &'static str {
        "the nginx module"
    }

    fn main(&self) -> String {
        format!("{}\nmaster_process off;", Module.main())
    }

    fn http(&self, document: &Path) -> String {
        Module.http(document)
    }

    fn place(&self, target: &Target) -> String {
        Module.place(target)
    }

    fn program(&self) -> Command {
        let mut command = Command::new("valgrind");
        command.args(["--leak-check=full", "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite"]);
        command.arg("--num-callers=30").arg(format!("--log-file={}/%p", self.logs.path().display()));
        for file in ["tests/c/programs/memcheck.supp", "tests/nginx/memcheck.supp"] {
            command.arg(format!("--suppressions={}", root().join(file).display()));
        }
        command.arg(program().get_program());
        command
    }
}

#[test]
fn n_proxy_cases_are_clean_under_memcheck() {
    let proxy = Memchecked { logs: tempfile::tempdir().unwrap() };
    let report = run(&proxy);
    assert!(report.failures.is_empty(), "{} failures:\n{}", report.failures.len(), report.failures.join("\n"));
    let logs =
        std::fs::read_dir(proxy.logs.path()).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()));
    let logs: Vec<String> = logs.map(Result::unwrap).collect();
    assert!(logs.len() >= 6, "{} servers were watched", logs.len());
    for log in logs {
        assert!(log.contains("ERROR SUMMARY: 0 errors"), "{log}");
    }
}
