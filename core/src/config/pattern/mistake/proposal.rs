//! The rows that a help proposes.

use crate::config::diagnostic::quote;
use crate::config::pattern::{canonical, parse};

/// How many rows a help proposes at most.
const MAX_ROWS: usize = 16;

/// `write` and each row, if all of them are accepted.
pub(super) fn write(rows: &[String]) -> Option<String> {
    if rows.len() > MAX_ROWS || rows.iter().any(|row| parse::shape(row).is_err()) {
        return None;
    }
    match rows {
        [] => None,
        [row] => Some(format!("write {}", quote(row))),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|row| quote(row)).collect();
            Some(format!("write a row for each: {} and {}", first.join(", "), quote(last)))
        }
    }
}

/// The row that is meant, with the scheme that pages of its host have where none is written.
pub(super) fn row(text: &str) -> Option<String> {
    match text {
        "*" => Some(text.into()),
        _ if !text.contains(':') && !text.contains('.') && text != "localhost" => None,
        _ => local(text).or_else(|| canonical::canonical_row(text)),
    }
}

/// A host of this machine or of a private network, of which pages have `http`.
pub(super) fn local(text: &str) -> Option<String> {
    let host = text.trim_start_matches('/');
    let row = canonical::canonical_row(&format!("http://{host}"))?;
    let rest = row.strip_prefix("http://")?;
    let name = match rest.rsplit_once(':') {
        Some((name, _)) if !name.ends_with(':') && !rest.ends_with(']') => name,
        _ => rest,
    };
    let address = name.trim_matches(['[', ']']);
    let is_private = address.parse::<core::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback() || ip.is_private());
    let is_loopback = address.parse::<core::net::Ipv6Addr>().is_ok_and(|ip| ip.is_loopback());
    (is_private || is_loopback || name == "localhost" || name.ends_with(".localhost")).then_some(row)
}
