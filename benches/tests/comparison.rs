//! The comparison is fair: what is expected comes from nowhere near the engine, answers are judged as a
//! browser would, and what a driver does wrong is said and not hidden.

use std::collections::BTreeSet;
use std::time::Duration;

use corsac_bench::browser::{Answer, judge};
use corsac_bench::conductor::{Conductor, Settings};
use corsac_bench::raw::Outcome;
use corsac_bench::scenario::{Kind, Policy, Request, Scenario};
use corsac_bench::scenarios::{Plan, all, scenario};
use corsac_tests::oracle::{Judgement, Oracle};

/// The oracle walks over all rows.
const ROWS: usize = 1_000;

#[test]
fn scenarios_expect_what_the_oracle_does() {
    let mut compared = 0;
    for plan in all() {
        // Large lists are made by the same code as small ones, and take the oracle minutes.
        if plan.name.contains("10,000") || plan.name.contains("100,000") || plan.name.contains("1,000,000") {
            continue;
        }
        let scenario = plan.make();
        let rows = &scenario.policy.allow_origins;
        assert!(rows.len() <= ROWS, "{}", scenario.name);
        let mut oracle = Oracle::default();
        rows.iter().filter(|row| *row != "*").for_each(|row| oracle.add(0, row, None));
        let distinct: BTreeSet<&str> = scenario.requests.iter().map(Request::origin).take(200).collect();
        for (request, expected) in scenario.requests.iter().zip(&scenario.expected) {
            if !distinct.contains(request.origin()) {
                continue;
            }
            let judged = oracle.judge(request.origin().as_bytes());
            let granted = scenario.policy.is_for_any() || matches!(judged, Judgement::Granted { .. });
            let may_be_allowed = expected.allowed != Some(false);
            let is_denied_for_its_names = scenario.name.contains("header denied")
                || scenario.name.contains("distinct")
                || scenario.name.contains("one name of");
            assert_eq!(may_be_allowed, granted && !is_denied_for_its_names, "{}: {judged:?}", scenario.name);
            compared += 1;
        }
    }
    assert!(compared > 5_000, "{compared}");
}

#[test]
fn names_say_what_is_expected() {
    let mut names = BTreeSet::new();
    for plan in all() {
        assert!(names.insert(plan.name.clone()), "{} is there twice", plan.name);
        if plan.name.contains("100,000") || plan.name.contains("1,000,000") {
            continue;
        }
        let scenario = plan.make();
        assert_eq!(scenario.requests.len(), scenario.expected.len());
        let expected: BTreeSet<_> = scenario.expected.iter().map(|expected| expected.allowed).collect();
        assert_eq!(expected.len(), 1, "{}", scenario.name);
        if scenario.name.contains("hostile") {
            assert!(!expected.contains(&Some(true)), "{}", scenario.name);
        } else {
            assert_eq!(expected.contains(&Some(false)), scenario.name.contains("denied"), "{}", scenario.name);
        }
    }
    assert!(names.len() > 50, "{}", names.len());
}

fn answer(status: u16, headers: &[(&str, &str)]) -> Answer {
    let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Answer { allowed: None, status, headers }
}

fn asked(rows: &[&str], request: Request) -> Scenario {
    let kind = if request.method == "OPTIONS" { Kind::Preflight } else { Kind::Actual };
    scenario("one", kind, rows.iter().map(|row| (*row).into()).collect(), vec![request])
}

const APP: &str = "https://app.example.com";
const ORIGIN: &str = "access-control-allow-origin";
const METHODS: &str = "access-control-allow-methods";
const HEADERS: &str = "access-control-allow-headers";

#[test]
fn answers_are_judged_as_a_browser_takes_them() {
    let actual = |origin| asked(&[APP], Request::actual(origin));
    let preflight = |line: &str| asked(&[APP], Request::preflight(APP, &[line.into()]));
    let other = "https://other.example.com";
    for (scenario, answer, is_right) in [
        (actual(APP), answer(200, &[(ORIGIN, APP)]), true),
        (actual(APP), answer(200, &[]), false),
        (actual(APP), answer(200, &[(ORIGIN, other)]), false),
        (actual(APP), answer(200, &[(ORIGIN, APP), (ORIGIN, APP)]), false),
        // Right for this origin, and for every other.
        (actual(APP), answer(200, &[(ORIGIN, "*")]), false),
        (actual(other), answer(200, &[]), true),
        // A list of one may be answered with it, and the browser refuses.
        (actual(other), answer(200, &[(ORIGIN, APP)]), true),
        (actual(other), answer(200, &[(ORIGIN, other)]), false),
        (actual(other), answer(200, &[(ORIGIN, "*")]), false),
        (asked(&["*"], Request::actual(other)), answer(200, &[(ORIGIN, "*")]), true),
        (asked(&["*"], Request::actual(other)), answer(200, &[(ORIGIN, other)]), true),
        (preflight("content-type"), answer(204, &[(ORIGIN, APP), (METHODS, "PUT"), (HEADERS, "Content-Type")]), true),
        (preflight("content-type"), answer(204, &[(ORIGIN, APP), (METHODS, "PUT, GET"), (HEADERS, "*")]), true),
        (preflight("authorization"), answer(204, &[(ORIGIN, APP), (METHODS, "PUT"), (HEADERS, "*")]), false),
        (preflight("content-type"), answer(204, &[(ORIGIN, APP), (METHODS, "put"), (HEADERS, "content-type")]), false),
        (preflight("content-type"), answer(204, &[(ORIGIN, APP), (METHODS, "PUT")]), false),
        (preflight("content-type"), answer(403, &[(ORIGIN, APP), (METHODS, "PUT"), (HEADERS, "*")]), false),
        (preflight("x-other"), answer(204, &[(ORIGIN, APP), (METHODS, "PUT")]), true),
        (preflight("x-other"), answer(204, &[(ORIGIN, APP), (METHODS, "PUT"), (HEADERS, "x-other")]), false),
        // No browser sends it, and nothing is granted that the policy does not: either is safe.
        (preflight(",,,"), answer(403, &[]), true),
        (preflight(",,,"), answer(204, &[(ORIGIN, APP), (METHODS, "PUT")]), true),
    ] {
        let judged = judge(&scenario, std::slice::from_ref(&answer));
        assert_eq!(judged.is_ok(), is_right, "{:?} {answer:?}: {judged:?}", scenario.requests);
    }
    let credentials = Policy { allow_credentials: true, ..Policy::new(vec![APP.into()]) };
    let scenario = Scenario { policy: credentials, ..actual(APP) };
    judge(&scenario, &[answer(200, &[(ORIGIN, APP)])]).unwrap_err();
    judge(&scenario, &[answer(200, &[(ORIGIN, APP), ("access-control-allow-credentials", "true")])]).unwrap();
    judge(&scenario, &[]).unwrap_err();
}

