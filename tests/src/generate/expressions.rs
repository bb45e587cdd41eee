//! Expressions that the proof accepts: literal schemes and domains, and everything that people write
//! around them. Their names are those of the other rows, so that one origin is matched by several.

use super::Dice;
use super::rows::{LABELS, PORTS};

const SCHEMES: [&str; 8] =
    ["https://", "https://", "https://", "https://", "https?://", "http://", "(https|http)://", "(?:http|https):/{2}"];

/// What may stand before a domain; each ends in its dot, or may be absent with it.
const BEFORE: [&str; 19] = [
    r"[a-z0-9-]+\.",
    r"[a-z]+\.",
    r"(foo|bar)\.",
    r"(?:foo|foobar|x-a)(-[a-z0-9]+)?\.",
    r"([a-z0-9-]+\.)?",
    r"([a-z0-9_-]+\.)+",
    r"([a-z]+\.)*",
    r"([a-z0-9_-]+\.)*[a-z]+\.",
    r"([^.]+\.){0,2}\w\.",
    r"[a-z0-9-]{1,3}\.",
    r"([a-z]{1,3}\.){2}",
    r"foo[a-z0-9_-]*\.",
    r"[a-z0-9_-]+bar\.",
    r"foo.?bar\.",
    r".*\.",
    r"(.+\.)?",
    r"\w+[.]",
    r"t\d{1,2}\.",
    r"(a\.|b\.|)",
];

/// Domains in which a choice is written out.
const DOMAINS: [&str; 6] = [
    r"(foo|bar)\.com",
    r"foo\.(com|example)",
    r"(foo\.com|bar\.test)",
    r"(?:a\.)?foo\.com",
    r"(foo|x-a)\.(?:test|foo\.com)",
    r"xn--4ca\.example",
];

/// Expressions of which nothing can be proved; a policy takes sixteen of them.
pub const UNPROVED: [&str; 5] = [
    "https://fo+.com",
    r"https://.*oo\.com(:\d+)?",
    "[a-z]+://.*o.*",
    r"(app|web|a\+b)://.*",
    r"https?://localhost:\d+",
];

/// An expression that must be accepted, without overrides.
pub fn proved(dice: &mut Dice) -> String {
    let scheme = dice.pick(&SCHEMES);
    let before = if dice.percent(25) { "" } else { *dice.pick(&BEFORE) };
    let port = port(dice);
    let dot = if dice.percent(8) {
        r"\."
    } else if dice.percent(8) && !port.contains('|') {
        // With a choice of ports, some would have more branches than are followed.
        r"\.?"
    } else {
        ""
    };
    let text = format!("{scheme}{before}{}{dot}{port}", domain(dice));
    match dice.below(12) {
        0 => format!("^{text}$"),
        1 => format!("({text})"),
        2 => format!(r"https://b\.a\.test|{text}"),
        _ => text,
    }
}

/// A label and what is registered below, or one of the choices.
fn domain(dice: &mut Dice) -> String {
    if dice.percent(25) {
        return (*dice.pick(&DOMAINS)).into();
    }
    let (label, end) = (dice.pick(&LABELS), dice.pick(&["com", "example", "foo.com", "test"]));
    format!("{label}.{end}").replace('.', r"\.")
}

fn port(dice: &mut Dice) -> String {
    match dice.below(12) {
        0 => format!(":{}", dice.pick(&PORTS)),
        1 => format!("(:{})?", dice.pick(&PORTS)),
        2 => "(:[0-9]+)?".into(),
        3 => r":\d{2,5}".into(),
        4 => "(?::(81|444))?".into(),
        5 => ":8(080|[0-9])?".into(),
        _ => String::new(),
    }
}
