//! A driver: a program that offers contestants of one language, asked by lines of JSON.
//!
//! Every contestant runs in a process of its own, so that all can be prepared for one scenario and be
//! timed in turn, and one that takes too long can be stopped alone.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::browser::Answer;
use crate::raw::Contestant;

/// How long a driver may take to start: an interpreter imports three frameworks.
const START: Duration = Duration::from_secs(120);

/// How long a run may take: one request of the slowest that was prepared in time, many times over.
const RUN: Duration = Duration::from_secs(30);

/// The end of what a driver said on stderr that is shown when it fails, in bytes.
const SHOWN: usize = 4096;

/// How to start a driver: a program and its arguments.
pub type Invocation = Vec<String>;

/// What a contestant makes of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prepared {
    /// It answered all requests.
    Answers(Vec<Answer>),
    /// It has no such feature.
    Cannot(String),
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It took too long; the process is of no more use.
    Late,
    /// What the driver said.
    Said(String),
    /// The process ended or speaks something else, and what it said on stderr.
    Broken(String),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Late => formatter.write_str("no answer in time"),
            Self::Said(text) | Self::Broken(text) => formatter.write_str(text),
        }
    }
}

/// One line of a driver.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Said {
    Contestants(Vec<Contestant>),
    Answers(Vec<Answer>),
    Cannot(String),
    Ns(u64),
    Error(String),
}

/// A running driver.
#[derive(Debug)]
pub struct Driver {
    invocation: Invocation,
    child: Child,
    lines: Receiver<String>,
    complaints: Arc<Mutex<Vec<u8>>>,
    /// What it offers.
    pub contestants: Vec<Contestant>,
}

impl Driver {
    /// Starts a driver and reads what it offers.
    ///
    /// # Errors
    /// It does not start, with what it said must be installed.
    pub fn start(invocation: &[String]) -> Result<Self, Fault> {
        let shown = invocation.join(" ");
        let Some((program, arguments)) = invocation.split_first() else {
            return Err(Fault::Broken("a driver needs a command".into()));
        };
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // So that what a script has started is stopped with it.
            .process_group(0)
            .spawn()
            .map_err(|error| Fault::Broken(format!("the driver `{shown}` does not start: {error}")))?;
        let (sender, lines) = channel();
        let complaints = Arc::new(Mutex::new(Vec::new()));
        if let Some(stdout) = child.stdout.take() {
            thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    if sender.send(line).is_err() {
                        return;
                    }
                }
            });
        }
        if let Some(stderr) = child.stderr.take() {
            let kept = Arc::clone(&complaints);
            thread::spawn(move || keep_end(stderr, &kept));
        }
        let mut driver = Self { invocation: invocation.to_vec(), child, lines, complaints, contestants: Vec::new() };
        match driver.hear(START)? {
            Said::Contestants(contestants) => driver.contestants = contestants,
            other => return Err(driver.broken(&format!("offers no contestants but says {other:?}"))),
        }
        Ok(driver)
    }

    /// Configures a contestant for the scenario in a file, and has it answer every request once.
    ///
    /// # Errors
    /// It fails, or takes longer than `limit`.
    pub fn prepare(&mut self, contestant: &str, scenario: &str, limit: Duration) -> Result<Prepared, Fault> {
        match self.ask(&json!({"prepare": {"contestant": contestant, "scenario": scenario}}), limit)? {
            Said::Answers(answers) => Ok(Prepared::Answers(answers)),
            Said::Cannot(reason) => Ok(Prepared::Cannot(reason)),
            other => Err(self.broken(&format!("answers `prepare` with {other:?}"))),
        }
    }

    /// CPU time of so many requests, in nanoseconds.
    ///
    /// # Errors
    /// It fails, or takes too long.
    pub fn run(&mut self, requests: u64) -> Result<u64, Fault> {
        match self.ask(&json!({"run": {"requests": requests}}), RUN)? {
            Said::Ns(time) => Ok(time),
            other => Err(self.broken(&format!("answers `run` with {other:?}"))),
        }
    }

    fn ask(&mut self, question: &Value, limit: Duration) -> Result<Said, Fault> {
        let written = match self.child.stdin.as_mut() {
            Some(stdin) => writeln!(stdin, "{question}").and_then(|()| stdin.flush()).is_ok(),
            None => false,
        };
        // One that ended has said why, or nothing at all: `hear` finds out.
        if written { self.hear(limit) } else { Err(self.broken("ended")) }
    }

    fn hear(&mut self, limit: Duration) -> Result<Said, Fault> {
        let line = match self.lines.recv_timeout(limit) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => return Err(Fault::Late),
            Err(RecvTimeoutError::Disconnected) => return Err(self.broken("ended")),
        };
        match serde_json::from_str(&line) {
            Ok(Said::Error(text)) => Err(Fault::Said(text)),
            Ok(said) => Ok(said),
            Err(error) => Err(self.broken(&format!("does not speak the protocol ({error})"))),
        }
    }

    /// What is wrong with the process, followed by its own words.
    fn broken(&mut self, what: &str) -> Fault {
        // All that it wrote has been read when the pipe ends, and that is when it does.
        self.stop();
        let mut said = String::new();
        for _ in 0..100 {
            said = self.complaints.lock().map(|kept| String::from_utf8_lossy(&kept).into_owned()).unwrap_or_default();
            // The reader of stderr holds the other reference until the pipe ends.
            if Arc::strong_count(&self.complaints) == 1 {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        let said = said.trim();
        let said = if said.is_empty() { String::new() } else { format!("\n{said}") };
        Fault::Broken(format!("the driver `{}` {what}{said}", self.invocation.join(" ")))
    }
}

impl Driver {
    /// Ends the process and what it started. One that waits for a question would end by itself, but
    /// one that is late must not be waited for.
    fn stop(&mut self) {
        if let Ok(Some(_)) = self.child.try_wait() {
            return;
        }
        let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.child.id())]).status();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.stop();
    }
}

fn keep_end(mut from: impl Read, kept: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if let (Ok(mut kept), Some(read)) = (kept.lock(), buffer.get(..count)) {
            kept.extend_from_slice(read);
            let over = kept.len().saturating_sub(SHOWN);
            kept.drain(..over);
        }
    }
}
