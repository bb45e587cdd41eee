//! Inputs for benchmarks. They are the same in every run, and have the shape of real policies.

pub mod expectation;
pub mod floor;
pub mod scenario;
pub mod scenarios;
pub mod table;

use corsac::{Policy, PolicyBuilder, Row};

/// The suffixes of generated hosts.
const SUFFIXES: [&str; 8] = ["com", "net", "org", "de", "co.uk", "io", "com.br", "app"];

/// The number of queries of a warm run: few enough to stay in the cache, and too many for the branch
/// predictor to learn one value.
pub const WARM: usize = 1024;

/// A small deterministic generator (splitmix64): every machine measures the same inputs.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator that returns the same numbers for the same seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which must not be zero.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next_u64() % bound as u64) as usize
    }
}

/// `count` origins under many parents and eight suffixes, every fifth with a port. Origins with
/// a different `salt` differ.
#[must_use]
pub fn diverse(count: usize, salt: &str) -> Vec<String> {
    let mut random = Random::new(1);
    (0..count)
        .map(|index| {
            let suffix = SUFFIXES[random.below(SUFFIXES.len())];
            let port = if index % 5 == 0 { format!(":{}", 8000 + random.below(1000)) } else { String::new() };
            format!("https://{}.tenant-{salt}{index}.{suffix}{port}", ["app", "www", "portal"][random.below(3)])
        })
        .collect()
}

/// `count` origins under one parent, with numbered labels of one length. Origins with a different `salt`
/// differ.
#[must_use]
pub fn siblings(count: usize, salt: &str) -> Vec<String> {
    (0..count).map(|index| format!("https://site{salt}{index:07}.example.com")).collect()
}

/// `count` wildcards over diverse hosts.
#[must_use]
pub fn wildcards(count: usize) -> Vec<String> {
    (0..count).map(|index| format!("https://*.tenant{index}.{}", SUFFIXES[index % SUFFIXES.len()])).collect()
}

/// `count` globs under one parent, like the preview deployments of many sites.
#[must_use]
pub fn globs(count: usize) -> Vec<String> {
    (1..=count).map(|index| format!("https://*--site{index}.example.app")).collect()
}

/// `count` expressions, each under its own domain.
#[must_use]
pub fn expressions(count: usize) -> Vec<String> {
    (0..count)
        .map(|index| format!(r"https://(?:[a-z0-9]+-)?pr-[0-9]+\.tenant{index}\.example\.org(?::[0-9]+)?"))
        .collect()
}

/// A policy of expressions only.
///
/// # Panics
/// An expression is rejected.
#[must_use]
pub fn policy_of_expressions(expressions: &[String]) -> Policy {
    let mut builder = PolicyBuilder::new("bench");
    for expression in expressions {
        builder.row(Row::regex(expression.as_str()));
    }
    build(&builder)
}

/// A policy with these rows and no other settings.
///
/// # Panics
/// A row is rejected.
#[must_use]
pub fn policy_of_rows(rows: &[String]) -> Policy {
    let mut builder = PolicyBuilder::new("bench");
    builder.allow_origins(rows.iter().map(String::as_str));
    build(&builder)
}

/// A policy with these rows, the twenty header names of [`header_names`], and credentials.
///
/// # Panics
/// A row is rejected.
#[must_use]
pub fn policy(rows: &[String]) -> Policy {
    let names = header_names();
    let mut builder = PolicyBuilder::new("bench");
    builder
        .allow_origins(rows.iter().map(String::as_str))
        .allow_methods(["GET", "PUT", "DELETE"])
        .allow_headers(names.iter().map(String::as_str))
        .allow_credentials(true)
        .max_age(600);
    build(&builder)
}

fn build(builder: &PolicyBuilder) -> Policy {
    match builder.build() {
        Ok(policy) => policy,
        Err(error) => panic!("the benchmark's policy is rejected: {error}"),
    }
}

/// Twenty request header names, sorted as browsers send them.
#[must_use]
pub fn header_names() -> Vec<String> {
    let mut names: Vec<String> = (0..18).map(|index| format!("x-custom-header-{index:02}")).collect();
    names.extend(["authorization".into(), "content-type".into()]);
    names.sort();
    names
}

/// `count` random elements of `from`.
#[must_use]
pub fn draw(from: &[String], count: usize) -> Vec<String> {
    let mut random = Random::new(2);
    (0..count).map(|_| from[random.below(from.len())].clone()).collect()
}

/// All elements of `from` in random order.
#[must_use]
pub fn shuffled(from: &[String]) -> Vec<String> {
    let mut random = Random::new(3);
    let mut shuffled = from.to_vec();
    for index in (1..shuffled.len()).rev() {
        shuffled.swap(index, random.below(index + 1));
    }
    shuffled
}
