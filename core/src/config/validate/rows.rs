//! The rows of one grant: each a pattern, and each allowed to be where it is.

use core::hash::{BuildHasher, Hasher};
use std::hash::RandomState;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::checked::CheckedRow;
use super::stakes::Stakes;
use crate::config::builder::GrantBuilder;
use crate::config::code_hosts;
use crate::config::diagnostic::{Code, Collector, Severity, quote};
use crate::config::open_names::OpenName;
use crate::config::pattern::{Pattern, Shape, is_loopback};
use crate::config::row::Row;
use crate::config::suffix_list;
use crate::matcher::{ANY_DEPTH, glob_matches};
use crate::origin::Scheme;

/// Below a public suffix, a glob with fewer literal characters says next to nothing.
const FEW_LITERALS: usize = 4;

/// Checks the rows of grant `index` and gives those that are left: parsed, each once.
pub(super) fn check<'b>(
    grant: &'b GrantBuilder<'_>,
    index: usize,
    stakes: Stakes,
    collector: &mut Collector<'_>,
) -> Vec<CheckedRow<'b>> {
    if grant.origins.is_empty() && !grant.incomplete {
        let message = "`allow_origins` is empty, so nothing is allowed".into();
        collector.warning(Code::OriginsEmpty, grant.origins_place, message, "list the origins to allow".into());
    }
    let alone = grant.origins.len() == 1 && !grant.has_lists;
    let mut rows: Vec<CheckedRow<'b>> = Vec::with_capacity(grant.origins.len());
    for row in grant.origins.iter().filter(|row| !row.is_expression) {
        let Some(checked) = check_row(row, stakes, collector) else { continue };
        if checked.pattern.shape() == Shape::Any {
            check_any(row, index, alone, collector);
        }
        rows.push(checked);
    }
    remove_duplicates(&mut rows, collector);
    rows
}

/// Keeps the first of equal rows. A pass of its own, so that lookups overlap which wait for memory: a
/// list of a million rows takes 0.29 s in place of 0.52.
fn remove_duplicates(rows: &mut Vec<CheckedRow<'_>>, collector: &mut Collector<'_>) {
    // Drawn anew for each list, so that nobody can choose texts that collide.
    let hashing = FixedState::with_seed(RandomState::new().build_hasher().finish());
    let hash = |row: &CheckedRow<'_>| hashing.hash_one(row.pattern.as_str().as_bytes());
    // Places in `rows`: a set of the texts themselves would be as large as all other memory that
    // checking a long list takes.
    let mut seen: HashTable<u32> = HashTable::with_capacity(rows.len());
    let mut duplicates = Vec::new();
    for (place, row) in (0..).zip(&*rows) {
        let at = |place: &u32| rows.get(*place as usize);
        let is_same = |place: &u32| at(place).is_some_and(|other| other.is_same(row));
        match seen.entry(hash(row), is_same, |place| at(place).map_or(0, hash)) {
            Entry::Vacant(entry) => {
                entry.insert(place);
            }
            Entry::Occupied(_) => {
                let message = format!("{} is listed twice in this grant", quote(row.pattern.as_str()));
                collector.warning(Code::OriginDuplicate, row.place, message, "remove one of them".into());
                duplicates.push(place);
            }
        }
    }
    let (mut duplicates, mut places) = (duplicates.into_iter().peekable(), 0_u32..);
    rows.retain(|_| places.next().is_none_or(|place| duplicates.next_if_eq(&place).is_none()));
}

