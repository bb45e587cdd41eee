//! The grammar of patterns, from left to right; the first mistake that is found names the code.

use super::fault::Fault;
use super::shape::Shape;
use super::unsent;
use crate::config::diagnostic::{Code, quote};
use crate::config::suffix_list;
use crate::matcher::PortRule;
use crate::origin::{self, MAX_HOST, Origin, Scheme};

pub(super) fn shape(text: &str) -> Result<Shape<'_>, Fault> {
    // Nearly every row of a long list is an origin as it stands, and needs no search for mistakes:
    // a third of the time that a policy of 100,000 takes.
    if let Some(shape) = exact(text) {
        return Ok(shape);
    }
    match text {
        "*" => return Ok(Shape::Any),
        "null" => return Ok(Shape::Null),
        _ => check_characters(text)?,
    }
    if let Some(fault) = unsent::scheme(text) {
        return Err(fault);
    }
    let (scheme, rest) = scheme(text)?;
    let authority = authority(rest)?;
    if authority.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(Fault::new(Code::OriginUpperCase, "has upper-case letters, which browsers never send"));
    }
    let (host, port) = split_port(authority)?;
    let port = port_rule(scheme, port)?;
    if host.contains('*') {
        return wildcard(scheme, host, port);
    }
    check_host(scheme, host)?;
    let key = text.get(..text.len() - (authority.len() - host.len())).unwrap_or(text);
    Ok(Shape::Host { scheme, key, host, port })
}

/// A row that is an origin with labels or an address. Other schemes have rules of their own.
fn exact(text: &str) -> Option<Shape<'_>> {
    let origin = Origin::parse(text.as_bytes()).ok()?;
    let key = text.get(..origin.without_port().len())?;
    let (scheme, host, port) = (origin.scheme_kind(), origin.host(), PortRule::Only(origin.port()));
    let is_sent = !origin.port().is_some_and(|port| unsent::is_blocked(port, scheme)) && !unsent::is_no_domain(host);
    (scheme != Scheme::Other && is_sent).then_some(Shape::Host { scheme, key, host, port })
}

fn check_characters(text: &str) -> Result<(), Fault> {
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Fault::new(Code::OriginWhiteSpace, "contains white space or control characters"));
    }
    if !text.is_ascii() {
        let what = "has non-ASCII characters; browsers send such names in `xn--` form";
        return Err(Fault::new(Code::OriginNotAscii, what));
    }
    Ok(())
}

fn scheme(text: &str) -> Result<(Scheme, &str), Fault> {
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err(without_scheme(text));
    };
    if scheme.contains('*') {
        if rest.starts_with('*') && !rest.starts_with("*.") {
            return Err(any_host());
        }
        let fault = Fault::new(Code::WildcardPlace, "has a `*` in its scheme");
        return Err(fault.help("write one row for each scheme, such as `https://app.example.com`"));
    }
    if scheme.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(Fault::new(Code::OriginUpperCase, "has an upper-case scheme, which browsers never send"));
    }
    if scheme.is_empty() {
        return Err(without_scheme(text));
    }
    if !origin::is_scheme(scheme.as_bytes()) {
        let fault = Fault::new(Code::OriginSchemeInvalid, format!("has an invalid scheme: {}", quote(scheme)));
        return Err(
            fault.help("a scheme is at most 64 characters from `a-z`, `0-9`, `+`, `-`, `.`, and starts with a letter")
        );
    }
    match scheme {
        "https" => Ok((Scheme::Https, rest)),
        "http" => Ok((Scheme::Http, rest)),
        _ => Ok((Scheme::Other, rest)),
    }
}

fn without_scheme(text: &str) -> Fault {
    if text.contains('*') && !text.contains('.') {
        return any_host();
    }
    Fault::new(Code::OriginSchemeMissing, "has no scheme: an origin is scheme, host and port")
}

fn any_host() -> Fault {
    let fault = Fault::new(Code::WildcardAnyHost, "matches any host");
    fault.help("list the hosts, such as `https://*.example.com`; for public data without credentials, use `*` alone")
}

