//! Parsing of origins and of lists of header names, next to reading the input once.
//!
//! Lists of names are only parsed in a decision. To show their share of it, the same preflight is also
//! timed `without` the list.

use std::hint::black_box;

use corsac::origin::Origin;
use corsac::{HeaderLines, Policy, Request, Verdict};
use corsac_bench::floor::read;
use corsac_bench::{WARM, diverse, header_names, policy};
use corsac_tests::oracle::lists::{self, Rights};
use corsac_tests::oracle::origin;
use criterion::{BenchmarkId, Criterion, criterion_group};

/// Values by kind, and whether they are origins.
fn values() -> Vec<(&'static str, bool, Vec<String>)> {
    let names = diverse(WARM, "");
    let each = |change: fn(&String) -> String| names.iter().map(change).collect();
    vec![
        ("name", true, names.clone()),
        ("ipv4", true, (0..WARM).map(|index| format!("http://10.0.{}.{}:8080", index / 256, index % 256)).collect()),
        ("ipv6", true, (1..=WARM).map(|index| format!("http://[2001:db8::{index:x}]:8080")).collect()),
        ("other-scheme", true, each(|name| name.replacen("https://", "app+shell://", 1))),
        ("127-labels", true, vec![format!("https://b{}", ".a".repeat(126))]),
        ("longest", true, vec![format!("{}://{}:65535", "s".repeat(64), "h".repeat(253))]),
        ("path", false, each(|name| format!("{name}/"))),
        ("upper-case", false, each(|name| name.replacen("tenant", "tenanT", 1))),
        ("default-port", false, vec!["https://app.example.com:443".into()]),
        ("user", false, each(|name| name.replacen("https://", "https://user@", 1))),
        ("not-ascii", false, each(|name| name.replacen("tenant", "ten\u{e4}nt", 1))),
        ("over-long", false, vec![format!("https://{}.example", "a".repeat(64 << 10))]),
    ]
}

fn origins(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parse-origin");
    for (kind, is_valid, values) in values() {
        for value in &values {
            let bytes = value.as_bytes();
            let expected = origin::parse(bytes).map(|parsed| (parsed.scheme, parsed.host, parsed.port));
            assert_eq!(expected.is_some(), is_valid, "{kind}: {value}");
            let parsed = Origin::parse(bytes).ok();
            let parsed =
                parsed.map(|origin| (origin.scheme().into(), origin.host().into(), origin.port().map(u32::from)));
            assert_eq!(parsed, expected, "{value}");
        }
        let mut round = values.iter().cycle();
        group.bench_function(BenchmarkId::new("floor", kind), |bencher| {
            bencher.iter(|| read(black_box(round.next().expect("a cycle").as_bytes())));
        });
        group.bench_function(BenchmarkId::new("parse", kind), |bencher| {
            bencher.iter(|| black_box(Origin::parse(black_box(round.next().expect("a cycle").as_bytes()))).is_ok());
        });
    }
    group.finish();
}

const ORIGIN: &str = "https://app.example.com";
const NO_LINES: [&[u8]; 0] = [];

fn preflight<'r>(lines: &'r impl HeaderLines) -> Request<'r> {
    Request::new("OPTIONS").origin(ORIGIN).request_method("PUT").request_headers(lines)
}

fn check(policy: &Policy, kind: &str, lines: &[&[u8]]) {
    let rights = Rights { headers: header_names(), credentials: true, ..Rights::default() };
    let verdict = match rights.judge_headers(lines) {
        lists::Verdict::Passed => Verdict::PreflightAllowed,
        _ => Verdict::PreflightDenied,
    };
    assert_eq!(policy.decide(&preflight(&lines)).verdict(), verdict, "{kind}");
}

fn header_lists(criterion: &mut Criterion) {
    let policy = policy(&[ORIGIN.into()]);
    let names = header_names();
    let mut backwards = names.clone();
    backwards.reverse();
    let upper: Vec<String> = names.iter().map(|name| name.to_ascii_uppercase()).collect();
    let parts: Vec<String> = names.chunks(5).map(|part| part.join(",")).collect();
    let mut group = criterion.benchmark_group("parse-header-list");
    for (kind, lines) in [
        ("1-name", vec![names[..1].join(",")]),
        ("5-names", vec![names[..5].join(",")]),
        ("20-names", vec![names.join(",")]),
        ("20-names-spaced", vec![names.join(", ")]),
        ("20-names-backwards", vec![backwards.join(",")]),
        ("20-names-upper-case", vec![upper.join(",")]),
        ("20-names-in-4-lines", parts),
        ("last-name-unknown", vec![names.join(",") + ",x-other"]),
        ("malformed", vec![names.join(",") + ",x y"]),
    ] {
        let lines: Vec<&[u8]> = lines.iter().map(String::as_bytes).collect();
        check(&policy, kind, &lines);
        check(&policy, kind, &[]);
        group.bench_function(BenchmarkId::new("floor", kind), |bencher| {
            bencher.iter(|| black_box(&*lines).iter().fold(0, |sum, line| sum ^ read(line)));
        });
        group.bench_function(BenchmarkId::new("without", kind), |bencher| {
            bencher.iter(|| black_box(policy.decide(black_box(&preflight(&NO_LINES)))).verdict());
        });
        group.bench_function(BenchmarkId::new("decide", kind), |bencher| {
            bencher.iter(|| black_box(policy.decide(black_box(&preflight(&lines)))).verdict());
        });
    }
    group.finish();
}

criterion_group! { name = parse; config = crate::short_cases(300); targets = origins, header_lists }
