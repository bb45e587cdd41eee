//! Counts the instructions of one function with `valgrind --tool=callgrind`.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs, process};

use crate::RUN;

/// Instructions of one of `times` decisions of a scenario, including the loop around them.
pub(crate) fn instructions(scenario: &str, times: usize) -> Result<u64, String> {
    let out = Output::new(scenario);
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let result = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*counted*"])
        .arg(format!("--callgrind-out-file={}", out.0.display()))
        .arg(program)
        .args([RUN, scenario])
        .output()
        .map_err(|error| format!("`valgrind` does not start ({error}): install the package valgrind"))?;
    if !result.status.success() {
        return Err(format!("`{scenario}` failed:\n{}", String::from_utf8_lossy(&result.stderr)));
    }
    let profile = fs::read_to_string(&out.0).map_err(|error| format!("{}: {error}", out.0.display()))?;
    let total = profile.lines().find_map(|line| line.strip_prefix("totals: ")?.trim().parse::<u64>().ok());
    match total {
        Some(total) if total > 0 => Ok(total / times as u64),
        _ => Err(format!("callgrind counted nothing for `{scenario}`")),
    }
}

/// The file that callgrind writes, removed with this value.
struct Output(PathBuf);

impl Output {
    fn new(scenario: &str) -> Self {
        let name = scenario.replace(|byte: char| !byte.is_ascii_alphanumeric(), "-");
        Self(env::temp_dir().join(format!("corsac-callgrind-{}-{name}", process::id())))
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // The file may not exist.
        let _ = fs::remove_file(&self.0);
    }
}
