//! The results of a program that measures: `make bench` writes its standard output to
//! `target/bench/NAME.json`, and the record includes it.

use serde::Serialize;

/// A named list of results.
#[derive(Debug, Serialize)]
pub struct Table {
    name: &'static str,
    rows: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Line {
    case: String,
    value: f64,
    unit: &'static str,
    bound: Option<&'static str>,
    note: String,
}

impl Table {
    /// An empty table.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self { name, rows: Vec::new() }
    }

    /// Adds a result. The bound is a limit such as `≤ 30 ms`; the note says how it was measured.
    pub fn row(&mut self, case: &str, value: f64, unit: &'static str, bound: Option<&'static str>, note: &str) {
        eprintln!("{case:<56} {value:>12.3} {unit} {}", bound.unwrap_or_default());
        self.rows.push(Line { case: case.into(), value, unit, bound, note: note.into() });
    }

    /// Prints the table as JSON.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn print(&self) -> Result<(), String> {
        let text = serde_json::to_string(self).map_err(|error| error.to_string())?;
        println!("{text}");
        Ok(())
    }
}

/// The number of samples to take: a tenth in the short run of `benches/measure.sh --short`.
#[must_use]
pub fn samples(full: usize) -> usize {
    if std::env::var_os("CORSAC_BENCH_SHORT").is_some() { full.div_ceil(10) } else { full }
}

/// The value that this share of all values does not exceed, interpolated; zero if there are none.
#[must_use]
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let position = share * values.len().saturating_sub(1) as f64;
    let at = |index: f64| values.get(index as usize).copied().unwrap_or_default();
    at(position.floor()) + (at(position.ceil()) - at(position.floor())) * position.fract()
}
