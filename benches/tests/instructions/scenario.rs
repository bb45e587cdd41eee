//! The counted scenarios: one kind of request each, decided by a reader of an engine, as in a worker.

use std::hint::black_box;
use std::ptr;

use corsac::{Engine, Policies, Policy, PolicyBuilder, Reader, Request, Target, Verdict};
use corsac_bench::{diverse, draw, expressions, globs, header_names, policy, policy_of_expressions, wildcards};
use corsac_ffi::{corsac_decide, corsac_decision, corsac_lines, corsac_reader, corsac_request, corsac_str};

/// Decisions per count.
pub(crate) const TIMES: usize = 256;

/// A policy, requests that it decides in turn, and the verdict on all of them.
struct Scenario {
    name: &'static str,
    policy: fn() -> Policy,
    method: &'static str,
    origins: fn() -> Vec<String>,
    /// The lines of `Access-Control-Request-Headers`. With them, the requests are preflights for `PUT`.
    lines: Option<fn() -> Vec<String>>,
    verdict: Verdict,
}

impl Scenario {
    const fn actual(
        name: &'static str,
        policy: fn() -> Policy,
        origins: fn() -> Vec<String>,
        verdict: Verdict,
    ) -> Self {
        Self { name, policy, method: "GET", origins, lines: None, verdict }
    }

    fn request<'r>(&self, origin: &'r str, lines: &'r &'r [&'r [u8]]) -> Request<'r> {
        let request = Request::new(self.method).origin(origin);
        match self.lines {
            Some(_) => request.request_method("PUT").request_headers(lines),
            None => request,
        }
    }

    const fn preflight(name: &'static str, lines: fn() -> Vec<String>, verdict: Verdict) -> Self {
        Self { name, policy: thousand, method: "OPTIONS", origins: listed, lines: Some(lines), verdict }
    }
}

const SCENARIOS: &[Scenario] = &[
    Scenario::actual("exact, 1: allowed", || policy(&diverse(1, "")), || diverse(1, ""), Verdict::Allowed),
    Scenario::actual("exact, 1,000: allowed", thousand, listed, Verdict::Allowed),
    Scenario::actual("exact, 100,000: allowed", || policy(&diverse(100_000, "")), || drawn(100_000), Verdict::Allowed),
    Scenario::actual("exact, 1,000: denied", thousand, || diverse(64, "x"), Verdict::Denied),
    Scenario::actual("exact, 1,000: malformed", thousand, || with_end(listed(), "/"), Verdict::Denied),
    Scenario::actual("exact, 1,000: null", thousand, || vec!["null".into()], Verdict::Denied),
    Scenario::actual("exact, 1,000: 64 KiB", thousand, || vec!["x".repeat(SIZE)], Verdict::Denied),
    Scenario::actual("any origin", any_origin, || diverse(64, ""), Verdict::Allowed),
    Scenario::actual("wildcards, 10,000: allowed", || policy(&wildcards(10_000)), below_wildcards, Verdict::Allowed),
    Scenario::actual("wildcards, 10,000: denied", || policy(&wildcards(10_000)), || diverse(64, "x"), Verdict::Denied),
    Scenario::actual("globs, 1,000: allowed", || policy(&globs(1_000)), || filled("pr-417"), Verdict::Allowed),
    Scenario::actual("globs, 1,000: hostile", || policy(&globs(1_000)), hostile_to_globs, Verdict::Denied),
    Scenario::actual("expressions, 100: allowed", hundred_expressions, by_expressions, Verdict::Allowed),
    Scenario::actual("expressions, 100: denied", hundred_expressions, || diverse(64, "x"), Verdict::Denied),
    Scenario::preflight("preflight, 1 name", || vec![names_line(1, 0)], Verdict::PreflightAllowed),
    Scenario::preflight("preflight, 20 names", || vec![names_line(20, 0)], Verdict::PreflightAllowed),
    Scenario::preflight(
        "preflight, 20 names in 4 lines",
        || (0..4).map(|line| names_line(5, 5 * line)).collect(),
        Verdict::PreflightAllowed,
    ),
    Scenario::preflight("preflight, an unknown name", || vec!["x-other".into()], Verdict::PreflightDenied),
    Scenario::preflight("preflight, 64 KiB of commas", || vec![",".repeat(SIZE)], Verdict::PreflightDenied),
    Scenario::preflight(
        "preflight, 64 KiB of one name",
        || vec!["content-type,".repeat(SIZE / 13)],
        Verdict::PreflightDenied,
    ),
    Scenario::preflight("preflight, a name of 64 KiB", || vec!["x".repeat(SIZE)], Verdict::PreflightDenied),
];

/// Scenarios that are also counted through `corsac_decide`.
const IN_C: [&str; 3] = ["exact, 1,000: allowed", "exact, 1,000: denied", "preflight, 20 names"];
const C: &str = "C: ";

const SIZE: usize = 64 << 10;

pub(crate) fn names() -> impl Iterator<Item = String> {
    SCENARIOS.iter().map(|scenario| scenario.name.into()).chain(IN_C.map(|name| format!("{C}{name}")))
}

/// Checks the verdicts, then decides again where callgrind counts.
pub(crate) fn run(name: &str) {
    let (plain, is_c) = name.strip_prefix(C).map_or((name, false), |plain| (plain, true));
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == plain).expect("a scenario's name");
    let engine = Engine::new(Policies::new([(scenario.policy)()]).expect("one policy has a name of its own"));
    let origins = (scenario.origins)();
    let lines = scenario.lines.map(|lines| lines());
    let lines: Vec<&[u8]> = lines.iter().flatten().map(String::as_bytes).collect();
    let lines = lines.as_slice();
    let requests: Vec<_> = origins.iter().map(|origin| scenario.request(origin, &lines)).collect();
    let target = Target::Policy(engine.policy_id("bench").expect("the policy's name"));
    let mut reader = engine.reader();
    for request in &requests {
        assert_eq!(reader.decide(target, request).verdict(), scenario.verdict, "{name}");
    }
    if is_c {
        run_c(scenario, &engine, &origins, &lines);
    } else {
        counted(&mut reader, target, &requests);
    }
}

