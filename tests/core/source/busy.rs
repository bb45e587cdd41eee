//! Writers that never rest: faster than a file settles, and faster than its policies are compiled.

use std::fs::{self, File};
use std::io::{Seek, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use corsac::{Policies, Request, Target, Verdict};
use corsac_source::{Poll, Source};
use corsac_tests::ending::Ending;
use corsac_tests::live::document;
use corsac_tests::scratch::Scratch;

/// How long anything may take. Nothing waits for so long unless it fails.
const DEADLINE: Duration = Duration::from_secs(60);

/// Half the time that a file must be seen unchanged, and less.
const PAUSE: Duration = Duration::from_millis(20);

fn allows(policies: &Policies, origin: &str) -> bool {
    let target = Target::Policy(policies.only().unwrap());
    policies.decide(target, &Request::new("GET").origin(origin)).verdict() == Verdict::Allowed
}

fn replace(path: &Path, content: impl AsRef<[u8]>) {
    let draft = path.with_extension("draft");
    fs::write(&draft, content).unwrap();
    fs::rename(draft, path).unwrap();
}

/// Runs `write` with the numbers from 1, with pauses, while `run` runs.
fn while_written(pause: Duration, write: impl Fn(u64) + Sync, run: impl FnOnce(&AtomicU64)) {
    let (is_over, written) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 1.. {
                if is_over.load(Ordering::Acquire) {
                    return;
                }
                write(number);
                written.store(number, Ordering::Release);
                thread::sleep(pause);
            }
        });
        let _ending = Ending(&is_over);
        run(&written);
    });
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) -> Duration {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < DEADLINE, "not before the deadline: {what}");
        thread::sleep(Duration::from_millis(2));
    }
    started.elapsed()
}

/// A row that one list loses is gone, whatever happens to another list meanwhile.
fn is_revoked_while(what: &str, write: fn(&Path, u64)) {
    let scratch = Scratch::with("policy.toml", document("", &["a.txt", "b.txt"]));
    let (a, b) = (scratch.write("a.txt", "https://a.example\nhttps://gone.example\n"), scratch.folder().join("b.txt"));
    fs::write(&b, "https://b0.example\n").unwrap();
    let source = Arc::new(Source::open(scratch.document()).unwrap());
    // A writer that is held up after it removed the file leaves none.
    let is_fine = |poll: &Poll| match poll {
        Poll::Refused(error) => error.diagnostics()[0].code().as_str() == "list/unreadable",
        _ => true,
    };
    let watch = source.watch(move |poll| assert!(is_fine(poll), "{poll:?}")).unwrap();
    while_written(
        PAUSE,
        |number| write(&b, number),
        |written| {
            until("the writer writes", || written.load(Ordering::Acquire) > 20);
            assert!(allows(&source.engine().policies(), "https://gone.example"));
            replace(&a, "https://a.example\n");
            let took = until("the origin is revoked", || !allows(&source.engine().policies(), "https://gone.example"));
            println!("{what}: revoked after {took:?}");
            assert!(allows(&source.engine().policies(), "https://a.example"));
            assert!(took < DEADLINE / 4, "{what}: {took:?}");
        },
    );
    drop(watch);
}

#[test]
fn a_list_is_replaced_while_another_is_replaced_all_the_time() {
    is_revoked_while("renamed", |path, number| replace(path, format!("https://b{number}.example\n")));
}

#[test]
fn a_list_is_replaced_while_another_is_written_in_place_all_the_time() {
    is_revoked_while("in place", |path, number| {
        fs::write(path, format!("https://b{number}.example\nhttps://b.example\n")).unwrap();
    });
    is_revoked_while("in place, of the same size", |path, number| {
        let mut file = File::options().write(true).open(path).unwrap();
        file.write_all(format!("https://b{}.example\n", number % 10).as_bytes()).unwrap();
    });
    is_revoked_while("appended", |path, number| {
        let mut file = File::options().append(true).open(path).unwrap();
        file.write_all(format!("https://c{number}.example\n").as_bytes()).unwrap();
    });
}

