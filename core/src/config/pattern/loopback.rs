//! Hosts that are the user's own machine.

/// Whether a host never leaves the machine (Secure Contexts, "Is origin potentially trustworthy?").
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    let is_ipv4 = || name.parse::<core::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback());
    name == "localhost" || name.ends_with(".localhost") || host == "[::1]" || is_ipv4()
}
