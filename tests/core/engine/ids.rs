//! A policy's id is its name's, for the engine's life: through reloads that move it within the
//! document, that remove it, and that bring it back.

use std::collections::BTreeMap;

use corsac::{Engine, Policies, PolicyId, Reason, Request, Target, Verdict};
use corsac_tests::engine;
use corsac_tests::generate::Dice;

/// A policy for each name, which allows one origin that tells the name; a route leads to each.
fn policies(names: &[String]) -> Policies {
    let table = |name: &String| {
        format!(
            "[policy.\"{name}\"]\nallow_origins = [\"https://{name}.example\"]\n\
             [[route]]\nhost = \"{name}.test\"\npolicy = \"{name}\"\n"
        )
    };
    engine::policies(&format!("version = 1\n{}", names.iter().map(table).collect::<String>()))
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_policy_vanishes_and_returns_with_its_id() {
    let both = names(&["a", "b"]);
    let engine = Engine::new(policies(&both));
    let [a, b] = ["a", "b"].map(|name| engine.policy_id(name).unwrap());
    assert_ne!(a, b);
    let mut reader = engine.reader();
    let origin = "https://b.example";
    let (actual, preflight) =
        (Request::new("GET").origin(origin), Request::new("OPTIONS").origin(origin).request_method("GET"));
    let route = Target::Route { host: b"b.test", path: b"/" };
    let (there, gone) = ((Verdict::Allowed, Reason::Ok), (Verdict::NoPolicy, Reason::NoPolicy));

    // `b` moves to the front, vanishes alone, beside a new name, and returns behind all others.
    let sets: [(&[&str], bool); 6] = [
        (&["b", "a"], true),
        (&["a"], false),
        (&["c", "a"], false),
        (&["c"], false),
        (&["a", "c", "b"], true),
        (&["b"], true),
    ];
    for (generation, (set, is_there)) in (2..).zip(sets) {
        assert_eq!(engine.reload(policies(&names(set))).unwrap(), generation);
        assert_eq!((engine.policy_id("a"), engine.policy_id("b")), (Some(a), Some(b)), "{set:?}");
        let expected = if is_there { there } else { gone };
        for target in [Target::Policy(b), route] {
            let decision = reader.decide(target, &actual);
            assert_eq!((decision.verdict(), decision.reason()), expected, "{target:?} of {set:?}");
            assert_eq!(decision.policy(), is_there.then_some(b));
            assert_eq!((decision.generation(), decision.status()), (generation, None));
            assert_eq!(decision.set().count(), usize::from(is_there));
            let decision = engine.snapshot().decide(target, &actual).to_owned_decision();
            assert_eq!((decision.verdict(), decision.policy()), (expected.0, is_there.then_some(b)));
            let status = if is_there { 204 } else { 403 };
            assert_eq!(reader.decide(target, &preflight).status(), Some(status));
        }
        assert_eq!(reader.origin_allowed(b, &actual), Some(is_there), "{set:?}");
        assert_eq!(
            reader.origin_allowed(b, &Request::new("GET")),
            if is_there { None } else { Some(false) },
            "{set:?}"
        );
        let current = engine.policies();
        assert_eq!(current.id("b"), is_there.then_some(b));
        assert_eq!(current.get(b).map(corsac::Policy::name), is_there.then_some("b"));
    }
    assert_eq!(engine.policies().only(), Some(b));
}

/// Hundreds of reloads of names that come, go and move about, beside a table of who had which id.
#[test]
fn ids_are_never_given_to_another_name() {
    const RELOADS: u64 = 600;
    let mut dice = Dice::new(3);
    let pool: Vec<String> = (0..40).map(|index| format!("p{index}")).collect();
    let first = names(&["p0"]);
    let (engine, mut known) = (Engine::new(policies(&first)), BTreeMap::<String, PolicyId>::new());
    known.insert("p0".into(), engine.policy_id("p0").unwrap());
    let (mut reader, mut vanished) = (engine.reader(), 0);
    for generation in 2..RELOADS + 2 {
        // Later names come into play late.
        let pool = &pool[..(generation as usize / 10 + 2).min(pool.len())];
        let mut set: Vec<String> = pool.iter().filter(|_| dice.percent(30)).cloned().collect();
        if set.is_empty() {
            set.push(dice.pick(pool).clone());
        }
        dice.shuffle(&mut set);
        assert_eq!(engine.reload(policies(&set)).unwrap(), generation);
        for name in &set {
            let id = engine.policy_id(name).unwrap();
            let is_new = !known.values().any(|other| *other == id);
            assert_eq!(known.get(name).copied().or(is_new.then_some(id)), Some(id), "{name} in {known:?}");
            known.insert(name.clone(), id);
        }
        let current = engine.policies();
        assert!(
            current
                .iter()
                .map(|(id, policy)| (policy.name(), id))
                .eq(set.iter().map(|name| (name.as_str(), known[name])))
        );
        assert!(
            current
                .routes()
                .all(|route| route.host == Some(&format!("{}.test", current.get(route.policy).unwrap().name())))
        );
        for (name, &id) in &known {
            assert_eq!(engine.policy_id(name), Some(id));
            let (origin, host) = (format!("https://{name}.example"), format!("{name}.test"));
            let is_there = set.contains(name);
            vanished += u32::from(!is_there);
            for target in [Target::Policy(id), Target::Route { host: host.as_bytes(), path: b"/" }] {
                let decision = reader.decide(target, &Request::new("GET").origin(&origin));
                assert_eq!(decision.rule(), is_there.then_some(origin.as_str()), "{target:?} of {set:?}");
                assert_eq!(decision.verdict(), if is_there { Verdict::Allowed } else { Verdict::NoPolicy });
                assert_eq!(decision.policy(), is_there.then_some(id));
            }
        }
    }
    println!("{} names, {vanished} times asked for one that was gone", known.len());
    assert_eq!((known.len(), engine.policy_id("p40")), (pool.len(), None));
}

/// Engines of equal documents: an id is good in the engine that gave it, before and after reloads, and
/// in none of the others, however many there were.
#[test]
fn ids_of_other_engines_decide_nothing() {
    const ENGINES: usize = 3_000;
    for set in [&["p"][..], &["p", "q"]] {
        let made: Vec<(Engine, PolicyId)> = (0..ENGINES)
            .map(|_| {
                let loaded = policies(&names(set));
                let id = loaded.id("p").unwrap();
                (Engine::new(loaded), id)
            })
            .collect();
        let request = Request::new("GET").origin("https://p.example");
        let distinct: std::collections::BTreeSet<_> = made.iter().map(|(_, id)| *id).collect();
        assert_eq!(distinct.len(), ENGINES);
        for (index, (engine, id)) in made.iter().enumerate() {
            assert_eq!(engine.policy_id("p"), Some(*id), "the id of a set stays good in its engine");
            assert_eq!(engine.policy_name(*id).as_deref(), Some("p"));
            if index % 2 == 0 {
                engine.reload(policies(&names(set))).unwrap();
            }
            let snapshot = engine.snapshot();
            assert_eq!(snapshot.decide(Target::Policy(*id), &request).verdict(), Verdict::Allowed);
            for other in [index.wrapping_sub(1), index + 1, index * 7 + 3, 0, ENGINES - 1] {
                let Some((_, foreign)) = made.get(other).filter(|_| other != index) else { continue };
                let decision = snapshot.decide(Target::Policy(*foreign), &request);
                assert_eq!((decision.verdict(), decision.reason()), (Verdict::NoPolicy, Reason::NoPolicy));
                assert_eq!((decision.policy(), engine.policy_name(*foreign)), (None, None));
            }
        }
    }
}

/// The ids of a set that is handed to `reload` were its own, and those of a set that comes back out of
/// an engine stay with that engine.
#[test]
fn a_set_takes_the_ids_of_its_engine() {
    let request = Request::new("GET").origin("https://p.example");
    let verdict = |engine: &Engine, id| engine.snapshot().decide(Target::Policy(id), &request).verdict();
    let engine = Engine::new(policies(&names(&["q", "p"])));
    let id = engine.policy_id("p").unwrap();
    let next = policies(&names(&["p"]));
    let of_next = next.id("p").unwrap();
    engine.reload(next).unwrap();
    assert_eq!((verdict(&engine, id), verdict(&engine, of_next)), (Verdict::Allowed, Verdict::NoPolicy));

    let old = engine.policies();
    engine.reload(policies(&names(&["r"]))).unwrap();
    drop(engine);
    let old = std::sync::Arc::try_unwrap(old).expect("nobody else has it");
    let second = Engine::new(old);
    assert_ne!(second.policy_id("p"), Some(id));
    assert_eq!(verdict(&second, id), Verdict::NoPolicy, "the id of the engine that had the set before");
    assert_eq!(verdict(&second, second.policy_id("p").unwrap()), Verdict::Allowed);
}
