//! What to write in place of a name that does not exist: "did you mean".

use super::key::{Key, Kind, Section};
use super::node::{Node, Value};
use crate::config::diagnostic::{Collector, quote};
use crate::config::nearest::{MAX_TEXT, did_you_mean, for_name, listed, nearest};

/// Names of other packages' settings that no single key stands for, and what to do instead.
const ADVICE: &[(&[&str], &str)] = &[
    (
        &[
            "allow_origin_regex",
            "allowed_origin_regex",
            "allowed_origin_regexes",
            "allowed_origin_patterns",
            "allow_origin_string_match",
            "allow_origin_list_regex",
        ],
        "write each expression as a row: `allow_origins = [{ regex = 'https://[a-z]+\\.example\\.com' }]`",
    ),
    (
        &["preflight_continue", "options_passthrough", "forward_not_matching_preflights"],
        "write `preflight = \"forward\"`: the application answers preflights",
    ),
    (
        &["send_wildcard"],
        "there is no such key: write `allow_origins = [\"*\"]` to send `*`; other rows send the origin",
    ),
    (&["always_send"], "there is no such key: headers are set exactly where the Fetch standard needs them"),
    (&["vary_header"], "there is no such key: `Vary` is set wherever a response depends on the request"),
    (
        &["automatic_options", "intercept_exceptions"],
        "there is no such key: preflights and responses to failed requests are always handled",
    ),
];

/// The help for `text`, which is not a key of `section`.
pub(super) fn for_key(text: &str, section: Section, collector: &mut Collector<'_>) -> String {
    // Each of these names is compared, and each key with its names in other packages.
    if !collector.may_compare(super::KEYS.len()) {
        return String::new();
    }
    let plain = plain(text);
    let is_called = |name: &str| self::plain(name) == plain;
    let is_meant = |key: &&Key| is_called(key.name) || key.peers.iter().any(|peer| is_called(peer));
    if let Some(key) = section.keys().find(is_meant) {
        return did_you_mean(key.name);
    }
    let takes_origins = matches!(section, Section::Policy | Section::Grant);
    let advice = ADVICE.iter().find(|(names, _)| takes_origins && names.iter().any(|name| is_called(name)));
    if let Some((_, advice)) = advice {
        return (*advice).into();
    }
    if let Some(key) = super::KEYS.iter().copied().find(is_meant) {
        return elsewhere(key);
    }
    let known: Vec<&str> = section.keys().map(|key| key.name).collect();
    for_name(text, &known, "keys", collector)
}

/// The name as packages that differ in case, `-` and `_` have in common, without the prefixes that
/// some put before it.
fn plain(name: &str) -> String {
    let letters = name.chars().take(MAX_TEXT).filter(|letter| !matches!(letter, '-' | '_'));
    let plain: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
    let unprefixed = plain.strip_prefix("accesscontrol").or_else(|| plain.strip_prefix("cors"));
    unprefixed.unwrap_or(&plain).into()
}

/// A key of another table.
fn elsewhere(key: &Key) -> String {
    let places: Vec<String> = key.sections.iter().map(|section| quote(section.as_str())).collect();
    format!("write {} in {}", quote(key.name), places.join(" or "))
}

/// What to write in place of `text`, which is no value of its key. All values are shown.
pub(super) fn for_value(text: &str, known: &[&str], collector: &mut Collector<'_>) -> String {
    let values = format!("valid values: {}", listed(known));
    match nearest(text, known, collector) {
        Some(name) => format!("{} ({values})", did_you_mean(name)),
        None => values,
    }
}

/// How to write the value of `key`, which has a value of another type.
pub(super) fn for_type(key: &Key, node: &Node<'_>) -> String {
    let line = |value: &str| format!("write {}", quote(&format!("{} = {value}", key.name)));
    match (key.kind, &node.value) {
        (Kind::Strings(_) | Kind::Rows, Value::String(text)) if is_plain(text) => {
            let items: Vec<String> = text.split([',', ' ']).filter(|item| !item.is_empty()).map(in_quotes).collect();
            line(&format!("[{}]", items.join(", ")))
        }
        (Kind::Boolean, Value::String(text)) if matches!(text.as_ref(), "true" | "false") => {
            format!("{}, without quotes", line(text))
        }
        (Kind::Integer { .. }, Value::String(text)) if text.parse::<u32>().is_ok() => {
            format!("{}, without quotes", line(text))
        }
        (Kind::Word(words), _) => format!("valid values: {}", listed(words)),
        (Kind::Number(numbers), _) => format!("valid values: {}", listed(numbers)),
        (Kind::String(what), _) => format!("write {what}, in quotes"),
        (Kind::Tables(section), _) => format!("write each as a table {}", quote(section.as_str())),
        (Kind::Named(section), _) => format!("write a table {} for each", quote(section.as_str())),
        _ => match key.example.lines().find(|line| line.starts_with(key.name)) {
            Some(example) if !example.ends_with('[') => format!("for example {}", quote(example)),
            _ => String::new(),
        },
    }
}

/// Whether TOML has the same text between quotes.
fn is_plain(text: &str) -> bool {
    text.len() <= MAX_TEXT && text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'))
}

fn in_quotes(text: &str) -> String {
    format!("\"{text}\"")
}
