//! Where a run took place. The host's name is no part of it.

use std::fs;
use std::process::Command;
use std::thread::available_parallelism;

use crate::raw::Machine;

/// This machine, before a run.
#[must_use]
pub fn present() -> Machine {
    let version = env!("CARGO_PKG_VERSION");
    let commit = output("git", &["-C", env!("CARGO_MANIFEST_DIR"), "describe", "--always", "--dirty"]);
    Machine {
        cpu: processor().unwrap_or_else(|| "unknown".into()),
        cores: available_parallelism().map_or(0, Into::into),
        // Whoever built it may have added a name of theirs behind the number.
        kernel: line("/proc/sys/kernel/osrelease")
            .and_then(|release| Some(release.split('-').next()?.to_owned()))
            .unwrap_or_else(|| "unknown".into()),
        governor: line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        load: [load(), None],
        rustc: output("rustc", &["--version"]).unwrap_or_else(|| "unknown".into()),
        corsac: commit.map_or_else(|| version.into(), |commit| format!("{version} ({commit})")),
    }
}

/// Runnable tasks, on average over the last minute.
#[must_use]
pub fn load() -> Option<f64> {
    line("/proc/loadavg")?.split(' ').next()?.parse().ok()
}

fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let (_, model) = text.lines().find(|line| line.starts_with("model name"))?.split_once(':')?;
    Some(model.trim().into())
}

fn line(file: &str) -> Option<String> {
    Some(fs::read_to_string(file).ok()?.trim().into())
}

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().into())
}
