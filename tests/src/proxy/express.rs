//! An application of Express that does CORS on its own, `tests/express/`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

use super::process::Process;
use crate::binary::bounded;
use crate::native::root;

/// The application, on a port that it chose.
#[derive(Debug)]
pub struct Express {
    _process: Process,
    address: SocketAddr,
    _folder: TempDir,
}

impl Express {
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("corsac-express-").tempdir().unwrap();
        let said = folder.path().join("said");
        let mut node = Command::new("node");
        node.arg(root().join("tests/express/app.js"));
        // With `test`, what it throws on purpose is not written to its log.
        node.env("NODE_PATH", installed().join("node_modules")).env("NODE_ENV", "test");
        let process = Process::start(node, &said, || port(&said).is_some())
            .unwrap_or_else(|error| panic!("the application does not start: {error}"));
        let address = SocketAddr::from(([127, 0, 0, 1], port(&said).unwrap()));
        Self { _process: process, address, _folder: folder }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// `port 4711`, once it listens.
fn port(said: &Path) -> Option<u16> {
    let said = std::fs::read_to_string(said).unwrap_or_default();
    said.lines().next().filter(|_| said.ends_with('\n'))?.strip_prefix("port ")?.parse().ok()
}

/// What the lock file names, in a folder of the target folder.
fn installed() -> &'static Path {
    static INSTALLED: OnceLock<PathBuf> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        // TARGET/PROFILE/deps/this
        let this = std::env::current_exe().unwrap();
        let folder = this.ancestors().nth(2).unwrap().join("express");
        let source = root().join("tests/express");
        let (lock, asked) =
            (folder.join("package-lock.json"), std::fs::read(source.join("package-lock.json")).unwrap());
        // The last thing that an installation writes.
        let is_done = folder.join("node_modules/.package-lock.json").exists();
        if is_done && std::fs::read(&lock).is_ok_and(|there| there == asked) {
            return folder;
        }
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::copy(source.join("package.json"), folder.join("package.json")).unwrap();
        std::fs::write(&lock, asked).unwrap();
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder);
        let ended = bounded(npm, None, 300);
        assert!(ended.status.success(), "npm ci: {}", ended.said());
        folder
    })
}
