//! From rows to a policy, compared with reading all rows once: from memory, and from a list file.

use std::fs;
use std::hint::black_box;
use std::time::Duration;

use corsac::{Policy, Request, Verdict};
use corsac_bench::floor::read;
use corsac_bench::{WARM, diverse, draw, globs, policy, siblings, wildcards};
use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group};

/// The length of a long list.
const LONG: usize = 100_000;

/// Checks that the policy has all rows, allows those that are not patterns, and denies similar origins.
fn check(policy: &Policy, rows: &[String]) {
    assert_eq!(policy.size().rows(), rows.len());
    for row in draw(rows, WARM).iter().filter(|row| !row.contains('*')) {
        let changed = row.replacen("https://", "https://x", 1);
        for (origin, verdict) in [(row, Verdict::Allowed), (&changed, Verdict::Denied)] {
            assert_eq!(policy.decide(&Request::new("GET").origin(origin)).verdict(), verdict, "{origin}");
        }
    }
}

fn memory(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("compile");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    for size in [1_000, 10_000, LONG, 1_000_000] {
        for (name, rows) in [("diverse", diverse(size, "")), ("siblings", siblings(size, ""))] {
            check(&policy(&rows), &rows);
            group.bench_function(BenchmarkId::new(name, size), |bencher| {
                bencher.iter_with_large_drop(|| policy(black_box(&rows)));
            });
            if name == "diverse" {
                group.bench_function(BenchmarkId::new("floor", size), |bencher| {
                    bencher.iter(|| black_box(&rows).iter().fold(0, |sum, row| sum ^ read(row.as_bytes())));
                });
            }
        }
    }
    group.finish();
}

fn patterns(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("compile-patterns");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    for size in [100, 10_000] {
        for (name, rows) in [("wildcards", wildcards(size)), ("globs", globs(size))] {
            check(&policy(&rows), &rows);
            group.bench_function(BenchmarkId::new(name, size), |bencher| {
                bencher.iter_with_large_drop(|| policy(black_box(&rows)));
            });
        }
    }
    group.finish();
}

/// A document with a list file: opened, read, checked and compiled.
fn list_file(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder for the list");
    let document = folder.path().join("policy.toml");
    let list = folder.path().join("origins.txt");
    let text = "version = 1\n[policy.bench]\nallow_origins = [{ file = \"origins.txt\" }]\n";
    fs::write(&document, text).expect("the document can be written");
    let mut group = criterion.benchmark_group("compile-list-file");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    for size in [LONG, 1_000_000] {
        let rows = diverse(size, "");
        fs::write(&list, rows.join("\n") + "\n").expect("the list can be written");
        let load = || corsac_source::load_file(&document).expect("the document is accepted");
        let loaded = load();
        check(loaded.policies.get(loaded.policies.only().expect("one policy")).expect("the policy"), &rows);
        group.bench_function(BenchmarkId::new("floor", size), |bencher| {
            bencher.iter(|| read(&fs::read(black_box(&list)).expect("the list can be read")));
        });
        group.bench_function(BenchmarkId::new("load", size), |bencher| bencher.iter_with_large_drop(load));
    }
    group.finish();
}

fn config() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(600))
        .nresamples(5_000)
}

criterion_group! { name = compile; config = config(); targets = memory, patterns, list_file }
