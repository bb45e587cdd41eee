//! Several rows that are written as one.

use super::proposal::{row, write};
use crate::config::diagnostic::quote;

const QUOTES: [char; 9] = ['"', '\'', '`', '“', '”', '„', '‘', '’', '«'];

/// Rows with separators between them, or with quotes and brackets that a shell kept.
pub(super) fn help(text: &str) -> Option<String> {
    let is_around = |c: char| QUOTES.contains(&c) || c.is_whitespace() || c == '»';
    let has_brackets = text.trim_matches(is_around).starts_with('[') && text.trim_matches(is_around).ends_with(']');
    let inside = text.trim_matches(|c: char| is_around(c) || has_brackets && matches!(c, '[' | ']'));
    let items = inside.split([',', ';', '|']).flat_map(str::split_whitespace);
    // What ends so is the name of a setting, of which the row is the value.
    let is_name = |item: &str| item.is_empty() || item.ends_with([':', '=']);
    let items: Vec<&str> = items.map(|item| item.trim_matches(is_around)).filter(|item| !is_name(item)).collect();
    let rows: Vec<String> = items.iter().map(|item| row(item)).collect::<Option<_>>()?;
    match rows.as_slice() {
        [_] if items == [text.trim()] => None,
        [one] => Some(format!(
            "{}, without the quotes, brackets or separators around it",
            write(core::slice::from_ref(one))?
        )),
        _ => write(&rows),
    }
}

/// `{a,b}`, `(a|b)`, and ports in brackets or with a comma or a hyphen between them.
pub(super) fn choice(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let ports = rest.split_once(':').filter(|(host, _)| !host.contains(['{', '(', '[', ',', ';', ' ']));
    if let Some((host, port)) = ports {
        let port = port.trim_matches(['[', ']', '{', '}', '(', ')']);
        let rows: Vec<String> =
            numbers(port)?.iter().filter_map(|port| row(&format!("{scheme}://{host}:{port}"))).collect();
        return write(&rows).filter(|_| !rows.iter().any(|row| row == text));
    }
    let (open, close, separator) =
        [('{', '}', ','), ('(', ')', '|')].into_iter().find(|(open, ..)| rest.contains(*open))?;
    let (before, behind) = rest.split_once(open)?;
    let (choices, behind) = behind.split_once(close)?;
    let rows =
        choices.split(separator).map(|choice| row(&format!("{scheme}://{before}{choice}{}", behind.replace('\\', ""))));
    write(&rows.collect::<Option<Vec<_>>>()?)
}

/// The ports of a list or a range, if the text is one.
fn numbers(text: &str) -> Option<Vec<String>> {
    if matches!(text, "*" | ".*" | "\\d+" | "[0-9]+" | "0-9]+") {
        return Some(vec!["*".into()]);
    }
    if let Some((first, last)) = text.split_once('-') {
        let (first, last): (u16, u16) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        let range = if last.checked_sub(first)? < 16 {
            (first..=last).map(|port| port.to_string()).collect()
        } else {
            vec!["*".into()]
        };
        return Some(range);
    }
    let parts: Vec<&str> = text.split([',', '|']).map(str::trim).collect();
    let are_ports = parts.len() > 1 && parts.iter().all(|part| part.parse::<u16>().is_ok());
    are_ports.then(|| parts.iter().map(|part| (*part).into()).collect())
}

/// A block of addresses.
pub(super) fn block(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    let (host, bits) = rest.split_once('/')?;
    bits.parse::<u8>().ok().filter(|bits| *bits <= 128)?;
    let address = host.trim_matches(['[', ']']);
    let meant = match address.parse::<core::net::IpAddr>().ok()? {
        core::net::IpAddr::V4(address) => format!("{scheme}://{address}"),
        core::net::IpAddr::V6(address) => format!("{scheme}://[{address}]"),
    };
    let row = row(&meant)?;
    Some(format!("an address block is no row: write an exact row for each address, such as {}", quote(&row)))
}
