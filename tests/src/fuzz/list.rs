//! Any bytes as a list file: it is accepted exactly if its lines are accepted as rows of the
//! document, and then decides as they do.

use corsac::document::{Document, Format, Loaded};
use corsac::{ConfigError, Policies};

use super::seed;
use crate::bytes::shown;
use crate::engine;
use crate::generate::{Dice, near_misses};

/// Longer lists would only be slower.
const LONGEST: usize = 4096;

pub(super) fn run(input: &[u8]) {
    if input.len() > LONGEST {
        return;
    }
    let listed = load(r#"[{ file = "list.txt" }]"#, input);
    let Ok(text) = std::str::from_utf8(input) else {
        assert!(listed.is_err(), "a list that is not UTF-8 is accepted");
        return;
    };
    // Without the last line feed the list may be cut, and a cut row is not known to be one.
    let is_whole = text.is_empty() || text.ends_with('\n');
    if !is_whole {
        return;
    }
    let rows: Vec<String> = rows(text).map(|row| serde_json::to_string(row).unwrap()).collect();
    let written = load(&format!("[{}]", rows.join(", ")), b"");
    match (listed, written) {
        (Ok(listed), Ok(written)) => compare(&listed.policies, &written.policies, input),
        (Err(listed), Err(written)) => drop((listed, written)),
        (Ok(_), Err(error)) => panic!("only the list is accepted: {error}\n{text}"),
        (Err(error), Ok(_)) => panic!("only the rows are accepted: {error}\n{text}"),
    }
}

/// The rows of a list, in the plainest way.
fn rows(text: &str) -> impl Iterator<Item = &str> {
    text.strip_prefix('\u{feff}')
        .unwrap_or(text)
        .split('\n')
        .map(|line| {
            let comment = (0..line.len()).find(|&at| {
                line.as_bytes()[at] == b'#' && (at == 0 || matches!(line.as_bytes()[at - 1], b' ' | b'\t'))
            });
            line[..comment.unwrap_or(line.len())].trim()
        })
        .filter(|row| !row.is_empty())
}

fn load(rows: &str, list: &[u8]) -> Result<Loaded, ConfigError> {
    let text = format!("version = 1\n[policy.p]\nallow_origins = {rows}\n");
    let document = Document { name: "policy.toml", bytes: text.as_bytes(), format: Format::Toml };
    corsac::document::load(&document, &mut |_| Ok(list.to_vec()))
}

fn compare(listed: &Policies, written: &Policies, input: &[u8]) {
    let mut dice = Dice::new(seed(input));
    let (_, policy) = written.iter().next().expect("the document has a policy");
    for row in policy.rows() {
        let origin = row.text().replace(":*", ":8443").replace('*', "a");
        for origin in [near_misses::near_miss(&mut dice, &origin), origin] {
            let [listed, written] = [listed, written].map(|policies| engine::judge(policies, origin.as_bytes()));
            assert_eq!(listed, written, "{origin} by\n{}", shown(input));
        }
    }
}
