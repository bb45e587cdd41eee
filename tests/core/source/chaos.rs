//! Files that change in every way, at random: nothing torn is ever used, and nothing is missed.
//!
//! `SOAK_MINUTES` is how long (otherwise one round). Rounds are independent; each prints its seed, and
//! `SOAK_SEED` begins with the round of that seed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use corsac::Policies;
use corsac_source::Source;
use corsac_tests::ending::Ending;
use corsac_tests::sandbox;
use corsac_tests::scratch::Scratch;

/// How long a change may take to be used, on a machine that has other things to do.
const DEADLINE: Duration = Duration::from_secs(60);

/// A writer in place that was held up for so long may have paused.
const PAUSE: Duration = Duration::from_millis(75);

/// Lists that change on their own, and lists that one link leads to, which change together.
const ALONE: usize = 3;
const TOGETHER: usize = 2;

/// By how much a clock is wrong, and how coarse it is, in nanoseconds.
const CLOCKS: [(i64, i64); 4] =
    [(-1_000_000_000, 1), (1_000_000_000, 1), (-1_000_000_000, 1_000_000_000), (10_000_000_000, 2_000_000_000)];

#[test]
fn files_change_in_every_way() {
    soak("true clock");
}

/// The clock of the file system is wrong, and coarse.
#[test]
fn files_change_in_every_way_while_the_clock_is_wrong() {
    const NAME: &str = "source::chaos::files_change_in_every_way_while_the_clock_is_wrong";
    if let Ok(shift) = std::env::var("CLOCK_SHIFT") {
        // What the library shows is what is seen.
        let scratch = Scratch::with("file", "");
        let modified = fs::metadata(scratch.document()).unwrap().modified().unwrap();
        let shift: i64 = shift.parse().unwrap();
        let since = SystemTime::now()
            .duration_since(modified)
            .map_or_else(|e| -(e.duration().as_secs_f64()), |d| d.as_secs_f64());
        assert!((since + shift as f64 / 1e9).abs() < 3.0 + 2.0, "the clock is not shifted: {since} s");
        return soak(&format!("clock shifted by {shift} ns"));
    }
    let scratch = Scratch::with("clock.c", include_str!("clock.c"));
    let library = scratch.folder().join("clock.so");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let compiled = Command::new(compiler)
        .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
        .arg(&library)
        .arg(scratch.document())
        .arg("-ldl")
        .status();
    assert!(compiled.expect("there is a compiler of C").success());
    for (shift, tick) in CLOCKS {
        let output = Command::new(std::env::current_exe().unwrap())
            .args([NAME, "--exact", "--nocapture", "--test-threads=1"])
            .env("LD_PRELOAD", &library)
            .envs([("CLOCK_SHIFT", shift.to_string()), ("CLOCK_TICK", tick.to_string())])
            .process_group(0)
            .output()
            .unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
        said.lines().filter(|line| line.starts_with("chaos:")).for_each(|line| println!("{line}"));
    }
}

/// On a disk that is nearly full, where the system lets a test mount one.
#[test]
fn files_change_in_every_way_on_a_full_disk() {
    const NAME: &str = concat!(module_path!(), "::files_change_in_every_way_on_a_full_disk");
    if sandbox::folder().is_none() {
        if !sandbox::in_namespaces(NAME, "mount -t tmpfs -o size=512k tmpfs \"$1\"") {
            println!("no file system of its own: `failing` cuts files by a limit instead");
        }
        return;
    }
    soak("full disk");
}

fn soak(what: &str) {
    let minutes: Option<f64> = std::env::var("SOAK_MINUTES").ok().map(|minutes| minutes.parse().unwrap());
    let share = if std::env::var_os("CLOCK_SHIFT").is_some() { CLOCKS.len() as f64 } else { 1.0 };
    let duration = minutes.map_or(Duration::ZERO, |minutes| Duration::from_secs_f64(minutes * 60.0 / share));
    let mut seed: u64 = match std::env::var("SOAK_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis() as u64,
    };
    let (started, mut rounds, mut total) = (Instant::now(), 0, Figures::default());
    while rounds == 0 || started.elapsed() < duration {
        println!("chaos: {what}: SOAK_SEED={seed}");
        total.add(&Round::new(seed).play());
        (seed, rounds) = (seed + 1, rounds + 1);
    }
    println!("chaos: {what}: {rounds} rounds in {:?}: {total:?}", started.elapsed());
}

