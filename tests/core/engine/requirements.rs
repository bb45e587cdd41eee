//! What is required of an engine: a reload without it is refused as a whole, and what serves stays.

use std::sync::atomic::{AtomicBool, Ordering};

use corsac::{Code, ConfigError, Engine, Policies, PolicyId, Request, Target, Verdict};
use corsac_tests::engine;

fn policies(names: &[&str]) -> Policies {
    let table = |name: &&str| format!("[policy.\"{name}\"]\nallow_origins = [\"https://{name}.example\"]\n");
    engine::policies(&format!("version = 1\n{}", names.iter().map(table).collect::<String>()))
}

fn routed(names: &[&str]) -> Policies {
    let table = |name: &&str| {
        format!(
            "[policy.{name}]\nallow_origins = [\"https://{name}.example\"]\n\
             [[route]]\npath = \"/{name}\"\npolicy = \"{name}\"\n"
        )
    };
    engine::policies(&format!("version = 1\n{}", names.iter().map(table).collect::<String>()))
}

#[test]
fn a_reload_without_a_required_policy_changes_nothing() {
    let engine = Engine::new(policies(&["api", "web", "other"]));
    let api = engine.require("api").unwrap();
    assert_eq!(engine.require("web"), Ok(engine.policy_id("web").unwrap()));
    let mut reader = engine.reader();

    for (set, missing) in [
        (&["web"][..], &["api"][..]),
        (&["apis", "web"], &["api"]),
        (&["other", "api"], &["web"]),
        (&["other"], &["api", "web"]),
    ] {
        let error = engine.reload(policies(set)).unwrap_err();
        assert_eq!((error.policies().collect::<Vec<_>>(), error.routes()), (missing.to_vec(), false), "{set:?}");
        assert_eq!(engine.generation(), 1);
        assert_eq!(reader.decide(Target::Policy(api), &from("https://api.example")).verdict(), Verdict::Allowed);
        assert_eq!(engine.policy_id("apis"), None, "a set that was refused gives no ids");
    }
    assert_eq!(engine.reload(policies(&["new", "web", "api"])), Ok(2));
    assert_eq!(reader.decide(Target::Policy(api), &from("https://api.example")).generation(), 2);
}

#[test]
fn requirements_are_counted_and_taken_back() {
    let engine = Engine::new(policies(&["api", "web"]));
    engine.require("api").unwrap();
    engine.require("api").unwrap();
    engine.release("api");
    engine.release("web");
    assert!(engine.reload(policies(&["web"])).is_err());
    engine.release("api");
    assert_eq!(engine.reload(policies(&["web"])), Ok(2));
    // One too many is not remembered, and neither is what was never there.
    engine.release("api");
    engine.release("nothing");
    assert_eq!(engine.require("api").unwrap_err().to_string(), "there is no policy `api`");
    assert!(engine.policy_id("api").is_some(), "an id is no policy");
    assert_eq!(engine.reload(policies(&["api"])), Ok(3));
    engine.require("api").unwrap();
    assert!(engine.reload(policies(&["web"])).is_err());
    // Another engine requires nothing.
    assert_eq!(Engine::new(policies(&["api"])).reload(policies(&["web"])), Ok(2));
}

#[test]
fn routes_can_be_required() {
    let engine = Engine::new(routed(&["api"]));
    engine.require_routes().unwrap();
    engine.require_routes().unwrap();
    engine.require("api").unwrap();
    for _ in 0..2 {
        let missing = engine.reload(policies(&["web"])).unwrap_err();
        assert_eq!(missing.to_string(), "there is no policy `api` and no route");
        let missing = engine.reload(policies(&["api"])).unwrap_err();
        assert!(missing.routes() && missing.policies().count() == 0);
        engine.release_routes();
    }
    // Released twice: they are no longer required.
    assert_eq!(engine.reload(policies(&["api"])), Ok(2));
    assert!(engine.require_routes().unwrap_err().routes());
    engine.release_routes();
    assert_eq!(engine.reload(routed(&["web", "api"])), Ok(3));
    engine.require_routes().unwrap();
    assert!(engine.reload(policies(&["api"])).is_err());
}

#[test]
fn a_policy_that_is_chosen_without_its_name_stays_the_only_one_or_gets_routes() {
    let engine = Engine::new(policies(&["api"]));
    engine.require_only().unwrap();
    let missing = engine.reload(policies(&["api", "web"])).unwrap_err();
    assert!(missing.routes() && missing.policies().count() == 0);
    assert_eq!(engine.reload(policies(&["web"])), Ok(2), "whatever its name");
    assert_eq!(engine.reload(routed(&["api", "web"])), Ok(3));
    assert_eq!(engine.reload(policies(&["api"])), Ok(4));
    engine.release_only();
    engine.release_only();
    assert_eq!(engine.reload(policies(&["api", "web"])), Ok(5));
    assert!(engine.require_only().is_err());
}

#[test]
fn what_is_missing_is_a_diagnostic_each() {
    let engine = Engine::new(routed(&["a", "b", "c"]));
    engine.require("a").unwrap();
    engine.require("c").unwrap();
    engine.require_routes().unwrap();
    let missing = engine.reload(policies(&["b"])).unwrap_err();
    let error = ConfigError::missing("policy.toml", &missing);
    let found: Vec<_> =
        error.diagnostics().iter().map(|found| (found.code(), found.policy(), found.help().is_some())).collect();
    assert_eq!(
        found,
        [
            (Code::ReloadPolicyMissing, Some("a"), true),
            (Code::ReloadPolicyMissing, Some("c"), true),
            (Code::ReloadRoutesMissing, None, true),
        ]
    );
    assert!(error.to_string().starts_with("policy.toml: error[reload/policy-missing]: there is no policy `a`"));
}

/// Requiring and replacing take turns: a policy that was required is there for as long as it is.
#[test]
fn a_requirement_is_never_missed_by_a_reload() {
    let engine = Engine::new(policies(&["api"]));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..2_000 {
                let _refused_while_required = engine.reload(policies(&[["web", "api"][round % 2]]));
            }
            done.store(true, Ordering::Release);
        });
        let mut held = 0;
        while !done.load(Ordering::Acquire) {
            if engine.require("api").is_ok() {
                for _ in 0..20 {
                    assert!(engine.policies().id("api").is_some());
                    std::thread::yield_now();
                }
                engine.release("api");
                held += 1;
            }
        }
        println!("required {held} times");
        assert!(held > 0);
    });
}

fn from(origin: &'static str) -> Request<'static> {
    Request::new("GET").origin(origin)
}

#[test]
fn the_id_of_nothing_decides_nothing() {
    assert_eq!((u64::from(PolicyId::NONE), PolicyId::from(0)), (0, PolicyId::NONE));
    for set in [policies(&["api"]), policies(&["api", "web"]), routed(&["api"])] {
        let engine = Engine::new(set);
        let mut reader = engine.reader();
        let request = from("https://api.example");
        for id in [PolicyId::NONE, PolicyId::from(1), PolicyId::from(u64::from(u32::MAX)), PolicyId::from(u64::MAX)] {
            let decision = reader.decide(Target::Policy(id), &request);
            assert_eq!((decision.verdict(), decision.policy()), (Verdict::NoPolicy, None), "{id:?}");
            assert_eq!(reader.origin_allowed(id, &request), Some(false));
            assert_eq!(reader.origin_allowed(id, &Request::new("GET")), Some(false));
            assert_eq!((engine.policy_name(id), engine.policies().get(id).is_none()), (None, true));
        }
    }
}
