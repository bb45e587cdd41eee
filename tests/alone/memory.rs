//! What an engine holds: one set of policies, and those that readers pin. Measured as the live heap
//! bytes of the whole process, through tens of thousands of reloads and with idle readers.
//!
//! `CORSAC_COMPARISONS` asks for more (a two-hundredth as many reloads).

use std::alloc::System;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use corsac::{Engine, Policies, Reader, Request, Target, Verdict};
use corsac_tests::ending::Ending;
use corsac_tests::{engine, generate};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What the test harness itself may allocate between two measurements.
const HARNESS: usize = 4 << 10;

const IDLE: usize = 64;

/// One test, because the bytes are the process's: the harness starts and ends no other meanwhile.
#[test]
fn an_engine_holds_what_it_serves_and_what_readers_pin() {
    an_allocation_would_be_seen();
    memory_is_flat();
    idle_readers_pin_a_set_each();
    released_readers_pin_nothing();
    readers_and_engines_are_freed();
}

/// Live heap bytes of the process.
fn live() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// A set of one policy of each kind of row, and routes. Always of the same size.
fn small() -> Policies {
    engine::policies(
        "version = 1\n[policy.p]\nallow_origins = [\"https://a.example\", \"https://b.example:*\", \"https://*.c.example\", \
         \"https://d-*.e.example\", { regex = 'https://[a-z]+\\.f\\.example' }]\nallow_credentials = true\n\
         own_origins = [\"https://own.example\"]\n[[policy.p.grant]]\nallow_origins = [\"https://g.example\"]\n\
         allow_credentials = false\n[policy.q]\nallow_origins = [\"*\"]\n[[route]]\nhost = \"a.example\"\npolicy = \"p\"\n",
    )
}

/// A set that weighs so much that one more or less of it is seen.
fn large() -> Policies {
    let rows: String = (0..2_000).map(|index| format!("\"https://a{index}.example\",")).collect();
    engine::policies(&format!("version = 1\n[policy.p]\nallow_origins = [{rows}]\n[[route]]\npolicy = \"p\"\n"))
}

/// How many bytes a set holds, over so many that what else is allocated meanwhile does not count.
fn weight(set: fn() -> Policies) -> usize {
    drop(set());
    let before = live();
    let sets: Vec<Policies> = (0..IDLE).map(|_| set()).collect();
    let weight = (live() - before) / IDLE;
    drop(black_box(sets));
    weight
}

fn decide(reader: &mut Reader) -> u64 {
    let target = Target::Route { host: b"a.example", path: b"/" };
    let decision = reader.decide(target, &Request::new("GET").origin("https://a1.example"));
    assert_ne!(decision.verdict(), Verdict::NoPolicy);
    decision.generation()
}

/// Live bytes around an expectation.
#[track_caller]
fn assert_holds(base: usize, sets: usize, weight: usize, what: &str) {
    let (least, most) = (base + sets * weight, base + sets * weight + weight / 2);
    let live = live();
    assert!((least.saturating_sub(weight / 2)..=most).contains(&live), "{what}: {live} bytes, not {least}");
}

/// Reloads by the ten thousand, with readers that decide all the while: nothing is left behind, not
/// even half a byte a reload.
fn memory_is_flat() {
    let reloads = generate::comparisons(2_000_000) / 200;
    let (engine, is_over, decided) = (Engine::new(small()), AtomicBool::new(false), AtomicU64::new(0));
    let read = || {
        let mut reader = engine.reader();
        while !is_over.load(Ordering::Acquire) {
            decide(&mut reader);
            decided.fetch_add(1, Ordering::Release);
            // Reloads are what this is about, on however few cores.
            std::thread::yield_now();
        }
    };
    let share = || {
        let id = engine.policy_id("p").unwrap();
        while !is_over.load(Ordering::Acquire) {
            engine.snapshot().decide(Target::Policy(id), &Request::new("GET").origin("https://a.example"));
            decided.fetch_add(1, Ordering::Release);
            // Reloads are what this is about, on however few cores.
            std::thread::yield_now();
        }
    };
    let (mut first, mut last, mut most) = (0, 0, 0);
    std::thread::scope(|scope| {
        scope.spawn(read);
        scope.spawn(read);
        scope.spawn(share);
        let _ending = Ending(&is_over);
        for reload in 0..reloads + reloads / 10 {
            engine.reload(small()).unwrap();
            if reload % (reloads / 10) == 0 {
                settle(&engine, &decided);
                last = live();
                // The first tenth warms up: lists grow to their size.
                first = if reload <= reloads / 10 { last } else { first };
                most = most.max(last - first.min(last));
            }
        }
    });
    println!(
        "{reloads} reloads, {} decisions: {first} bytes live, then {last}; {most} more at most",
        decided.into_inner()
    );
    assert!(most < HARNESS.min(reloads as usize / 2), "from {first} to {last} bytes, {most} more between");
    assert_eq!(engine.stats().generation(), reloads + reloads / 10 + 1);
}