#[derive(Debug, Default)]
struct Figures {
    changes: u64,
    sets: u64,
    /// Writers in place that were held up for so long that they may have been taken for finished.
    held_up: u64,
    /// The longest time until a list that was renamed was used while another was written all the time.
    longest: Duration,
}

impl Figures {
    fn add(&mut self, other: &Self) {
        self.changes += other.changes;
        self.sets += other.sets;
        self.held_up += other.held_up;
        self.longest = self.longest.max(other.longest);
    }
}

/// A sequence of numbers that is the same for the same seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn milliseconds(&mut self, limit: u64) -> Duration {
        Duration::from_millis(self.below(limit))
    }
}

/// A list of a version: every row says how many there are.
fn list(name: &str, version: u64) -> String {
    let rows = 1 + (version * 2_654_435_761) % 400;
    (0..rows).map(|row| format!("https://{name}-v{version}-n{rows}-r{row}.example.com\n")).collect()
}

/// The version of each list in a set, each of which must be whole; otherwise what is torn.
fn versions(policies: &Policies) -> Result<BTreeMap<String, u64>, String> {
    let text = policies.to_document();
    let mut found: BTreeMap<String, (BTreeSet<(u64, u64)>, u64)> = BTreeMap::new();
    for row in text.split('"').filter_map(|part| part.strip_prefix("https://")?.strip_suffix(".example.com")) {
        let parts: Vec<_> = row.split('-').collect();
        let [name, version, rows, _] = parts[..] else { continue };
        let of = found.entry(name.to_owned()).or_default();
        of.0.insert((version[1..].parse().unwrap(), rows[1..].parse().unwrap()));
        of.1 += 1;
    }
    let whole = |(name, (versions, count)): (String, (BTreeSet<(u64, u64)>, u64))| match versions
        .iter()
        .copied()
        .collect::<Vec<_>>()[..]
    {
        [(version, rows)] if rows == count => Ok((name, version)),
        _ => Err(format!("{name} has {count} rows of the versions and lengths {versions:?}")),
    };
    let versions: BTreeMap<_, _> = found.into_iter().map(whole).collect::<Result<_, _>>()?;
    if versions.get("g0") == versions.get("g1") {
        Ok(versions)
    } else {
        Err(format!("lists that change together are of different versions: {versions:?}"))
    }
}

struct Round {
    random: Random,
    scratch: Scratch,
    version: u64,
    /// The version that each list has last.
    expected: BTreeMap<String, u64>,
    /// Whether a partly written list may have been used since the last rest.
    is_held_up: Arc<AtomicBool>,
    /// What was torn since then.
    torn: Arc<Mutex<Vec<String>>>,
    figures: Figures,
}

impl Round {
    fn new(seed: u64) -> Self {
        let scratch = Scratch::inside(sandbox::folder().as_deref(), "policy.toml");
        let mut round = Self {
            random: Random(seed),
            scratch,
            version: 1,
            expected: BTreeMap::new(),
            is_held_up: Arc::default(),
            torn: Arc::default(),
            figures: Figures::default(),
        };
        for index in 0..ALONE {
            fs::write(round.list(index), list(&format!("l{index}"), 1)).unwrap();
            round.expected.insert(format!("l{index}"), 1);
        }
        round.write_together(1);
        round.write_document(1);
        round
    }

    fn list(&self, index: usize) -> PathBuf {
        self.scratch.folder().join(format!("l{index}.txt"))
    }

    fn document(&self, version: u64) -> String {
        let names = (0..ALONE).map(|index| format!("l{index}.txt"));
        let names = names.chain((0..TOGETHER).map(|index| format!("data/g{index}.txt")));
        let rows: String = names.map(|name| format!("  {{ file = \"{name}\" }},\n")).collect();
        let own = format!("  \"https://d-v{version}-n1-r0.example.com\",\n");
        format!("version = 1\n[policy.p]\nallow_origins = [\n{own}{rows}]\n")
    }

    fn write_document(&mut self, version: u64) {
        self.replace(self.scratch.document(), &self.document(version));
        self.expected.insert("d".to_owned(), version);
    }

