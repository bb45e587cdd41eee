//! Origins that are nearly a given one: what somebody registers who wants to pass for it.

use super::Dice;

/// Labels of which some are suffixes below registered names, and some the beginnings of others.
const LABELS: [&str; 10] = ["a", "evil", "x-a", "foo", "s3", "evil.s3", "evil.ezproxy", "evil.eu-west-1", "com", "www"];

/// What a domain is followed by.
const ENDS: [&str; 8] = ["com", "uk", "co.uk", "evil.example", "github.io", "test", "", "org"];

/// The origin with one or two things changed.
pub fn near_miss(dice: &mut Dice, origin: &str) -> String {
    let changed = changed(dice, origin);
    if dice.percent(20) { self::changed(dice, &changed) } else { changed }
}

fn changed(dice: &mut Dice, origin: &str) -> String {
    let (scheme, rest) = origin.split_once("://").unwrap_or(("https", origin));
    let (host, port) = rest.find(':').map_or((rest, ""), |at| rest.split_at(at));
    let mut labels: Vec<String> = host.split('.').map(String::from).collect();
    let (at, name) = (dice.below(labels.len()), *dice.pick(&LABELS));
    // The label that someone registered, most likely.
    let owned = labels.len().saturating_sub(2 + dice.below(2));
    match dice.below(16) {
        0 => drop(labels.remove(at)),
        1 => labels.insert(0, name.into()),
        2 => labels.insert(at, name.into()),
        3 => labels.insert(owned, name.into()),
        4 => labels.push((*dice.pick(&ENDS)).into()),
        5 => labels[owned] = name.into(),
        6 => labels[owned].insert_str(0, dice.pick::<&str>(&["evil", "evil-", "a", "1", "-"])),
        7 => labels[owned].push_str(dice.pick::<&str>(&["x", "-a", "0", "s"])),
        8 => drop(labels.drain(..owned)),
        9 => {
            let end = labels.len() - 1;
            labels[end].push_str(dice.pick::<&str>(&["x", "m", "1", "munity"]));
        }
        10 if labels.len() > 1 => {
            // A dot becomes something else.
            let label = labels.remove(owned.min(labels.len() - 2));
            let next = owned.min(labels.len() - 1);
            labels[next] = format!("{label}{}{}", dice.pick(&["", "-", "x", "_"]), labels[next]);
        }
        11 if !host.is_empty() => {
            // A byte becomes another, or goes.
            let mut text = host.to_string();
            let byte = dice.below(text.len());
            text.replace_range(byte..=byte, dice.pick::<&str>(&["", "a", ".", "-", "x"]));
            return format!("{scheme}://{text}{port}");
        }
        12 => return format!("{}://{rest}", dice.pick(&["http", "https", "app"])),
        13 => return format!("{scheme}://{host}:{}", dice.pick(&["1", "81", "8080", "8443", "65535"])),
        14 => return format!("{scheme}://evil.example.{host}{port}"),
        _ => return format!("{scheme}://{host}{}", dice.pick(&["", ".", ".evil.example", "evil", ".co"])),
    }
    format!("{scheme}://{}{port}", labels.join("."))
}
