//! Rows of generated policies.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::Policy;

/// One row of `allow_origins`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub pattern: String,
    pub depth: Option<usize>,
}

impl Row {
    fn new(pattern: impl Into<String>) -> Self {
        Self { pattern: pattern.into(), depth: None }
    }

    /// The row as a TOML value.
    pub fn to_toml(&self) -> String {
        match (self.pattern.as_str(), self.depth) {
            ("null", _) => "{ pattern = \"null\", dangerously_allow_null = true }".into(),
            (pattern, None) => format!("\"{pattern}\""),
            (pattern, Some(depth)) => format!("{{ pattern = \"{pattern}\", depth = {depth} }}"),
        }
    }
}

/// Labels of which some are the ends, beginnings and joints of others.
pub const LABELS: [&str; 14] =
    ["a", "b", "o", "oo", "foo", "bar", "foobar", "barfoo", "x-a", "a_b", "1", "0x1", "com", "xn--a"];

/// What names end in; one of them holds a dot.
pub const ENDS: [&str; 5] = ["com", "example", "foo.com", "test", "localhost"];

pub const SCHEMES: [&str; 2] = ["https", "http"];

/// Ports that no scheme has as its default.
pub const PORTS: [u16; 5] = [1, 81, 444, 8080, 65535];

/// Depths beyond what anyone writes, up to the greatest that a row takes.
const DEPTHS: [usize; 6] = [60, 61, 62, 124, 125, 126];

/// No name is long enough for much more labels below a few: from there on it depends on the lengths
/// of bases whether one row contains another, which is not what is compared here.
const MOST_BESIDE_GRANTS: usize = 62;

const ADDRESSES: [&str; 6] = ["127.0.0.1", "1.2.3.4", "[::1]", "[::ffff:7f00:1]", "[2001:db8::a]", "[1:0:0:2::3]"];

const OPAQUE: [&str; 6] = [
    "app://obsidian.md",
    "capacitor://localhost",
    "moz-extension://0d6e8f4c",
    "a+b://c..d:443",
    "x://[::1]:1",
    "web://1.2",
];

fn label() -> impl Strategy<Value = String> {
    prop_oneof![9 => select(&LABELS[..]).prop_map(String::from), 1 => (0..40_u32).prop_map(|n| format!("t{n}"))]
}

fn name(labels: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    (vec(label(), labels), select(&ENDS[..]), prop::bool::weighted(0.05)).prop_map(|(mut labels, end, dot)| {
        labels.push(end.into());
        format!("{}{}", labels.join("."), if dot { "." } else { "" })
    })
}

fn host() -> impl Strategy<Value = String> {
    prop_oneof![12 => name(0..4), 1 => select(&ADDRESSES[..]).prop_map(String::from)]
}

fn port() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => Just(String::new()),
        2 => select(&PORTS[..]).prop_map(|port| format!(":{port}")),
        2 => Just(":*".into()),
    ]
}

fn row() -> impl Strategy<Value = Row> {
    let scheme = || prop_oneof![4 => Just(SCHEMES[0]), 1 => Just(SCHEMES[1])];
    let depth = prop_oneof![2 => Just(None), 1 => (1..4_usize).prop_map(Some), 1 => select(&DEPTHS[..]).prop_map(Some)];
    prop_oneof![
        6 => (scheme(), host(), port()).prop_map(|(scheme, host, port)| Row::new(format!("{scheme}://{host}{port}"))),
        5 => (scheme(), name(0..3), port(), depth).prop_map(|(scheme, base, port, depth)| Row {
            pattern: format!("{scheme}://*.{base}{port}"),
            depth,
        }),
        1 => select(&OPAQUE[..]).prop_map(Row::new),
        1 => Just(Row::new("null")),
    ]
}

fn own() -> impl Strategy<Value = Vec<String>> {
    vec((select(&SCHEMES[..]), name(0..3)).prop_map(|(scheme, host)| format!("{scheme}://{host}")), 0..3)
}

fn policy(mut grants: Vec<Vec<Row>>, own: Vec<String>) -> Policy {
    if grants.len() > 1 {
        for row in grants.iter_mut().flatten() {
            row.depth = row.depth.map(|depth| depth.min(MOST_BESIDE_GRANTS));
        }
    }
    Policy { grants, own }
}

/// One to three grants of together 1 to 40 rows.
pub fn grants() -> impl Strategy<Value = Policy> {
    let sizes = prop_oneof![vec(vec(row(), 1..40), 1..2), vec(vec(row(), 1..14), 1..4), vec(vec(row(), 1..4), 1..4)];
    (sizes, own()).prop_map(|(grants, own)| policy(grants, own))
}

/// A list long enough that tables are used, most of it made of numbered names.
pub fn large_grants() -> impl Strategy<Value = Policy> {
    let numbered = (0..4000_u32, select(&ENDS[..]), port(), 0..4_u32).prop_map(|(number, end, port, kind)| {
        let scheme = SCHEMES[usize::from(kind == 3)];
        let below = if kind == 2 { "*." } else { "" };
        Row::new(format!("{scheme}://{below}t{number}.{end}{port}"))
    });
    let row = prop_oneof![12 => numbered, 1 => row()];
    (vec(vec(row, 200..1000), 1..3), own()).prop_map(|(grants, own)| policy(grants, own))
}
