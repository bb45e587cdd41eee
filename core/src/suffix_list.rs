//! The public suffix list, used while policies are compiled and never while requests are decided.

/// Which list this build carries: the crate that embeds it releases with each list.
pub const PUBLIC_SUFFIX_LIST: &str = "psl 2.1.247";

/// A label that no rule of the list names.
const PROBE: &str = "corsac--probe";

/// Whether somebody else than the owner of `base` can get a name directly below it: `base` is a
/// public suffix (unknown top-level domains count as such), or every name below it is one.
///
/// One trailing dot is ignored. `localhost` is reserved for loopback (RFC 6761, 6.3): nobody can
/// register below it.
pub(crate) fn anyone_can_register_below(base: &str) -> bool {
    let base = base.strip_suffix('.').unwrap_or(base);
    if base == "localhost" || base.ends_with(".localhost") {
        return false;
    }
    match psl::domain(format!("{PROBE}.{base}").as_bytes()) {
        Some(domain) => domain.as_bytes().len() > base.len(),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_of_both_sections_and_their_wildcards_are_open_to_anyone() {
        for base in ["com", "co.uk", "github.io", "vercel.app", "kawasaki.jp", "ck", "internal", "com."] {
            assert!(anyone_can_register_below(base), "{base}");
        }
        for base in
            ["example.com", "me.github.io", "city.kawasaki.jp", "www.ck", "a.internal", "localhost", "x.localhost"]
        {
            assert!(!anyone_can_register_below(base), "{base}");
        }
    }

    #[test]
    fn the_named_list_is_the_one_that_is_built_in() {
        let lock = include_str!("../../Cargo.lock");
        let (name, version) = PUBLIC_SUFFIX_LIST.split_once(' ').unwrap();
        assert!(
            lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"")),
            "bring PUBLIC_SUFFIX_LIST up to date"
        );
    }
}