fn check_row<'b>(row: &'b Row<'_>, stakes: Stakes, collector: &mut Collector<'_>) -> Option<CheckedRow<'b>> {
    let (place, credentials) = (row.text.place, stakes.credentials);
    let pattern = match Pattern::parse(&row.text.text) {
        Ok(pattern) => pattern,
        Err(error) => {
            collector.error(error.code(), place, error.message().into(), error.help().into());
            return None;
        }
    };
    let code = match pattern.shape() {
        Shape::Below { .. } => Some(Code::WildcardPublicSuffix),
        Shape::Glob { .. } => Some(Code::GlobPublicSuffix),
        Shape::Any | Shape::Null | Shape::Host { .. } => None,
    };
    if let Some(code) = code.filter(|_| !suffix_list::IS_PRESENT) {
        report_no_suffix_list(row, code, collector);
        return None;
    }
    let depth = depth(row, &pattern, collector);
    let mut used = Used::default();
    match pattern.shape() {
        Shape::Any => {}
        Shape::Null => used.null = check_null(row, stakes, collector),
        Shape::Host { scheme, host, .. } => {
            used.insecure_scheme = check_scheme(row, scheme, host, credentials, collector);
            if credentials {
                report_code_host(row, code_hosts::of_host(host), collector);
            }
        }
        Shape::Glob { scheme, prefix, suffix, parent, .. } => {
            used.insecure_scheme = check_scheme(row, scheme, parent, credentials, collector);
            used.public_suffix = check_open_parent(row, prefix.len() + suffix.len(), parent, stakes, collector);
            if credentials && !used.public_suffix {
                let names = |name: &&str| glob_matches(name.as_bytes(), prefix, suffix, parent);
                report_code_host(row, code_hosts::names().find(names), collector);
            }
        }
        Shape::Below { scheme, base, .. } => {
            used.insecure_scheme = check_scheme(row, scheme, base, credentials, collector);
            used.public_suffix = check_open_base(row, base, stakes, collector);
            if credentials && (!used.public_suffix || row.options().public_suffix.given) {
                report_siblings(row, base, collector);
            }
        }
    }
    report_unneeded(row, used, collector);
    Some(CheckedRow { pattern, depth, overrides: row.overrides(), place })
}

/// Without the list nobody can tell who may register the names that a row matches.
pub(super) fn report_no_suffix_list(row: &Row<'_>, code: Code, collector: &mut Collector<'_>) {
    let message = format!("{} cannot be checked: this build has no public suffix list", quote(&row.text.text));
    let help = "list each origin, or build corsac with the feature `suffix-list`";
    collector.error(code, row.text.place, message, help.into());
}

/// Which overrides of a row had something to override.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Used {
    pub(super) public_suffix: bool,
    pub(super) insecure_scheme: bool,
    pub(super) null: bool,
    pub(super) unproved: bool,
}

fn check_any(row: &Row<'_>, index: usize, alone: bool, collector: &mut Collector<'_>) {
    if index > 0 {
        let message = "`*` allows any origin and cannot be used in a grant".into();
        let help = "write a separate policy for it, without credentials or grants".into();
        collector.error(Code::AnyOriginGrants, row.text.place, message, help);
    } else if !alone {
        let message = "`*` allows any origin, so it cannot be combined with other rows or used in a list file".into();
        let help = "write `allow_origins = [\"*\"]`, or remove `*`".into();
        collector.error(Code::AnyOriginNotAlone, row.text.place, message, help);
    }
}

fn depth(row: &Row<'_>, pattern: &Pattern<'_>, collector: &mut Collector<'_>) -> u8 {
    let Some((depth, place)) = row.options().depth else { return ANY_DEPTH };
    let mut refuse = |message: String, help: &str| {
        collector.error(Code::WildcardDepth, place, message, help.into());
        ANY_DEPTH
    };
    if !matches!(pattern.shape(), Shape::Below { .. }) {
        let message = format!("`depth` limits a leading `*.`, and {} has none", quote(pattern.as_str()));
        return refuse(message, "remove `depth`");
    }
    match u8::try_from(depth).ok().filter(|depth| (1..ANY_DEPTH).contains(depth)) {
        Some(depth) => depth,
        None => refuse(format!("`depth = {depth}` is out of range"), "write a number of labels from 1 to 126"),
    }
}

fn check_null(row: &Row<'_>, stakes: Stakes, collector: &mut Collector<'_>) -> bool {
    let place = row.text.place;
    if let Some(what) = stakes.most() {
        let message = format!("`null` cannot be allowed with {what}: every sandboxed frame of every site sends it");
        let help = "remove the row, and serve the page from an origin of its own".into();
        collector.error(Code::OriginNull, place, message, help);
    } else if row.options().null.given {
        let message = "`null` is allowed, so every sandboxed frame of every site can read responses".into();
        collector.warning(Code::OverrideNull, row.options().null.place, message, String::new());
    } else {
        let message = "`null` would allow every site, because every sandboxed frame sends it".into();
        let help = "remove the row, or, if anyone may read the responses, write `{ pattern = \"null\", dangerously_allow_null = true }`";
        collector.error(Code::OriginNull, place, message, help.into());
    }
    true
}

