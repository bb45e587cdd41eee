//! How many requests `corsac replay` decides in a second of CPU time: the requests of
//! `examples/related-origins`, again and again in one file, by one thread and by one for each core.
//!
//! The program `corsac` is that beside this one: `cargo build --release -p corsac-cli`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::{env, thread};

use corsac_bench::raw::quantile;
use corsac_bench::table::{Table, exit_code, folder};
use serde_json::Value;

/// Lines of the log: two seconds' worth, or so.
const REQUESTS: usize = 2_000_000;

const TURNS: usize = 5;

/// Ticks of the times in `/proc/self/stat` in a second, on every Linux.
const TICKS: f64 = 100.0;

const BOUND: Option<&str> = Some("≥ 1.5 M/s");

fn main() -> ExitCode {
    exit_code(measure())
}

fn measure() -> Result<(), String> {
    let program = env::current_exe().map_err(|error| error.to_string())?.with_file_name("corsac");
    if !program.exists() {
        return Err(format!("there is no `{}`: run `cargo build --release -p corsac-cli`", program.display()));
    }
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/related-origins");
    let replay = Replay { program, policy: example.join("policy.toml") };
    let requests = replay.check(&example)?;
    let log = folder().join("replay.ndjson");
    let lines = repeat(&example.join("requests.ndjson"), &log, requests)
        .map_err(|error| format!("cannot write `{}`: {error}", log.display()))?;
    let measured = replay.measure_all(&log, lines);
    // A third of a gigabyte, which nobody reads again.
    fs::remove_file(&log).map_err(|error| format!("cannot remove `{}`: {error}", log.display()))?;
    measured?.write()
}

/// Writes the requests so often that there are enough: how many there are.
fn repeat(requests: &Path, log: &Path, count: usize) -> io::Result<usize> {
    let text = fs::read(requests)?;
    fs::create_dir_all(folder())?;
    let mut file = BufWriter::new(File::create(log)?);
    let times = REQUESTS.div_ceil(count);
    for _ in 0..times {
        file.write_all(&text)?;
    }
    file.flush()?;
    Ok(times * count)
}

struct Replay {
    program: PathBuf,
    policy: PathBuf,
}

impl Replay {
    fn command(&self, log: &Path, format: &str, threads: usize) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("replay").arg(&self.policy).arg(log);
        command.args(["--format", format, "--threads", &threads.to_string()]);
        command
    }

    /// Compares the answers to the example's own requests with what the sets of sites alone say, and
    /// tells how many there are.
    fn check(&self, example: &Path) -> Result<usize, String> {
        let output = self.command(&example.join("requests.ndjson"), "json", 1).output();
        let output = output.map_err(|error| format!("`corsac` does not start: {error}"))?;
        let mut found = BTreeMap::new();
        for line in output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let answer: Value =
                serde_json::from_slice(line).map_err(|error| format!("an answer is no JSON: {error}"))?;
            let verdict = answer.get("verdict").and_then(Value::as_str).ok_or("an answer has no verdict")?;
            *found.entry(verdict.to_owned()).or_insert(0_u64) += 1;
        }
        let expected = fs::read_to_string(example.join("expected.json")).map_err(|error| error.to_string())?;
        let expected: Value = serde_json::from_str(&expected).map_err(|error| error.to_string())?;
        let wanted = serde_json::to_value(&found).map_err(|error| error.to_string())?;
        if expected.get("verdicts") != Some(&wanted) {
            return Err(format!("the answers are {wanted}, and should be as in expected.json"));
        }
        Ok(found.values().sum::<u64>() as usize)
    }

    fn measure_all(&self, log: &Path, lines: usize) -> Result<Table, String> {
        let cores = thread::available_parallelism().map_err(|error| error.to_string())?.get();
        let runs = [
            ("a summary", "human", 1),
            ("a summary", "human", cores),
            ("every answer", "json", 1),
            ("every answer", "json", cores),
        ];
        let mut times = runs.map(|_| Vec::new());
        for _ in 0..TURNS {
            for ((_, format, threads), times) in runs.iter().zip(&mut times) {
                times.push(lines as f64 / 1e6 / self.seconds(log, format, *threads, lines)?);
            }
        }
        let mut table = Table::new("replay");
        for ((what, _, threads), rates) in runs.iter().zip(&times) {
            let at = |share| quantile(rates, share);
            let note = format!(
                "requests in a second of CPU time, all threads and the kernel's part included; {lines} lines, median of \
                 {TURNS}, from {:.2} to {:.2}",
                at(0.0),
                at(1.0)
            );
            table.row(&format!("replay to {what}, --threads {threads}"), at(0.5), "M/s", BOUND, &note);
        }
        Ok(table)
    }

    /// CPU time of one run, which must have decided all lines.
    fn seconds(&self, log: &Path, format: &str, threads: usize, lines: usize) -> Result<f64, String> {
        let before = seconds_of_children()?;
        let mut command = self.command(log, format, threads);
        if format == "json" {
            command.arg("--verbose").stdout(Stdio::null());
        }
        let output = command.output().map_err(|error| format!("`corsac` does not start: {error}"))?;
        let seconds = seconds_of_children()? - before;
        let said = if format == "json" { output.stderr } else { output.stdout };
        let said = String::from_utf8_lossy(&said);
        let decided = said.lines().find_map(|line| line.trim().strip_suffix("  requests"));
        // Refused requests are what status 1 says.
        match decided.map(|number| number.replace(',', "").parse::<usize>()) {
            Some(Ok(decided)) if decided == lines && output.status.code() == Some(1) => Ok(seconds),
            _ => Err(format!("`corsac replay` ended with {} and said, of {lines} requests:\n{said}", output.status)),
        }
    }
}

/// CPU time of all programs that this one has waited for.
fn seconds_of_children() -> Result<f64, String> {
    let stat = fs::read_to_string("/proc/self/stat").map_err(|error| format!("`/proc/self/stat`: {error}"))?;
    // The second field is a name in brackets, which can hold anything; these are the 16th and 17th.
    let fields = stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().skip(13));
    let ticks: Vec<f64> = fields.into_iter().flatten().take(2).filter_map(|ticks| ticks.parse().ok()).collect();
    match *ticks {
        [user, kernel] => Ok((user + kernel) / TICKS),
        _ => Err("`/proc/self/stat` does not tell the time of ended programs".into()),
    }
}