    /// Writes a version of the lists that change together, and switches the link to it.
    fn write_together(&mut self, version: u64) {
        let folder = self.scratch.folder();
        let target = folder.join(format!("v{version}"));
        fs::create_dir(&target).unwrap();
        for index in 0..TOGETHER {
            fs::write(target.join(format!("g{index}.txt")), list(&format!("g{index}"), version)).unwrap();
            self.expected.insert(format!("g{index}"), version);
        }
        let old = fs::read_link(folder.join("data")).ok();
        symlink(format!("v{version}"), folder.join("next")).unwrap();
        fs::rename(folder.join("next"), folder.join("data")).unwrap();
        if let Some(old) = old {
            fs::remove_dir_all(folder.join(old)).unwrap();
        }
    }

    fn replace(&self, path: &Path, text: &str) {
        let draft = path.with_extension("draft");
        fs::write(&draft, text).unwrap();
        fs::rename(draft, path).unwrap();
    }

    fn next(&mut self) -> u64 {
        self.version += 1;
        self.figures.changes += 1;
        self.version
    }

    fn play(mut self) -> Figures {
        let source = Arc::new(Source::open(self.scratch.document()).unwrap());
        let watch = source.watch(|_| ()).unwrap();
        let is_over = AtomicBool::new(false);
        let (torn, seen) = (self.torn.clone(), source.clone());
        let sets = thread::scope(|scope| {
            let checker = scope.spawn(|| check(&seen, &torn, &is_over));
            let _ending = Ending(&is_over);
            for _ in 0..3 {
                for _ in 0..self.random.below(8) {
                    self.change(&source);
                    thread::sleep(self.random.milliseconds(120));
                }
                self.rests(&source);
            }
            is_over.store(true, Ordering::Release);
            checker.join().unwrap()
        });
        drop(watch);
        self.figures.sets += sets;
        self.figures
    }

    /// The last of everything is used, and nothing waits.
    fn rests(&mut self, source: &Source) {
        let started = Instant::now();
        let is_used = || {
            let status = source.status();
            status.last_error.is_none()
                && status.pending_since.is_none()
                && !source.changed()
                && source.poll_in().is_none()
        };
        while !is_used() || versions(&source.engine().policies()).as_ref() != Ok(&self.expected) {
            assert!(
                started.elapsed() < DEADLINE,
                "missed: {:?} are not used, but {:?}",
                self.expected,
                source.status()
            );
            thread::sleep(Duration::from_millis(5));
        }
        let torn = std::mem::take(&mut *self.torn.lock().unwrap());
        if self.is_held_up.swap(false, Ordering::SeqCst) {
            self.figures.held_up += 1;
        } else {
            assert!(torn.is_empty(), "torn: {torn:?}");
        }
    }

    fn change(&mut self, source: &Arc<Source>) {
        let index = self.random.below(ALONE as u64) as usize;
        let (path, name) = (self.list(index), format!("l{index}"));
        let version = self.next();
        let text = list(&name, version);
        let (wait, kind) = (self.random.milliseconds(400), self.random.below(13));
        match kind {
            0 => self.replace(&path, &text),
            1 => self.write_in_place(&path, &text, 1),
            2 => {
                let pieces = 1 + self.random.below(20) as usize;
                self.write_in_place(&path, &text, pieces);
            }
            3 => {
                // Cut within a row, for as long as somebody needs to notice.
                fs::write(&path, &text.as_bytes()[..text.len() - 2 - self.random.below(20) as usize]).unwrap();
                thread::sleep(wait);
                self.replace(&path, &text);
            }
            4 => {
                fs::remove_file(&path).unwrap();
                thread::sleep(wait / 4);
                self.write_in_place(&path, &text, 3);
            }
            5 => {
                let pipe = path.with_extension("pipe");
                assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
                fs::rename(pipe, &path).unwrap();
                thread::sleep(wait);
                self.replace(&path, &text);
            }
            6 => {
                fs::set_permissions(&path, Permissions::from_mode(0o000)).unwrap();
                thread::sleep(wait);
                fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
                self.replace(&path, &text);
            }
            7 => {
                for _ in 0..1 + self.random.below(20) {
                    let version = self.next();
                    self.write_together(version);
                    thread::sleep(self.random.milliseconds(40));
                }
                self.replace(&path, &text);
            }
            8 => {
                self.write_document(version);
                self.replace(&path, &text);
            }
            9 => {
                self.replace(self.scratch.document(), "version = 1\n[policy.p\n");
                thread::sleep(wait);
                self.write_document(version);
                self.replace(&path, &text);
            }
            10 => {
                for _ in 0..self.random.below(20) {
                    self.next();
                    let version = self.version;
                    self.replace(&path, &list(&name, version));
                    self.expected.insert(name.clone(), version);
                    thread::sleep(self.random.milliseconds(30));
                }
                self.replace(&path, &text);
            }
            11 => {
                // The time of the last modification is set back.
                let modified = fs::metadata(&path).unwrap().modified().unwrap();
                self.write_in_place(&path, &text, 1);
                File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
            }
            _ => return self.replace_beside_a_busy_writer(source, index),
        }
        if sandbox::folder().is_some() && kind == 1 {
            self.fill_the_disk(&path, &text);
        }
        self.expected.insert(name, version);
    }