/// `http` with credentials. Loopback never leaves the machine.
pub(super) fn check_scheme(
    row: &Row<'_>,
    scheme: Scheme,
    host: &str,
    credentials: bool,
    collector: &mut Collector<'_>,
) -> bool {
    if scheme != Scheme::Http || !credentials || is_loopback(host) {
        return false;
    }
    let shown = quote(&row.text.text);
    if row.options().insecure_scheme.given {
        let message = format!(
            "{shown} has credentials over `http`: anyone on the network path can read what this origin can read"
        );
        collector.warning(Code::OverrideInsecureScheme, row.options().insecure_scheme.place, message, String::new());
    } else {
        let message = format!("{shown} uses `http`, and the grant allows credentials");
        let secure = match collector.sources().scheme(row.text.place) {
            Some(_) => "name the list with `scheme = \"https\"`, or write the row in the document and".to_owned(),
            None => format!("write {}, or", quote(&row.text.text.replacen("http://", "https://", 1))),
        };
        let help = format!("{secure} accept the risk with `dangerously_allow_insecure_scheme = true` in the row");
        collector.error(Code::OriginInsecureScheme, row.text.place, message, help);
    }
    true
}

fn check_open_base(row: &Row<'_>, base: &str, stakes: Stakes, collector: &mut Collector<'_>) -> bool {
    let Some(open) = OpenName::below(base) else { return false };
    let message = format!("{} {}", quote(&row.text.text), open.what());
    if row.options().public_suffix.given {
        collector.warning(Code::OverridePublicSuffix, row.options().public_suffix.place, message, String::new());
    } else {
        let help =
            "list the names that you own, or accept the risk with `dangerously_allow_public_suffix = true` in the row";
        collector.report(Code::WildcardPublicSuffix, stakes.severity(), row.text.place, message, help.into());
    }
    true
}

/// A glob directly below a suffix whose owner gives names to anyone: the preview deployments of a
/// hosting company. The pattern refuses suffixes of registries.
fn check_open_parent(
    row: &Row<'_>,
    literals: usize,
    parent: &str,
    stakes: Stakes,
    collector: &mut Collector<'_>,
) -> bool {
    let Some(open) = OpenName::directly_below(parent) else { return false };
    let shown = quote(&row.text.text);
    let (anyone, place) = match open {
        OpenName::Suffix(suffix) => (
            format!("anyone can register a name that {shown} matches: {} is a public suffix", quote(suffix)),
            format!("directly below the public suffix {}", quote(suffix)),
        ),
        OpenName::CodeHost(name) => (
            format!("anyone can run code on a host that {shown} matches: it is below {}", quote(name)),
            format!("below {}, where anyone can run code", quote(name)),
        ),
    };
    if literals < FEW_LITERALS {
        let message = format!("{shown} has {literals} literal characters in its label, {place}");
        let help = format!("write at least {FEW_LITERALS} characters of your own next to the `*`");
        collector.error(Code::GlobFewLiterals, row.text.place, message, help);
    } else if row.options().public_suffix.given {
        collector.warning(Code::OverridePublicSuffix, row.options().public_suffix.place, anyone, String::new());
    } else {
        let help = "serve previews from a domain of your own, or accept the risk with `dangerously_allow_public_suffix = true` in the row";
        collector.report(Code::GlobPublicSuffix, stakes.severity(), row.text.place, anyone, help.into());
    }
    true
}

pub(super) fn report_code_host(row: &Row<'_>, code_host: Option<&str>, collector: &mut Collector<'_>) {
    let Some(code_host) = code_host else { return };
    let message = format!(
        "{} is allowed with credentials, but anyone with an account at {} can run code there",
        quote(&row.text.text),
        quote(code_host)
    );
    let help = "serve the page from a domain of your own".into();
    collector.warning(Code::OriginCodeHost, row.text.place, message, help);
}

pub(super) fn report_siblings(row: &Row<'_>, base: &str, collector: &mut Collector<'_>) {
    let message = format!("scripts on any host below {} can read credentialed responses", quote(base));
    let help = "make sure that no host below it belongs to someone else or is abandoned, or list the hosts".into();
    collector.report(Code::WildcardSiblings, Severity::Note, row.text.place, message, help);
}

pub(super) fn report_unneeded(row: &Row<'_>, used: Used, collector: &mut Collector<'_>) {
    let options = row.options();
    for (option, used, name) in [
        (options.public_suffix, used.public_suffix, "dangerously_allow_public_suffix"),
        (options.insecure_scheme, used.insecure_scheme, "dangerously_allow_insecure_scheme"),
        (options.null, used.null, "dangerously_allow_null"),
        (options.unproved, used.unproved, "dangerously_unproved"),
    ] {
        if option.given && !used {
            let message = format!("`{name}` has no effect on {}", quote(&row.text.text));
            collector.warning(Code::OverrideUnneeded, option.place, message, "remove it".into());
        }
    }
}
