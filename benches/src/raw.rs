//! What a run measured, as it is kept in `raw.json`: all that the page and the plots are made from.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::estimates::Estimate;

/// One run of `make bench`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Raw {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Where it ran.
    pub machine: Machine,
    /// All who were asked.
    pub contestants: Vec<Contestant>,
    /// What they were asked, in order.
    pub scenarios: Vec<Asked>,
    /// What criterion measured.
    pub estimates: Vec<Estimate>,
    /// Instructions of a decision, by scenario of the gate.
    pub instructions: BTreeMap<String, u64>,
    /// What other programs measured.
    pub tables: Vec<Table>,
}

/// The machine, and what was built with what.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// The model that the kernel names.
    pub cpu: String,
    /// Processors that the run could use.
    pub cores: usize,
    /// The kernel's release.
    pub kernel: String,
    /// What sets the clock's speed, if the kernel says so.
    pub governor: Option<String>,
    /// Runnable tasks on average over a minute, before and after.
    pub load: [Option<f64>; 2],
    /// `rustc --version`.
    pub rustc: String,
    /// The version of the engine, with the commit if there is one.
    pub corsac: String,
}

/// One implementation in one driver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contestant {
    /// Unique in a run.
    pub name: String,
    /// Its own version.
    pub version: String,
    /// The language or framework below it, with a version.
    pub runtime: String,
    /// Whether the engine decides.
    pub is_corsac: bool,
}

/// A scenario and what came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asked {
    /// The scenario's name.
    pub name: String,
    /// Rows of the list, if this is a point of the plot over them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<usize>,
    /// Bytes of the header, if this is a point of the plot over them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostile: Option<usize>,
    /// By contestant.
    pub outcomes: BTreeMap<String, Outcome>,
}

/// What came of one scenario for one contestant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Answered right, and timed.
    Right(Timing),
    /// Answered wrong: in what way, and in what time.
    Wrong(String, Timing),
    /// Has no such feature: why.
    Cannot(String),
    /// Was not waited for, or failed: what happened.
    Failed(String),
}

/// Samples of one contestant, taken in turn with all others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// Requests in a sample.
    pub requests: u64,
    /// CPU time of each sample, in nanoseconds.
    pub samples: Vec<u64>,
}

impl Timing {
    /// Nanoseconds a request: the sample in the middle.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.at(0.5)
    }

    /// How far the quarter points lie apart, as a share of the median.
    #[must_use]
    pub fn spread(&self) -> f64 {
        (self.at(0.75) - self.at(0.25)) / self.median()
    }

    fn at(&self, share: f64) -> f64 {
        let each: Vec<f64> = self.samples.iter().map(|sample| *sample as f64 / self.requests as f64).collect();
        quantile(&each, share)
    }
}

impl Outcome {
    /// The time of an answer, right or wrong.
    #[must_use]
    pub fn timing(&self) -> Option<&Timing> {
        match self {
            Self::Right(timing) | Self::Wrong(_, timing) => Some(timing),
            Self::Cannot(_) | Self::Failed(_) => None,
        }
    }

    /// Nanoseconds a request, for right answers.
    #[must_use]
    pub fn right(&self) -> Option<f64> {
        match self {
            Self::Right(timing) => Some(timing.median()),
            _ => None,
        }
    }
}

/// A table of another program: `target/bench/*.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Its heading.
    pub name: String,
    /// Its lines.
    pub rows: Vec<Line>,
}

/// A line of such a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// What was measured.
    pub case: String,
    /// How much.
    pub value: f64,
    /// Of what.
    #[serde(default)]
    pub unit: String,
    /// What it should be, such as `≥ 1.9 ×` or `≤ 30 ms`; nothing if it is shown for comparison.
    #[serde(default)]
    pub bound: Option<String>,
    /// What else is to be said.
    #[serde(default)]
    pub note: Option<String>,
}

/// The value below which `share` of all lie, between two by their distance; zero of none.
#[must_use]
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let place = share * values.len().saturating_sub(1) as f64;
    let at = |index: f64| values.get(index as usize).copied().unwrap_or_default();
    at(place.floor()) + (at(place.ceil()) - at(place.floor())) * place.fract()
}

impl Raw {
    /// Reads `raw.json` of a record.
    ///
    /// # Errors
    /// The file cannot be read, or is no record.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let file = folder.join("raw.json");
        let text = fs::read_to_string(&file).map_err(|error| format!("cannot read `{}`: {error}", file.display()))?;
        serde_json::from_str(&text).map_err(|error| format!("`{}` is no record: {error}", file.display()))
    }

    /// Writes `raw.json` of a record, and the folder if there is none.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), String> {
        let text = serde_json::to_string(self).map_err(|error| error.to_string())?;
        // One scenario a line: a line that is shown by a diff should be one that can be read.
        let text = text.replace("{\"name\":", "\n{\"name\":") + "\n";
        let file = folder.join("raw.json");
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&file, text))
            .map_err(|error| format!("cannot write `{}`: {error}", file.display()))
    }

    /// What came of a scenario for a contestant.
    #[must_use]
    pub fn outcome(&self, scenario: &str, contestant: &str) -> Option<&Outcome> {
        self.scenarios.iter().find(|asked| asked.name == scenario)?.outcomes.get(contestant)
    }
}
