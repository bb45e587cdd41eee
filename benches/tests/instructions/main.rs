//! The gate: the instructions of decisions, counted by callgrind and compared with the committed counts
//! in `instructions.x86_64.json`. Unlike times, counts are the same on a busy machine.
//!
//! Needs the release profile: `cargo test --release -p corsac-bench --features gate --test
//! instructions`. With `CORSAC_WRITE_INSTRUCTIONS=1` the counts are written instead of compared.

mod callgrind;
mod counts;
mod scenario;

use std::process::ExitCode;

use counts::Counts;

/// The argument with which this program starts itself under callgrind, to run one scenario.
const RUN: &str = "--run-scenario";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [run, name] = &*arguments
        && run == RUN
    {
        scenario::run(name);
        return ExitCode::SUCCESS;
    }
    match gate() {
        Ok(findings) if findings.is_empty() => ExitCode::SUCCESS,
        Ok(findings) => {
            findings.iter().for_each(|finding| eprintln!("{finding}"));
            eprintln!("if this is intended, write the counts again with CORSAC_WRITE_INSTRUCTIONS=1");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("cannot count instructions: {error}");
            ExitCode::FAILURE
        }
    }
}

fn gate() -> Result<Vec<String>, String> {
    let mut counted = Counts::default();
    for name in scenario::names() {
        let instructions = callgrind::instructions(&name, scenario::TIMES)?;
        println!("{name:<34} {instructions:>7}");
        counted.insert(&name, instructions);
    }
    if std::env::var_os("CORSAC_WRITE_INSTRUCTIONS").is_some() {
        counted.write()?;
        return Ok(Vec::new());
    }
    Ok(Counts::committed()?.compare(&counted))
}
