//! The real binary `corsac`, built when it is first needed, run with bounded time and memory.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::built;

/// Where the binary is.
///
/// A package cannot declare that its tests need another package's binary, so cargo is called for it, see
/// [`built`]. `CORSAC_BINARY` replaces it.
pub fn path() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| std::env::var_os("CORSAC_BINARY").map_or_else(build, PathBuf::from))
}

fn build() -> PathBuf {
    // As a run of all tests builds it, with the features that only tests enable: another build would compile
    // its dependencies again. Its own integration tests make cargo build it.
    let artifacts = built::artifacts("test", &["--no-run", "--workspace", "--test", "cli"], &[]);
    let mut executables = artifacts.iter().filter(|message| message["target"]["name"] == "corsac");
    let executable = executables.find_map(|message| message["executable"].as_str().map(PathBuf::from));
    executable.expect("cargo says where the binary is")
}

/// How a run may end at the latest, and what it may take.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub seconds: u64,
    /// Address space in MiB; `None` is no bound.
    pub memory: Option<u64>,
}

impl Bounds {
    pub const NONE: Self = Self { seconds: 120, memory: None };
}

/// What a run left behind.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub took: Duration,
}

impl Ended {
    /// The exit status; a signal is none, and a failure.
    pub fn code(&self) -> i32 {
        self.status.code().unwrap_or_else(|| panic!("ended by a signal: {}\n{}", self.status, self.said()))
    }

    /// The beginning of standard error, for messages.
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&self.stderr).chars().take(2000).collect()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|error| {
            let start: String = String::from_utf8_lossy(&self.stdout).chars().take(500).collect();
            panic!("no JSON: {error}: `{start}`\n{}", self.said())
        })
    }
}

/// Runs `corsac` with these arguments; a run over its time is killed and fails the test.
pub fn run<S: AsRef<std::ffi::OsStr>>(arguments: &[S], stdin: Option<&Path>, bounds: Bounds) -> Ended {
    let mut command = match bounds.memory {
        None => Command::new(path()),
        Some(mebibytes) => {
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(format!("ulimit -v {}; exec \"$0\" \"$@\"", mebibytes * 1024)).arg(path());
            shell
        }
    };
    command.args(arguments);
    bounded(command, stdin, bounds.seconds)
}

/// Runs any program; one over its time is killed and fails the test.
pub fn bounded(mut command: Command, stdin: Option<&Path>, seconds: u64) -> Ended {
    let (mut stdout, mut stderr) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
    let stdin = stdin.map_or_else(Stdio::null, |path| File::open(path).unwrap().into());
    command.stdin(stdin).stdout(stdout.try_clone().unwrap()).stderr(stderr.try_clone().unwrap());
    let started = Instant::now();
    let mut child = command.spawn().unwrap_or_else(|error| {
        panic!(
            "`{}` cannot be run: {error} (tests/tools.sh installs what the tests use)",
            command.get_program().display()
        )
    });
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > Duration::from_secs(seconds) {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("not done after {} seconds", seconds);
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let took = started.elapsed();
    Ended { status, stdout: contents(&mut stdout), stderr: contents(&mut stderr), took }
}

fn contents(file: &mut File) -> Vec<u8> {
    let mut bytes = vec![];
    file.rewind().unwrap();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}
