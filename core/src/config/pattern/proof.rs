//! The proof that an expression stays inside named registrable domains.
//!
//! What is proved: every *valid origin* that the expression matches as a whole has one of the
//! schemes that stand in it as literals, and a host that is, or ends in, one of the literal texts
//! that stand in it ([`Proof::ends`]), each of which fixes a registrable domain and the dot before
//! anything variable.
//!
//! How: the parsed expression is taken apart into *branches*, sequences of literal bytes and of
//! parts that are not looked into. A branch must begin with a literal scheme. At its end a port may
//! stand; what stands before it must be literal bytes. Because a valid origin is
//! `scheme://host[:port]`, what a whole match ends in (but for the port) its host ends in. So it does
//! not matter what the parts in between can match: bytes that no origin has make no origin match.
//!
//! Each rule below is one whose absence lets some expression out; `docs/expressions.md` has the
//! full argument, and a test tries to break it with generated expressions.

use regex_syntax::hir::Hir;

use super::branches::{Branch, Part, branches, join};
use super::fault::Fault;
use super::loopback::is_loopback;
use super::text::Text;
use super::unsent;
use crate::config::diagnostic::{Code, quote};
use crate::config::open_names::OpenName;
use crate::config::suffix_list;
use crate::origin::{self, Scheme};

/// What is known of every origin that an expression matches.
#[derive(Debug)]
pub(crate) struct Proof {
    pub(crate) ends: Vec<End>,
    /// One of the schemes is `http`, for hosts that are not on the user's own machine.
    pub(crate) http: bool,
}

/// What a matched host is, or ends in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) text: String,
    /// The host is exactly `text`.
    pub(crate) whole: bool,
}

impl End {
    pub(crate) fn covers(&self, host: &str) -> bool {
        if self.whole { host == self.text } else { host.ends_with(&self.text) }
    }

    /// Hosts that a wrong expression for this end would let in.
    pub(crate) fn mutants(&self) -> Vec<String> {
        let text = self.text.trim_start_matches(['.', '-', '_']);
        let domain = text.split_once('.').map_or(text, |(_, domain)| domain);
        vec![
            format!("{text}.evil.example"),
            format!("evil{text}"),
            format!("evil{domain}"),
            format!("a.evil{domain}"),
            format!("a-{domain}"),
            format!("{}.example", text.replace('.', "x")),
            text.replacen('.', "x", 1),
            format!("a{}", text.replacen('.', "x", 1)),
        ]
    }
}

pub(super) fn prove(hir: &Hir) -> Result<Proof, Fault> {
    let (mut proof, mut loose) = (Proof { ends: Vec::new(), http: false }, None);
    let mut without_scheme = false;
    for branch in branches(hir) {
        let branch = join(branch);
        if has_no_slash(&branch) {
            without_scheme = true;
            continue;
        }
        let (scheme, rest) = split_scheme(branch)?;
        let rest = split_port(rest, scheme)?;
        if is_no_host(&rest) {
            continue;
        }
        let (end, is_firm) = end(rest, scheme)?;
        // Whatever else is wrong with an expression is worse.
        loose = loose.or(is_firm.err());
        proof.http |= scheme == Scheme::Http && !(end.whole && is_loopback(&end.text));
        if !proof.ends.contains(&end) {
            proof.ends.push(end);
        }
    }
    match loose {
        Some(fault) => Err(fault),
        None if proof.ends.is_empty() && without_scheme => Err(no_scheme()),
        None if proof.ends.is_empty() => Err(unfixed("")),
        None => Ok(proof),
    }
}

/// Every origin has the slashes of `scheme://`, so a branch that can have none matches no origin. An
/// optional scheme leaves such a branch, as in `(?:https://)?example\.com`.
/// `null` is said by someone who means it, and needs a row.
fn has_no_slash(branch: &Branch) -> bool {
    !matches!(branch.as_slice(), [Part::Text(text)] if text.bytes == b"null")
        && branch.iter().all(|part| match part {
            Part::Text(text) => !text.bytes.contains(&b'/'),
            Part::Digits | Part::WithoutSlash => true,
            Part::Other => false,
        })
}

