//! The differences between two sets of policies, as text and as JSON.

use std::io::{self, Write};

use clap::builder::styling::Style;
use corsac::diff::{Change, ChangeKind, ChangedRow, Diff, Effect, Rights, RightsChange};
use serde::Serialize;

use crate::show::escape::Text;
use crate::show::numbers::{counted, grouped};
use crate::show::output::Palette;

/// How many rows of one change are shown by default.
const SHOWN: usize = 10;

/// Writes the changes, policy by policy. A sign says what each does: `+` widens, `-` narrows, `±`
/// both, `~` neither.
pub(crate) fn write_human(out: &mut impl Write, palette: Palette, diff: &Diff, all_rows: bool) -> io::Result<()> {
    let mut policies: Vec<Option<&str>> = Vec::new();
    for change in diff.changes() {
        if !policies.contains(&change.policy()) {
            policies.push(change.policy());
        }
    }
    let label = palette.label;
    for policy in policies {
        match policy {
            Some(name) => writeln!(out, "{label}policy {}{label:#}", Text(name))?,
            None => writeln!(out, "{label}routes{label:#}")?,
        }
        for change in diff.changes().iter().filter(|change| change.policy() == policy) {
            write_change(out, palette, change, all_rows)?;
        }
    }
    match diff.kept_preflights() {
        Some(kept) => writeln!(out, "{label}note{label:#}: {kept}"),
        None => Ok(()),
    }
}

fn write_change(out: &mut impl Write, palette: Palette, change: &Change, all_rows: bool) -> io::Result<()> {
    let (sign, style) = sign_of(change.effect(), palette);
    writeln!(out, "  {style}{sign}{style:#} {}", Text(&change.kind().to_string()))?;
    write_rows(out, change.rows(), all_rows)?;
    if let ChangeKind::OrderChanged { before, .. } = change.kind() {
        writeln!(out, "    before these")?;
        write_rows(out, before, all_rows)?;
    }
    Ok(())
}

fn write_rows(out: &mut impl Write, rows: &[ChangedRow], all: bool) -> io::Result<()> {
    let shown = if all { rows.len() } else { SHOWN };
    for row in rows.iter().take(shown) {
        writeln!(out, "      {}", Text(&row.to_string()))?;
    }
    match rows.len().saturating_sub(shown) {
        0 => Ok(()),
        more => writeln!(out, "      … and {} more", grouped(more as u64)),
    }
}

fn sign_of(effect: Effect, palette: Palette) -> (char, Style) {
    match effect {
        Effect::Widens => ('+', palette.good),
        Effect::Narrows => ('-', palette.bad),
        Effect::Both => ('±', palette.neutral),
        Effect::Neither => ('~', palette.neutral),
    }
}

/// `3 changes, 1 widens, 2 narrow`, or `no difference`.
pub(crate) fn summary(diff: &Diff) -> String {
    if diff.is_empty() {
        return "no difference".to_owned();
    }
    let count = |test: fn(Effect) -> bool| diff.changes().iter().filter(|change| test(change.effect())).count() as u64;
    let mut text = counted(diff.changes().len() as u64, "change", "changes");
    for (number, one, many) in
        [(count(Effect::widens), "widens", "widen"), (count(Effect::narrows), "narrows", "narrow")]
    {
        if number > 0 {
            text.push_str(&format!(", {}", counted(number, one, many)));
        }
    }
    text
}

/// A change as JSON.
#[derive(Debug, Serialize)]
pub(crate) struct ChangeJson<'a> {
    change: &'static str,
    effect: &'static str,
    policy: Option<&'a str>,
    /// One sentence, with the first few rows.
    text: String,
    #[serde(flatten)]
    details: DetailsJson<'a>,
}

/// The details of a change. `null` means absent.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum DetailsJson<'a> {
    Policy {
        rows: usize,
    },
    Rows {
        rows: Vec<RowJson<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        before: Option<Vec<RowJson<'a>>>,
        old: Option<RightsJson<'a>>,
        new: Option<RightsJson<'a>>,
        /// The rights that other rows give to some of the origins.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        others: Vec<RightsJson<'a>>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        keys: Vec<KeyJson>,
    },
    Depth {
        rows: Vec<RowJson<'a>>,
        old_depth: Option<u8>,
        new_depth: Option<u8>,
        new: RightsJson<'a>,
    },
    Setting {
        key: &'a str,
        old: &'a str,
        new: &'a str,
    },
    Origins {
        origins: &'a [Box<str>],
    },
    Timing {
        old: &'a [Box<str>],
        new: &'a [Box<str>],
    },
    Route {
        host: Option<&'a str>,
        path: &'a str,
        old: Option<&'a str>,
        new: Option<&'a str>,
    },
    Other {},
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum RowJson<'a> {
    Pattern {
        pattern: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        depth: Option<u8>,
    },
    Regex {
        regex: &'a str,
    },
}

