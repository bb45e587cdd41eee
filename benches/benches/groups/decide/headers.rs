//! Preflights, and headers of the greatest length that servers accept.

use corsac::{HeaderLines, Policy, Request, Verdict};
use corsac_bench::floor::read;
use corsac_bench::{WARM, diverse, draw, header_names, policy};
use corsac_tests::oracle::lists::{self, Rights};
use corsac_tests::oracle::origin;
use criterion::Criterion;

use super::timing::{actual, time};

/// The length of a hostile header, in bytes.
const LONG: usize = 64 << 10;

const NO_LINES: [&[u8]; 0] = [];

fn request<'r>(origin: &'r str, lines: &'r impl HeaderLines) -> Request<'r> {
    Request::new("OPTIONS").origin(origin).request_method("PUT").request_headers(lines)
}

/// Compares the verdicts on these lines, requested by listed origins, with the naive oracle.
pub(crate) fn check(policy: &Policy, origins: &[String], lines: &[&[u8]], is_allowed: bool) {
    let rights = Rights { headers: header_names(), credentials: true, ..Rights::default() };
    assert_eq!(rights.judge_headers(lines) == lists::Verdict::Passed, is_allowed);
    let verdict = if is_allowed { Verdict::PreflightAllowed } else { Verdict::PreflightDenied };
    for origin in origins {
        assert_eq!(policy.decide(&request(origin, &lines)).verdict(), verdict, "{origin}");
    }
}

pub(crate) fn preflight(criterion: &mut Criterion) {
    let rows = diverse(1_000, "");
    let policy = policy(&rows);
    let queries = draw(&rows, WARM);
    let names = header_names();
    let mut group = criterion.benchmark_group("preflight");
    for count in [0, 1, 20] {
        let line = names[..count].join(",");
        let lines: &[&[u8]] = if count == 0 { &[] } else { &[line.as_bytes()] };
        check(&policy, &queries, lines, true);
        time(&mut group, "decide", &count.to_string(), &queries, |query| policy.decide(&request(query, &lines)));
    }
    check(&policy, &queries, &[b"x-other"], false);
    time(&mut group, "decide", "name-denied", &queries, |query| policy.decide(&request(query, &["x-other"])));
    let absent = draw(&diverse(WARM, "x"), WARM);
    for origin in &absent {
        assert!(!rows.contains(origin));
        assert_eq!(policy.decide(&request(origin, &NO_LINES)).verdict(), Verdict::PreflightDenied, "{origin}");
    }
    time(&mut group, "decide", "origin-denied", &absent, |query| policy.decide(&request(query, &NO_LINES)));
    group.finish();
}

/// Lists of names that slow down other implementations.
pub(crate) fn hostile(criterion: &mut Criterion) {
    let rows = diverse(1_000, "");
    let policy = policy(&rows);
    let queries = draw(&rows, WARM);
    let distinct: String = (0..LONG / 8).map(|index| format!("x-{index:05},")).collect();
    let allowed = "x-custom-header-00,";
    let inside = format!("authorization,{}content-type", " ".repeat(LONG));
    let mut group = criterion.benchmark_group("hostile");
    for (case, line) in [
        ("commas", ",".repeat(LONG)),
        ("one-name-repeated", allowed.repeat(LONG / allowed.len())),
        ("distinct-names", distinct),
        ("one-long-name", "x".repeat(LONG)),
        ("white-space", " ".repeat(LONG)),
        ("white-space-inside", inside),
    ] {
        let lines = [line.as_bytes()];
        check(&policy, &queries, &lines, false);
        time(&mut group, "floor", case, &queries, |_| read(line.as_bytes()));
        time(&mut group, "decide", case, &queries, |query| policy.decide(&request(query, &lines)));
    }
    let empty = [&b""[..]; 1_024];
    check(&policy, &queries, &empty, false);
    time(&mut group, "decide", "1024-empty-lines", &queries, |query| policy.decide(&request(query, &empty)));
    group.finish();
}

pub(crate) fn hostile_origins(criterion: &mut Criterion) {
    let rows = diverse(1_000, "");
    let policy = policy(&rows);
    let mut group = criterion.benchmark_group("hostile-origin");
    for (case, text) in [
        ("one-label", format!("https://{}.example", "a".repeat(LONG))),
        ("many-labels", format!("https://{}example", "a.".repeat(LONG / 2))),
        ("commas", ",".repeat(LONG)),
    ] {
        let queries = [text];
        let query = &queries[0];
        assert!(origin::parse(query.as_bytes()).is_none(), "{case}");
        assert_eq!(policy.decide(&actual(query)).verdict(), Verdict::Denied, "{case}");
        time(&mut group, "floor", case, &queries, |query| read(query.as_bytes()));
        time(&mut group, "decide", case, &queries, |query| policy.decide(&actual(query)));
    }
    group.finish();
}
