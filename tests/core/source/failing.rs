//! Systems that fail: no permission, a full disk, a coarse clock, no watcher to be had. Each is the
//! real thing, in a process that has been given such a system.

use std::fs::{self, File, Permissions};
use std::io::{ErrorKind, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use corsac_tests::live::{By, Live, document, list, play};
use corsac_tests::sandbox;
use corsac_tests::scratch::Scratch;

fn both(name: &'static str, scenario: fn(By)) {
    std::thread::scope(|scope| {
        scope.spawn(|| play(By::Poll, &[(name, scenario)]));
        scope.spawn(|| play(By::Watch, &[(name, scenario)]));
    });
}

/// A document that allows `a`, in the sandbox or, without one, where temporary files are.
fn plain(by: By) -> Live {
    let scratch = Scratch::inside(sandbox::folder().as_deref(), "policy.toml");
    let path = scratch.document().to_owned();
    fs::write(&path, document("a", &[])).unwrap();
    Live::open(by, scratch, &path, "a")
}

#[test]
fn permission_is_lost_and_given_back() {
    if sandbox::folder().is_none() {
        return sandbox::without_privileges(concat!(module_path!(), "::permission_is_lost_and_given_back"));
    }
    both("permission", |by| {
        let mut live = plain(by);
        let path = live.scratch.document().to_owned();
        forbid(&path);
        live.is_refused("document/unreadable");
        // Nothing but the time of the last status change tells that it can be read again.
        live.rests();
        allow(&path, 0o600);
        live.is_recovered();
        live.ends();
    });
}

#[test]
fn permission_for_a_list_or_a_folder_is_lost_and_given_back() {
    if sandbox::folder().is_none() {
        return sandbox::without_privileges(concat!(
            module_path!(),
            "::permission_for_a_list_or_a_folder_is_lost_and_given_back"
        ));
    }
    both("permission", |by| {
        let scratch = Scratch::inside(sandbox::folder().as_deref(), "policy.toml");
        let lists = scratch.folder().join("lists");
        fs::create_dir(&lists).unwrap();
        fs::write(scratch.document(), document("a", &["lists/one.txt"])).unwrap();
        fs::write(lists.join("one.txt"), list("b")).unwrap();
        let path = scratch.document().to_owned();
        let mut live = Live::open(by, scratch, &path, "ab");
        forbid(&lists.join("one.txt"));
        live.is_refused("list/unreadable");
        live.rests();
        allow(&lists.join("one.txt"), 0o600);
        live.is_recovered();
        live.rests();
        let folder = lists.clone();
        fs::set_permissions(&folder, Permissions::from_mode(0o000)).unwrap();
        live.is_refused("list/unreadable");
        live.rests();
        allow(&folder, 0o700);
        live.is_recovered();
        fs::write(lists.join("one.txt"), list("c")).unwrap();
        live.becomes("ac");
        live.ends();
    });
}

fn forbid(path: &Path) {
    fs::set_permissions(path, Permissions::from_mode(0o000)).unwrap();
    let error = File::open(path).expect_err("this process may read everything");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Longer than what is left of the disk; what fits ends within a row.
fn long_document() -> String {
    let comment = format!("# {}\n", "-".repeat(61));
    document("b", &[]).replace("allow_origins = [\n", &format!("allow_origins = [\n{}", comment.repeat(256)))
}

#[test]
fn the_disk_is_full_while_the_document_is_written() {
    on_a_full_disk(concat!(module_path!(), "::the_disk_is_full_while_the_document_is_written"), fails_while_written);
}

#[test]
fn the_disk_is_full_while_a_list_is_written() {
    on_a_full_disk(concat!(module_path!(), "::the_disk_is_full_while_a_list_is_written"), list_fails_while_written);
}

/// A test that is given what writes a text, and by what the source notices it.
type Failing = fn(By, &dyn Fn(&Path, &str));

/// Plays `fails` with what writes a text that does not fit.
fn on_a_full_disk(name: &str, fails: Failing) {
    if sandbox::folder().is_none() {
        if sandbox::in_namespaces(name, "mount -t tmpfs -o size=64k tmpfs \"$1\"") {
            return;
        }
        println!("a limit for the size of files stands in for a full disk");
        return twice(fails, &|path, text| {
            // The shell's limit is in blocks of 512 bytes.
            let script = "trap '' XFSZ; ulimit -f 4; cat >\"$1\"";
            let mut shell =
                Command::new("sh").args(["-c", script, "sh"]).arg(path).stdin(Stdio::piped()).spawn().unwrap();
            let _ = shell.stdin.take().unwrap().write_all(text.as_bytes());
            assert!(!shell.wait().unwrap().success());
        });
    }
    twice(fails, &|path, text| {
        let ballast = path.with_extension("ballast");
        let mut file = File::create(&ballast).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        let error = fs::write(path, text).expect_err("the disk is full");
        assert_eq!(error.kind(), ErrorKind::StorageFull);
        fs::remove_file(ballast).unwrap();
    });
}

/// One after the other: they use one disk.
fn twice(fails: Failing, write: &dyn Fn(&Path, &str)) {
    fails(By::Poll, write);
    fails(By::Watch, write);
}

/// Rows are cut, and what is left of the last could be another.
fn list_fails_while_written(by: By, write: &dyn Fn(&Path, &str)) {
    let scratch = Scratch::inside(sandbox::folder().as_deref(), "policy.toml");
    let path = scratch.document().to_owned();
    fs::write(&path, document("a", &["list.txt"])).unwrap();
    let one = scratch.write("list.txt", list("b"));
    let mut live = Live::open(by, scratch, &path, "ab");
    // No power of two is a multiple of a row's length.
    let long = format!("{}{}", list("b"), format!("# {}\n", "-".repeat(60)).repeat(256));
    write(&one, &long);
    let half = fs::read_to_string(&one).unwrap();
    assert!(!half.is_empty() && half.len() < long.len() && !half.ends_with('\n'), "{} bytes were written", half.len());
    live.is_refused("list/unterminated");
    fs::write(&one, list("c")).unwrap();
    live.becomes("ac");
    live.ends();
}

fn fails_while_written(by: By, write: &dyn Fn(&Path, &str)) {
    let mut live = plain(by);
    let path = live.scratch.document().to_owned();
    write(&path, &long_document());
    let half = fs::read_to_string(&path).unwrap();
    assert!(!half.is_empty() && half.len() < long_document().len(), "{} bytes were written", half.len());
    live.is_refused("document/syntax");
    fs::write(&path, long_document()).unwrap();
    live.becomes("b");
    live.ends();
}

/// The document is read, and written again before the clock ticks: nothing shows.
#[test]
fn rewritten_in_the_same_tick_with_the_same_size() {
    const NAME: &str = concat!(module_path!(), "::rewritten_in_the_same_tick_with_the_same_size");
    // The clock of this file system ticks with the kernel's timer; others may look at a finer one
    // when somebody has asked for the time of a file.
    let is_sure = sandbox::folder().is_some();
    if !is_sure && sandbox::in_namespaces(NAME, "mount -t ramfs ramfs \"$1\"") {
        return;
    }
    for by in [By::Poll, By::Watch] {
        let deadline = Instant::now() + Duration::from_secs(if is_sure { 60 } else { 5 });
        let mut unseen = 0;
        while unseen < 2 && Instant::now() < deadline {
            unseen += usize::from(is_rewritten_unseen(by));
        }
        assert!(unseen == 2 || !is_sure, "by {by:?}: no two writes fell into one tick");
        println!("by {by:?}: {unseen} times nothing showed");
    }
}

/// Whether nothing showed.
fn is_rewritten_unseen(by: By) -> bool {
    let scratch = Scratch::inside(sandbox::folder().as_deref(), "policy.toml");
    let path = scratch.document().to_owned();
    let mut file = File::create(&path).unwrap();
    file.write_all(document("a", &[]).as_bytes()).unwrap();
    let mut live = Live::open_unwatched(by, scratch, &path, "a");
    let before = signature(&path);
    file.rewind().unwrap();
    file.write_all(document("b", &[]).as_bytes()).unwrap();
    let is_unseen = signature(&path) == before;
    // Where the times differ, there is nothing in this that other tests do not show.
    if is_unseen {
        live.becomes("b");
        live.ends();
    }
    is_unseen
}

fn signature(path: &Path) -> [i64; 6] {
    let of = fs::metadata(path).unwrap();
    [of.ino() as i64, of.size() as i64, of.mtime(), of.mtime_nsec(), of.ctime(), of.ctime_nsec()]
}

/// The number of inotify instances is limited; a watch does without.
#[test]
fn no_watcher_is_to_be_had() {
    const LIMIT: &str = "/proc/sys/user/max_inotify_instances";
    if sandbox::folder().is_none() {
        if !sandbox::in_namespaces(concat!(module_path!(), "::no_watcher_is_to_be_had"), &format!("echo 0 >{LIMIT}")) {
            println!("a test beside the code makes the watcher fail instead");
        }
        return;
    }
    let mut limit = String::new();
    File::open(LIMIT).unwrap().read_to_string(&mut limit).unwrap();
    assert_eq!(limit.trim(), "0");
    let mut live = plain(By::Watch);
    fs::write(live.scratch.document(), document("b", &[])).unwrap();
    live.becomes("b");
    live.rests();
    fs::remove_file(live.scratch.document()).unwrap();
    live.is_refused("document/unreadable");
    fs::write(live.scratch.document(), document("c", &[])).unwrap();
    live.becomes("c");
    live.ends();
}
