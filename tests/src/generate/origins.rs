//! `Origin` values for a given policy: origins that its rows match, and what is nearly one.

use super::rows::{ENDS, LABELS, PORTS};
use super::{Dice, Policy};

/// One value; about half are near misses, and a few are nothing like an origin.
pub fn origin(dice: &mut Dice, policy: &Policy) -> Vec<u8> {
    let mut origin = matching(dice, policy);
    for _ in 0..*dice.pick(&[0, 0, 1, 1, 1, 2, 3]) {
        origin = mutated(dice, origin, policy);
    }
    if dice.percent(6) {
        return with_strange_byte(dice, origin.into_bytes());
    }
    origin.into_bytes()
}

/// An origin that some row of the policy matches, or nearly: its wildcards filled in.
fn matching(dice: &mut Dice, policy: &Policy) -> String {
    let rows: usize = policy.grants.iter().map(Vec::len).sum();
    if rows == 0 || (!policy.own.is_empty() && dice.percent(5)) {
        return policy.own.first().cloned().unwrap_or_else(|| "https://a.com".into());
    }
    let at = dice.below(rows);
    let row = policy.grants.iter().flatten().nth(at).unwrap();
    if let Some(examples) = &row.examples {
        return if examples.is_empty() { "https://foo.com".into() } else { dice.pick(examples).clone() };
    }
    let mut text = row.pattern.clone();
    if row.is_glob() {
        text = text.replacen('*', &within_label(dice), 1);
    } else if text.contains("://*.") {
        let labels: Vec<&str> = (0..=dice.below(3)).map(|_| *dice.pick(&LABELS)).collect();
        text = text.replacen('*', &labels.join("."), 1);
    }
    if let Some(without) = text.strip_suffix(":*") {
        let port = if dice.percent(50) { String::new() } else { format!(":{}", dice.pick(&PORTS)) };
        text = format!("{without}{port}");
    }
    text
}

/// What a glob's `*` may stand for, or nearly: nothing and a dot are no such things.
fn within_label(dice: &mut Dice) -> String {
    let pieces = *dice.pick(&[1, 1, 1, 1, 1, 2, 2, 0]);
    let between = *dice.pick(&["", "", "", "-", "_", "."]);
    (0..pieces).map(|_| *dice.pick(&LABELS)).collect::<Vec<_>>().join(between)
}

/// One thing changed.
fn mutated(dice: &mut Dice, origin: String, policy: &Policy) -> String {
    let (scheme, rest) = origin.split_once("://").map_or(("https", origin.as_str()), |parts| parts);
    let (scheme, rest) = (scheme.to_string(), rest.to_string());
    let (host, port) = match rest.rfind(':') {
        Some(at) if !rest.ends_with(']') => rest.split_at(at),
        _ => (rest.as_str(), ""),
    };
    let mut labels: Vec<&str> = host.split('.').collect();
    let (label, end): (&str, &str) = (*dice.pick(&LABELS), *dice.pick(&ENDS));
    let dot = dice.pick::<&str>(&["", "-", "..", "a", "%2e"]);
    let at = dice.below(labels.len());
    let many = vec!["a"; *dice.pick(&[2, 3, 4, 5, 59, 60, 61, 120, 124, 125, 126])].join(".");
    let long = "a".repeat(*dice.pick(&[62, 63, 64, 253, 300]));
    match dice.below(26) {
        0 => drop(labels.remove(at)),
        1 => labels.insert(0, label),
        2 => labels.insert(at, label),
        3 => labels.push(end),
        4 => labels[at] = label,
        5 => labels.insert(at, ""),
        6 => labels.push(""),
        7 => labels.insert(0, &long),
        8 => labels.insert(0, &many),
        9 => return format!("{}://{rest}", dice.pick(&["http", "https", "httpss", "app", "file", "HTTPS", "ftp", ""])),
        10 => return format!("{scheme}://{host}:{}", dice.pick(&PORTS)),
        11 => {
            return format!(
                "{scheme}://{host}:{}",
                dice.pick(&["", "0", "80", "443", "08", "65536", "*", "8080x", "-1"])
            );
        }
        12 => return format!("{scheme}://{host}"),
        13 => return format!("{scheme}://{label}{host}{port}"),
        14 => return format!("{scheme}://{host}{label}{port}"),
        15 => return format!("{scheme}://{}{host}{port}", matching(dice, policy).replace("https://", "")),
        16 => return format!("{origin}{}", matching(dice, policy)),
        17 => return format!("{origin},{}", matching(dice, policy)),
        18 => {
            return format!(
                "{origin}{}",
                dice.pick(&["/", ".", "?", "#", " ", "@a.com", ".evil.test", ":", "]", "\\", "\0"])
            );
        }
        19 => return origin[dice.below(origin.len().max(1)).min(origin.len())..].into(),
        20 => return origin[..dice.below(origin.len().max(1)).min(origin.len())].into(),
        21 => return origin.replacen(|c: char| c.is_ascii_lowercase(), &dice.pick(&LABELS)[..1].to_uppercase(), 1),
        22 => {
            return format!(
                "{scheme}://{}{port}",
                dice.pick(&["127.0.0.1", "1.2.3.4", "[::1]", "[0::1]", "127.1", "1", "0x7f", "*"])
            );
        }
        23 => return origin.replace('.', dot),
        24 => return (*dice.pick(&["null", "Null", "", "*", "null,null", "://", "https://", "undefined"])).into(),
        _ => {
            let rows = policy.grants.iter().find(|rows| !rows.is_empty());
            return rows.map_or_else(|| "*".into(), |rows| dice.pick(rows).pattern.clone());
        }
    }
    format!("{scheme}://{}{port}", labels.join("."))
}

fn with_strange_byte(dice: &mut Dice, mut origin: Vec<u8>) -> Vec<u8> {
    let byte = dice.below(256) as u8;
    let at = dice.below(origin.len() + 1);
    match dice.below(3) {
        0 => origin.insert(at, byte),
        1 if at < origin.len() => origin[at] = byte,
        _ if at < origin.len() => drop(origin.remove(at)),
        _ => origin.push(byte),
    }
    origin
}