/// A branch whose host is all literal and begins or goes on with an empty label, as optional labels
/// leave it: no valid origin has such a host, so the branch matches none.
fn is_no_host(branch: &Branch) -> bool {
    match branch.as_slice() {
        [] => true,
        [Part::Text(host)] => host.bytes.starts_with(b".") || host.bytes.windows(2).any(|pair| pair == b".."),
        _ => false,
    }
}

/// Rule (a): the scheme is literal.
fn split_scheme(mut branch: Branch) -> Result<(Scheme, Branch), Fault> {
    if let Some(Part::Text(text)) = branch.first_mut() {
        for (start, scheme) in [("https://", Scheme::Https), ("http://", Scheme::Http)] {
            if text.take_start(start) {
                branch.retain(|part| !part.is_nothing());
                return Ok((scheme, branch));
            }
        }
    }
    Err(no_scheme())
}

fn no_scheme() -> Fault {
    let fault = Fault::new(Code::RegexScheme, "has an alternative that does not begin with a literal scheme");
    fault.help("begin with `https://`; schemes other than `http` and `https` need exact rows")
}

/// Rule (c): the domain is followed by nothing, by a literal port, or by a colon and digits.
fn split_port(mut branch: Branch, scheme: Scheme) -> Result<Branch, Fault> {
    let mut digits = false;
    while branch.last() == Some(&Part::Digits) {
        branch.pop();
        digits = true;
    }
    let Some(Part::Text(text)) = branch.last_mut() else { return Ok(branch) };
    let bytes = text.bytes.clone();
    let written = bytes.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (before, port) = bytes.split_at_checked(bytes.len() - written).unwrap_or((&bytes, b""));
    match before.strip_suffix(b":") {
        Some(host) => {
            if !digits {
                check_port(port, scheme)?;
            }
            text.truncate(host.len());
        }
        // Digits without a colon before them are part of the host.
        None if digits => branch.push(Part::Digits),
        None => {}
    }
    branch.retain(|part| !part.is_nothing());
    Ok(branch)
}

fn check_port(port: &[u8], scheme: Scheme) -> Result<(), Fault> {
    let Some(port) = origin::parse_port(port, scheme) else {
        let fault = Fault::new(Code::RegexPort, "ends with a port that no browser sends");
        return Err(fault.help("write a port from 1 to 65535 that is not the scheme's default, or omit the port"));
    };
    if unsent::is_blocked(port, scheme) {
        let fault = Fault::new(Code::RegexPort, format!("ends with the port {port}, which browsers block"));
        return Err(fault.help("write a port that browsers do not block, such as 8443, or omit the port"));
    }
    Ok(())
}

/// Rules (b) and (d): the host is literal, or ends in a literal that holds a registrable domain and
/// a dot before it.
fn end(branch: Branch, scheme: Scheme) -> Result<(End, Result<(), Fault>), Fault> {
    let Some(Part::Text(literal)) = branch.last() else { return Err(without_end(&branch)) };
    let text = String::from_utf8_lossy(&literal.bytes).into_owned();
    if text.contains([':', '/', '@', '?', '#', '\\', '[', ']']) && !text.starts_with('[') {
        let fault =
            Fault::new(Code::RegexPort, format!("has something other than a port after its domain: {}", quote(&text)));
        return Err(fault.help("end with the domain, a literal port, or `:[0-9]+`"));
    }
    let whole = branch.len() == 1;
    let Some(base) = (if whole { Some(text.as_str()) } else { text.split_once('.').map(|(_, base)| base) }) else {
        return Err(unfixed(&text));
    };
    if whole && is_loopback(&text) && !text.ends_with('.') && literal.is_firm(0, text.len()) {
        return Ok((End { text, whole }, Ok(())));
    }
    check_base(&text, base, whole, scheme)?;
    let is_firm = check_firm(literal, base);
    Ok((End { text, whole }, is_firm))
}

