//! wrk, which asks as fast as a server answers, by a script of `tests/wrk/`.

use std::net::SocketAddr;
use std::process::Command;

use tempfile::TempDir;

use super::process::Process;
use crate::native::root;

/// A running wrk.
#[derive(Debug)]
pub struct Wrk {
    process: Process,
    folder: TempDir,
}

/// What it met, all together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Met {
    pub answered: u64,
    /// Connections that broke, and statuses over 399.
    pub failed: u64,
    /// What the script found wrong with answers.
    pub mixed: u64,
}

impl Wrk {
    /// Begins to ask, over four connections.
    pub fn start(address: SocketAddr, script: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("corsac-wrk-").tempdir().unwrap();
        let mut wrk = Command::new("wrk");
        // Ended long before by a signal; if the test dies, it ends by itself.
        wrk.args(["-t1", "-c4", "-d600s", "--timeout", "30s", "-s"]).arg(root().join("tests/wrk").join(script));
        wrk.arg(format!("http://{address}/"));
        // It begins at once: there is nothing to wait for.
        let process = Process::start(wrk, &folder.path().join("said"), || true).unwrap();
        Self { process, folder }
    }

    /// Ends it.
    pub fn end(mut self) -> Met {
        self.process.signal("INT");
        let status = self.process.end();
        let said = std::fs::read_to_string(self.folder.path().join("said")).unwrap();
        let number = |name: &str| {
            let word = said.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
            word.and_then(|number| number.parse().ok())
                .unwrap_or_else(|| panic!("wrk: {status}: no `{name}` in {said}"))
        };
        Met { answered: number("answered"), failed: number("failed"), mixed: number("mixed") }
    }
}
