//! Validation of hosts in their serialised form (URL, "host serializing"), without allocating.

use super::address;
use super::labels::{are_labels, are_name_bytes};

/// The longest host, not counting one trailing dot: 255 bytes of a DNS name (RFC 1035, 2.3.4) are
/// 253 as text.
pub(crate) const MAX_HOST: usize = 253;

/// The kinds of valid host of an `http` or `https` origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Domain,
    Ipv4,
    Ipv6,
}

/// Classifies the host of an `http` or `https` origin: `None` if no browser serialises a host like
/// this (URL, "host serializing"), or if it contains bytes that no row of a policy can contain.
pub(crate) fn classify(host: &[u8]) -> Option<Host> {
    judge(host)
}

/// The same, inlined where each origin goes through.
#[inline(always)]
pub(super) fn judge(host: &[u8]) -> Option<Host> {
    if host.first() == Some(&b'[') {
        return is_bracketed(host).then_some(Host::Ipv6);
    }
    let name = host.strip_suffix(b".").unwrap_or(host);
    if name.is_empty() || name.len() > MAX_HOST {
        return None;
    }
    if !are_labels(name) {
        return None;
    }
    if !ends_in_a_number(name) {
        return Some(Host::Domain);
    }
    // The parser removes the dot after an address (URL, "IPv4 parser", step 2), so the address must
    // be all of `host`.
    address::is_canonical_ipv4(host).then_some(Host::Ipv4)
}

/// The host of another scheme (URL, "opaque-host parser"): no labels, no addresses but bracketed
/// ones, compared as it is.
pub(crate) fn is_opaque(host: &[u8]) -> bool {
    if host.first() == Some(&b'[') {
        return is_bracketed(host);
    }
    !host.is_empty() && host.len() <= MAX_HOST && are_name_bytes(host)
}

/// An address of version 6, as all schemes write it.
fn is_bracketed(host: &[u8]) -> bool {
    let address = host.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]"));
    address.is_some_and(address::is_canonical_ipv6)
}

/// URL, "ends in a number checker": such a host is an IPv4 address or no host at all.
#[inline]
pub(crate) fn ends_in_a_number(name: &[u8]) -> bool {
    // Most names end in a letter beyond `f` and are done here.
    name.last().is_some_and(|b| b.is_ascii_hexdigit() || *b == b'x') && is_last_label_a_number(name)
}

fn is_last_label_a_number(name: &[u8]) -> bool {
    let last = name.rsplit(|&b| b == b'.').next().unwrap_or(name);
    match last.strip_prefix(b"0x") {
        Some(hex) => hex.iter().all(u8::is_ascii_hexdigit),
        None => last.iter().all(u8::is_ascii_digit),
    }
}
