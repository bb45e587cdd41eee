//! `corsac watch`, with signals and files that change. Nothing waits for longer than it must.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::command::{BROKEN, Folder, TWO};

/// How long a line may take on a machine that has other things to do.
const DEADLINE: Duration = Duration::from_secs(60);

/// A running `corsac watch`, ended when this is dropped.
struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn start(folder: &Folder, options: &[&str]) -> Self {
        let mut child = folder.command(&[&["watch", "p.toml"], options].concat()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { child, lines }
    }

    fn line(&self) -> String {
        self.lines.recv_timeout(DEADLINE).unwrap()
    }

    /// The next line, which must report this event.
    fn expect(&self, event: &str) -> Value {
        let line = self.line();
        let report: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(report.get("event").and_then(Value::as_str), Some(event), "{line}");
        report
    }

    fn send(&self, signal: &str) {
        let status = Command::new("kill").args([&format!("-{signal}"), &self.child.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    fn end(mut self, signal: &str) -> Option<i32> {
        self.send(signal);
        while self.lines.recv_timeout(DEADLINE).is_ok() {}
        self.child.wait().unwrap().code()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn each_reload_and_each_refused_load_is_one_object() {
    let folder = Folder::with(&[("p.toml", TWO)]);
    let watching = Watching::start(&folder, &[]);
    let started = watching.expect("started");
    assert_eq!((&started["generation"], &started["policies"], &started["rows"]), (&1.into(), &2.into(), &4.into()));
    assert_eq!(started["digest"].as_str().unwrap().len(), 64);

    folder.write("p.toml", TWO.replace("app.example.com", "new.example.com").as_bytes());
    let reloaded = watching.expect("reloaded");
    assert_eq!(reloaded["generation"], 2);
    assert_ne!(reloaded["digest"], started["digest"]);
    let changes = reloaded["changes"].as_array().unwrap();
    let names: Vec<_> = changes.iter().map(|change| change["change"].as_str().unwrap()).collect();
    assert_eq!(names, ["origins-allowed", "origins-denied"]);

    folder.write("p.toml", BROKEN.as_bytes());
    let refused = watching.expect("refused");
    assert_eq!((&refused["generation"], &refused["digest"]), (&2.into(), &reloaded["digest"]));
    assert_eq!(refused["diagnostics"][0]["code"], "origin/trailing-slash");

    folder.write("p.toml", TWO.as_bytes());
    let back = watching.expect("reloaded");
    assert_eq!((&back["generation"], &back["digest"]), (&3.into(), &started["digest"]));
    assert_eq!(watching.end("TERM"), Some(0));
}

#[test]
fn signals_reload_and_end_it() {
    let folder = Folder::with(&[("p.toml", TWO)]);
    let watching = Watching::start(&folder, &[]);
    let started = watching.expect("started");
    watching.send("HUP");
    let unchanged = watching.expect("unchanged");
    assert_eq!((&unchanged["generation"], &unchanged["digest"]), (&1.into(), &started["digest"]));
    watching.send("INT");
    assert_eq!(watching.expect("ended")["signal"], "SIGINT");
    assert_eq!(watching.end("TERM"), Some(0));
}

#[test]
fn human_output_has_changes_and_errors() {
    let folder = Folder::with(&[("p.toml", TWO)]);
    let watching = Watching::start(&folder, &["--format", "human"]);
    let line = watching.line();
    assert!(line.contains("Z watching p.toml: generation 1, 2 policies, 4 rows, digest "), "{line}");
    folder.write("p.toml", TWO.replace("\"https://app.example.com\", ", "").as_bytes());
    let line = watching.line();
    assert!(line.contains("Z reloaded: generation 2, 1 change, 1 narrows, digest "), "{line}");
    let shown: Vec<_> = (0..3).map(|_| watching.line()).collect();
    assert_eq!(shown[0], "policy api");
    assert!(shown[1].starts_with("  - no longer allowed, previously without credentials"), "{shown:?}");
    assert_eq!(shown[2], "      `https://app.example.com`");
    assert!(watching.line().starts_with("note: browsers keep answers to preflights"));
    folder.write("p.toml", BROKEN.as_bytes());
    let line = watching.line();
    assert!(line.ends_with("Z refused: 2 errors; generation 2 stays in use"), "{line}");
    assert!(watching.line().starts_with("error[origin/trailing-slash]: "));
    assert_eq!(watching.end("INT"), Some(0));
}

#[test]
fn documents_that_cannot_be_watched_are_errors() {
    let folder = Folder::with(&[("p.toml", BROKEN)]);
    let ended = folder.run(&["watch", "p.toml"]).expect(2);
    assert!(ended.stderr.ends_with("error: `p.toml` has 2 errors, so it cannot be used\n"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    let ended = folder.run(&["watch", "-"]).expect(2);
    assert_eq!(ended.stderr, "error: standard input can be read only once and cannot be watched; give a file\n");
}
