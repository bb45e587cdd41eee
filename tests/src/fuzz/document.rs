//! Any bytes as a document, JSON if they begin with `{`: a refusal has an error with a place that is in
//! the text; what is accepted is written back as a document that means the same, and every policy
//! decides as the oracle does by the rows that are read back.

use corsac::diff::Diff;
use corsac::document::Format;
use corsac::{ConfigError, Policies, Policy, PolicyId, Request, Severity, Target};

use super::seed;
use crate::engine;
use crate::generate::{self, Dice, origins};

/// Longer documents would only be slower.
const LONGEST: usize = 8192;
const ORIGINS: usize = 20;

pub(super) fn run(input: &[u8]) {
    if input.len() > LONGEST {
        return;
    }
    let format = if input.trim_ascii_start().starts_with(b"{") { Format::Json } else { Format::Toml };
    match engine::load(input, format) {
        // Of a document that is not UTF-8 the text before the first wrong byte is shown.
        Err(error) => check_refusal(&error, input.utf8_chunks().next().map_or("", |chunk| chunk.valid())),
        Ok(loaded) => {
            check_written_back(&loaded.policies);
            let mut dice = Dice::new(seed(input));
            for (id, policy) in loaded.policies.iter() {
                compare_with_oracle(&loaded.policies, id, policy, &mut dice);
            }
        }
    }
}

fn check_refusal(error: &ConfigError, text: &str) {
    let found = error.diagnostics();
    assert!(found.iter().any(|found| found.severity() == Severity::Error), "refused without an error:\n{text}");
    let lines: Vec<&str> = text.split('\n').collect();
    for found in found {
        let said = found.to_string();
        assert!(!said.contains(|c: char| c.is_control()), "{said:?} has control characters");
        let Some(location) = found.location() else { continue };
        let Some(position) = location.position() else { continue };
        assert!(position.line as usize <= lines.len(), "{said} is behind the end of\n{text}");
        if let Some(excerpt) = location.excerpt() {
            let line = lines[position.line as usize - 1].trim_end_matches('\r');
            assert_eq!(excerpt.line(), line, "{said} quotes another line of\n{text}");
            assert!(excerpt.line().get(excerpt.span()).is_some(), "{said} points outside of its line of\n{text}");
        }
    }
}

fn check_written_back(policies: &Policies) {
    let text = policies.to_document();
    let again = match engine::load(text.as_bytes(), Format::Toml) {
        Ok(loaded) => loaded.policies,
        Err(error) => panic!("{error}\nin what was written back:\n{text}"),
    };
    assert_eq!(again.to_document(), text, "written again it differs");
    let diff = Diff::between(policies, &again);
    assert!(diff.is_empty(), "{:?} by\n{text}", diff.changes());
}

fn compare_with_oracle(policies: &Policies, id: PolicyId, policy: &Policy, dice: &mut Dice) {
    let mut rows = generate::Policy { grants: vec![vec![]; policy.grants().len()], own: vec![] };
    for row in policy.rows() {
        if row.text() == "*" {
            return;
        }
        let of_grant = &mut rows.grants[row.grant() as usize];
        of_grant.push(match row.is_expression() {
            true => generate::Row::expression(row.text(), dice),
            false => generate::Row { depth: row.depth().map(usize::from), ..generate::Row::new(row.text()) },
        });
    }
    rows.own = policy.own_origins().map(String::from).collect();
    let oracle = rows.to_oracle();
    for _ in 0..ORIGINS {
        let origin = origins::origin(dice, &rows);
        let decision = policies.decide(Target::Policy(id), &Request::new("GET").origin(&origin));
        let judged = engine::judgement(&decision);
        assert_eq!(
            judged,
            oracle.judge(&origin),
            "`{}` by\n{}",
            String::from_utf8_lossy(&origin),
            policies.to_document()
        );
    }
}