/// The part before any path, query or fragment, of which an origin has none.
fn authority(rest: &str) -> Result<&str, Fault> {
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    if authority.contains('@') {
        return Err(Fault::new(Code::OriginUserinfo, "has a user name before its host"));
    }
    if authority.is_empty() || authority.starts_with(':') {
        let fault = Fault::new(Code::OriginHostMissing, "has no host");
        return Err(fault.help("write an origin with its host, such as `https://app.example.com`"));
    }
    match path {
        "" => Ok(authority),
        "/" => Err(Fault::new(Code::OriginTrailingSlash, "ends with `/`, which no origin does")),
        _ => {
            Err(Fault::new(Code::OriginPath, format!("has a path, query or fragment after its host: {}", quote(path))))
        }
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<&str>), Fault> {
    if let Some(end) = authority.rfind(']') {
        let (host, port) = authority.split_at_checked(end + 1).unwrap_or((authority, ""));
        return match port.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if port.is_empty() => Ok((host, None)),
            None => Err(Fault::new(
                Code::OriginHostInvalid,
                format!("has unexpected text after the `]` of its address: {}", quote(port)),
            )),
        };
    }
    let Some((host, port)) = authority.rsplit_once(':') else { return Ok((authority, None)) };
    if host.contains(':') {
        return Err(Fault::new(Code::OriginIpv6NotCanonical, "has an IPv6 address without brackets"));
    }
    Ok((host, Some(port)))
}

fn port_rule(scheme: Scheme, port: Option<&str>) -> Result<PortRule, Fault> {
    let Some(port) = port else { return Ok(PortRule::Only(None)) };
    if port == "*" {
        return match scheme {
            Scheme::Other => Err(opaque_wildcard()),
            Scheme::Http | Scheme::Https => Ok(PortRule::Any),
        };
    }
    if port.contains('*') {
        let fault = Fault::new(Code::WildcardPlace, "mixes `*` with other characters in its port");
        return Err(fault.help("write the port, or `:*` for any port"));
    }
    if let Some(port) = origin::parse_port(port.as_bytes(), scheme) {
        if unsent::is_blocked(port, scheme) {
            let what = format!("has the port {port}, which browsers block: no page is loaded from there");
            let help = "serve the page at a port that browsers do not block, and write that one; 8443 is not blocked";
            return Err(Fault::new(Code::OriginPortBlocked, what).help(help));
        }
        return Ok(PortRule::Only(Some(port)));
    }
    if scheme.default_port().is_some_and(|default| port == default.to_string()) {
        return Err(Fault::new(Code::OriginDefaultPort, "includes the default port, which browsers omit"));
    }
    let fault = Fault::new(Code::OriginPortInvalid, format!("has an invalid port: {}", quote(port)));
    match canonical_port(port) {
        true => Err(fault),
        false => Err(fault.help("a port is a number from 1 to 65535 without leading zeros, or `*`")),
    }
}

/// Whether only leading zeros stand between `port` and a port.
fn canonical_port(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

fn opaque_wildcard() -> Fault {
    let fault = Fault::new(Code::WildcardScheme, "has a wildcard, but its scheme is neither `http` nor `https`");
    fault.help("hosts of other schemes are opaque: write one exact row for each origin")
}

fn wildcard(scheme: Scheme, host: &str, port: PortRule) -> Result<Shape<'_>, Fault> {
    if scheme == Scheme::Other {
        return Err(opaque_wildcard());
    }
    let (label, parent) = host.split_once('.').unwrap_or((host, ""));
    if parent.is_empty() {
        return Err(any_host());
    }
    if host.matches('*').count() > 1 || parent.contains('*') {
        let fault = Fault::new(Code::WildcardPlace, "has a `*` that is not at the start of its host");
        return Err(fault.help("a leading `*.` matches one or more labels: `https://*.example.com`"));
    }
    let name = parent.strip_suffix('.').unwrap_or(parent);
    if origin::ends_in_a_number(name.as_bytes()) || parent.contains([':', '[', ']']) {
        let fault = Fault::new(Code::WildcardIpAddress, "has a wildcard in an IP address, which has no subdomains");
        return Err(fault.help("write the addresses one by one"));
    }
    check_domain(parent)?;
    if label == "*" {
        return Ok(Shape::Below { scheme, base: parent, port });
    }
    glob(scheme, label, parent, port)
}

