//! The scenarios of the comparison: lists of one to a million origins with origins that are allowed or
//! nearly allowed, preflights, and requests that no browser sends.

use crate::expectation::Expectation;
use crate::scenario::{Kind, Policy, Request, Scenario};
use crate::{Random, WARM, diverse, draw, header_names, siblings, wildcards};

/// The lengths of the lists that every contestant is configured with.
const SIZES: [usize; 6] = [1, 10, 100, 1_000, 10_000, 100_000];

/// The length of a list for the engine and its floors only.
const LARGEST: usize = 1_000_000;

/// The longest hostile header, in bytes.
const LONGEST: usize = 64 << 10;

/// The length of the list for preflights and hostile requests.
const USUAL: usize = 1_000;

/// The number of requests in a hostile scenario, because each is long.
const HOSTILE: usize = 16;

/// A scenario that is made on demand, because a list of a million origins takes memory.
pub struct Plan {
    /// The scenario's name.
    pub name: String,
    make: Box<dyn Fn() -> Scenario>,
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Plan").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Plan {
    /// A scenario with this name.
    pub fn new(name: String, make: impl Fn(&str) -> Scenario + 'static) -> Self {
        let named = name.clone();
        Self { name, make: Box::new(move || make(&named)) }
    }

    /// The scenario, with the expected decisions.
    #[must_use]
    pub fn make(&self) -> Scenario {
        (self.make)()
    }
}

/// All scenarios, in the order of the record.
#[must_use]
pub fn all() -> Vec<Plan> {
    let mut plans = Vec::new();
    for size in SIZES.into_iter().chain([LARGEST]) {
        plans.extend(exact("diverse", diverse, size));
    }
    for size in SIZES {
        plans.extend(exact("siblings", siblings, size));
    }
    plans.extend([100, 10_000].into_iter().flat_map(below_wildcards));
    plans.extend(pathological());
    plans.extend(mixed());
    plans.push(Plan::new("actual, any origin, allowed".into(), |name| {
        actual(name, vec!["*".into()], draw(&diverse(USUAL, ""), WARM))
    }));
    plans.extend(preflights());
    plans.extend(hostile());
    plans
}

/// A number with commas.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A scenario whose expected decisions are found naively.
#[must_use]
pub fn scenario(name: &str, kind: Kind, rows: Vec<String>, requests: Vec<Request>) -> Scenario {
    let policy = Policy::new(rows);
    let expectation = Expectation::new(&policy);
    let expected = requests.iter().map(|request| expectation.of(request)).collect();
    Scenario { name: name.into(), kind, policy, requests, expected, rows: None, hostile: None, is_for_engine: false }
}

fn actual(name: &str, rows: Vec<String>, origins: Vec<String>) -> Scenario {
    scenario(name, Kind::Actual, rows, origins.iter().map(|origin| Request::actual(origin)).collect())
}

/// Origins of another shape, under a suffix that is in no list.
fn far() -> Vec<String> {
    let mut random = Random::new(4);
    (0..WARM).map(|_| format!("https://{:016x}.xyz", random.next_u64())).collect()
}

/// Makes so many origins; a different salt gives different ones.
type List = fn(usize, &str) -> Vec<String>;

fn exact(shape: &'static str, list: List, size: usize) -> Vec<Plan> {
    let plan = |end: &str, origins: fn(List, usize) -> Vec<String>, is_point: bool| {
        Plan::new(format!("actual, {shape} {}, {end}", grouped(size)), move |name| Scenario {
            rows: is_point.then_some(size),
            is_for_engine: size == LARGEST,
            ..actual(name, list(size, ""), origins(list, size))
        })
    };
    vec![
        plan("allowed", |list, size| draw(&list(size, ""), WARM), shape == "diverse"),
        plan("denied near", |list, size| draw(&list(size.max(WARM), "x"), WARM), false),
        plan("denied far", |_, _| far(), false),
    ]
}

fn below_wildcards(size: usize) -> Vec<Plan> {
    let plan = |end: &str, origins: fn(usize) -> Vec<String>| {
        Plan::new(format!("actual, wildcards {}, {end}", grouped(size)), move |name| {
            actual(name, wildcards(size), origins(size))
        })
    };
    fn below(size: usize) -> Vec<String> {
        draw(&wildcards(size), WARM).iter().map(|row| row.replace('*', "deep.preview")).collect()
    }
    vec![
        plan("allowed", below),
        plan("denied near", |size| below(size).iter().map(|origin| origin.replace("tenant", "tenent")).collect()),
        plan("denied far", |_| far()),
    ]
}

