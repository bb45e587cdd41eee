//! What is no regular file: opening or reading it could wait for ever.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use corsac_source::{LoadReport, Poll, Source};
use corsac_tests::live::{By, Live, Scenario, document, list, play};
use corsac_tests::scratch::Scratch;

const SCENARIOS: &[Scenario] = &[
    ("a list becomes a pipe", |by| becomes(by, "list.txt", "list/unreadable", make_pipe)),
    ("a document becomes a pipe", |by| becomes(by, "policy.toml", "document/unreadable", make_pipe)),
    ("a list becomes a device", |by| {
        becomes(by, "list.txt", "list/unreadable", |at| symlink("/dev/zero", at).unwrap())
    }),
    ("a list becomes a socket", |by| {
        becomes(by, "list.txt", "list/unreadable", |at| drop(UnixListener::bind(at).unwrap()))
    }),
    ("a list becomes a folder", |by| becomes(by, "list.txt", "list/unreadable", |at| fs::create_dir(at).unwrap())),
];

#[test]
fn by_polling() {
    play(By::Poll, SCENARIOS);
}

#[test]
fn by_watching() {
    play(By::Watch, SCENARIOS);
}

fn make_pipe(at: &Path) {
    assert!(Command::new("mkfifo").arg(at).status().unwrap().success());
}

fn listed() -> Scratch {
    let scratch = Scratch::with("policy.toml", document("a", &["list.txt"]));
    scratch.write("list.txt", list("b"));
    scratch
}

/// It is refused, and everything goes on as soon as there is a file again.
fn becomes(by: By, name: &str, code: &'static str, make: fn(&Path)) {
    let scratch = listed();
    let (path, document) = (scratch.folder().join(name), scratch.document().to_owned());
    let mut live = Live::open(by, scratch, &document, "ab");
    let good = fs::read(&path).unwrap();
    let other = path.with_extension("other");
    make(&other);
    if other.is_dir() {
        fs::remove_file(&path).unwrap();
    }
    fs::rename(&other, &path).unwrap();
    live.is_refused(code);
    assert!(matches!(live.source.reload(), Poll::Refused(_)));
    if path.is_dir() {
        fs::remove_dir(&path).unwrap();
    }
    let draft = path.with_extension("draft");
    fs::write(&draft, &good).unwrap();
    fs::rename(draft, &path).unwrap();
    live.is_recovered();
    live.ends();
}

/// Nothing waits for the other end of a pipe: neither a load, nor a reload, nor the end of a watch.
#[test]
fn nothing_waits_for_the_other_end() {
    let scratch = listed();
    let source = Arc::new(Source::open(scratch.document()).unwrap());
    let watch = source.watch(|_| ()).unwrap();
    let (sender, done) = channel();
    let (of_thread, path) = (source.clone(), scratch.document().to_owned());
    fs::remove_file(scratch.folder().join("list.txt")).unwrap();
    make_pipe(&scratch.folder().join("list.txt"));
    thread::spawn(move || {
        let said = [
            Source::open(&path).unwrap_err().to_string(),
            LoadReport::file(&path).into_result().unwrap_err().to_string(),
            match of_thread.reload() {
                Poll::Refused(error) => error.to_string(),
                poll => format!("{poll:?}"),
            },
        ];
        drop(watch);
        sender.send(said).unwrap();
    });
    let said = done.recv_timeout(Duration::from_secs(60)).expect("something waits for the other end of the pipe");
    for text in said {
        assert!(text.contains("`list.txt` cannot be read: is a named pipe, not a file"), "{text}");
    }
}

/// `corsac watch` ends, whatever its list has become.
#[test]
fn the_command_ends_while_a_list_is_a_pipe() {
    let scratch = listed();
    let mut command = Command::new(corsac_tests::binary::path());
    command.args(["watch", "--format", "json"]).arg(scratch.document()).stdout(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut line = |what: &str| {
        let (mut text, mut byte) = (Vec::new(), [0]);
        while stdout.read(&mut byte).unwrap() == 1 && byte[0] != b'\n' {
            text.push(byte[0]);
        }
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains(what), "{text}");
    };
    line("\"started\"");
    let pipe: PathBuf = scratch.folder().join("pipe");
    make_pipe(&pipe);
    fs::rename(pipe, scratch.folder().join("list.txt")).unwrap();
    line("named pipe");
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    line("\"ended\"");
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(started.elapsed() < Duration::from_secs(60), "it does not end");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A pipe that somebody does write to is none the less no file.
#[test]
fn a_pipe_with_a_writer_is_no_file() {
    let scratch = Scratch::with("policy.toml", document("a", &["list.txt"]));
    let pipe = scratch.folder().join("list.txt");
    make_pipe(&pipe);
    let mut both = File::options().read(true).write(true).open(&pipe).unwrap();
    both.write_all(b"https://b.example\n").unwrap();
    let error = Source::open(scratch.document()).unwrap_err();
    assert_eq!(error.diagnostics()[0].code().as_str(), "list/unreadable");
}