/// Callgrind looks for this name.
#[inline(never)]
fn counted(reader: &mut Reader, target: Target<'_>, requests: &[Request<'_>]) {
    for request in requests.iter().cycle().take(TIMES) {
        black_box(reader.decide(target, black_box(request)));
    }
}

type Decide = extern "C" fn(Option<&mut corsac_reader>, u64, *const corsac_request) -> *const corsac_decision;

fn run_c(scenario: &Scenario, engine: &Engine, origins: &[String], lines: &[&[u8]]) {
    let origins: Vec<_> = origins.iter().map(|origin| view(origin.as_bytes())).collect();
    let lines: Vec<_> = lines.iter().map(|line| view(line)).collect();
    let method = view(b"PUT");
    let request = |origin| corsac_request {
        struct_size: size_of::<corsac_request>(),
        method: view(scenario.method.as_bytes()),
        origin: corsac_lines { ptr: origin, len: 1 },
        request_method: corsac_lines { ptr: &raw const method, len: usize::from(scenario.lines.is_some()) },
        request_headers: corsac_lines { ptr: lines.as_ptr(), len: lines.len() },
        request_private_network: corsac_lines { ptr: ptr::null(), len: 0 },
        host: corsac_str { ptr: ptr::null(), len: 0 },
        path: corsac_str { ptr: ptr::null(), len: 0 },
        headers: ptr::null(),
        headers_len: 0,
    };
    let requests: Vec<_> = origins.iter().map(|origin| request(ptr::from_ref(origin))).collect();
    let id = u64::from(engine.policy_id("bench").expect("the policy's name"));
    // An opaque function pointer, as for a caller in C.
    counted_in_c(black_box(corsac_decide), &mut corsac_reader::from(engine.reader()), id, &requests);
    // The decision in C cannot be read without `unsafe`, but the engine counted it.
    let counts = engine.stats();
    let decided = counts.iter().filter(|(verdict, ..)| *verdict == scenario.verdict).map(|(.., count)| count);
    assert_eq!(decided.sum::<u64>(), counts.total(), "{}", scenario.name);
}

/// Callgrind looks for this name.
#[inline(never)]
fn counted_in_c(decide: Decide, reader: &mut corsac_reader, id: u64, requests: &[corsac_request]) {
    for request in requests.iter().cycle().take(TIMES) {
        black_box(decide(Some(reader), id, black_box(ptr::from_ref(request))));
    }
}

fn view(bytes: &[u8]) -> corsac_str {
    corsac_str { ptr: bytes.as_ptr().cast(), len: bytes.len() }
}

fn thousand() -> Policy {
    policy(&diverse(1_000, ""))
}

fn any_origin() -> Policy {
    PolicyBuilder::new("bench").allow_origins(["*"]).build().expect("a policy for any origin")
}

fn hundred_expressions() -> Policy {
    policy_of_expressions(&expressions(100))
}

fn listed() -> Vec<String> {
    drawn(1_000)
}

fn drawn(size: usize) -> Vec<String> {
    draw(&diverse(size, ""), 64)
}

fn with_end(origins: Vec<String>, end: &str) -> Vec<String> {
    origins.into_iter().map(|origin| origin + end).collect()
}

fn below_wildcards() -> Vec<String> {
    draw(&wildcards(10_000), 64).iter().map(|row| row.replace('*', "deep.preview")).collect()
}

fn filled(star: &str) -> Vec<String> {
    draw(&globs(1_000), 64).iter().map(|row| row.replace('*', star)).collect()
}

/// As many literals as fit into a host, none of them in a place where it could match.
fn hostile_to_globs() -> Vec<String> {
    vec![format!("https://{}x.example.app", "a--site1.example.app.".repeat(11))]
}

fn by_expressions() -> Vec<String> {
    (0..64).map(|index| format!("https://web-pr-{index}.tenant{index}.example.org")).collect()
}

fn names_line(count: usize, from: usize) -> String {
    header_names()[from..from + count].join(",")
}
