//! Compares the engine with its floors and its peers, and writes what was measured to
//! `benches/record/DATE`: `raw.json`, the page, the plots.
//!
//! ```text
//! record [--date YYYY-MM-DD] [--only TEXT] [--rounds N] [-- COMMAND…]
//!                       measures and writes a record; commands of drivers, one an argument, replace
//!                       those of this repository; with `--only` just the scenarios with TEXT in their
//!                       names, and nothing is written but to target/bench/trial
//! record --render DIR   makes the page and the plots again, from raw.json alone
//! record --readme       puts the headline of the newest record into README.md
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;
use std::{env, fs};

use corsac_bench::causes::Kept;
use corsac_bench::conductor::{Conductor, Settings};
use corsac_bench::driver::Invocation;
use corsac_bench::raw::{Raw, Table};
use corsac_bench::{calendar, estimates, machine, record, scenarios};

/// What a run needs to be told.
#[derive(Debug, Default)]
struct Options {
    date: Option<String>,
    only: Option<String>,
    rounds: Option<usize>,
    drivers: Vec<Invocation>,
    render: Option<PathBuf>,
    is_readme: bool,
}

fn main() -> ExitCode {
    let done = options(env::args().skip(1)).and_then(|options| match &options {
        Options { render: Some(folder), .. } => record::render(folder, &Kept::read(&home())?),
        Options { is_readme: true, .. } => record::write_headline(&home()),
        _ => measure(&options),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options::default();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("`{argument}` needs a value"));
        match argument.as_str() {
            "--date" => options.date = Some(calendar::checked(&value()?)?),
            "--only" => options.only = Some(value()?),
            "--rounds" => {
                let text = value()?;
                let rounds = text.parse().ok().filter(|rounds| *rounds > 0);
                options.rounds = Some(rounds.ok_or_else(|| format!("`{text}` is no number of rounds: write 5"))?);
            }
            "--render" => options.render = Some(value()?.into()),
            "--readme" => options.is_readme = true,
            "--" => options.drivers = arguments.by_ref().map(|command| words(&command)).collect(),
            _ => return Err(format!("`{argument}` is no option: see the top of benches/src/bin/record.rs")),
        }
    }
    Ok(options)
}

fn words(command: &str) -> Invocation {
    command.split_whitespace().map(String::from).collect()
}

/// The folder `benches`.
fn home() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Where cargo builds.
fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| home().join("../target"), PathBuf::from)
}

/// The drivers of this repository: the one in Rust is built beside this program.
fn drivers() -> Result<Vec<Invocation>, String> {
    let own = env::current_exe().map_err(|error| format!("cannot find the driver in Rust: {error}"))?;
    let mut drivers = vec![vec![own.with_file_name("corsac-peers").display().to_string()]];
    for language in ["go", "node", "python"] {
        let script = home().join("peers").join(language).join("run.sh");
        drivers.push(vec!["sh".into(), script.display().to_string()]);
    }
    Ok(drivers)
}

fn measure(options: &Options) -> Result<(), String> {
    let began = Instant::now();
    let mut machine = machine::present();
    let drivers = if options.drivers.is_empty() { drivers()? } else { options.drivers.clone() };
    let mut settings = Settings::new(target().join("bench"));
    settings.rounds = options.rounds.unwrap_or(settings.rounds);
    // What is read from files is read first: minutes later would be late to hear that it is missing.
    let is_trial = options.only.is_some();
    let estimates = if is_trial { Vec::new() } else { estimates::read(&target().join("criterion"))? };
    let (instructions, tables) = (instructions()?, tables(&target().join("bench"))?);
    let mut conductor = Conductor::start(settings, &drivers)?;

    let mut asked = Vec::new();
    let wanted = options.only.as_deref().unwrap_or_default();
    for plan in scenarios::all().iter().filter(|plan| plan.name.contains(wanted)) {
        eprintln!("{:>4} s  {}", began.elapsed().as_secs(), plan.name);
        asked.push(conductor.run(plan)?);
    }
    let contestants = conductor.contestants().cloned().collect();
    drop(conductor);
    machine.load[1] = machine::load();

    let raw = Raw {
        date: options.date.clone().unwrap_or_else(calendar::today),
        machine,
        contestants,
        scenarios: asked,
        estimates,
        instructions,
        tables,
    };
    let folder = if is_trial { target().join("bench/trial") } else { home().join("record").join(&raw.date) };
    raw.write(&folder)?;
    let kept = Kept::read(&home())?;
    // A page with a loss that nobody has looked at is written, too, and fails afterwards.
    let rendered = record::render(&folder, &kept);
    eprintln!("{} written after {} s", folder.join("README.md").display(), began.elapsed().as_secs());
    if !is_trial {
        record::write_headline(&home())?;
    }
    rendered
}

fn instructions() -> Result<BTreeMap<String, u64>, String> {
    let file = home().join("instructions.x86_64.json");
    let text = fs::read_to_string(&file).map_err(|error| format!("cannot read `{}`: {error}", file.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("`{}`: {error}", file.display()))
}

/// What other programs left in `target/bench`, in the order of the files' names.
fn tables(folder: &Path) -> Result<Vec<Table>, String> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "json") && !file.ends_with("scenario.json"));
    files.sort();
    let read = |file: &PathBuf| {
        let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
        serde_json::from_str(&text).map_err(|error| error.to_string())
    };
    files.iter().map(|file| read(file).map_err(|error| format!("`{}` is no table: {error}", file.display()))).collect()
}