#[derive(Debug, Serialize)]
struct RightsJson<'a> {
    allow_methods: &'a [Box<str>],
    allow_headers: &'a [Box<str>],
    expose_headers: &'a [Box<str>],
    allow_credentials: bool,
    max_age: Option<u32>,
}

/// A changed key of the rights.
#[derive(Debug, Serialize)]
struct KeyJson {
    key: &'static str,
    effect: &'static str,
    text: String,
}

impl<'a> ChangeJson<'a> {
    pub(crate) fn all(diff: &'a Diff) -> Vec<Self> {
        diff.changes().iter().map(Self::new).collect()
    }

    fn new(change: &'a Change) -> Self {
        Self {
            change: change.kind().as_str(),
            effect: change.effect().as_str(),
            policy: change.policy(),
            text: change.to_string(),
            details: DetailsJson::new(change),
        }
    }
}

impl<'a> DetailsJson<'a> {
    fn new(change: &'a Change) -> Self {
        let policy = change.policy();
        match change.kind() {
            ChangeKind::PolicyAdded { rows } | ChangeKind::PolicyRemoved { rows } => Self::Policy { rows: *rows },
            ChangeKind::OriginsAllowed { rows, rights, others } => {
                Self::rows(rows, None, None, Some(rights)).with(others)
            }
            ChangeKind::OriginsDenied { rows, rights, others } => {
                Self::rows(rows, None, Some(rights), None).with(others)
            }
            ChangeKind::DepthChanged { rows, rights, old, new } => Self::Depth {
                rows: rows.iter().map(RowJson::new).collect(),
                old_depth: *old,
                new_depth: *new,
                new: RightsJson::new(rights),
            },
            ChangeKind::RightsChanged { rows, old, new } => Self::rows(rows, None, Some(old), Some(new)),
            ChangeKind::OrderChanged { rows, before, old, new } => Self::rows(rows, Some(before), Some(old), Some(new)),
            ChangeKind::SettingChanged { key, old, new, .. } => Self::Setting { key, old, new },
            ChangeKind::OwnOriginsAdded { origins } | ChangeKind::OwnOriginsRemoved { origins } => {
                Self::Origins { origins }
            }
            ChangeKind::TimingAllowOriginChanged { old, new } => Self::Timing { old, new },
            ChangeKind::RouteAdded { host, path } => {
                Self::Route { host: host.as_deref(), path, old: None, new: policy }
            }
            ChangeKind::RouteRemoved { host, path } => {
                Self::Route { host: host.as_deref(), path, old: policy, new: None }
            }
            ChangeKind::RouteChanged { host, path, old } => {
                Self::Route { host: host.as_deref(), path, old: Some(old), new: policy }
            }
            ChangeKind::UnroutedChanged { old, new } => {
                Self::Setting { key: "unrouted", old: old.as_str(), new: new.as_str() }
            }
            _ => Self::Other {},
        }
    }

    fn rows(
        rows: &'a [ChangedRow],
        before: Option<&'a [ChangedRow]>,
        old: Option<&'a Rights>,
        new: Option<&'a Rights>,
    ) -> Self {
        let keys = old.zip(new).map(|(old, new)| old.changes_to(new)).unwrap_or_default();
        Self::Rows {
            rows: rows.iter().map(RowJson::new).collect(),
            before: before.map(|rows| rows.iter().map(RowJson::new).collect()),
            old: old.map(RightsJson::new),
            new: new.map(RightsJson::new),
            others: Vec::new(),
            keys: keys.iter().map(KeyJson::new).collect(),
        }
    }

    fn with(mut self, rights: &'a [Rights]) -> Self {
        if let Self::Rows { others, .. } = &mut self {
            *others = rights.iter().map(RightsJson::new).collect();
        }
        self
    }
}

impl<'a> RowJson<'a> {
    fn new(row: &'a ChangedRow) -> Self {
        match row.is_expression() {
            true => Self::Regex { regex: row.text() },
            false => Self::Pattern { pattern: row.text(), depth: row.depth() },
        }
    }
}

impl<'a> RightsJson<'a> {
    fn new(rights: &'a Rights) -> Self {
        Self {
            allow_methods: rights.allow_methods(),
            allow_headers: rights.allow_headers(),
            expose_headers: rights.expose_headers(),
            allow_credentials: rights.allow_credentials(),
            max_age: rights.max_age(),
        }
    }
}

impl KeyJson {
    fn new(change: &RightsChange) -> Self {
        Self { key: change.key(), effect: change.effect().as_str(), text: change.to_string() }
    }
}
