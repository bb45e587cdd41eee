//! Expressions as people write them on a bad day: most of them let somebody in, and some of those
//! only nearly. For attacks on the proof.

use super::Dice;

/// Names with a registrable domain, suffixes of every kind, names above suffixes, and no names.
const DOMAINS: [&str; 25] = [
    "example.com",
    "example.com",
    "example.com",
    "example.org",
    "foo.co.uk",
    "a.foo.co.uk",
    "sub.example.com",
    "example.com",
    "co.uk",
    "com",
    "github.io",
    "me.github.io",
    "vercel.app",
    "amazonaws.com",
    "s3.amazonaws.com",
    "kuleuven.be",
    "kawasaki.jp",
    "city.kawasaki.jp",
    "www.ck",
    "b.ck",
    "localhost",
    "a.localhost",
    "10.0.0.1",
    "0.0.1",
    "example.internal",
];

const SCHEMES: [&str; 11] = [
    "https?://",
    "(http|https)://",
    "http://",
    "(https://)",
    "(?:https|http):[/]{2}",
    "https?:/+",
    ".*://",
    r"\w+://",
    "https:..",
    "(https://|)",
    "(https|app)://",
];

/// What may stand before a domain, with the dot or without.
const BEFORE: [&str; 46] = [
    r"[a-z0-9-]+\.",
    r"([a-z0-9-]+\.)?",
    r"(.*\.)?",
    r".+\.",
    r"([a-z]+\.)*",
    r"(foo|bar)\.",
    r"(|x\.)",
    r"[a-z]{2}\.",
    r"([^.]+\.){1,2}",
    r"pr-\d+\.",
    r"[^/]+\.",
    r"(a|b\.c)\.",
    r"((((x)\.)))",
    r"(a\.){3}",
    r"(\.)",
    r"[.]",
    r".*",
    r".+",
    r".",
    r"[a-z]*",
    r"[a-z0-9-]+",
    r"\.?",
    r"\.*",
    r"(\.|-)",
    r"[.-]",
    r"[^.]+.",
    r"[a-z.]*",
    r"(foo|bar|)",
    r"([a-z]+\.?)*",
    r"([a-z]+\.|)?",
    r"[a-z0-9-]+--",
    r"\w+[.a]",
    r"(evil\.com|)",
    r"(foo\.)?-",
    r"(x\.|y)",
    r"[:.]",
    r"(a\.|b\.|.)",
    r"(\.?)",
    r"@",
    r"(a{0,2}\.){0,1}",
    // More ways through than the proof follows, and one more that is out of bounds.
    r"((foo|bar|baz|qux){4}\.|x)",
    r"((foo|bar|x)\.){6}",
    r"(evil|){9}",
    r"(\.[a-z]*)+",
    r"(a\.|x){1,2}",
    r"([a-z]+\.[a-z]*)*",
];

const AFTER: [&str; 35] = [
    "(:[0-9]+)?",
    r":\d+",
    ":8443",
    "(:8443)?",
    "(:(81|8080))?",
    r"\.?",
    "(:[0-9]{2,5})?",
    ":80[0-9]{2}",
    "(|:[1-9][0-9]*)",
    "(:8[0-9]+|)",
    ".*",
    ".?",
    "[a-z]*",
    "(:.*)?",
    ":?[0-9]*",
    r"(\.evil\.com)?",
    "[:0-9]*",
    ":[0-9.]+",
    "(:[0-9]+)*",
    r"(:80|\.evil\.com)",
    "/?",
    ":443",
    ":[a-z0-9]+",
    "[0-9]*",
    ":?",
    "(:[0-9]+.?)?",
    r"(:[0-9]+|\.uk)",
    r":?\d",
    "s?",
    "(|s)",
    r"(\.[a-z]+)?",
    r"[.]?[a-z]{0,2}",
    "(:[0-9]{0,3})?",
    r"\d{0,2}",
    "8",
];

