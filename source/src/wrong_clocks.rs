//! Tests: how often files are read, also where the file system's clock is wrong or coarse.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use corsac::{Request, Target, Verdict};

use crate::poll::Poll;
use crate::source::Source;

const DEADLINE: Duration = Duration::from_secs(60);
const SECOND: i128 = 1_000_000_000;

thread_local! {
    /// What a file server's clock makes of a time, in this thread.
    static CLOCK: Cell<fn(i128) -> i128> = const { Cell::new(|time| time) };
}

/// The time that the file server of this test shows for a time.
pub(crate) fn shown(time: i128) -> i128 {
    CLOCK.get()(time)
}

struct Served {
    folder: tempfile::TempDir,
    source: Source,
}

impl Served {
    /// A document with one list, `list.txt`, and another that never changes.
    fn new(clock: fn(i128) -> i128, list: &str) -> Self {
        CLOCK.set(clock);
        let folder = tempfile::tempdir().unwrap();
        let rows = "version = 1\n[policy.p]\nallow_origins = [{ file = \"list.txt\" }, { file = \"other.txt\" }]\n";
        fs::write(folder.path().join("policy.toml"), rows).unwrap();
        fs::write(folder.path().join("other.txt"), "https://other.example\n").unwrap();
        fs::write(folder.path().join("list.txt"), list).unwrap();
        let source = Source::open(folder.path().join("policy.toml")).unwrap();
        Self { folder, source }
    }

    fn list(&self) -> PathBuf {
        self.folder.path().join("list.txt")
    }

    fn allows(&self, origin: &str) -> bool {
        let policies = self.source.engine().policies();
        let target = Target::Policy(policies.only().unwrap());
        policies.decide(target, &Request::new("GET").origin(origin)).verdict() == Verdict::Allowed
    }

    /// Polls until it is so, at most every 5 ms, and then until nothing is in doubt. How many files were
    /// read meanwhile.
    #[track_caller]
    fn reads_until(&self, is_so: impl Fn(&Self) -> bool) -> u64 {
        let (before, started) = (self.source.reads(), Instant::now());
        while !is_so(self) || self.source.changed() || self.source.poll_in().is_some() {
            let poll = self.source.poll();
            assert!(!matches!(poll, Poll::Refused(_)), "{poll:?}");
            assert!(started.elapsed() < DEADLINE);
            thread::sleep(Duration::from_millis(5));
        }
        self.source.reads() - before
    }
}

fn replace(path: &Path, content: &str) {
    let draft = path.with_extension("draft");
    fs::write(&draft, content).unwrap();
    fs::rename(draft, path).unwrap();
}

fn true_time(time: i128) -> i128 {
    time
}

#[test]
fn one_change_is_read_once() {
    let served = Served::new(true_time, "https://a.example\n");
    assert_eq!(served.source.reads(), 3, "the first load");
    assert_eq!(served.reads_until(|_| true), 3, "they were young, and are read once more");
    for _ in 0..20 {
        assert!(matches!(served.source.poll(), Poll::Unchanged) && !served.source.changed());
    }
    assert_eq!(served.reads_until(|_| true), 0);
    replace(&served.list(), "https://b.example\n");
    // A clock that shows a rare time is taken for a coarse one.
    let reads = served.reads_until(|served| served.allows("https://b.example"));
    assert!((1..=3).contains(&reads), "{reads}");
    fs::write(served.list(), "https://c.example\n").unwrap();
    let reads = served.reads_until(|served| served.allows("https://c.example"));
    assert!((1..=3).contains(&reads), "{reads}");
    File::options().write(true).open(served.list()).unwrap().set_modified(SystemTime::now()).unwrap();
    let reads = served.reads_until(|_| true);
    assert!((1..=3).contains(&reads), "{reads}");
    assert_eq!(served.source.engine().generation(), 3);
}

/// Whole seconds: an edit in the same second, of the same size, is found although nothing shows it.
#[test]
fn an_edit_within_a_second_is_not_lost() {
    fn whole_seconds(time: i128) -> i128 {
        time - time.rem_euclid(SECOND)
    }
    fn two_seconds_ahead(time: i128) -> i128 {
        time - time.rem_euclid(2 * SECOND) + 20 * SECOND
    }
    fn second_behind(time: i128) -> i128 {
        whole_seconds(time - SECOND)
    }
    for clock in [whole_seconds as fn(i128) -> i128, second_behind, two_seconds_ahead] {
        let served = Served::new(clock, "https://a.example\n");
        for (letter, pause) in [('b', 0), ('c', 150), ('d', 400), ('e', 0), ('f', 150)] {
            fs::write(served.list(), format!("https://{letter}.example\n")).unwrap();
            let started = Instant::now();
            while started.elapsed() < Duration::from_millis(pause) {
                served.source.poll();
                thread::sleep(Duration::from_millis(5));
            }
        }
        served.reads_until(|served| served.allows("https://f.example"));
    }
}

/// A list that is written in steps is used only when it is whole, whatever the file server's clock says.
#[test]
fn a_wrong_clock_settles_nothing() {
    let clocks: [fn(i128) -> i128; 5] = [
        |time| time - SECOND,
        |time| time - 30 * SECOND,
        |time| time + SECOND,
        |time| time + 3600 * SECOND,
        |time| (time - 10 * SECOND) - time.rem_euclid(SECOND),
    ];
    for clock in clocks {
        let is_written = || {
            let served = Served::new(clock, "https://a.example\n");
            served.reads_until(|_| true);
            let mut file = File::create(served.list()).unwrap();
            let mut written = Instant::now();
            for row in 0..12 {
                writeln!(file, "https://b{row}.example").unwrap();
                // Somebody who was held up for so long has paused.
                if written.elapsed() > Duration::from_millis(80) {
                    return false;
                }
                written = Instant::now();
                while written.elapsed() < Duration::from_millis(40) {
                    served.source.poll();
                    if written.elapsed() > Duration::from_millis(80) {
                        return false;
                    }
                    assert!(served.allows("https://a.example"), "a list that is being written is used");
                    thread::sleep(Duration::from_millis(5));
                }
            }
            served.reads_until(|served| served.allows("https://b11.example"));
            assert!(served.allows("https://b0.example"));
            true
        };
        let started = Instant::now();
        while !is_written() {
            assert!(started.elapsed() < DEADLINE, "the writer was held up again and again");
        }
    }
}

/// The time of the last modification is set back: the time of the last change shows it.
#[test]
fn a_time_that_is_set_back_hides_nothing() {
    let served = Served::new(true_time, "https://a.example\n");
    served.reads_until(|_| true);
    let modified = fs::metadata(served.list()).unwrap().modified().unwrap();
    fs::write(served.list(), "https://b.example\n").unwrap();
    File::options().write(true).open(served.list()).unwrap().set_modified(modified).unwrap();
    served.reads_until(|served| served.allows("https://b.example"));
}
