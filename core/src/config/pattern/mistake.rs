//! Mistakes that people make in a row, and the rows to write in their place.
//!
//! A plain sequence of recognisers: the first that knows the text says what to do. Each row that it
//! proposes is parsed before.

mod expression;
mod list;
mod unset;
mod wildcard;

use super::{canonical, parse};
use crate::config::diagnostic::quote;

/// A row has at most so many bytes to be searched for mistakes: no origin is as long.
const MAX_TEXT: usize = 1024;

/// How many rows a help proposes at most.
const MAX_ROWS: usize = 16;

/// What to do about a refused row, if its mistake is a known one.
pub(super) fn help(text: &str) -> Option<String> {
    if text.len() > MAX_TEXT {
        return None;
    }
    unset::help(text)
        .or_else(|| list::choice(text))
        .or_else(|| list::block(text))
        .or_else(|| expression::help(text))
        .or_else(|| list::help(text))
        .or_else(|| wildcard::help(text))
        .or_else(|| separator(text))
        .or_else(|| without_brackets(text))
        .or_else(|| loopback(text))
}

/// `write` and each row, if all of them are accepted.
fn write(rows: &[String]) -> Option<String> {
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
fn row(text: &str) -> Option<String> {
    match text {
        "*" => Some(text.into()),
        _ if !text.contains(':') && !text.contains('.') && text != "localhost" => None,
        _ => local(text).or_else(|| canonical::canonical_row(text)),
    }
}

/// A host of this machine or of a private network, of which pages have `http`.
fn local(text: &str) -> Option<String> {
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

fn loopback(text: &str) -> Option<String> {
    if text.contains("//") {
        return None;
    }
    write(&[local(text)?])
}

/// An IPv6 address without its brackets, and perhaps a port behind it.
fn without_brackets(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    if rest.contains(['[', ']']) || rest.matches(':').count() < 2 {
        return None;
    }
    let rest = rest.trim_end_matches('/');
    let with_port = rest.rsplit_once(':').filter(|(address, port)| {
        address.parse::<core::net::Ipv6Addr>().is_ok() && (port.len() > 3 || rest.starts_with("::1:"))
    });
    let meant = match with_port {
        Some((address, port)) => format!("{scheme}://[{address}]:{port}"),
        None => format!("{scheme}://[{rest}]"),
    };
    write(&[canonical::canonical_row(&meant)?])
}

/// A scheme with something like `://` behind it.
fn separator(text: &str) -> Option<String> {
    let scheme = if text.starts_with("https") { "https" } else { "http" };
    let rest = text.strip_prefix(scheme).filter(|rest| !rest.starts_with("://"))?;
    let host = rest.trim_start_matches([':', ';', '/', '\\']);
    if host == rest {
        return None;
    }
    write(&[canonical::canonical_row(&format!("{scheme}://{host}"))?])
}
