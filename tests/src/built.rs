//! What cargo builds for tests: artefacts of other packages, which the tests' own manifest cannot ask
//! for.

use std::process::Command;

use serde_json::Value;

/// What cargo says of each artefact that a build made or found made, and in which files it is.
///
/// Built into the target folder and profile of the test that is running, where most of it already
/// is. What cargo reports is taken, so nothing stale ever is.
pub fn artifacts(subcommand: &str, arguments: &[&str], for_rustc: &[&str]) -> Vec<Value> {
    let this = std::env::current_exe().unwrap();
    // TARGET/PROFILE/deps/this
    let profile_folder = this.ancestors().nth(2).unwrap();
    let profile = match profile_folder.file_name().unwrap().to_str().unwrap() {
        "debug" => "dev",
        profile => profile,
    };
    let output = Command::new(env!("CARGO"))
        .arg(subcommand)
        .args(arguments)
        .args(["--message-format", "json", "--profile", profile])
        .arg("--target-dir")
        .arg(profile_folder.parent().unwrap())
        .arg("--")
        .args(for_rustc)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo can be run");
    assert!(
        output.status.success(),
        "`cargo {subcommand} {}` fails:\n{}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    let messages = String::from_utf8_lossy(&output.stdout);
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages.filter(|message| message["reason"] == "compiler-artifact").collect()
}
