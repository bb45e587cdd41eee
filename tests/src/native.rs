//! Programs in C and C++ that use the library as it ships: built, run, and run under tools that
//! watch over their memory.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::binary::{Ended, bounded};
use crate::built;

/// What no program may draw a warning for.
const WARNINGS: [&str; 4] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

/// Memcheck runs one thread at a time. Without the fair schedule a thread that never waits keeps the
/// others out: the program of forks took 80 to 100 s, and takes 4 s with it.
const MEMCHECK: [&str; 4] = ["-q", "--error-exitcode=99", "--num-callers=30", "--fair-sched=yes"];

/// A minute is an age for each of the programs, but for the tools that slow them down on a machine
/// that does something else too.
const SECONDS: u64 = 600;

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// `tests/c/programs/` of the repository.
pub fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("c/programs")
}

/// `libcorsac.so.0`, `libcorsac.so` and `libcorsac.a` in a folder, as `make install` has them.
#[derive(Debug)]
pub struct Library {
    folder: PathBuf,
}

impl Library {
    /// As it ships, but for the profile, which is that of the tests.
    pub fn shipped() -> &'static Self {
        static SHIPPED: OnceLock<Library> = OnceLock::new();
        SHIPPED.get_or_init(|| Self::build("libcorsac-shipped", &[]))
    }

    /// One whose `corsac_decide` panics if the method is `CORSAC-PANIC`.
    pub fn panicking() -> &'static Self {
        static PANICKING: OnceLock<Library> = OnceLock::new();
        PANICKING.get_or_init(|| Self::build("libcorsac-panicking", &["--features", "panic-injection"]))
    }

    /// Put into a folder of the target folder: what is kept for the whole run is never dropped, and
    /// would stay behind elsewhere.
    fn build(name: &str, features: &[&str]) -> Self {
        let arguments = [&["-p", "corsac-ffi", "--lib", "--crate-type", "cdylib,staticlib"], features].concat();
        let artifacts = built::artifacts("rustc", &arguments, &["-C", "link-arg=-Wl,-soname,libcorsac.so.0"]);
        let files = || artifacts.iter().filter_map(|message| message["filenames"].as_array()).flatten();
        let built = |wanted: &str| {
            let mut paths = files().filter_map(|file| file.as_str().map(Path::new));
            paths.find(|path| path.file_name() == Some(OsStr::new(wanted))).expect("cargo says where the library is")
        };
        let folder = built("libcorsac_ffi.so").with_file_name(name);
        let _absent = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        for (from, to) in [("libcorsac_ffi.so", "libcorsac.so.0"), ("libcorsac_ffi.a", "libcorsac.a")] {
            std::fs::copy(built(from), folder.join(to)).unwrap();
        }
        std::os::unix::fs::symlink("libcorsac.so.0", folder.join("libcorsac.so")).unwrap();
        Self { folder }
    }

    /// Where the library is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// A compiled program, in a folder of its own where it may write.
#[derive(Debug)]
pub struct Program {
    folder: TempDir,
}

impl Program {
    /// Compiles files of `tests/c/programs/`, or objects made of them, and links them with `library`: shared, or if it is among the
    /// flags `-static-corsac` the archive.
    pub fn compile(compiler: &str, flags: &[&str], files: &[&str], library: &Library) -> Self {
        let program = Self { folder: tempfile::Builder::new().prefix("corsac-c-").tempdir().unwrap() };
        let is_static = flags.contains(&"-static-corsac");
        let mut command = Command::new(compiler);
        command.args(WARNINGS).args(["-g", "-O1", "-pthread", "-D_POSIX_C_SOURCE=200809L"]);
        command.args(flags.iter().filter(|flag| **flag != "-static-corsac"));
        // Behind what the flags name, so that an older header can stand before today's.
        command.arg("-I").arg(root().join("include"));
        command.args(files.iter().map(|file| sources().join(file))).arg("-o").arg(program.path());
        if is_static {
            command.arg(library.folder().join("libcorsac.a")).args(["-ldl", "-lm", "-lgcc_s"]);
        } else {
            command.arg("-L").arg(library.folder()).arg("-lcorsac");
            command.arg(format!("-Wl,-rpath,{}", library.folder().display()));
        }
        let ended = bounded(command, None, SECONDS);
        assert!(ended.status.success(), "{files:?} do not compile with {compiler} {flags:?}:\n{}", ended.said());
        program
    }

    /// An object of C from one file of `tests/c/programs/`: to be linked (`-c`), or to be preloaded
    /// (`-shared`).
    pub fn compile_object(file: &str, kind: &str) -> Self {
        let object = Self { folder: tempfile::Builder::new().prefix("corsac-c-").tempdir().unwrap() };
        let mut command = Command::new("gcc");
        command.args(WARNINGS).args(["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-g", "-O1", "-fPIC", kind]);
        command.arg("-I").arg(root().join("include")).arg(sources().join(file)).arg("-o").arg(object.path());
        let ended = bounded(command, None, SECONDS);
        assert!(ended.status.success(), "{file} does not compile:\n{}", ended.said());
        object
    }

    /// Where the program is.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("program")
    }

    /// The folder in which it may write.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs it; what it says is in the message if it fails.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: &[S], under: Under<'_>) -> Ended {
        let mut command = match under {
            Under::Nothing | Under::Preloaded(_) => Command::new(self.path()),
            Under::Memcheck => {
                let mut valgrind = Command::new("valgrind");
                valgrind.args(MEMCHECK).arg("--leak-check=full");
                // What is still reached at the end is the standard library's own, made once.
                valgrind.arg("--errors-for-leak-kinds=definite,indirect,possible");
                valgrind.arg("--show-leak-kinds=definite,indirect,possible");
                valgrind.arg(format!("--suppressions={}", sources().join("memcheck.supp").display()));
                valgrind.arg(self.path());
                valgrind
            }
            Under::MemcheckOfAccesses => {
                let mut valgrind = Command::new("valgrind");
                valgrind.args(MEMCHECK).arg("--leak-check=no").arg(self.path());
                valgrind
            }
        };
        if let Under::Preloaded(object) = under {
            command.env("LD_PRELOAD", object.path());
        }
        command.args(arguments).env("RUST_BACKTRACE", "0");
        command.env("ASAN_OPTIONS", "detect_leaks=1").env("UBSAN_OPTIONS", "print_stacktrace=1");
        let ended = bounded(command, None, SECONDS);
        let said = String::from_utf8_lossy(&ended.stdout);
        assert!(ended.status.success(), "{under:?}: {}:\n{said}{}", ended.status, ended.said());
        ended
    }
}

/// What watches over a run.
#[derive(Clone, Copy, Debug)]
pub enum Under<'a> {
    /// Nothing.
    Nothing,
    /// Valgrind's memcheck: an access outside of a block, and a leak, are failures.
    Memcheck,
    /// Memcheck, for a program that ends in the midst of its work: leaks are nothing.
    MemcheckOfAccesses,
    /// This object, whose functions stand before those of all others.
    Preloaded(&'a Program),
}
