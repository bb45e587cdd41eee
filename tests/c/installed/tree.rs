//! Installed trees, and programs that are built against them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

pub const STRICT: [&str; 4] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

/// The longest that a program may take, in seconds.
const TIMEOUT: &str = "300";

pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

pub fn read(path: impl AsRef<Path>) -> String {
    let path = workspace().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// An empty folder of this name, in the target folder.
pub fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("test-c").join(name);
    let _absent = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Copies a folder, but for what somebody built in it.
pub fn copy_folder(from: &Path, to: &Path) {
    run(Command::new("cp").arg("-a").arg(from).arg(to));
    let _absent = fs::remove_dir_all(to.join("build"));
}

/// A command that neither hangs nor sees the settings of a `make` that runs the tests.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("timeout");
    command.arg(TIMEOUT).arg(program).stdin(Stdio::null());
    for name in ["MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PREFIX", "DESTDIR", "LIBDIR", "CFLAGS", "LDFLAGS"] {
        command.env_remove(name);
    }
    command
}

/// What a command that succeeds prints.
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let hint = if output.status.code() == Some(127) { "\nit is missing: `tests/tools.sh` installs it" } else { "" };
    assert!(output.status.success(), "{command:?}: {}{hint}\n{stdout}\n{stderr}", output.status);
    stdout.into_owned()
}

pub fn fails(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(!output.status.success(), "{command:?} succeeds");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Installed files: `root` is the DESTDIR.
#[derive(Debug)]
pub struct Tree {
    pub root: PathBuf,
    prefix: &'static str,
    libdir: &'static str,
}

impl Tree {
    /// The tree that most tests use.
    pub fn shared() -> &'static Self {
        static TREE: OnceLock<Tree> = OnceLock::new();
        TREE.get_or_init(|| Self::install("tree", "/usr/local", "/usr/local/lib"))
    }

    /// `make install` into a folder of this name.
    pub fn install(name: &str, prefix: &'static str, libdir: &'static str) -> Self {
        let tree = Self { root: scratch(name), prefix, libdir };
        tree.make("install");
        tree
    }

    pub fn make(&self, goal: &str) {
        // TARGET/PROFILE/deps/this: the libraries of this profile are those that were built for it.
        let this = std::env::current_exe().unwrap();
        let folder = this.ancestors().nth(2).unwrap();
        let profile = match folder.file_name().unwrap().to_str().unwrap() {
            "debug" => "dev",
            profile => profile,
        };
        assert_ne!(profile, "dev", "run these tests with `--profile ci`");
        let mut make = command("make");
        make.current_dir(workspace()).arg(goal).env("CARGO_TARGET_DIR", folder.parent().unwrap());
        make.args([format!("PREFIX={}", self.prefix), format!("LIBDIR={}", self.libdir)]);
        make.args([format!("DESTDIR={}", self.root.display()), format!("PROFILE={profile}")]);
        run(make.arg(format!("CARGO={}", env!("CARGO"))));
    }

    /// The same files in another place.
    pub fn moved(&self, name: &str) -> Self {
        let root = scratch(name).join("moved");
        copy_folder(&self.root, &root);
        Self { root, ..*self }
    }

    fn below(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    pub fn prefix(&self) -> PathBuf {
        self.below(self.prefix)
    }

    pub fn lib(&self) -> PathBuf {
        self.below(self.libdir)
    }

    pub fn include(&self) -> PathBuf {
        self.prefix().join("include")
    }

    /// A command that finds this tree by pkg-config, by CMake, and when a program starts.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = command(program);
        if self.lib() != self.prefix().join("lib") {
            // CMake looks only where libraries of its own machine can be.
            command.env("corsac_DIR", self.lib().join("cmake/corsac"));
        }
        command
            .env("PKG_CONFIG_PATH", self.lib().join("pkgconfig"))
            .env("CMAKE_PREFIX_PATH", self.prefix())
            .env("LD_LIBRARY_PATH", self.lib());
        command
    }

    /// A program that is compiled with the headers of this tree and linked with its shared library.
    pub fn compile(&self, compiler: &[&str], sources: &[PathBuf], includes: &[&Path], program: &Path) {
        let mut command = self.command(compiler[0]);
        command.args(&compiler[1..]).args(STRICT).args(["-O1", "-g", "-gdwarf-4"]).arg("-I").arg(self.include());
        for folder in includes {
            command.arg("-I").arg(folder);
        }
        run(command.args(sources).arg("-o").arg(program).arg("-L").arg(self.lib()).arg("-lcorsac"));
    }

    /// All files and links.
    pub fn files(&self) -> Vec<String> {
        let found = run(Command::new("find").current_dir(&self.root).args([".", "!", "-type", "d"]));
        let mut files: Vec<String> = found.lines().map(|line| line.trim_start_matches('.').to_owned()).collect();
        files.sort();
        files
    }
}
