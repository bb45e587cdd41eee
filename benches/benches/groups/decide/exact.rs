//! Lists of 1 to 1,000,000 exact origins.

use std::collections::HashSet;

use corsac_bench::floor::HashProbe;
use corsac_bench::{Random, WARM, diverse, draw, policy, shuffled, siblings};
use criterion::Criterion;

use super::timing::{actual, check_exact, time};

const SIZES: [usize; 7] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

/// The length from which a cold run differs from a warm one.
const COLD: usize = 100_000;

/// Samples for a long list, because each takes long.
const FEW: usize = 10;

pub(crate) fn diverse_hosts(criterion: &mut Criterion) {
    for size in SIZES {
        let rows = diverse(size, "");
        let near = diverse(size.max(WARM), "").iter().map(|row| row.replacen("tenant", "tenent", 1)).collect();
        list(criterion, "diverse", &rows, near);
    }
}

pub(crate) fn sibling_hosts(criterion: &mut Criterion) {
    for size in SIZES {
        let rows = siblings(size, "");
        let near = siblings(size.max(WARM), "").iter().map(|row| row.replacen("site", "sito", 1)).collect();
        list(criterion, "siblings", &rows, near);
    }
}

/// Origins that do not resemble those of a list.
fn far(count: usize) -> Vec<String> {
    let mut random = Random::new(4);
    (0..count).map(|_| format!("https://{:x}.xyz", random.next_u64())).collect()
}

/// Times queries for these rows: 1,024 of them repeatedly, and for a long list also all of them. A near
/// miss differs from a row in one letter.
fn list(criterion: &mut Criterion, shape: &str, rows: &[String], near: Vec<String>) {
    let far = far(near.len());
    let kinds = [("hit", rows), ("near", &*near), ("far", &*far)];
    let mut runs: Vec<_> = kinds.map(|(kind, from)| (kind, "warm", draw(from, WARM))).into();
    if rows.len() >= COLD {
        runs.extend(kinds.map(|(kind, from)| (kind, "cold", shuffled(from))));
    }
    let (policy, probe) = (policy(rows), HashProbe::of(rows));
    let listed: HashSet<&str> = rows.iter().map(String::as_str).collect();
    let case = rows.len().to_string();
    for (kind, heat, queries) in runs {
        check_exact(&policy, &listed, &queries);
        assert!(queries.iter().all(|query| probe.contains(query) == (kind == "hit")), "{shape} {kind}");
        let mut group = criterion.benchmark_group(format!("exact-{shape}-{kind}-{heat}"));
        if heat == "cold" {
            group.sample_size(FEW);
        }
        time(&mut group, "floor", &case, &queries, |query| probe.contains(query));
        time(&mut group, "decide", &case, &queries, |query| policy.decide(&actual(query)));
        group.finish();
    }
}

/// Two hosts of 253 bytes and 127 labels that differ in the first label, and similar ones.
pub(crate) fn pathological_hosts(criterion: &mut Criterion) {
    let host = |first: char| format!("https://{first}{}", ".a".repeat(126));
    let rows = [host('b'), host('c')];
    let (policy, probe) = (policy(&rows), HashProbe::of(&rows));
    let listed: HashSet<&str> = rows.iter().map(String::as_str).collect();
    let mut group = criterion.benchmark_group("exact-pathological");
    for (case, queries) in [("hit", rows.to_vec()), ("near", vec![host('d'), host('e')])] {
        check_exact(&policy, &listed, &queries);
        time(&mut group, "floor", case, &queries, |query| probe.contains(query));
        time(&mut group, "decide", case, &queries, |query| policy.decide(&actual(query)));
    }
    group.finish();
}