/// What a dot of a domain is turned into.
const DOTS: [&str; 8] = [".", ".", "[.]", r"\.?", r"(\.|x)", r"[.-]", r"\.+", r"(?:\.)"];

/// What a letter of a domain is turned into.
const LETTERS: [&str; 9] = ["[a-z]", "e?", "(e|)", ".", "e+", "[e]", r"\w", "e{1,2}", "e{2,3}"];

/// What goes in anywhere when a text is spoilt.
const SIGNS: [&str; 18] =
    [".", "?", "*", "+", "|", "(", ")", r"\", "[", "]", "{2}", "^", "$", ":", r"\.", "()", "(?i)", "a"];

/// Mostly one expression, at times a choice between two, at times spoilt.
pub fn wild(dice: &mut Dice) -> String {
    // Each fault alone must be seen, so most expressions have one at most.
    let faults = *dice.pick(&[0, 4, 10, 40]);
    let mut text = whole(dice, faults);
    match dice.below(14) {
        0 => text = format!("{text}|{}", whole(dice, faults)),
        1 => text = format!("({text}|{})", whole(dice, faults)),
        2 => text = format!("^{text}$"),
        3 => text = format!("(?:{text})"),
        _ => {}
    }
    if dice.percent(10) { spoilt(dice, text) } else { text }
}

fn whole(dice: &mut Dice, faults: usize) -> String {
    let scheme = if dice.percent(20 + faults) { *dice.pick(&SCHEMES) } else { "https://" };
    // Sixteen of what may stand before a domain end in a dot, and ten of what may follow are ports.
    let pieces = *dice.pick(&[0, 1, 1, 1, 1, 2, 3]);
    let before =
        (0..pieces).map(|_| if dice.percent(10 + faults) { *dice.pick(&BEFORE) } else { *dice.pick(&BEFORE[..16]) });
    let before: String = before.collect();
    let domain = match dice.below(10) {
        0 => format!("({}|{})", domain(dice, faults), domain(dice, faults)),
        1 => format!(r"(foo|bar)\.{}", domain(dice, faults)),
        _ => domain(dice, faults),
    };
    let after = match dice.below(10) {
        0..5 => "",
        5..8 => *dice.pick(&AFTER[..10]),
        _ if dice.percent(30 + faults) => *dice.pick(&AFTER),
        _ => "",
    };
    format!("{scheme}{before}{domain}{after}")
}

/// A domain with its dots escaped, and the faults that escape notice.
fn domain(dice: &mut Dice, faults: usize) -> String {
    let domain = if dice.percent(40) { DOMAINS[0] } else { *dice.pick(&DOMAINS) };
    let mut text = String::new();
    for letter in domain.chars() {
        match letter {
            '.' if dice.percent(2 + faults) => text.push_str(dice.pick::<&str>(&DOTS)),
            '.' => text.push_str(r"\."),
            _ if dice.percent(1 + faults / 8) => text.push_str(dice.pick::<&str>(&LETTERS)),
            letter => text.push(letter),
        }
    }
    match dice.below(40 - faults / 2) {
        0 => format!("({text}|)"),
        1 => format!("({text}|.*)"),
        2 => format!("{text}?"),
        3 => format!("({text})+"),
        4 => format!("({text}|[0-f]+)"),
        5 => format!(r"([0-9][b-d])*(\.{text})?"),
        _ => text,
    }
}

/// One or two signs put in, taken out or doubled; often no expression any more.
fn spoilt(dice: &mut Dice, mut text: String) -> String {
    for _ in 0..=dice.below(2) {
        let at = dice.below(text.len());
        match dice.below(3) {
            0 => text.insert_str(at, dice.pick::<&str>(&SIGNS)),
            1 if text.len() > 1 => drop(text.remove(at)),
            _ => {
                let part = text[at..(at + 1 + dice.below(4)).min(text.len())].to_owned();
                text.insert_str(at, &part);
            }
        }
    }
    text
}
