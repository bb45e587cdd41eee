//! What a program measured, as a file that the record takes in: `target/bench/NAME.json`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs};

use serde_json::{Value, json};

/// Lines with a number each, some of them with a bound.
#[derive(Debug)]
pub struct Table {
    name: &'static str,
    rows: Vec<Value>,
}

impl Table {
    /// An empty table. The name is that of the file, and what stands above the table.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self { name, rows: Vec::new() }
    }

    /// Adds a line and prints it. A bound is a text such as `≤ 30 ms`; the note says how it was
    /// measured.
    pub fn row(&mut self, case: &str, value: f64, unit: &str, bound: Option<&str>, note: &str) {
        let held = bound.map(|bound| format!(" ({bound})")).unwrap_or_default();
        println!("{case:<56} {value:>12.3} {unit}{held}; {note}");
        self.rows.push(json!({ "case": case, "value": value, "unit": unit, "bound": bound, "note": note }));
    }

    /// Writes the file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self) -> Result<(), String> {
        let path = folder().join(format!("{}.json", self.name));
        let text = json!({ "name": self.name, "rows": self.rows }).to_string() + "\n";
        fs::create_dir_all(folder())
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| format!("cannot write `{}`: {error}", path.display()))
    }
}

/// How a program that measures a table ends; says why it could not.
#[must_use]
pub fn exit_code(measured: Result<(), String>) -> ExitCode {
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Where the tables are, beside what cargo builds.
#[must_use]
pub fn folder() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target"))).join("bench")
}