/// Nothing literal stands at the end.
fn without_end(branch: &Branch) -> Fault {
    let names_domain = |part: &Part| match part {
        Part::Text(text) => {
            let text = String::from_utf8_lossy(&text.bytes);
            text.contains('.')
                && !text.ends_with('.')
                && !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        }
        _ => false,
    };
    let is_address = |part: &Part| match part {
        Part::Text(text) => text.bytes.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.'),
        part => *part == Part::Digits,
    };
    if branch.iter().all(is_address) && branch.len() > 1 {
        return no_domain("an address", None);
    }
    if branch.iter().any(names_domain) {
        let fault = Fault::new(Code::RegexPort, "has something other than a port after its domain");
        return fault.help("end with the domain, a literal port, or `:[0-9]+`");
    }
    unfixed("")
}

fn unfixed(text: &str) -> Fault {
    let what = if text.is_empty() {
        "does not end with a literal domain".to_owned()
    } else {
        format!("does not fix a registrable domain: only {} is literal at its end", quote(text))
    };
    let fault = Fault::new(Code::RegexDomain, what);
    fault.help("write the domain and the dot before it as literals, as in `https://[a-z0-9-]+\\.example\\.com`")
}

/// `row` is the row that says it instead.
fn no_domain(text: &str, row: Option<String>) -> Fault {
    let fault = Fault::new(Code::RegexNoDomain, format!("has no registrable domain: {}", quote(text)));
    fault.help(match row {
        Some(row) => format!("write the row `{row}`, or `{row}:*` for any port"),
        None => "write exact rows, or rows with `:*`, such as `http://localhost:*`".into(),
    })
}

fn check_base(text: &str, base: &str, whole: bool, scheme: Scheme) -> Result<(), Fault> {
    let name = base.strip_suffix('.').unwrap_or(base);
    let scheme = if scheme == Scheme::Http { "http" } else { "https" };
    let no_domain = |text: &str| no_domain(text, whole.then(|| format!("{scheme}://{text}")));
    if name.starts_with('[') || origin::ends_in_a_number(name.as_bytes()) {
        return Err(no_domain(text));
    }
    let Some(origin::Host::Domain) = origin::classify(base.as_bytes()) else { return Err(unfixed(text)) };
    if unsent::is_no_domain(base) {
        let what = format!("ends with a name that no browser sends: {} is no valid `xn--` form", quote(base));
        return Err(
            Fault::new(Code::RegexDomain, what).help("write the name in its `xn--` form, such as `xn--bcher-kva`")
        );
    }
    if name == "localhost" || name.ends_with(".localhost") {
        return Err(no_domain(text));
    }
    let delimited = whole || text.starts_with('.');
    if suffix_list::is_public_suffix(name) {
        // Without a literal dot before it, the label that someone registers is variable.
        return Err(if !delimited {
            unfixed(text)
        } else if name.contains('.') || !whole {
            public_suffix(OpenName::Suffix(name))
        } else {
            no_domain(text)
        });
    }
    match OpenName::below(name).filter(|_| !whole) {
        Some(open) => Err(public_suffix(open)),
        None => Ok(()),
    }
}

/// Rule (e): no part of the registrable domain is optional or repeated, or the expression would name
/// domains that nobody wrote down.
fn check_firm(literal: &Text, base: &str) -> Result<(), Fault> {
    let domain = suffix_list::registrable(base.strip_suffix('.').unwrap_or(base));
    let end = literal.bytes.len() - usize::from(base.ends_with('.'));
    if literal.is_firm(end.saturating_sub(domain.len()), end) {
        return Ok(());
    }
    let what = format!("has an optional or repeated part in its registrable domain {}", quote(domain));
    let help =
        "write every domain in full: one expression for each, or a choice such as `(?:example\\.com|example\\.org)`";
    Err(Fault::new(Code::RegexDomain, what).help(help))
}

fn public_suffix(open: OpenName<'_>) -> Fault {
    let help = match open {
        OpenName::Suffix(_) => "also write the registrable domain as a literal",
        OpenName::CodeHost(_) => "list the hosts that are yours, or serve the page from a domain of your own",
    };
    Fault::new(Code::RegexPublicSuffix, open.what()).help(help)
}