/// Waits until every reader has gone on to the newest set and the others are freed.
fn settle(engine: &Engine, decided: &AtomicU64) {
    let (before, deadline) = (decided.load(Ordering::Acquire), Instant::now() + Duration::from_secs(60));
    while engine.sweep() > 0 || decided.load(Ordering::Acquire) == before {
        assert!(Instant::now() < deadline, "{} sets are still held", engine.stats().retired());
        std::thread::yield_now();
    }
}

/// Readers that idle, each on a generation of its own: as many sets as readers, and the current one.
fn idle_readers_pin_a_set_each() {
    let weight = weight(large);
    let engine = Engine::new(large());
    let mut readers: Vec<Reader> = (0..IDLE).map(|_| engine.reader()).collect();
    readers.iter_mut().for_each(Reader::release);
    let base = live() - weight;
    for (pinned, reader) in readers.iter_mut().enumerate() {
        assert_eq!(decide(reader), pinned as u64 + 1);
        engine.reload(large()).unwrap();
        assert_eq!(engine.stats().retired(), pinned + 1);
    }
    assert_holds(base, IDLE + 1, weight, "a reader on each of 64 generations");
    println!(
        "{IDLE} idle readers on {IDLE} generations: {} KiB a set, {} KiB in all",
        weight >> 10,
        (live() - base) >> 10
    );
    // What nobody pins goes at once, however many there are.
    for _ in 0..100 {
        engine.reload(large()).unwrap();
        assert_eq!(engine.stats().retired(), IDLE);
    }
    assert_holds(base, IDLE + 1, weight, "and 100 reloads that no reader saw");

    readers.iter_mut().for_each(|reader| assert_eq!(decide(reader), engine.generation()));
    assert_eq!(engine.stats().retired(), IDLE, "readers do not free");
    assert_holds(base, IDLE + 1, weight, "readers that went on");
    engine.reload(large()).unwrap();
    assert_eq!(engine.stats().retired(), 1, "all of them pin the one before");
    assert_holds(base, 2, weight, "and a reload");

    readers.iter_mut().for_each(Reader::release);
    assert_eq!((engine.stats().retired(), engine.sweep()), (1, 0));
    assert_holds(base, 1, weight, "readers that let go");
}

/// The same readers, which let go of their set whenever they idle: the current set alone.
fn released_readers_pin_nothing() {
    let weight = weight(large);
    let engine = Engine::new(large());
    let mut readers: Vec<Reader> = (0..IDLE).map(|_| engine.reader()).collect();
    let base = live() - weight;
    readers.iter_mut().for_each(Reader::release);
    for reader in &mut readers {
        assert_eq!(decide(reader), engine.generation());
        reader.release();
        engine.reload(large()).unwrap();
        assert_eq!(engine.stats().retired(), 0);
        assert_holds(base, 1, weight, "64 released readers");
    }
    println!("{IDLE} released readers: {} KiB in all", (live() - base) >> 10);
    // A reader that is gone pins nothing either, nor does what was borrowed from the engine.
    readers.iter_mut().for_each(|reader| assert_eq!(decide(reader), engine.generation()));
    let (snapshot, policies) = (engine.snapshot(), engine.policies());
    engine.reload(large()).unwrap();
    assert_eq!(engine.stats().retired(), 1);
    drop(readers);
    assert_eq!(engine.sweep(), 1);
    drop(snapshot);
    assert_eq!(engine.sweep(), 1);
    assert_holds(base, 2, weight, "a set in somebody's hands");
    drop(policies);
    assert_eq!(engine.sweep(), 0);
    assert_holds(base, 1, weight, "and in nobody's");
}

/// Readers that come and go leave nothing behind, and an engine that is gone takes everything along.
fn readers_and_engines_are_freed() {
    let before = live();
    let engine = Engine::new(large());
    drop(engine.reader());
    let with_one = live();
    for _ in 0..10_000 {
        decide(&mut engine.reader());
    }
    assert!(live() < with_one + HARNESS, "10,000 readers left {} bytes", live() - with_one);
    let mut last = engine.reader();
    decide(&mut last);
    engine.reload(large()).unwrap();
    drop(engine);
    assert_eq!(decide(&mut last), 2, "a reader keeps its engine");
    drop(last);
    assert!(live() < before + HARNESS, "an engine left {} bytes", live() - before);
}

fn an_allocation_would_be_seen() {
    let before = live();
    let block = black_box(vec![0_u8; 1 << 20]);
    assert!(live() > before + (1 << 20) - HARNESS);
    drop(block);
    assert!(live() < before + HARNESS);
}
