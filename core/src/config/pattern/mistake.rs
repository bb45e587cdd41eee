//! Mistakes that people make in a row, and the rows to write in their place.
//!
//! A plain sequence of recognisers: the first that knows the text says what to do. Each row that it
//! proposes is parsed before.

mod expression;
mod list;
mod proposal;
mod unset;
mod wildcard;

use super::canonical;
use proposal::{local, write};

/// A row has at most so many bytes to be searched for mistakes: no origin is as long.
const MAX_TEXT: usize = 1024;

/// What to do about a refused row, if its mistake is a known one.
pub(super) fn help(text: &str) -> Option<String> {
    if text.len() > MAX_TEXT {
        return None;
    }
    unset::help(text)
        .or_else(|| doubled_scheme(text))
        .or_else(|| list::choice(text))
        .or_else(|| list::block(text))
        .or_else(|| expression::help(text))
        .or_else(|| list::help(text))
        .or_else(|| wildcard::help(text))
        .or_else(|| separator(text))
        .or_else(|| without_brackets(text))
        .or_else(|| loopback(text))
}

/// Two schemes, one of them put before a text that had one.
fn doubled_scheme(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("://")?;
    let is_origin = rest.starts_with("https://") || rest.starts_with("http://");
    is_origin.then(|| write(&[proposal::row(rest)?]))?
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
