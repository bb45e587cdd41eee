//! The longest that a reader was held up while lists of a million origins were replaced, beside a
//! quiet run of the same length. The times are printed and not judged, for whatever else the machine
//! does shows in them; that the reader saw every reload and called no allocator is.

use std::fmt::Write;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use corsac::{Engine, Reader, Request, Target, Verdict};
use corsac_tests::engine;

const ORIGINS: usize = 1_000_000;

const RELOADS: u64 = 3;

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

/// Decides until `until` says so of the newest generation; every decision's time is counted.
fn decide(reader: &mut Reader, pauses: &mut Pauses, until: impl Fn(u64) -> bool) {
    let target = Target::Route { host: b"any.example", path: b"/" };
    let request = Request::new("GET").origin("https://tenant777777.example");
    let mut last = Instant::now();
    loop {
        let decision = reader.decide(target, &request);
        assert_eq!(decision.verdict(), Verdict::Allowed);
        let generation = black_box(decision.generation());
        let now = Instant::now();
        pauses.count(now - last);
        last = now;
        if until(generation) {
            break;
        }
    }
}

#[test]
fn a_reload_of_a_million_origins_pauses_no_reader() {
    let text = document();
    let engine = Engine::new(engine::policies(&text));
    let newest = AtomicU64::new(0);
    let deciding = || {
        let mut reader = engine.reader();
        let (mut quiet, mut reloads) = (Pauses::none(), Pauses::none());
        let calls = allocation_counter::measure(|| {
            let start = Instant::now();
            decide(&mut reader, &mut reloads, |generation| {
                newest.store(generation, Ordering::Release);
                generation > RELOADS
            });
            let (middle, took) = (Instant::now(), start.elapsed());
            decide(&mut reader, &mut quiet, |_| middle.elapsed() > took);
        });
        (quiet, reloads, calls)
    };
    let (quiet, reloads, calls) = std::thread::scope(|scope| {
        let deciding = scope.spawn(deciding);
        for _ in 0..RELOADS {
            let generation = engine.reload(engine::policies(&text));
            let deadline = Instant::now() + Duration::from_secs(60);
            while newest.load(Ordering::Acquire) < generation {
                assert!(Instant::now() < deadline && !deciding.is_finished(), "the reader stays behind");
                std::thread::yield_now();
            }
        }
        deciding.join().unwrap()
    });
    println!("quiet:   {}\nreloads: {}", quiet.told(), reloads.told());
    assert_eq!((calls.count_total, calls.count_current), (0, 0), "the reader called the allocator: {calls:?}");
    assert_eq!((engine.generation(), engine.sweep()), (RELOADS + 1, 0));
}
