//! The cost of the C interface compared with Rust: the same requests, decided with readers of one engine
//! in turn by `Reader::decide` and by `corsac_decide`; and a call that does nothing.
//!
//! The interface is called through opaque function pointers, as from C, because link-time optimisation
//! could remove a direct call.

use std::hint::black_box;
use std::ptr;
use std::time::Duration;

use corsac::{Engine, Policies, PolicyId, Reason, Request, Target, Verdict};
use corsac_bench::{WARM, diverse, draw, header_names, policy};
use corsac_ffi::{
    corsac_abi_version, corsac_decide, corsac_decision, corsac_lines, corsac_reader, corsac_request, corsac_str,
};
use criterion::{BenchmarkId, Criterion, criterion_group};

type Decide = extern "C" fn(Option<&mut corsac_reader>, u64, *const corsac_request) -> *const corsac_decision;

const ABSENT: corsac_str = corsac_str { ptr: ptr::null(), len: 0 };
const NONE: corsac_lines = corsac_lines { ptr: ptr::null(), len: 0 };

fn view(text: &str) -> corsac_str {
    corsac_str { ptr: text.as_ptr().cast(), len: text.len() }
}

fn one(line: &corsac_str) -> corsac_lines {
    corsac_lines { ptr: line, len: 1 }
}

/// One kind of request. Only the origins differ.
struct Run {
    name: &'static str,
    method: &'static str,
    origins: Vec<String>,
    /// The requested method and names of a preflight.
    requested: Option<(&'static str, String)>,
    verdict: Verdict,
}

impl Run {
    fn reason(&self) -> Reason {
        if self.verdict == Verdict::Denied { Reason::OriginNotAllowed } else { Reason::Ok }
    }

    /// Decides in Rust. Its headers are made on demand, while `corsac_decide` stores all of them:
    /// `walked` reads them all.
    fn rust(&self, reader: &mut corsac::Reader, id: PolicyId, origin: &str, walked: bool) -> Verdict {
        let lines = self.requested.as_ref().map(|(_, names)| [names.as_bytes()]);
        let mut request = Request::new(self.method).origin(origin);
        if let (Some((method, _)), Some(lines)) = (&self.requested, &lines) {
            request = request.request_method(*method).request_headers(lines);
        }
        let decision = black_box(reader.decide(Target::Policy(id), &request));
        if walked {
            for header in decision.set() {
                black_box(header);
            }
        }
        decision.verdict()
    }

    /// The same request, as a caller in C builds it.
    fn c(&self, decide: Decide, reader: &mut corsac_reader, id: u64, origin: &str) -> *const corsac_decision {
        let origin = view(origin);
        let (method, names) = match &self.requested {
            Some((method, names)) => (view(method), view(names)),
            None => (ABSENT, ABSENT),
        };
        let lines = |line| if self.requested.is_some() { one(line) } else { NONE };
        let request = corsac_request {
            struct_size: size_of::<corsac_request>(),
            method: view(self.method),
            origin: one(&origin),
            request_method: lines(&method),
            request_headers: lines(&names),
            request_private_network: NONE,
            host: ABSENT,
            path: ABSENT,
            headers: std::ptr::null(),
            headers_len: 0,
        };
        decide(Some(reader), id, black_box(&raw const request))
    }
}

fn runs(rows: &[String]) -> Vec<Run> {
    let names = header_names();
    let requested = |count: usize| Some(("PUT", names[..count].join(",")));
    let hits = draw(rows, WARM);
    let run = |name, method, requested, verdict| Run { name, method, origins: hits.clone(), requested, verdict };
    vec![
        run("allowed", "GET", None, Verdict::Allowed),
        Run {
            name: "denied",
            method: "GET",
            origins: draw(&diverse(WARM, "x"), WARM),
            requested: None,
            verdict: Verdict::Denied,
        },
        run("preflight-1", "OPTIONS", requested(1), Verdict::PreflightAllowed),
        run("preflight-20", "OPTIONS", requested(20), Verdict::PreflightAllowed),
    ]
}

fn calls(criterion: &mut Criterion) {
    let rows = diverse(1_000, "");
    let policies = Policies::new([policy(&rows)]).expect("one policy has a name of its own");
    let engine = Engine::new(policies);
    let id = engine.policy_id("bench").expect("the policy's name");
    let decide: Decide = black_box(corsac_decide);
    let nothing: extern "C" fn() -> u32 = black_box(corsac_abi_version);
    let (mut rust, mut c) = (engine.reader(), corsac_reader::from(engine.reader()));

    for run in runs(&rows) {
        for origin in &run.origins {
            assert_eq!(run.rust(&mut rust, id, origin, true), run.verdict, "{}: {origin}", run.name);
        }
        // The decision in C cannot be read without `unsafe`, but the engine counted it.
        let counted = || engine.stats().count(run.verdict, run.reason());
        let before = counted();
        for origin in &run.origins {
            run.c(decide, &mut c, u64::from(id), origin);
        }
        assert_eq!(counted() - before, run.origins.len() as u64, "{}", run.name);

        let mut group = criterion.benchmark_group("ffi");
        let mut origins = run.origins.iter().cycle();
        group.bench_function(BenchmarkId::new("empty-call", run.name), |bencher| {
            bencher.iter(|| {
                black_box(origins.next());
                black_box(nothing())
            });
        });
        for (name, walked) in [("rust", false), ("rust-walked", true)] {
            group.bench_function(BenchmarkId::new(name, run.name), |bencher| {
                bencher.iter(|| run.rust(&mut rust, id, black_box(origins.next().expect("a cycle")), walked));
            });
        }
        group.bench_function(BenchmarkId::new("c", run.name), |bencher| {
            bencher.iter(|| run.c(decide, &mut c, u64::from(id), black_box(origins.next().expect("a cycle"))));
        });
        group.finish();
    }
}

fn config() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1000))
        .sample_size(30)
}

criterion_group! { name = ffi; config = config(); targets = calls }
