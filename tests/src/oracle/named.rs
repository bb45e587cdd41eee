//! The schemes and the registrable domains that an expression names: read from its syntax, not from the simplified
//! form that the engine proves, and with the public suffix list asked about whole hosts only.

use std::collections::BTreeSet;

use regex::bytes::RegexBuilder;
use regex_syntax::ast::{Ast, RepetitionKind, RepetitionRange, parse::Parser};

/// Ways through an expression are followed up to this many, and through a repetition within it.
const MOST_WAYS: f64 = 65536.0;
const MOST_REPEATED_WAYS: f64 = 512.0;

/// Counted repetitions are written out up to this many times.
const MOST_TIMES: u32 = 16;

/// One way through an expression.
type Way = Vec<Sign>;

/// What a way passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    /// A character that stands literally there.
    Firm(char),
    /// One that stands in an optional or repeated part.
    Loose(char),
    /// An optional part that is left out.
    Gap,
    /// Everything else.
    Other,
}

/// The registrable domain of a host, without the dot that may stand behind it. Addresses have none,
/// and neither has `localhost`, which everybody owns.
pub fn registrable(host: &str) -> Option<String> {
    let name = host.strip_suffix('.').unwrap_or(host);
    let last = name.rsplit('.').next().unwrap_or(name);
    if last == "localhost" || name.ends_with(']') || last.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(String::from_utf8_lossy(psl::domain(name.as_bytes())?.as_bytes()).into_owned())
}

/// What stands literally in an expression.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Those of its beginnings that are schemes.
    pub schemes: BTreeSet<String>,
    /// Every registrable domain, whole and with a dot or the scheme before it, at the end of
    /// something literal.
    pub domains: BTreeSet<String>,
    /// Every host of the user's own machine that stands whole behind a scheme.
    pub machines: BTreeSet<String>,
}

impl Named {
    pub fn in_expression(text: &str) -> Self {
        let ast = Parser::new().parse(text).unwrap_or_else(|error| panic!("`{text}`: {error}"));
        let mut named = Self::default();
        for way in ways(&ast, text) {
            let runs: Vec<&[Sign]> = way.split(|sign| *sign == Sign::Other).collect();
            let start = text_of(runs[0]);
            let scheme = start.split_once("://").map(|(scheme, _)| scheme).filter(|scheme| !scheme.is_empty());
            named.schemes.extend(scheme.map(String::from));
            named.domains.extend(runs.iter().filter_map(|run| domain_at_end(run)));
            named.machines.extend(runs.iter().filter_map(|run| machine_at_end(run)));
        }
        named
    }
}

fn text_of(run: &[Sign]) -> String {
    let letter = |sign: &Sign| match sign {
        Sign::Firm(letter) | Sign::Loose(letter) => Some(*letter),
        Sign::Gap | Sign::Other => None,
    };
    run.iter().filter_map(letter).collect()
}

/// Whether the `len` letters before the last `behind` are firm, with nothing left out between them.
fn is_firm(run: &[Sign], len: usize, behind: usize) -> bool {
    let (mut passed, end) = (0, behind + len);
    for sign in run.iter().rev() {
        let is_loose = match sign {
            Sign::Gap => passed > behind && passed < end,
            Sign::Loose(_) => passed >= behind && passed < end,
            Sign::Firm(_) | Sign::Other => false,
        };
        if is_loose {
            return false;
        }
        passed += usize::from(*sign != Sign::Gap);
    }
    true
}

/// The host at the end of a run, without the port behind it, and how much is behind it.
fn host_at_end(run: &str) -> (&str, usize) {
    let host = match run.rsplit_once(':') {
        // A port, or the beginning of one; in an address, the colon before its last group is none.
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => run,
    };
    (host, run.len() - host.len())
}

fn domain_at_end(run: &[Sign]) -> Option<String> {
    let (signs, text) = (run, text_of(run));
    let (host, mut behind) = host_at_end(&text);
    let host = host.strip_suffix('.').inspect(|_| behind += 1).unwrap_or(host);
    let (is_whole, name) = host.split_once("://").map_or((false, host), |(_, name)| (true, name));
    let domain = registrable(name).filter(|domain| domain.bytes().all(is_host_byte))?;
    let is_named = (is_whole && name == domain) || name.ends_with(&format!(".{domain}"));
    (is_named && is_firm(signs, domain.len(), behind)).then_some(domain)
}

