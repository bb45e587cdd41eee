//! The committed counts, and the differences from them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// How far a count may differ from the committed one, in percent: other versions of the C library and of
/// `valgrind` give other counts for the same code.
const TOLERANCE: u64 = 4;

/// Instructions by scenario.
#[derive(Debug, Default)]
pub(crate) struct Counts(BTreeMap<String, u64>);

impl Counts {
    pub(crate) fn insert(&mut self, scenario: &str, instructions: u64) {
        self.0.insert(scenario.into(), instructions);
    }

    /// The committed counts for this processor architecture.
    pub(crate) fn committed() -> Result<Self, String> {
        let path = path();
        let text = fs::read_to_string(&path).map_err(|error| {
            format!(
                "{}: {error}: there are no counts for this processor; write them with CORSAC_WRITE_INSTRUCTIONS=1",
                path.display()
            )
        })?;
        serde_json::from_str(&text).map(Self).map_err(|error| format!("{}: {error}", path.display()))
    }

    pub(crate) fn write(&self) -> Result<(), String> {
        let text = serde_json::to_string_pretty(&self.0).map_err(|error| error.to_string())?;
        fs::write(path(), text + "\n").map_err(|error| format!("{}: {error}", path().display()))
    }

    /// One line for each scenario that differs from its committed count.
    pub(crate) fn compare(&self, counted: &Self) -> Vec<String> {
        let mut findings: Vec<_> = (counted.0.keys().filter(|name| !self.0.contains_key(*name)))
            .map(|name| format!("`{name}` has no committed count"))
            .collect();
        for (name, &before) in &self.0 {
            let Some(&now) = counted.0.get(name) else {
                findings.push(format!("`{name}` is no longer a scenario"));
                continue;
            };
            let allowed = before * TOLERANCE / 100;
            if now > before + allowed {
                findings.push(format!("`{name}` takes {now} instructions, {before} are committed"));
            } else if now + allowed < before {
                findings.push(format!("`{name}` takes only {now} instructions, {before} are committed"));
            }
        }
        findings
    }
}

fn path() -> PathBuf {
    let name = format!("instructions.{}.json", std::env::consts::ARCH);
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}