/// A `*` inside the leftmost label, which must not be one that people register.
fn glob<'t>(scheme: Scheme, label: &'t str, parent: &'t str, port: PortRule) -> Result<Shape<'t>, Fault> {
    let (prefix, suffix) = label.split_once('*').unwrap_or((label, ""));
    if suffix_list::is_public_suffix(parent) && !suffix_list::is_private_suffix(parent) {
        let what = format!(
            "has a `*` inside a label directly below {}, where anyone can register a name that matches",
            quote(parent)
        );
        let fault = Fault::new(Code::GlobRegistrableLabel, what);
        return Err(fault.help("write the host, and a second row with `*.` before it for its subdomains"));
    }
    let literals = prefix.len() + suffix.len();
    if literals + 2 + name_len(parent) > MAX_HOST {
        let fault =
            Fault::new(Code::OriginTooLong, "has a host that is too long even if its `*` matches a single character");
        return Err(fault.help("no such host can exist: write the intended one"));
    }
    let is_valid = |literal: &str| origin::are_name_bytes(literal.as_bytes());
    if literals >= origin::MAX_LABEL || !is_valid(prefix) || !is_valid(suffix) {
        let fault = Fault::new(Code::OriginHostInvalid, "has an invalid first label in its host");
        return Err(fault.help("write at most 62 characters from `a-z`, `0-9`, `-`, `_` next to the `*`"));
    }
    Ok(Shape::Glob { scheme, prefix, suffix, parent, port })
}

/// The length of a host without the dot of a fully qualified one.
fn name_len(host: &str) -> usize {
    host.strip_suffix('.').unwrap_or(host).len()
}

fn check_host(scheme: Scheme, host: &str) -> Result<(), Fault> {
    if let Some(address) = host.strip_prefix('[') {
        return check_ipv6(address.strip_suffix(']').unwrap_or(address));
    }
    if scheme == Scheme::Other {
        return check_opaque(host);
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    if origin::ends_in_a_number(name.as_bytes()) {
        return match origin::classify(host.as_bytes()) {
            Some(_) => Ok(()),
            None => Err(Fault::new(
                Code::OriginIpv4NotCanonical,
                "has a host that ends in a number but is not an IPv4 address in the form browsers send",
            )),
        };
    }
    check_domain(host)
}

fn check_ipv6(address: &str) -> Result<(), Fault> {
    if origin::is_canonical_ipv6(address.as_bytes()) {
        return Ok(());
    }
    match address.parse::<core::net::Ipv6Addr>() {
        Ok(_) => {
            Err(Fault::new(Code::OriginIpv6NotCanonical, "has an IPv6 address that is not in the form browsers send"))
        }
        Err(_) => {
            let what = format!("has no valid IPv6 address in its brackets: {}", quote(address));
            let fault = Fault::new(Code::OriginIpv6NotCanonical, what);
            Err(fault.help("write eight groups of hex digits, compressed with `::`, without a zone"))
        }
    }
}

fn check_opaque(host: &str) -> Result<(), Fault> {
    if origin::is_opaque(host.as_bytes()) {
        return Ok(());
    }
    let fault =
        Fault::new(Code::OriginHostInvalid, "has a host with characters other than `a-z`, `0-9`, `-`, `_`, `.`");
    Err(fault.help("write the origin exactly as the application sends it"))
}

fn check_domain(host: &str) -> Result<(), Fault> {
    let name = host.strip_suffix('.').unwrap_or(host);
    if name.len() > MAX_HOST {
        let fault =
            Fault::new(Code::OriginTooLong, format!("has a host of {} bytes; the limit is {MAX_HOST}", name.len()));
        return Err(fault.help("no such host can exist: write the intended one"));
    }
    if origin::classify(host.as_bytes()).is_some() {
        return check_punycode(host);
    }
    let what = if name.split('.').any(str::is_empty) {
        "has an empty label in its host".into()
    } else if name.split('.').any(|label| label.len() > origin::MAX_LABEL) {
        format!("has a label of more than {} bytes in its host", origin::MAX_LABEL)
    } else {
        "has a host with characters other than `a-z`, `0-9`, `-`, `_`, `.`".into()
    };
    Err(Fault::new(Code::OriginHostInvalid, what)
        .help("write a host whose labels have 1 to 63 characters from `a-z`, `0-9`, `-`, `_`"))
}

fn check_punycode(host: &str) -> Result<(), Fault> {
    if !unsent::is_no_domain(host) {
        return Ok(());
    }
    let label = host.split('.').find(|label| unsent::is_no_domain(label)).unwrap_or(host);
    let what = format!("has a label that is no name in `xn--` form: {}", quote(label));
    let help = "no browser sends it: write the name in the form that a browser's address bar gives it when copied, such as `xn--bcher-kva`";
    Err(Fault::new(Code::OriginHostInvalid, what).help(help))
}