fn machine_at_end(run: &[Sign]) -> Option<String> {
    let text = text_of(run);
    let (host, behind) = host_at_end(&text);
    let (_, name) = host.split_once("://")?;
    let is_address = || name.split('.').count() == 4 && name.split('.').all(|part| part.parse::<u8>().is_ok());
    let is_machine = name == "localhost"
        || name.ends_with(".localhost")
        || name == "[::1]"
        || (name.starts_with("127.") && is_address());
    (is_machine && is_firm(run, name.len(), behind)).then(|| name.to_owned())
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte)
}

fn ways(ast: &Ast, text: &str) -> Vec<Way> {
    match ast {
        Ast::Empty(_) | Ast::Flags(_) | Ast::Assertion(_) => vec![vec![]],
        Ast::Literal(literal) => vec![vec![Sign::Firm(literal.c)]],
        Ast::Dot(_) | Ast::ClassUnicode(_) | Ast::ClassPerl(_) | Ast::ClassBracketed(_) => {
            let span = ast.span();
            vec![vec![only_member(&text[span.start.offset..span.end.offset]).map_or(Sign::Other, Sign::Firm)]]
        }
        Ast::Group(group) => ways(&group.ast, text),
        Ast::Alternation(alternation) => {
            let all: Vec<Way> = alternation.asts.iter().flat_map(|ast| ways(ast, text)).collect();
            // A choice that can be nothing makes the others optional.
            let is_optional = alternation
                .asts
                .iter()
                .any(|ast| ways(ast, text).iter().any(|way| text_of(way).is_empty() && !way.contains(&Sign::Other)));
            if is_optional { loosened(all) } else { all }
        }
        Ast::Concat(concat) => product(concat.asts.iter().map(|ast| ways(ast, text)).collect(), MOST_WAYS),
        Ast::Repetition(repetition) => {
            let (least, most) = bounds(&repetition.op.kind);
            let sub = ways(&repetition.ast, text);
            if most == Some(least) && least <= MOST_TIMES {
                let ways = product(vec![sub; least as usize], MOST_REPEATED_WAYS);
                return if least == 1 { ways } else { loosened(ways) };
            }
            if sub.iter().all(Vec::is_empty) {
                return vec![vec![]];
            }
            // One or more end in what the last one is.
            let before = if most == Some(1) { None } else { Some(Sign::Other) };
            let some = sub.into_iter().map(|way| before.into_iter().chain(way).collect());
            loosened((least == 0).then(Vec::new).into_iter().chain(some).collect())
        }
    }
}

/// The same ways, as parts of something that is optional or repeated.
fn loosened(ways: Vec<Way>) -> Vec<Way> {
    let sign = |sign| match sign {
        Sign::Firm(letter) => Sign::Loose(letter),
        sign => sign,
    };
    let way = |way: Way| if way.is_empty() { vec![Sign::Gap] } else { way.into_iter().map(sign).collect() };
    ways.into_iter().map(way).collect()
}

fn bounds(kind: &RepetitionKind) -> (u32, Option<u32>) {
    match *kind {
        RepetitionKind::ZeroOrOne => (0, Some(1)),
        RepetitionKind::ZeroOrMore => (0, None),
        RepetitionKind::OneOrMore => (1, None),
        RepetitionKind::Range(RepetitionRange::Exactly(times)) => (times, Some(times)),
        RepetitionKind::Range(RepetitionRange::AtLeast(least)) => (least, None),
        RepetitionKind::Range(RepetitionRange::Bounded(least, most)) => (least, Some(most)),
    }
}

/// What a class matches, if that is one character.
fn only_member(class: &str) -> Option<char> {
    let regex = RegexBuilder::new(class).unicode(false).build();
    let regex = regex.unwrap_or_else(|error| panic!("`{class}`: {error}"));
    let mut members = (0..=u8::MAX).filter(|byte| regex.is_match(&[*byte]));
    members.next().filter(|_| members.next().is_none()).map(char::from)
}

