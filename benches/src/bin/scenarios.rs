//! Prints the names of all scenarios of the comparison, or with a name as its argument, that scenario
//! as JSON.

use std::io::{self, Write};
use std::process::ExitCode;

use corsac_bench::scenarios;

fn main() -> ExitCode {
    match print(std::env::args().nth(1).as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn print(name: Option<&str>) -> Result<(), String> {
    let plans = scenarios::all();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let Some(name) = name else {
        return plans.iter().try_for_each(|plan| writeln!(out, "{}", plan.name)).map_err(|error| error.to_string());
    };
    let plan = plans.iter().find(|plan| plan.name == name).ok_or_else(|| format!("no scenario is named `{name}`"))?;
    serde_json::to_writer(out, &plan.make()).map_err(|error| error.to_string())
}
