//! The public suffix list, used while policies are compiled and never while requests are decided.

use core::cell::Cell;

use psl::Psl;

/// The version of the embedded list. The crate that embeds it is released with each new list.
pub const PUBLIC_SUFFIX_LIST: &str = "psl 2.1.247";

/// Whether this build has the list at all.
pub(crate) const IS_PRESENT: bool = true;

/// A label that no rule of the list names.
const PROBE: &str = "corsac--probe";

/// Whether someone other than the owner of `base` can register a name below it: `base` is a
/// public suffix (unknown top-level domains count as such), or there is one below it, as
/// `s3.amazonaws.com` is below `amazonaws.com`.
///
/// One trailing dot is ignored. `localhost` is reserved for loopback (RFC 6761, 6.3): nobody can
/// register below it.
pub(crate) fn anyone_can_register_below(base: &str) -> bool {
    let base = base.strip_suffix('.').unwrap_or(base);
    let is_reserved = base == "localhost" || base.ends_with(".localhost");
    !is_reserved && (is_public_suffix(base) || has_suffix_below(base))
}

/// Whether names directly below `base` are registered, each by whoever wants it.
pub(crate) fn is_public_suffix(base: &str) -> bool {
    let base = base.strip_suffix('.').unwrap_or(base);
    let below = format!("{PROBE}.{base}");
    psl::domain(below.as_bytes()).is_none_or(|domain| domain.as_bytes().len() > base.len())
}

/// Whether a public suffix is one of the list's private section: of a company that gives names to
/// its customers, and not of a registry.
pub(crate) fn is_private_suffix(base: &str) -> bool {
    let base = base.strip_suffix('.').unwrap_or(base);
    let below = format!("{PROBE}.{base}");
    psl::suffix(below.as_bytes()).is_some_and(|suffix| suffix.typ() == Some(psl::Type::Private))
}

/// The registrable domain at the end of a name that has no dot behind it; all of the name where there
/// is none.
pub(crate) fn registrable(name: &str) -> &str {
    let domain = psl::domain(name.as_bytes()).map_or(name.len(), |domain| domain.as_bytes().len());
    name.get(name.len() - domain..).unwrap_or(name)
}

/// The list is a tree that is walked label by label from the right, and a walk asks for one more
/// label only where the tree goes on: so whether it asks for one behind `base` says whether there
/// are rules below.
fn has_suffix_below(base: &str) -> bool {
    let asked = Cell::new(false);
    let below = core::iter::once_with(|| {
        asked.set(true);
        PROBE
    });
    psl::List.find(base.rsplit('.').chain(below).map(str::as_bytes));
    asked.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_of_both_sections_and_their_wildcards_are_open_to_anyone() {
        for base in ["com", "co.uk", "github.io", "vercel.app", "kawasaki.jp", "ck", "internal", "com."] {
            assert!(anyone_can_register_below(base), "{base}");
        }
        for base in [
            "example.com",
            "me.github.io",
            "city.kawasaki.jp",
            "www.ck",
            "a.internal",
            "localhost",
            "x.localhost",
            "github.com",
        ] {
            assert!(!anyone_can_register_below(base), "{base}");
        }
    }

    #[test]
    fn a_name_above_a_suffix_is_open_too() {
        for base in ["amazonaws.com", "eu-west-1.amazonaws.com", "kuleuven.be", "databricksapps.com", "cloudscale.ch"] {
            assert!(anyone_can_register_below(base), "{base}");
        }
        for base in ["bucket.s3.amazonaws.com", "aws.amazon.com", "www.kuleuven.be", "me.ezproxy.kuleuven.be"] {
            assert!(!anyone_can_register_below(base), "{base}");
        }
    }
}