/// Hosts of 126 labels that differ only in the first one, which a walk from the right reaches last.
fn pathological() -> Vec<Plan> {
    let host = |first: &str| format!("https://{first}{}", ".a".repeat(125));
    let plan = |end: &str, first: &'static str| {
        Plan::new(format!("actual, two hosts of 126 labels, {end}"), move |name| {
            actual(name, vec![host("b"), host("c")], vec![host(first)])
        })
    };
    vec![plan("allowed", "c"), plan("denied", "d")]
}

fn mixed() -> Vec<Plan> {
    const ROWS: [&str; 9] = [
        "https://app.example.com",
        "https://www.example.com",
        "https://portal.example.org:8443",
        "https://*.staging.example.com",
        "https://admin.example.net",
        "https://*.preview.example.org",
        "https://example.co.uk",
        "https://api.example.io:9000",
        "https://*.tenant.example.app",
    ];
    let plan = |end: &str, change: fn(&str) -> String| {
        Plan::new(format!("actual, nine mixed, {end}"), move |name| {
            let origins = ROWS.map(|row| change(&row.replace('*', "deep.branch")));
            actual(name, ROWS.map(String::from).to_vec(), draw(&origins, WARM))
        })
    };
    vec![plan("allowed", |row| row.into()), plan("denied near", |origin| origin.replace("example", "exemple"))]
}

fn preflight(name: &str, size: usize, origins: Vec<String>, lines: &[String]) -> Scenario {
    let requests = origins.iter().map(|origin| Request::preflight(origin, "PUT", lines)).collect();
    scenario(name, Kind::Preflight, diverse(size, ""), requests)
}

fn preflights() -> Vec<Plan> {
    let plan = |end: &str, size: usize, lines: Vec<String>| {
        Plan::new(format!("preflight, diverse {}, {end}", grouped(size)), move |name| {
            preflight(name, size, draw(&diverse(size, ""), WARM), &lines)
        })
    };
    let names = header_names();
    let first = |count: usize| vec![names.iter().take(count).cloned().collect::<Vec<_>>().join(",")];
    vec![
        plan("no header", USUAL, Vec::new()),
        plan("1 header", 1, first(1)),
        plan("1 header", USUAL, first(1)),
        plan("1 header", 100_000, first(1)),
        plan("20 headers", USUAL, first(20)),
        plan("header denied", USUAL, vec!["x-not-allowed".into()]),
        Plan::new(format!("preflight, diverse {}, origin denied", grouped(USUAL)), |name| {
            let names = vec!["content-type".into()];
            preflight(name, USUAL, draw(&diverse(WARM, "x"), WARM), &names)
        }),
        Plan::new(format!("preflight, diverse {}, method denied", grouped(USUAL)), |name| {
            let origins = draw(&diverse(USUAL, ""), WARM);
            let requests = origins.iter().map(|origin| Request::preflight(origin, "PATCH", &[])).collect();
            scenario(name, Kind::Preflight, diverse(USUAL, ""), requests)
        }),
    ]
}

/// A line of about `len` bytes of distinct names.
fn distinct(len: usize) -> String {
    (0..len / 8).map(|index| format!("x-{index:05},")).collect()
}

fn hostile() -> Vec<Plan> {
    let plan = |end: &str, lines: fn() -> Vec<String>| {
        Plan::new(format!("preflight, hostile, {end}"), move |name| {
            preflight(name, USUAL, draw(&diverse(USUAL, ""), HOSTILE), &lines())
        })
    };
    let mut plans: Vec<Plan> = [1, 4, 16, 64]
        .into_iter()
        .map(|kib| {
            Plan::new(format!("preflight, hostile, {kib} KiB of distinct names"), move |name| Scenario {
                hostile: Some(kib << 10),
                ..preflight(name, USUAL, draw(&diverse(USUAL, ""), HOSTILE), &[distinct(kib << 10)])
            })
        })
        .collect();
    plans.extend([
        plan("64 KiB of commas", || vec![",".repeat(LONGEST)]),
        plan("64 KiB of one allowed name", || vec!["x-custom-header-00,".repeat(LONGEST / 19)]),
        plan("one name of 64 KiB", || vec!["x".repeat(LONGEST)]),
        plan("64 KiB of white space", || vec![format!("content-type,{}x-custom-header-00", " ".repeat(LONGEST - 31))]),
        plan("1,024 empty lines", || vec![String::new(); 1_024]),
        Plan::new("actual, hostile, origin of 64 KiB".into(), |name| {
            let origin = format!("https://{}.example", "a".repeat(LONGEST - 16));
            actual(name, diverse(USUAL, ""), vec![origin; HOSTILE])
        }),
    ]);
    plans
}
