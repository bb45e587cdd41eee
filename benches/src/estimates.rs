//! What criterion measured: `target/criterion/GROUP/NAME/CASE/new`.

use std::path::Path;
use std::{fs, io};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::raw::quantile;

/// One benchmark of criterion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Of benchmarks that are compared.
    pub group: String,
    /// Who was measured: `decide`, `floor` and so on.
    pub name: String,
    /// What was asked; empty if the group has one case.
    pub case: String,
    /// Nanoseconds.
    pub median: f64,
    /// The samples' 5th, 50th, 95th and 99th of a hundred, in nanoseconds.
    pub percentiles: [f64; 4],
}

/// Everything below a folder, in the order of names.
///
/// # Errors
/// The folder cannot be read, or there is nothing in it.
pub fn read(folder: &Path) -> Result<Vec<Estimate>, String> {
    let mut estimates = Vec::new();
    let failed = |error: io::Error| {
        format!("cannot read `{}`: {error}; run `cargo bench -p corsac-bench` first", folder.display())
    };
    for group in entries(folder).map_err(failed)? {
        for name in entries(&folder.join(&group)).unwrap_or_default() {
            let below = folder.join(&group).join(&name);
            let cases = entries(&below).unwrap_or_default();
            estimates.extend(estimate(&below, &group, &name, ""));
            estimates.extend(cases.iter().filter_map(|case| estimate(&below.join(case), &group, &name, case)));
        }
    }
    estimates.sort_by(|one, other| {
        let key =
            |of: &Estimate| (of.group.clone(), of.case.parse().unwrap_or(u64::MAX), of.case.clone(), of.name.clone());
        key(one).cmp(&key(other))
    });
    if estimates.is_empty() {
        return Err(format!("`{}` holds no results; run `cargo bench -p corsac-bench` first", folder.display()));
    }
    Ok(estimates)
}

fn entries(folder: &Path) -> io::Result<Vec<String>> {
    let entries = fs::read_dir(folder)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(entries.collect())
}

fn estimate(folder: &Path, group: &str, name: &str, case: &str) -> Option<Estimate> {
    let read = |file: &str| -> Option<Value> {
        serde_json::from_str(&fs::read_to_string(folder.join("new").join(file)).ok()?).ok()
    };
    let median = read("estimates.json")?.get("median")?.get("point_estimate")?.as_f64()?;
    let sample = read("sample.json")?;
    let numbers = |key: &str| -> Option<Vec<f64>> { sample.get(key)?.as_array()?.iter().map(Value::as_f64).collect() };
    let each: Vec<f64> = numbers("times")?.iter().zip(numbers("iters")?).map(|(time, count)| time / count).collect();
    Some(Estimate {
        group: group.into(),
        name: name.into(),
        case: case.into(),
        median,
        percentiles: [0.05, 0.5, 0.95, 0.99].map(|share| quantile(&each, share)),
    })
}
