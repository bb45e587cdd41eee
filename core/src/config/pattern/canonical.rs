//! The form that a person likely meant: help for a refused pattern, never a repair.

use core::net::{Ipv4Addr, Ipv6Addr};

use super::parse;
use crate::origin::write_ipv6;

/// The nearest text that is a pattern, if there is an obvious one.
pub(super) fn canonical(written: &str) -> Option<String> {
    let text = written.trim();
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => ("https".into(), text.trim_start_matches("https:").trim_start_matches("http:")),
    };
    let scheme = if scheme.is_empty() { "https".into() } else { scheme };
    let rest = rest.trim_start_matches('/');
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let authority = authority.rsplit('@').next()?;
    let (host, port) = split_port(authority);
    let host = canonical_host(host)?;
    let port = canonical_port(&scheme, port)?;
    let form = format!("{scheme}://{host}{port}");
    (form != written && parse::shape(&form).is_ok()).then_some(form)
}

/// A row as it must be written, whether it is written so already or not.
pub(super) fn canonical_row(written: &str) -> Option<String> {
    if parse::shape(written).is_ok() { Some(written.into()) } else { canonical(written) }
}

fn split_port(authority: &str) -> (&str, &str) {
    if authority.parse::<Ipv6Addr>().is_ok() {
        return (authority, "");
    }
    match authority.rfind([':', ']']) {
        Some(at) if authority.get(at..at + 1) == Some(":") => authority.split_at_checked(at).unwrap_or((authority, "")),
        _ => (authority, ""),
    }
}

/// `port` with its colon, as a serialiser writes it.
fn canonical_port(scheme: &str, port: &str) -> Option<String> {
    let port = port.trim_start_matches(':');
    if port.is_empty() || port == "*" {
        return Some(if port.is_empty() { String::new() } else { ":*".into() });
    }
    let number: u16 = port.parse().ok()?;
    let default = matches!((scheme, number), ("http", 80) | ("https", 443));
    Some(if default { String::new() } else { format!(":{number}") })
}

fn canonical_host(host: &str) -> Option<String> {
    if let Some(base) = host.strip_prefix("*.") {
        return Some(format!("*.{}", canonical_host(base)?));
    }
    let address = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = address.parse::<Ipv6Addr>() {
        let mut buffer = [0; 39];
        let text = core::str::from_utf8(write_ipv6(address, &mut buffer)?).ok()?;
        return Some(format!("[{text}]"));
    }
    let host = if host.is_ascii() { host.to_ascii_lowercase() } else { idna::domain_to_ascii(host).ok()? };
    Some(ipv4(&host).map_or(host, |address| address.to_string()))
}

/// URL, "IPv4 parser": the spellings that browsers turn into four decimal parts.
fn ipv4(host: &str) -> Option<Ipv4Addr> {
    let parts: Vec<&str> = host.strip_suffix('.').unwrap_or(host).split('.').collect();
    let (last, first) = parts.split_last()?;
    let mut address: u64 = 0;
    for part in first {
        let number = ipv4_number(part).filter(|&number| number < 256)?;
        address = address << 8 | number;
    }
    let bits = 8 * 4_u32.checked_sub(first.len() as u32)?;
    let number = ipv4_number(last).filter(|&number| number < 1 << bits)?;
    Some(Ipv4Addr::from_bits((address << bits | number) as u32))
}

fn ipv4_number(part: &str) -> Option<u64> {
    if let Some(hex) = part.strip_prefix("0x") {
        return if hex.is_empty() { Some(0) } else { u64::from_str_radix(hex, 16).ok() };
    }
    match part.strip_prefix('0') {
        Some(octal) if !octal.is_empty() => u64::from_str_radix(octal, 8).ok(),
        _ => part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?,
    }
}