#[test]
fn a_list_is_replaced_while_another_is_removed_and_made_again_all_the_time() {
    is_revoked_while("removed", |path, number| {
        fs::remove_file(path).unwrap();
        fs::write(path, format!("https://b{number}.example\n")).unwrap();
    });
}

/// The list that changes all the time is used, too, and a change that is not yet is shown.
#[test]
fn what_is_replaced_all_the_time_is_used() {
    let scratch = Scratch::with("policy.toml", document("a", &["b.txt"]));
    let b = scratch.write("b.txt", "https://b0.example\n");
    let source = Arc::new(Source::open(scratch.document()).unwrap());
    let watch = source.watch(|_| ()).unwrap();
    let write = |number| replace(&b, format!("https://b{number}.example\n"));
    while_written(PAUSE, write, |written| {
        for _ in 0..3 {
            let (seen, before) = (written.load(Ordering::Acquire), source.engine().generation());
            until("the list is used", || {
                let policies = source.engine().policies();
                let newest = (seen..=written.load(Ordering::Acquire) + 1).rev();
                policies.generation() > before
                    && newest.into_iter().any(|n| allows(&policies, &format!("https://b{n}.example")))
            });
        }
        until("the next change is shown", || source.status().pending_since.is_some());
    });
    until("the last change is used", || {
        source.status().pending_since.is_none() && source.poll_in().is_none() && !source.changed()
    });
    drop(watch);
}

/// In place, nothing is used before the writer pauses; the status says since when it has not.
#[test]
fn what_is_written_in_place_all_the_time_is_not_used_and_shown() {
    let scratch = Scratch::with("policy.toml", document("a", &["b.txt"]));
    let b = scratch.write("b.txt", "https://b.example\n");
    let source = Arc::new(Source::open(scratch.document()).unwrap());
    until("nothing is in doubt", || {
        source.poll();
        source.poll_in().is_none()
    });
    assert!(source.status().pending_since.is_none());
    let is_late = AtomicBool::new(false);
    // When the last write began. Whoever is held up for so long, in it or before the next, has paused.
    let last = Mutex::new(Instant::now());
    let pause = Duration::from_millis(75);
    let write = |_| {
        let mut last = last.lock().unwrap();
        let before = std::mem::replace(&mut *last, Instant::now());
        // In two steps: between them, a row is missing.
        fs::write(&b, "").unwrap();
        fs::write(&b, "https://b.example\n").unwrap();
        is_late.fetch_or(before.elapsed() > pause, Ordering::SeqCst);
    };
    while_written(Duration::from_millis(5), write, |written| {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(1) || written.load(Ordering::Acquire) < 20 {
            let poll = source.poll();
            let is_used = allows(&source.engine().policies(), "https://b.example");
            if last.lock().unwrap().elapsed() > pause || is_late.load(Ordering::SeqCst) {
                return;
            }
            assert!(matches!(poll, Poll::Unchanged | Poll::Unsettled) && is_used, "{poll:?}");
            thread::sleep(Duration::from_millis(2));
        }
        let status = source.status();
        assert!(status.pending_since.is_some_and(|since| since < status.checked_at.max(std::time::SystemTime::now())));
        assert!(status.to_json().contains("\"pending_since\":\"20"));
    });
}

/// A large list: every version is a whole one, and each row names its version.
fn large(version: u64) -> String {
    (0..20_000).map(|row| format!("https://v{version}-{row}.example.com\n")).collect()
}

fn large_version(policies: &Policies, newest: u64) -> u64 {
    let is = |version: u64, row: u32| allows(policies, &format!("https://v{version}-{row}.example.com"));
    let version = (0..=newest).rev().find(|&version| is(version, 0)).expect("some version");
    assert!([1, 9_999, 19_999].into_iter().all(|row| is(version, row)), "version {version} is torn");
    version
}

