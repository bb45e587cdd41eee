//! Artefacts of other packages that tests use. The tests' own manifest cannot declare them.

use std::process::Command;

use serde_json::Value;

/// Cargo's messages about the artefacts of a build, fresh ones included, with their files.
///
/// The build uses target folder and profile of the running test, where most artefacts already are. The
/// files are those that cargo reports, so they are never stale.
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
