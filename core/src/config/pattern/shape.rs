//! The parts of a pattern.

use crate::matcher::PortRule;
use crate::origin::Scheme;

/// What a pattern stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape<'t> {
    /// `*`: any origin.
    Any,
    /// `null`.
    Null,
    /// One host; `key` is `scheme://host`.
    Host { scheme: Scheme, key: &'t str, host: &'t str, port: PortRule },
    /// `*.`: one or more labels below `base`.
    Below { scheme: Scheme, base: &'t str, port: PortRule },
    /// `prefix*suffix.parent`: one label below `parent`.
    Glob { scheme: Scheme, prefix: &'t str, suffix: &'t str, parent: &'t str, port: PortRule },
}
