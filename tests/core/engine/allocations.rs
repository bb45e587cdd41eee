//! What reloads ask of the allocator, thread by thread: everything on the thread that reloads,
//! nothing on a thread that decides. So no set is ever freed by a reader, whoever lets go of it last.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use allocation_counter::{AllocationInfo, measure};
use corsac::{Decision, Engine, Policies, Request, Target, Verdict};
use corsac_tests::ending::Ending;
use corsac_tests::engine;

/// Reloads that a thread follows one by one.
const RELOADS: u64 = 1_000;

const DEADLINE: Duration = Duration::from_secs(120);

fn set() -> Policies {
    let rows: String = (0..100).map(|index| format!("\"https://tenant{index}.example\",")).collect();
    engine::policies(&format!("version = 1\n[[route]]\npolicy = \"p\"\n[policy.p]\nallow_origins = [{rows}]\n"))
}

/// Decides by a route, reads what is said, and gives its generation.
fn decide<'a>(decide: impl FnOnce(Target<'_>, &Request<'a>) -> Decision<'a>) -> u64 {
    let target = Target::Route { host: b"any.example", path: b"/" };
    let decision = decide(target, &Request::new("GET").origin("https://tenant7.example"));
    assert_eq!(decision.verdict(), Verdict::Allowed);
    black_box(decision.set().count() + decision.vary().names().count());
    decision.generation()
}

/// Holds that the allocator was not called: not to allocate, nor to free or to resize, which counts
/// as both.
#[track_caller]
fn assert_silent(info: AllocationInfo, what: &str) {
    assert_eq!((info.count_total, info.count_current), (0, 0), "{what}: {info:?}");
}

/// Follows an engine generation by generation while another thread reloads it; gives what either
/// thread asked of the allocator. The sets are made before, so that they are freed and not made.
fn follow(engine: &Engine, mut decide: impl FnMut() -> u64 + Send) -> (AllocationInfo, AllocationInfo) {
    let sets: Vec<_> = (0..RELOADS).map(|_| set()).collect();
    let (seen, is_over, last) = (AtomicU64::new(0), AtomicBool::new(false), RELOADS + 1);
    std::thread::scope(|scope| {
        let deciding = scope.spawn(|| {
            // What a thread needs once it gets with its first decision.
            let mut newest = decide();
            let mut passed = 1;
            let info = measure(|| {
                while newest < last && !is_over.load(Ordering::Acquire) {
                    seen.store(newest, Ordering::Release);
                    let generation = decide();
                    passed += u64::from(generation != newest);
                    newest = generation;
                }
            });
            seen.store(newest, Ordering::Release);
            assert_eq!(passed, last, "every set was decided by");
            info
        });
        let wait_for = |generation| {
            let deadline = Instant::now() + DEADLINE;
            while seen.load(Ordering::Acquire) < generation {
                assert!(Instant::now() < deadline, "nobody comes to generation {generation}");
                std::thread::yield_now();
            }
        };
        let ending = Ending(&is_over);
        wait_for(1);
        let reloading = measure(|| {
            for set in sets {
                wait_for(engine.reload(set).unwrap());
            }
            assert_eq!(engine.sweep(), 0);
        });
        drop(ending);
        (deciding.join().unwrap(), reloading)
    })
}

/// Holds that the thread that reloaded freed all sets but the current one.
#[track_caller]
fn assert_frees_all(reloading: AllocationInfo) {
    let mut kept = None;
    let one = measure(|| kept = Some(set())).count_current;
    let freed = -reloading.count_current;
    println!("{freed} blocks freed by {RELOADS} reloads of {one} blocks each");
    assert!(one > 10 && freed > (RELOADS as i64 - 1) * one, "{freed} blocks freed of {one} each: {reloading:?}");
}

#[test]
fn a_reader_calls_no_allocator() {
    let engine = Engine::new(set());
    let mut reader = None;
    let (deciding, reloading) = follow(&engine, || {
        decide(|target, request| reader.get_or_insert_with(|| engine.reader()).decide(target, request))
    });
    assert_silent(deciding, "a reader");
    assert_frees_all(reloading);
}

#[test]
fn a_snapshot_calls_no_allocator() {
    let engine = Engine::new(set());
    let (deciding, reloading) = follow(&engine, || {
        let snapshot = engine.snapshot();
        // Its decisions live as long as the snapshot, so they are read here.
        let target = Target::Route { host: b"any.example", path: b"/" };
        snapshot.decide(target, &Request::new("GET").origin("https://tenant7.example")).generation()
    });
    assert_silent(deciding, "snapshots");
    assert_frees_all(reloading);
}

/// A reader that was idle while its set was replaced holds it alone, but for the engine; so does
/// whoever kept a snapshot or the policies.
#[test]
fn whoever_lets_go_last_frees_nothing() {
    let engine = Engine::new(set());
    let [mut goes_on, mut released, mut dropped] = [engine.reader(), engine.reader(), engine.reader()];
    for (reader, generation) in [&mut goes_on, &mut released, &mut dropped].into_iter().zip(1..) {
        assert_eq!(decide(|target, request| reader.decide(target, request)), generation);
        engine.reload(set()).unwrap();
    }
    let snapshot = engine.snapshot();
    engine.reload(set()).unwrap();
    let policies = engine.policies();
    let newest = engine.reload(set()).unwrap();
    assert_eq!(engine.stats().retired(), 5);
    let goes_on = || assert_eq!(decide(|target, request| goes_on.decide(target, request)), newest);
    assert_silent(measure(goes_on), "a reader that goes on");
    assert_silent(measure(|| released.release()), "a reader that is released");
    assert_silent(measure(|| drop(dropped)), "a reader that is dropped");
    assert_silent(measure(|| drop(snapshot)), "a snapshot that is dropped");
    assert_silent(measure(|| drop(policies)), "policies that are dropped");
    assert_eq!(engine.stats().retired(), 5);
    let mut left = 1;
    let sweep = measure(|| left = engine.sweep());
    assert_eq!(left, 0);
    assert!(sweep.count_current < -50, "the sweep freed them: {sweep:?}");
}

/// A thread that is handed a reader needs one record of its own, for good; no more, and it frees
/// nothing.
#[test]
fn a_reader_that_moves_costs_a_thread_one_record() {
    let engine = Engine::new(set());
    let mut reader = engine.reader();
    engine.reload(set()).unwrap();
    let (first, next) = std::thread::scope(|scope| {
        let moved = || {
            let mut decides =
                |newest| measure(|| assert_eq!(decide(|target, request| reader.decide(target, request)), newest));
            (decides(2), decides(engine.reload(set()).unwrap()))
        };
        scope.spawn(moved).join().unwrap()
    });
    println!("the first decision of another thread: {first:?}");
    assert!(first.count_total <= 1 && first.count_current == first.count_total as i64, "{first:?}");
    assert_silent(next, "a thread that knows the reader");
}

#[test]
fn a_call_would_be_seen() {
    let block = black_box(Box::new(1_u8));
    let freed = measure(|| drop(block));
    assert_eq!((freed.count_total, freed.count_current), (0, -1));
    let mut grown = black_box(Vec::<u8>::with_capacity(1));
    let resized = measure(|| grown.reserve_exact(black_box(100)));
    assert_eq!((resized.count_total, resized.count_current), (1, 0));
}
