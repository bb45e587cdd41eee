//! Runs the binary in a folder of its own.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// Two policies without findings.
pub(crate) const TWO: &str = r#"
version = 1

[policy.api]
allow_origins = ["https://app.example.com", "https://admin.example.com:8443"]
allow_methods = ["POST", "PUT"]
allow_headers = ["content-type"]

[[policy.api.grant]]
allow_origins = ["https://partner.example.org"]

[policy.public]
allow_origins = ["*"]

[[route]]
host = "api.example.com"
policy = "api"
"#;

/// One policy with a warning: a `max_age` above the limit of browsers.
pub(crate) const WARNED: &str = r#"
version = 1
[policy.api]
allow_origins = ["https://app.example.com"]
max_age = 86400
"#;

/// Two errors in two places.
pub(crate) const BROKEN: &str = r#"version = 1
[policy.api]
allow_origins = ["https://app.example.com/"]
allow_methodz = ["GET"]
"#;

/// A folder with files in it.
pub(crate) struct Folder(TempDir);

/// The result of a command.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Folder {
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            folder.write(name, text.as_bytes());
        }
        folder
    }

    pub(crate) fn write(&self, name: &str, content: &[u8]) {
        fs::write(self.0.path().join(name), content).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_corsac"));
        command.args(arguments).current_dir(self.0.path());
        for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(variable);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Ended {
        self.run_with(arguments, b"")
    }

    /// Runs with `input` on standard input.
    pub(crate) fn run_with<S: AsRef<OsStr>>(&self, arguments: &[S], input: &[u8]) -> Ended {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let output = std::thread::scope(|scope| {
            // The program may end before it has read everything.
            scope.spawn(move || drop(stdin.write_all(input)));
            child.wait_with_output().unwrap()
        });
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let ended =
            Ended { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) };
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
        ended
    }
}

impl Ended {
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n{}\n{}", self.stdout, self.stderr);
        self
    }

    /// The only line of standard output, as JSON.
    pub(crate) fn json(&self) -> Value {
        let mut values = self.json_lines();
        assert_eq!(values.len(), 1, "{}", self.stdout);
        values.remove(0)
    }

    /// Every line of standard output, as JSON.
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
