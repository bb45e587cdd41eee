//! Rows of generated policies.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::{Dice, Policy, expressions};
use crate::automaton::Graph;

/// One row of `allow_origins`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The pattern, or the expression.
    pub pattern: String,
    pub depth: Option<usize>,
    /// Origins that an expression matches; `None` for a pattern, which tells them itself.
    pub examples: Option<Vec<String>>,
}

impl Row {
    pub fn new(pattern: impl Into<String>) -> Self {
        Self { pattern: pattern.into(), depth: None, examples: None }
    }

    /// A row that is a regular expression.
    pub fn expression(text: impl Into<String>, dice: &mut Dice) -> Self {
        let text = text.into();
        let graph = Graph::of_matches(&text);
        let examples = (0..EXAMPLES).filter_map(|_| graph.walk(dice)).collect();
        Self { pattern: text, depth: None, examples: Some(examples) }
    }

    pub fn is_expression(&self) -> bool {
        self.examples.is_some()
    }

    /// Whether a `*` stands within the row's first label.
    pub fn is_glob(&self) -> bool {
        let host = self.pattern.split_once("://").map_or("", |(_, rest)| rest.split(':').next().unwrap());
        !self.is_expression() && host.contains('*') && !host.starts_with("*.")
    }

    /// The row as a TOML value.
    pub fn to_toml(&self) -> String {
        match (self.pattern.as_str(), self.depth) {
            (expression, _) if expressions::UNPROVED.contains(&expression) => {
                format!("{{ regex = '{expression}', dangerously_unproved = true }}")
            }
            (expression, _) if self.is_expression() => format!("{{ regex = '{expression}' }}"),
            ("null", _) => "{ pattern = \"null\", dangerously_allow_null = true }".into(),
            (pattern, None) => format!("\"{pattern}\""),
            (pattern, Some(depth)) => format!("{{ pattern = \"{pattern}\", depth = {depth} }}"),
        }
    }
}

/// Labels of which some are the ends, beginnings and joints of others.
pub const LABELS: [&str; 14] =
    ["a", "b", "o", "oo", "foo", "bar", "foobar", "barfoo", "x-a", "a_b", "1", "0x1", "com", "xn--4ca"];

/// What names end in; one of them holds a dot.
pub const ENDS: [&str; 5] = ["com", "example", "foo.com", "test", "localhost"];

pub const SCHEMES: [&str; 2] = ["https", "http"];

/// Ports that no scheme has as its default.
pub const PORTS: [u16; 5] = [2, 81, 444, 8080, 65535];

/// How many origins are drawn of an expression.
const EXAMPLES: usize = 8;

/// What stands before or behind the `*` of a glob: some go on from others, some overlap.
const LITERALS: [&str; 10] = ["", "", "a", "o", "oo", "foo", "a-", "-a", "x-a", "bar"];

/// Parents under which anyone registers names, and globs that such a one takes.
const PREVIEWS: [&str; 3] = ["*-foobar.vercel.app", "barfoo*.vercel.app", "foo*bar.netlify.app"];

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

/// A host with a `*` in its first label, below a name that someone registered.
fn glob() -> impl Strategy<Value = String> {
    let owned = (select(&LITERALS[..]), select(&LITERALS[..]), name(0..2), select(&LABELS[..])).prop_map(
        |(before, after, parent, label)| {
            // `foo.com` alone of the ends is registrable; below the others a label is.
            let parent = if parent.starts_with("foo.com") { parent } else { format!("{label}.{parent}") };
            let before = if before.is_empty() && after.is_empty() { "b" } else { before };
            format!("{before}*{after}.{parent}")
        },
    );
    prop_oneof![12 => owned, 1 => select(&PREVIEWS[..]).prop_map(String::from)]
}

fn row() -> impl Strategy<Value = Row> {
    let scheme = || prop_oneof![4 => Just(SCHEMES[0]), 1 => Just(SCHEMES[1])];
    let depth = prop_oneof![2 => Just(None), 1 => (1..4_usize).prop_map(Some), 1 => select(&DEPTHS[..]).prop_map(Some)];
    prop_oneof![
        6 => (scheme(), host(), port()).prop_map(|(scheme, host, port)| Row::new(format!("{scheme}://{host}{port}"))),
        5 => (scheme(), name(0..3), port(), depth).prop_map(|(scheme, base, port, depth)| Row {
            depth,
            ..Row::new(format!("{scheme}://*.{base}{port}"))
        }),
        4 => (scheme(), glob(), port()).prop_map(|(scheme, host, port)| Row::new(format!("{scheme}://{host}{port}"))),
        3 => any::<u64>().prop_map(|seed| {
            let mut dice = Dice::new(seed);
            let unproved = dice.percent(6).then(|| (*dice.pick(&expressions::UNPROVED)).to_string());
            Row::expression(unproved.unwrap_or_else(|| expressions::proved(&mut dice)), &mut dice)
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
    let numbered = (0..4000_u32, select(&ENDS[..]), port(), 0..5_u32).prop_map(|(number, end, port, kind)| {
        let scheme = SCHEMES[usize::from(kind == 3)];
        let below = ["", "p-*.", "*.", "", "*-a."][kind as usize];
        Row::new(format!("{scheme}://{below}t{number}.{end}{port}"))
    });
    let row = prop_oneof![12 => numbered, 1 => row()];
    (vec(vec(row, 200..1000), 1..3), own()).prop_map(|(grants, own)| policy(grants, own))
}
