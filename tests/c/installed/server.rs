//! An example that serves, and curl, which asks it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::tree::{Tree, command, run};

/// A server on a port that the system chose. It is ended when this is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    pub url: String,
    log: PathBuf,
}

impl Server {
    pub fn start(tree: &Tree, program: &Path, document: &Path, policy: &str) -> Self {
        // Tests run at the same time, and each reads what its own server says.
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let log = program.with_extension(format!("{}.log", STARTED.fetch_add(1, Ordering::Relaxed)));
        let mut command = tree.command(program);
        command.arg(document).arg(policy).stdout(Stdio::piped()).stderr(File::create(&log).unwrap());
        let mut child = command.spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let server = Self { child, url: url.trim_end().to_owned(), log };
        assert!(server.url.starts_with("http://127.0.0.1:"), "{}: {}", server.url, server.log());
        server
    }

    /// The response to a request for `/notes`.
    pub fn ask(&self, method: &str, headers: &[&str]) -> Response {
        self.ask_for("/notes", method, headers)
    }

    pub fn ask_for(&self, path: &str, method: &str, headers: &[&str]) -> Response {
        let mut curl = command("curl");
        curl.args(["-sSi", "--max-time", "60", "-X", method]).arg(format!("{}{path}", self.url));
        for header in headers {
            curl.args(["-H", header]);
        }
        if method == "PUT" {
            curl.args(["-H", "content-type: text/plain", "-d", "milk"]);
        }
        Response::parse(&run(&mut curl))
    }

    /// Asks until the response is as it should be.
    pub fn ask_until(&self, headers: &[&str], is_expected: impl Fn(&Response) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let response = self.ask("GET", headers);
            if is_expected(&response) {
                return;
            }
            assert!(Instant::now() < deadline, "{headers:?}: still {response:?}\n{}", self.log());
        }
    }

    /// What it said so far, beside its address.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    fn end(&mut self) -> std::io::Result<std::process::ExitStatus> {
        let _ended = command("kill").arg(self.child.id().to_string()).status();
        self.child.wait()
    }

    /// Ends it as an operator does; it goes in peace.
    pub fn stop(mut self) {
        let status = self.end().unwrap();
        assert!(status.success(), "{status}: {}", self.log());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _status = self.end();
        }
    }
}

#[derive(Debug)]
pub struct Response {
    pub status: u16,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Response {
    fn parse(text: &str) -> Self {
        let text = text.replace('\r', "");
        let (head, body) = text.split_once("\n\n").unwrap_or_else(|| panic!("no response: {text}"));
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap();
        let headers = lines.filter_map(|line| line.split_once(": ").or(line.split_once(':')));
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        Self { status, headers, body: body.to_owned() }
    }

    /// All lines of a header.
    pub fn lines(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(header, _)| header == name).map(|(_, value)| value.as_str()).collect()
    }

    /// The origins that may read it: lines of allow-origin.
    pub fn allowed(&self) -> Vec<&str> {
        self.lines("access-control-allow-origin")
    }

    /// Whether any header of CORS is there.
    pub fn has_cors(&self) -> bool {
        self.headers.iter().any(|(name, _)| name.starts_with("access-control-"))
    }
}