/// A driver whose contestants do what their names say.
const DRIVER: &str = r#"
echo '{"contestants":[
    {"name":"right","version":"1","runtime":"sh","is_corsac":true},
    {"name":"wrong","version":"1","runtime":"sh","is_corsac":false},
    {"name":"cannot","version":"1","runtime":"sh","is_corsac":false},
    {"name":"complains","version":"1","runtime":"sh","is_corsac":false},
    {"name":"ends","version":"1","runtime":"sh","is_corsac":false},
    {"name":"is late","version":"1","runtime":"sh","is_corsac":false},
    {"name":"bare handler","version":"1","runtime":"sh","is_corsac":false}]}' | tr -d '\n'
echo
allowed='{"status":200,"headers":[["access-control-allow-origin","https://app.example.com"]]}'
none='{"status":200,"headers":[]}'
while read -r line; do
    case $line in
    *'"right"'*) echo "{\"answers\":[$allowed,$none]}" ;;
    *'"wrong"'* | *'"bare handler"'*) echo "{\"answers\":[$none,$none]}" ;;
    *'"cannot"'*) echo '{"cannot":"has no lists"}' ;;
    *'"complains"'*) echo '{"error":"no such file"}' ;;
    *'"ends"'*) echo 'out of memory' >&2; exit 3 ;;
    *'"is late"'*) sleep 600 ;;
    *'"run"'*) n=${line##*:}; echo "{\"ns\":$((${n%%\}*} * 1000))}" ;;
    esac
done
"#;

fn settings(folder: &tempfile::TempDir) -> Settings {
    Settings {
        rounds: 3,
        sample: Duration::from_micros(50),
        patience: Duration::from_millis(500),
        folder: folder.path().into(),
    }
}

fn driver(script: &str) -> Vec<String> {
    ["sh", "-c", script].map(String::from).to_vec()
}

#[test]
fn what_becomes_of_every_contestant_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut conductor = Conductor::start(settings(&folder), &[driver(DRIVER)]).unwrap();
    let plan = Plan::new("two requests".into(), |name| {
        let requests = vec![Request::actual(APP), Request::actual("https://other.example.com")];
        scenario(name, Kind::Actual, vec![APP.into()], requests)
    });
    for is_first in [true, false] {
        let asked = conductor.run(&plan).unwrap();
        let outcome = |name: &str| asked.outcomes.get(name).unwrap_or_else(|| panic!("{name} is missing: {asked:?}"));
        // A thousand nanoseconds a request, and samples of fifty thousand.
        let Outcome::Right(timing) = outcome("right") else { panic!("{asked:?}") };
        assert_eq!((timing.requests, timing.samples.as_slice()), (50, [50_000; 3].as_slice()));
        assert!(matches!(outcome("bare handler"), Outcome::Right(_)), "{asked:?}");
        let Outcome::Wrong(what, timing) = outcome("wrong") else { panic!("{asked:?}") };
        assert_eq!((what.as_str(), timing.median()), ("refuses `https://app.example.com`, which is allowed", 1_000.0));
        assert_eq!(*outcome("cannot"), Outcome::Cannot("has no lists".into()));
        assert_eq!(*outcome("complains"), Outcome::Failed("no such file".into()));
        let Outcome::Failed(what) = outcome("ends") else { panic!("{asked:?}") };
        assert!(what.contains("ended") && what.contains("out of memory"), "{what}");
        let late =
            if is_first { "did not answer 2 requests within 500ms" } else { "not asked: it was too slow with 1 rows" };
        assert_eq!(*outcome("is late"), Outcome::Failed(late.into()));
    }
}

#[test]
fn a_missing_driver_says_what_to_install() {
    let folder = tempfile::tempdir().unwrap();
    let missing = driver("echo 'install golang-go' >&2; exit 2");
    let error = Conductor::start(settings(&folder), &[missing]).unwrap_err();
    assert!(error.contains("install golang-go"), "{error}");
    let error = Conductor::start(settings(&folder), &[vec!["/no/such/driver".into()]]).unwrap_err();
    assert!(error.contains("`/no/such/driver` does not start"), "{error}");
    let error = Conductor::start(settings(&folder), &[driver(DRIVER), driver(DRIVER)]).unwrap_err();
    assert!(error.contains("two contestants are called `right`"), "{error}");
}
