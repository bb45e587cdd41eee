//! Tests that need other rights, or another file system, than the test runner has: they run again in
//! a child process that has them.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

/// Names the child process to itself, and the folder that was made for it.
const SANDBOX: &str = "CORSAC_SANDBOX";

/// The folder of the sandbox that this process runs in, if it does.
pub fn folder() -> Option<std::path::PathBuf> {
    std::env::var_os(SANDBOX).map(Into::into)
}

/// Runs `test`, by its path with that of its crate, once more in a process without the rights of root, which no
/// permission would hold back. A process without them anyway runs it too.
pub fn without_privileges(test: &str) {
    let folder = tempfile::Builder::new().prefix("corsac-").tempdir().unwrap();
    // Anybody can run the copy, wherever the original is. Another process makes it: a child that some
    // other thread starts meanwhile would inherit the file, and what is open for writing is not run.
    let program = folder.path().join("test");
    let copied = Command::new("cp").arg(std::env::current_exe().unwrap()).arg(&program).status().unwrap();
    assert!(copied.success());
    let inside = folder.path().join("inside");
    std::fs::create_dir(&inside).unwrap();
    for (path, mode) in [(folder.path(), 0o755), (&inside, 0o777), (&program, 0o755)] {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    }
    let mut command = if is_root() {
        let mut setpriv = Command::new("setpriv");
        setpriv.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).arg(&program);
        setpriv
    } else {
        Command::new(&program)
    };
    run(&mut command, test, &inside);
}

/// Runs `test`, by its path with that of its crate, once more after a shell has done `script` in namespaces of its
/// own, as their root, with the folder of the sandbox as `$1`; false where the system has no such
/// namespaces to give.
pub fn in_namespaces(test: &str, script: &str) -> bool {
    let unshare = |script: &str| {
        let mut unshare = Command::new("unshare");
        unshare.args(["--user", "--map-root-user", "--mount", "sh", "-e", "-c", script, "sh"]);
        unshare
    };
    let folder = tempfile::Builder::new().prefix("corsac-").tempdir().unwrap();
    let program = std::env::current_exe().unwrap();
    let can = unshare(script).arg(folder.path()).output().expect("unshare can be run");
    if !can.status.success() {
        println!("no namespaces: {}", String::from_utf8_lossy(&can.stderr));
        return false;
    }
    let script = format!("{script}\nshift\nexec \"$@\"");
    run(unshare(&script).arg(folder.path()).arg(program), test, folder.path());
    true
}

fn run(command: &mut Command, path: &str, folder: &Path) {
    let (_, test) = path.split_once("::").expect("the path begins with the crate's name");
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]);
    command.env(SANDBOX, folder).current_dir("/").process_group(0);
    let output = command.output().expect("the sandbox can be run");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{test} in its sandbox: {}\n{said}", output.status);
    // A name that no test has is no failure to the runner.
    assert!(said.contains("1 passed"), "{test} was not run:\n{said}");
}

fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let uids = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    uids.and_then(|uids| uids.split_whitespace().nth(1)) == Some("0")
}
