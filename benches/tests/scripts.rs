//! Runs the tests of the scripts in `peers` and `report`, which also check that the newest record and the
//! table in `README.md` are up to date.

use std::path::Path;
use std::process::Command;

#[test]
fn scripts_pass_their_tests() {
    let benches = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new("python3")
        .args(["-B", "-m", "unittest", "discover", "--start-directory", "tests"])
        .current_dir(benches)
        .output()
        .unwrap_or_else(|error| panic!("`python3` does not start ({error}): install the package python3"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
