//! A `*` in a place where it cannot be.

use super::proposal::write;

/// The rows with the `*` in its place.
pub(super) fn help(text: &str) -> Option<String> {
    let (scheme, host) = text.split_once("://").unwrap_or(("https", text));
    let host = host.trim_end_matches('/');
    if host == "*" || host == "*:*" {
        let help =
            "list the hosts, such as `https://*.example.com`; for public data without credentials, use `*` alone";
        return Some(help.into());
    }
    if scheme == "*" {
        return write(&[format!("https://{host}"), format!("http://{host}")]);
    }
    if let Some(base) = host.strip_prefix('.') {
        let base = base.trim_start_matches("*.");
        return write(&[format!("{scheme}://*.{base}")]);
    }
    if !host.contains('*') || host.contains(['/', '@']) {
        return None;
    }
    match host.rsplit_once("*.") {
        // A wildcard for the labels in front stands for those that the inner one is meant for.
        Some((before, base)) if before.ends_with(['.', '*']) => write(&[format!("{scheme}://*.{base}")]),
        Some(_) => None,
        None if text.contains("://") => None,
        None => {
            let base = host.strip_prefix('*')?;
            write(&[format!("{scheme}://{base}"), format!("{scheme}://*.{base}")])
        }
    }
}