/// Every way through all parts, once. If they are too many, what has the most ways is not looked
/// into.
fn product(mut parts: Vec<Vec<Way>>, most_ways: f64) -> Vec<Way> {
    for ways in &mut parts {
        ways.sort();
        ways.dedup();
    }
    while parts.iter().map(|ways| ways.len() as f64).product::<f64>() > most_ways {
        let most = parts.iter_mut().max_by_key(|ways| ways.len()).unwrap();
        *most = vec![vec![Sign::Other]];
    }
    let both = |left: Vec<Way>, right: &Vec<Way>| {
        left.iter().flat_map(|left| right.iter().map(move |right| [&left[..], right].concat())).collect()
    };
    parts.iter().fold(vec![vec![]], both)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_literally_is_named() {
        for (text, expected) in [
            (r"https://a\.example\.com", &["example.com"][..]),
            (r"https://[a-z]+\.example\.co\.uk(:[0-9]+)?", &["example.co.uk"]),
            (r"https://(.*\.)?example\.com:8443", &["example.com"]),
            (r"https://[a-z]*example\.com", &["example.com"]),
            (r"https://[a-z]+example\.com", &[]),
            (r"https://example.com", &[]),
            (r"https://[a-z]+[.]example\.com\.", &["example.com"]),
            (r"https://.*\.(foo|bar)\.com", &["bar.com", "foo.com"]),
            (r"https://.*\.example\.com?", &["example.co"]),
            (r"https://shop-?example\.org", &[]),
            (r"https://(?:example\.com|)", &[]),
            (r"https://(?:example\.com|example\.org)", &["example.com", "example.org"]),
            (r"https://exampl(?:z\.)?e\.com", &["e.com"]),
            (r"https://([a-z]+\.)?example\.com\.?(:8080)?", &["example.com"]),
            (r"https://.*\.github\.io", &[]),
            (r"https://.*[.]a[a--z]\.co[^\x00-ln-\xff]", &["aa.com"]),
            (r"https://.*\.a\.github\.io", &["a.github.io"]),
            (r"https://.*(\.foo){2}\.com", &[]),
            (r"https://.*(\.foo)+\.com", &[]),
            (r"https://([a-z]+\.)*foo\.com(:\d+)*", &["foo.com"]),
            (r"https://([a-z]+\.?)*foo\.com", &["foo.com"]),
            (r"https://(.+f)oo\.com", &[]),
            (r"https://[a-z]{0,1}\.b\.c{2}", &[]),
            (r"https://[a-z]{0,1}\.b\.c{1}c", &["b.cc"]),
        ] {
            assert!(Named::in_expression(text).domains.iter().eq(expected), "{text}: {:?}", Named::in_expression(text));
        }
    }

    #[test]
    fn whole_hosts_of_the_own_machine_are_named() {
        for (text, expected) in [
            (r"^https?://(localhost|127\.0\.0\.1)(:\d+)?$", &["127.0.0.1", "localhost"][..]),
            (r"http://\[::1\]:3000", &["[::1]"]),
            (r"http://(local|my)host", &["localhost"]),
            (r"http://a\.localhost", &["a.localhost"]),
            (r"http://(a\.)?localhost", &["localhost"]),
            (r"http://[a-z]+\.localhost", &[]),
            (r"http://localhost\.", &[]),
            (r"http://127\.0\.0\.\d+", &[]),
            (r"http://128\.0\.0\.1", &[]),
        ] {
            assert!(
                Named::in_expression(text).machines.iter().eq(expected),
                "{text}: {:?}",
                Named::in_expression(text)
            );
        }
    }

    #[test]
    fn schemes_are_what_an_expression_begins_with() {
        for (text, expected) in [
            (r"https?://a\.example\.com", &["http", "https"][..]),
            (r"(https|http):/{2}.*", &["http", "https"]),
            (r".*://a\.example\.com", &[]),
            (r"(https://|)http://a\.example\.com", &["http", "https"]),
            (r"http.?://a\.example\.com", &["http"]),
            (r"http.://a\.example\.com", &[]),
        ] {
            assert!(Named::in_expression(text).schemes.iter().eq(expected), "{text}");
        }
    }
}
