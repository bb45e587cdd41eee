//! Names below which a host is whoever's wants one.

use super::code_hosts;
use super::diagnostic::quote;
use super::suffix_list;

/// Why hosts below a name can be anyone's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenName<'n> {
    /// The name is a public suffix, or there is one below it.
    Suffix(&'n str),
    /// The name is at, below or above this one, whose hosts run anybody's code.
    CodeHost(&'static str),
}

impl<'n> OpenName<'n> {
    /// For what matches names of any depth below `base`.
    pub(crate) fn below(base: &'n str) -> Option<Self> {
        if suffix_list::anyone_can_register_below(base) {
            return Some(Self::Suffix(base));
        }
        code_hosts::around(base).or_else(|| code_hosts::below(base)).map(Self::CodeHost)
    }

    /// For what matches single labels before `parent`.
    pub(crate) fn directly_below(parent: &'n str) -> Option<Self> {
        if suffix_list::is_public_suffix(parent) {
            return Some(Self::Suffix(parent));
        }
        code_hosts::around(parent).map(Self::CodeHost)
    }

    /// What is wrong with a row that matches such hosts, to be read behind it.
    pub(crate) fn what(self) -> String {
        match self {
            Self::Suffix(base) => {
                format!(
                    "matches names that anyone can register: {} is a public suffix or has one below it",
                    quote(base)
                )
            }
            Self::CodeHost(name) => format!("matches hosts of {}, where anyone can run code", quote(name)),
        }
    }
}
