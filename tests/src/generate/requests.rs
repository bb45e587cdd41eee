//! Requests with every kind of method and header line: well-formed, sloppy, hostile.

use super::Dice;

/// A request's method and the lines of its four headers.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: Vec<u8>,
    pub origins: Vec<Vec<u8>>,
    pub request_methods: Vec<Vec<u8>>,
    pub request_headers: Vec<Vec<u8>>,
    pub private_network: Vec<Vec<u8>>,
}

impl Request {
    /// All lines, as a server hands them over.
    pub fn headers(&self) -> Vec<(&[u8], &[u8])> {
        let named: [(&[u8], &[Vec<u8>]); 4] = [
            (b"Origin", &self.origins),
            (b"Access-Control-Request-Method", &self.request_methods),
            (b"access-control-request-headers", &self.request_headers),
            (b"ACCESS-CONTROL-REQUEST-PRIVATE-NETWORK", &self.private_network),
        ];
        named.iter().flat_map(|(name, lines)| lines.iter().map(move |line| (*name, line.as_slice()))).collect()
    }
}

/// Bytes that end lines, split lists or mean something to someone.
const HOSTILE: [u8; 14] = [0, b'\t', b'\n', b'\r', 0x0b, b' ', b'"', b',', b';', b'<', 0x7f, 0x80, 0xc3, 0xff];

const METHODS: [&str; 16] = [
    "GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "patch", "put", "OPTIONS", "CONNECT", "Trace", "track", "*",
    "CHICKEN", "", "PU T",
];

const NAMES: [&str; 14] = [
    "x-a",
    "x-b",
    "x-abc",
    "content-type",
    "authorization",
    "Authorization",
    "X-A",
    "x",
    "x-",
    "*",
    "x-very-long-header-name",
    "accept",
    "x-c",
    "x_d",
];

/// A method line: mostly one of a few, at times far too long or with a hostile byte.
pub fn method_line(dice: &mut Dice) -> Vec<u8> {
    match dice.below(20) {
        0 => "M".repeat(*dice.pick(&[63, 64, 65, 5000])).into_bytes(),
        1 => hostile(dice, b"PUT".to_vec()),
        _ => dice.pick(&METHODS).as_bytes().to_vec(),
    }
}

/// The lines of `Access-Control-Request-Headers`: none to six.
pub fn header_lines(dice: &mut Dice) -> Vec<Vec<u8>> {
    let lines = *dice.pick(&[0, 1, 1, 1, 1, 1, 2, 3, 4, 5, 25]);
    // Most requests ask for little that is not in the lists, or every one would be refused.
    let names = *dice.pick(&[2, 3, 5, NAMES.len()]);
    (0..lines).map(|_| header_line(dice, names)).collect()
}

fn header_line(dice: &mut Dice, names: usize) -> Vec<u8> {
    let elements = *dice.pick(&[0, 1, 1, 2, 2, 3, 4, 17, 40]);
    let sloppy = dice.percent(30);
    let mut line = vec![];
    for index in 0..elements {
        if index > 0 {
            line.push(b',');
        }
        if sloppy {
            line.extend_from_slice(dice.pick(&["", " ", "\t", "  ", "   ", " \t"]).as_bytes());
        }
        if !(sloppy && dice.percent(20)) {
            line.extend_from_slice(dice.pick(&NAMES[..names]).as_bytes());
        }
        if sloppy {
            line.extend_from_slice(dice.pick(&["", " ", "\t", "  ", "   ", " x-a"]).as_bytes());
        }
    }
    match dice.below(24) {
        0 => hostile(dice, line),
        1 => [line, vec![*dice.pick(b",x \t"); *dice.pick(&[3, 16, 17, 18, 9000])]].concat(),
        _ => line,
    }
}

/// A grant's header names, some to a hundred: alike in their beginnings, in their ends, in all but a
/// byte between them, or short.
pub fn many_names(dice: &mut Dice) -> Vec<String> {
    let filling = "-".repeat(*dice.pick(&[0, 1, 5, 12, 40, 100]));
    let most = *dice.pick(&[10, 30, 100]);
    let count = 1 + dice.below(most);
    let kind = dice.below(4);
    let name = |index: usize| match kind {
        0 => format!("x-custom{filling}header-{index:02}"),
        1 => format!("{index:02}{filling}x-custom-header"),
        2 => format!("{filling}x{index:02}{filling}header--"),
        _ => (0..7).map(|bit| if index >> bit & 1 == 1 { '^' } else { '~' }).collect(),
    };
    (0..count).map(name).collect()
}

/// One to three lines that ask for some of these names, in any order and case, some changed by a byte.
pub fn lines_asking_for(dice: &mut Dice, names: &[String]) -> Vec<Vec<u8>> {
    let (shuffled, capitals) = (dice.percent(60), *dice.pick(&[0, 0, 30, 100]));
    let (blanks, changed) = (dice.percent(40), *dice.pick(&[0, 0, 0, 3]));
    let mut asked: Vec<&String> = names.iter().filter(|_| !dice.percent(20)).collect();
    asked.sort_unstable();
    if shuffled {
        dice.shuffle(&mut asked);
    }
    let mut lines = vec![vec![]; *dice.pick(&[1, 1, 3])];
    for name in asked {
        let mut name = name.clone().into_bytes();
        if dice.percent(capitals) {
            name.make_ascii_uppercase();
        }
        if dice.percent(changed) {
            let at = dice.below(name.len());
            name[at] ^= 1 << dice.below(8);
        }
        let line = dice.below(lines.len());
        let line: &mut Vec<u8> = &mut lines[line];
        if !line.is_empty() {
            line.push(b',');
        }
        let around = match blanks {
            // More than may stand on a side of a name.
            true if dice.percent(1) => "   ",
            true => *dice.pick(&["", " ", "\t", "  "]),
            false => "",
        };
        line.extend([around.as_bytes(), &name, around.as_bytes()].concat());
    }
    lines
}

/// The same with one hostile byte, or any other.
pub fn hostile(dice: &mut Dice, mut line: Vec<u8>) -> Vec<u8> {
    let byte = if dice.percent(70) { *dice.pick(&HOSTILE) } else { dice.below(256) as u8 };
    let at = dice.below(line.len() + 1);
    line.insert(at, byte);
    line
}
