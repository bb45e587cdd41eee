//! Hosts in their serialised form (URL, "host serializing"), judged without allocating.

use super::address;

/// The longest host, not counting one trailing dot (the limit of DNS names in text form).
pub(crate) const MAX_HOST: usize = 253;

pub(crate) const MAX_LABEL: usize = 63;

/// What a valid host of an `http` or `https` origin is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Domain,
    Ipv4,
    Ipv6,
}

/// Judges the host of an `http` or `https` origin: `None` if no browser would have serialised it
/// so, or if it holds bytes that the policy language cannot name (protocol rule R7).
pub(crate) fn classify(host: &[u8]) -> Option<Host> {
    if let Some(rest) = host.strip_prefix(b"[") {
        return address::is_canonical_ipv6(rest.strip_suffix(b"]")?).then_some(Host::Ipv6);
    }
    let name = host.strip_suffix(b".").unwrap_or(host);
    if name.len() > MAX_HOST || !has_valid_labels(name) {
        return None;
    }
    if !ends_in_a_number(name) {
        return Some(Host::Domain);
    }
    // A serialiser drops the dot behind an address, so the address must be all of `host`.
    address::is_canonical_ipv4(host).then_some(Host::Ipv4)
}

/// The host of another scheme: no labels, no addresses but bracketed ones, compared as it stands.
pub(crate) fn is_opaque(host: &[u8]) -> bool {
    if let Some(rest) = host.strip_prefix(b"[") {
        return rest.strip_suffix(b"]").is_some_and(address::is_canonical_ipv6);
    }
    !host.is_empty() && host.len() <= MAX_HOST && host.iter().all(|&b| is_label_byte(b) || b == b'.')
}

/// One or more labels of 1 to 63 bytes of `[a-z0-9_-]`, separated by single dots.
///
/// Two passes without branches on the bytes, which the compiler turns into wide compares; only a
/// name of over 63 bytes can have a label that is too long, and only then are labels measured.
fn has_valid_labels(name: &[u8]) -> bool {
    let mut invalid = name.is_empty() || name.first() == Some(&b'.') || name.last() == Some(&b'.');
    for &byte in name {
        invalid |= !(is_label_byte(byte) | (byte == b'.'));
    }
    for (&one, &next) in name.iter().zip(name.iter().skip(1)) {
        invalid |= (one == b'.') & (next == b'.');
    }
    !invalid && (name.len() <= MAX_LABEL || name.split(|&b| b == b'.').all(|label| label.len() <= MAX_LABEL))
}

pub(crate) const fn is_label_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() | byte.is_ascii_digit() | (byte == b'-') | (byte == b'_')
}

/// URL, "ends in a number checker": such a host is an IPv4 address or no host at all.
pub(crate) fn ends_in_a_number(name: &[u8]) -> bool {
    // Most names end in a letter beyond `f` and are done here.
    if !name.last().is_some_and(|b| b.is_ascii_hexdigit() || *b == b'x') {
        return false;
    }
    let last = name.rsplit(|&b| b == b'.').next().unwrap_or(name);
    match last.strip_prefix(b"0x") {
        Some(hex) => hex.iter().all(u8::is_ascii_hexdigit),
        None => last.iter().all(u8::is_ascii_digit),
    }
}