    /// Writes a list in pieces, faster than it settles.
    fn write_in_place(&mut self, path: &Path, text: &str, pieces: usize) {
        let mut started = Instant::now();
        let mut file = File::create(path).unwrap();
        for piece in text.as_bytes().chunks(text.len().div_ceil(pieces)) {
            file.write_all(piece).unwrap();
            if pieces > 1 {
                thread::sleep(self.random.milliseconds(25));
            }
            self.is_held_up.fetch_or(started.elapsed() > PAUSE, Ordering::SeqCst);
            started = Instant::now();
        }
    }

    /// Writes a list while the disk is full, so that it is cut, and then once more.
    fn fill_the_disk(&mut self, path: &Path, text: &str) {
        let ballast = self.scratch.folder().join("ballast");
        let mut file = File::create(&ballast).unwrap();
        while file.write_all(&[0; 1024]).is_ok() {}
        let is_cut = fs::write(path, text.repeat(2)).is_err();
        // What is open takes space even after it was removed.
        drop(file);
        let left = fs::read(path).unwrap();
        // A cut at the end of a row cannot be told from a whole list.
        self.is_held_up.fetch_or(is_cut && left.ends_with(b"\n"), Ordering::SeqCst);
        thread::sleep(self.random.milliseconds(300));
        fs::remove_file(ballast).unwrap();
        self.replace(path, text);
    }

    /// One list is renamed while another is written all the time: it is used all the same.
    fn replace_beside_a_busy_writer(&mut self, source: &Arc<Source>, index: usize) {
        self.rests(source);
        let other = (index + 1) % ALONE;
        let (busy, is_renamed) = (self.list(other), self.random.below(2) == 0);
        let name = format!("l{other}");
        let (from, is_over) = (self.version + 1, AtomicBool::new(false));
        let version = from + 1_000;
        let longest = thread::scope(|scope| {
            let writer = scope.spawn(|| {
                let mut last = from;
                while !is_over.load(Ordering::Acquire) {
                    last += 1;
                    let text = list(&name, last);
                    if is_renamed {
                        let draft = busy.with_extension("draft");
                        fs::write(&draft, text).unwrap();
                        fs::rename(draft, &busy).unwrap();
                    } else {
                        fs::write(&busy, text).unwrap();
                    }
                    let slept = Instant::now();
                    thread::sleep(Duration::from_millis(20));
                    self.is_held_up.fetch_or(!is_renamed && slept.elapsed() > PAUSE, Ordering::SeqCst);
                }
                last
            });
            let _ending = Ending(&is_over);
            thread::sleep(Duration::from_millis(100));
            let path = self.list(index);
            self.replace(&path, &list(&format!("l{index}"), version));
            let started = Instant::now();
            let is_used =
                || versions(&source.engine().policies()).is_ok_and(|of| of.get(&format!("l{index}")) == Some(&version));
            while !is_used() {
                assert!(started.elapsed() < DEADLINE, "missed: {:?}", source.status());
                thread::sleep(Duration::from_millis(2));
            }
            is_over.store(true, Ordering::Release);
            (started.elapsed(), writer.join().unwrap())
        });
        self.figures.longest = self.figures.longest.max(longest.0);
        self.expected.insert(name, longest.1);
        self.expected.insert(format!("l{index}"), version);
        self.version = version.max(longest.1);
    }
}

/// Checks every set that comes into use. Returns how many did.
fn check(source: &Source, torn: &Mutex<Vec<String>>, is_over: &AtomicBool) -> u64 {
    let (mut generation, mut sets) = (0, 0);
    while !is_over.load(Ordering::Acquire) {
        let policies = source.engine().policies();
        if policies.generation() != generation {
            generation = policies.generation();
            sets += 1;
            if let Err(why) = versions(&policies) {
                torn.lock().unwrap().push(format!("generation {generation}: {why}"));
            }
        }
        drop(policies);
        thread::sleep(Duration::from_millis(1));
    }
    sets
}