/// A start, and reloads, of a list that is replaced more often than it is compiled.
#[test]
fn a_list_is_replaced_faster_than_it_is_compiled() {
    let scratch = Scratch::with("policy.toml", document("a", &["b.txt"]));
    let versions: Vec<PathBuf> = (0..8).map(|n| scratch.write(&format!("v{n}"), large(n))).collect();
    let b = scratch.folder().join("b.txt");
    fs::copy(&versions[0], &b).unwrap();
    let write = |number: u64| {
        let draft = b.with_extension("draft");
        fs::copy(&versions[number as usize % 8], &draft).unwrap();
        fs::rename(draft, &b).unwrap();
    };
    while_written(PAUSE, write, |written| {
        until("the writer writes", || written.load(Ordering::Acquire) > 3);
        let source = Arc::new(Source::open(scratch.document()).unwrap());
        large_version(&source.engine().policies(), 8);
        let watch = source.watch(|poll| assert!(!matches!(poll, Poll::Refused(_)), "{poll:?}")).unwrap();
        until("it is reloaded again and again", || {
            large_version(&source.engine().policies(), 8);
            source.engine().generation() > 3
        });
        drop(watch);
    });
}

/// Whole versions of several files, switched by one link: no mixture of them is ever used.
#[test]
fn a_link_to_several_files_is_switched_all_the_time() {
    // So many that what is in use does not come back while files are gathered: then nothing has changed.
    const VERSIONS: u64 = 64;
    let scratch = Scratch::without("policy.toml");
    let volume = scratch.folder().to_owned();
    for version in 0..VERSIONS {
        let folder = volume.join(format!("v{version}"));
        fs::create_dir(&folder).unwrap();
        let own = document("a", &["one.txt", "two.txt"]);
        fs::write(folder.join("policy.toml"), own.replace("//a.", &format!("//d{version}."))).unwrap();
        for list in ["one", "two"] {
            fs::write(folder.join(format!("{list}.txt")), format!("https://{list}{version}.example\n")).unwrap();
        }
    }
    symlink("v0", volume.join("data")).unwrap();
    for name in ["policy.toml", "one.txt", "two.txt"] {
        symlink(format!("data/{name}"), volume.join(name)).unwrap();
    }
    let write = |number: u64| {
        symlink(format!("v{}", number % VERSIONS), volume.join("next")).unwrap();
        fs::rename(volume.join("next"), volume.join("data")).unwrap();
    };
    while_written(PAUSE, write, |_| {
        let source = Arc::new(Source::open(volume.join("policy.toml")).unwrap());
        let watch = source.watch(|poll| assert!(!matches!(poll, Poll::Refused(_)), "{poll:?}")).unwrap();
        until("many versions have been used", || {
            let policies = source.engine().policies();
            let of =
                |name: &str| (0..VERSIONS).find(|n| allows(&policies, &format!("https://{name}{n}.example"))).unwrap();
            assert_eq!((of("d"), of("d")), (of("one"), of("two")), "a mixture");
            policies.generation() > 10
        });
        drop(watch);
    });
}

/// A list that the document names for the first time, and that never rests, holds up the document, but
/// not the other lists.
#[test]
fn a_new_list_that_is_being_written_holds_up_nothing_else() {
    let scratch = Scratch::with("policy.toml", document("", &["a.txt"]));
    let a = scratch.write("a.txt", "https://a.example\nhttps://gone.example\n");
    let new = scratch.write("new.txt", "https://new.example\n");
    let source = Arc::new(Source::open(scratch.document()).unwrap());
    let watch = source.watch(|poll| assert!(!matches!(poll, Poll::Refused(_)), "{poll:?}")).unwrap();
    let write = |number: u64| {
        let mut file = File::options().write(true).open(&new).unwrap();
        file.rewind().unwrap();
        file.write_all(format!("https://ne{}.example\n", number % 10).as_bytes()).unwrap();
    };
    while_written(Duration::from_millis(5), write, |_| {
        replace(scratch.document(), document("d", &["a.txt", "new.txt"]));
        replace(&a, "https://a.example\n");
        until("the origin is revoked", || !allows(&source.engine().policies(), "https://gone.example"));
    });
    until("the document is used", || allows(&source.engine().policies(), "https://d.example"));
    drop(watch);
}
