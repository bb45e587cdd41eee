//! The examples are what they say: policies without an error or a warning, logs whose every line
//! comes to what the table beside them says, and the real set with the counts that its own script
//! made from set membership alone.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use corsac::{Policies, Request, Severity, Target};
use serde_json::Value;

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

fn load(document: &Path) -> Policies {
    let loaded = corsac_source::load_file(document).unwrap_or_else(|error| panic!("{error}"));
    let found = loaded.diagnostics.iter().find(|diagnostic| diagnostic.severity() != Severity::Note);
    assert!(found.is_none(), "{}", found.unwrap());
    loaded.policies
}

/// The id, verdict and reason of every line of a log.
fn decided(policies: &Policies, log: &Path) -> Vec<(u64, String, String)> {
    let log = fs::read_to_string(log).unwrap();
    let decide = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        let headers: Vec<(String, String)> = serde_json::from_value(line["headers"].clone()).unwrap();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
        let target = match (line["policy"].as_str(), &line["route"]) {
            (Some(name), _) => Target::Policy(policies.id(name).unwrap()),
            (None, Value::Null) => Target::Policy(policies.only().unwrap()),
            (None, route) => Target::Route {
                host: route["host"].as_str().unwrap().as_bytes(),
                path: route["path"].as_str().unwrap().as_bytes(),
            },
        };
        let decision = policies.decide(target, &Request::from_headers(line["method"].as_str().unwrap(), &headers));
        (line["id"].as_u64().unwrap(), decision.verdict().to_string(), decision.reason().to_string())
    };
    log.lines().map(decide).collect()
}

/// The rows of the table under the heading of a document: id, verdict, reason.
fn told(readme: &str, document: &str) -> Vec<(u64, String, String)> {
    let section = readme.split("\n## ").find(|section| section.starts_with(document)).unwrap();
    let cells = |row: &str| -> Option<(u64, String, String)> {
        let cells: Vec<_> = row.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        Some((cells.get(1)?.parse().ok()?, (*cells.get(3)?).into(), (*cells.get(4)?).into()))
    };
    section.lines().filter_map(cells).collect()
}

#[test]
fn every_line_of_a_log_comes_to_what_its_table_says() {
    let folder = examples().join("policies");
    let readme = fs::read_to_string(folder.join("README.md")).unwrap();
    for name in ["small-service", "partners", "saas", "desktop", "previews"] {
        let policies = load(&folder.join(format!("{name}.toml")));
        let decided = decided(&policies, &folder.join(format!("{name}.requests.ndjson")));
        assert!(decided.len() >= 8);
        assert_eq!(decided, told(&readme, &format!("{name}.toml")), "{name}");
    }
}

#[test]
fn the_real_set_has_the_counts_of_its_members() {
    let folder = examples().join("related-origins");
    let policies = load(&folder.join("policy.toml"));
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (_, verdict, _) in decided(&policies, &folder.join("requests.ndjson")) {
        *counts.entry(verdict).or_default() += 1;
    }
    let expected: Value = serde_json::from_slice(&fs::read(folder.join("expected.json")).unwrap()).unwrap();
    let expected: BTreeMap<String, u64> = serde_json::from_value(expected["verdicts"].clone()).unwrap();
    assert_eq!(counts, expected);
}
