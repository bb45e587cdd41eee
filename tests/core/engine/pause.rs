//! The longest that a reader was held up while lists of a million origins were replaced, beside a
//! run in which they were loaded and not given to the engine, and a quiet one. The times are printed
//! and not judged, for whatever else the machine does shows in them; that the reader saw every reload
//! and called no allocator is.

use std::fmt::Write;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use allocation_counter::{AllocationInfo, measure};
use corsac::{Engine, Reader, Request, Target, Verdict};
use corsac_tests::ending::Ending;
use corsac_tests::engine;

const ORIGINS: usize = 1_000_000;

const RELOADS: u64 = 2;

fn document() -> String {
    let mut text = String::from("version = 1\n[[route]]\npolicy = \"p\"\n[policy.p]\nallow_origins = [\n");
    (0..ORIGINS).for_each(|index| writeln!(text, "\"https://tenant{index}.example\",").unwrap());
    text.push_str("]\n");
    text
}

/// How often which time passed between the ends of two decisions, to 1 in 64.
struct Pauses {
    counts: Vec<u64>,
    longest: Duration,
}

impl Pauses {
    fn none() -> Self {
        Self { counts: vec![0; 64 * 128], longest: Duration::ZERO }
    }

    /// Counts nanoseconds by their seven highest bits.
    fn count(&mut self, pause: Duration) {
        let nanoseconds = pause.as_nanos() as u64;
        let shift = (64 - nanoseconds.leading_zeros()).saturating_sub(7);
        self.counts[(shift as usize) << 7 | (nanoseconds >> shift) as usize] += 1;
        self.longest = self.longest.max(pause);
    }

    fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The time below which that share of all pauses stays.
    fn quantile(&self, share: f64) -> Duration {
        let rank = (self.total() as f64 * share) as u64;
        let mut below = 0;
        let index = self.counts.iter().position(|count| {
            below += count;
            below > rank
        });
        let index = index.unwrap_or(0) as u64;
        Duration::from_nanos((index & 127) << (index >> 7))
    }

    fn told(&self) -> String {
        let [half, most, nearly_all] = [0.5, 0.999, 0.99999].map(|share| self.quantile(share));
        format!(
            "{:>9} decisions, p50 {half:?}, p99.9 {most:?}, p99.999 {nearly_all:?}, longest {:?}",
            self.total(),
            self.longest
        )
    }
}

/// What the other thread does meanwhile; each ends when the next begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Loads,
    Reloads,
    Quiet,
}

/// The phase and the newest generation, each as one thread tells the other.
struct Told {
    phase: AtomicU64,
    generation: AtomicU64,
    is_over: AtomicBool,
}

/// Decides for as long as `goes_on` says of the newest generation, and counts each decision's time.
fn decide(reader: &mut Reader, mut goes_on: impl FnMut(u64) -> bool) -> (Pauses, AllocationInfo) {
    let target = Target::Route { host: b"any.example", path: b"/" };
    let request = Request::new("GET").origin("https://tenant777777.example");
    let mut pauses = Pauses::none();
    let calls = measure(|| {
        let mut last = Instant::now();
        loop {
            let decision = reader.decide(target, &request);
            assert_eq!(decision.verdict(), Verdict::Allowed);
            let generation = black_box(decision.generation());
            let now = Instant::now();
            pauses.count(now - last);
            last = now;
            if !goes_on(generation) {
                break;
            }
        }
    });
    (pauses, calls)
}

/// Decides through all phases; the quiet one is as long as the one before.
fn decide_through(engine: &Engine, told: &Told) -> [(Phase, Pauses, AllocationInfo); 3] {
    let mut reader = engine.reader();
    let mut of_phase = |phase: Phase, goes_on: &dyn Fn() -> bool| {
        let (pauses, calls) = decide(&mut reader, |generation| {
            told.generation.store(generation, Ordering::Release);
            goes_on()
        });
        (phase, pauses, calls)
    };
    let is_over = || told.is_over.load(Ordering::Acquire);
    let is_in = |phase: Phase| told.phase.load(Ordering::Acquire) == phase as u64 && !is_over();
    let loads = of_phase(Phase::Loads, &|| is_in(Phase::Loads));
    let start = Instant::now();
    let reloads = of_phase(Phase::Reloads, &|| is_in(Phase::Reloads));
    let (middle, took) = (Instant::now(), start.elapsed());
    let quiet = of_phase(Phase::Quiet, &|| middle.elapsed() < took);
    [quiet, loads, reloads]
}

#[test]
fn a_reload_of_a_million_origins_pauses_no_reader() {
    let text = document();
    let load = || engine::policies(&text);
    let engine = Engine::new(load());
    let told = Told {
        phase: AtomicU64::new(Phase::Loads as u64),
        generation: AtomicU64::new(0),
        is_over: AtomicBool::new(false),
    };
    let phases = std::thread::scope(|scope| {
        let deciding = scope.spawn(|| decide_through(&engine, &told));
        let wait_for = |generation| {
            let deadline = Instant::now() + Duration::from_secs(60);
            while told.generation.load(Ordering::Acquire) < generation {
                assert!(Instant::now() < deadline && !deciding.is_finished(), "the reader stays behind");
                std::thread::yield_now();
            }
        };
        let _ending = Ending(&told.is_over);
        wait_for(1);
        (0..RELOADS).for_each(|_| drop(load()));
        told.phase.store(Phase::Reloads as u64, Ordering::Release);
        (0..RELOADS).for_each(|_| wait_for(engine.reload(load()).unwrap()));
        told.phase.store(Phase::Quiet as u64, Ordering::Release);
        deciding.join().unwrap()
    });
    for (phase, pauses, calls) in &phases {
        println!("{:<8} {}", format!("{phase:?}:"), pauses.told());
        assert_eq!((calls.count_total, calls.count_current), (0, 0), "a reader called the allocator: {calls:?}");
    }
    assert_eq!((engine.generation(), engine.sweep()), (RELOADS + 1, 0));
}
