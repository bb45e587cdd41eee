//! The installed files themselves, and projects outside of the house that find them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::server::Server;
use super::tree::{Tree, command, copy_folder, fails, read, run, scratch, workspace};

/// Runs an example and sees that it decides.
fn serves(tree: &Tree, program: &Path) {
    let document = workspace().join("examples/policies/small-service.toml");
    let server = Server::start(tree, program, &document, "api");
    let response = server.ask("GET", &["Origin: https://www.example.com"]);
    assert_eq!(response.allowed(), ["https://www.example.com"]);
    server.stop();
}

/// The same of `tests/c/programs/decide.c`, which needs no other library.
fn decides(tree: &Tree, program: &Path) {
    let document = workspace().join("examples/policies/small-service.toml");
    let mut decide = tree.command(program);
    assert_eq!(run(decide.arg(document).args(["api", "https://www.example.com"])), "allowed\n");
}

fn decide_source() -> PathBuf {
    workspace().join("tests/c/programs/decide.c")
}

fn uses_the_shared_library(tree: &Tree, program: &Path) -> bool {
    run(tree.command("ldd").arg(program)).contains("libcorsac.so.0")
}

/// The example in C, by pkg-config.
fn pkg_config_project(tree: &Tree, name: &str) {
    let project = scratch(name).join("c");
    copy_folder(&workspace().join("examples/c"), &project);
    for (setting, shared) in [("STATIC=", true), ("STATIC=1", false)] {
        // An empty STATIC is a defined one, so the shared case leaves it out.
        let setting = if shared { "CC=cc" } else { setting };
        run(tree.command("make").arg("-B").arg("-C").arg(&project).arg(setting));
        assert_eq!(uses_the_shared_library(tree, &project.join("server")), shared);
        serves(tree, &project.join("server"));
    }
}

/// The example in C++, by CMake.
fn cmake_project(tree: &Tree, name: &str) {
    let project = scratch(name).join("cpp");
    copy_folder(&workspace().join("examples/cpp"), &project);
    for (target, shared) in [("corsac::corsac", true), ("corsac::static", false)] {
        let build = project.join(target.replace("::", "-"));
        let target = format!("-DCORSAC_TARGET={target}");
        run(tree.command("cmake").arg("-S").arg(&project).arg("-B").arg(&build).arg(target));
        run(tree.command("cmake").arg("--build").arg(&build));
        assert_eq!(uses_the_shared_library(tree, &build.join("server")), shared);
        serves(tree, &build.join("server"));
    }
}

#[test]
fn the_tree_holds_these_files() {
    let tree = Tree::shared();
    assert_eq!(
        tree.files(),
        [
            "/usr/local/include/corsac.h",
            "/usr/local/include/corsac.hpp",
            "/usr/local/lib/cmake/corsac/corsac-config-version.cmake",
            "/usr/local/lib/cmake/corsac/corsac-config.cmake",
            "/usr/local/lib/libcorsac.a",
            "/usr/local/lib/libcorsac.so",
            "/usr/local/lib/libcorsac.so.0",
            "/usr/local/lib/pkgconfig/corsac.pc",
        ]
    );
    assert_eq!(fs::read_link(tree.lib().join("libcorsac.so")).unwrap(), Path::new("libcorsac.so.0"));
    let dynamic = run(command("readelf").arg("-d").arg(tree.lib().join("libcorsac.so.0")));
    assert!(dynamic.contains("Library soname: [libcorsac.so.0]"), "{dynamic}");
    for header in ["corsac.h", "corsac.hpp"] {
        assert_eq!(read(tree.include().join(header)), read(Path::new("include").join(header)));
    }
    let here = env!("CARGO_MANIFEST_DIR").trim_end_matches("/tests");
    for file in ["pkgconfig/corsac.pc", "cmake/corsac/corsac-config.cmake", "cmake/corsac/corsac-config-version.cmake"]
    {
        let text = read(tree.lib().join(file));
        assert!(!text.contains(here) && !text.contains('@'), "{file} is not filled in, or names this machine:\n{text}");
    }
}

#[test]
fn nothing_is_seen_but_the_functions_of_the_header() {
    let header = read("include/corsac.h");
    let functions: BTreeSet<&str> = header
        .split("\nCORSAC_API")
        .skip(1)
        .map(|declaration| declaration.split('(').next().unwrap().rsplit([' ', '*']).next().unwrap())
        .collect();
    assert!(functions.len() >= 30 && functions.contains("corsac_decide"), "{functions:?}");
    let lib = Tree::shared().lib();
    for (option, file) in [("-D", "libcorsac.so.0"), ("-g", "libcorsac.a")] {
        let printed = run(command("nm").args([option, "--defined-only"]).arg(lib.join(file)));
        let seen = printed.lines().filter_map(|line| line.split_whitespace().nth(2)).collect();
        assert_eq!(functions, seen, "{file}");
    }
}

/// Neither of the folder with the sources, nor of cargo's, nor of the one that is built in: what is built
/// elsewhere has the same bytes.
#[test]
fn no_path_of_this_machine_is_in_the_libraries() {
    let home = std::env::var("CARGO_HOME").unwrap_or_else(|_| format!("{}/.cargo", std::env::var("HOME").unwrap()));
    let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().display().to_string();
    let here = env!("CARGO_MANIFEST_DIR").trim_end_matches("/tests");
    for file in ["libcorsac.so.0", "libcorsac.a"] {
        let bytes = fs::read(Tree::shared().lib().join(file)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for path in [here, &home, &target] {
            assert!(!text.contains(path), "{file} has {path} in it");
        }
        assert!(text.contains("crates/"), "{file} names no file in a panic at all: the search is out of date");
    }
}

/// As `CARGO_BUILD_TARGET` says, here for this machine: the libraries are where cargo puts them then. Built
/// without optimisation, which is enough for this.
#[test]
fn a_build_for_a_target_is_installed() {
    let version = run(command("rustc").arg("-vV"));
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let root = scratch("target");
    let mut install = command("ffi/install.sh");
    install.current_dir(workspace()).env("CARGO", env!("CARGO")).env("CARGO_BUILD_TARGET", host);
    install.env("CARGO_TARGET_DIR", std::env::current_exe().unwrap().ancestors().nth(3).unwrap());
    run(install.env("PROFILE", "dev").env("PREFIX", "/usr").env("DESTDIR", &root));
    for file in ["libcorsac.so.0", "libcorsac.a", "pkgconfig/corsac.pc"] {
        assert!(root.join("usr/lib").join(file).is_file(), "{file} is missing");
    }
}

/// Versions come from Cargo.toml, wherever they stand.
#[test]
fn every_place_says_the_same_version() {
    let tree = Tree::shared();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(run(tree.command("pkg-config").args(["--modversion", "corsac"])).trim(), version);
    let project = scratch("versions");
    let (major, rest) = version.split_once('.').unwrap();
    let minor: u32 = rest.split('.').next().unwrap().parse().unwrap();
    let configure = |wanted: &str| {
        let text =
            format!("cmake_minimum_required(VERSION 3.13)\nproject(p C)\nfind_package(corsac {wanted} REQUIRED)\n");
        fs::write(project.join("CMakeLists.txt"), text).unwrap();
        let mut cmake = tree.command("cmake");
        cmake.arg("-S").arg(&project).arg("-B").arg(project.join("build"));
        cmake
    };
    for wanted in [String::new(), version.into(), format!("{version} EXACT"), format!("{major}.{minor}")] {
        run(&mut configure(&wanted));
    }
    for wanted in [format!("{major}.{}", minor + 1), "99.0".into(), format!("{major}.{minor}.999")] {
        let said = fails(&mut configure(&wanted));
        assert!(said.contains("corsac"), "{wanted}: {said}");
    }
}

#[test]
fn a_pkg_config_project_builds() {
    pkg_config_project(Tree::shared(), "pkg-config");
}

#[test]
fn a_cmake_project_builds() {
    cmake_project(Tree::shared(), "cmake");
}

/// A project in C alone, which names no C++ compiler.
#[test]
fn a_cmake_project_in_c_builds() {
    let tree = Tree::shared();
    let project = scratch("cmake-c");
    fs::copy(decide_source(), project.join("decide.c")).unwrap();
    fs::write(
        project.join("CMakeLists.txt"),
        "cmake_minimum_required(VERSION 3.13)\nproject(p C)\nfind_package(corsac REQUIRED)\nfind_package(corsac)\n\
         foreach(kind corsac static)\n  add_executable(${kind}-decide decide.c)\n  \
         target_link_libraries(${kind}-decide corsac::${kind})\nendforeach()\n",
    )
    .unwrap();
    run(tree.command("cmake").arg("-S").arg(&project).arg("-B").arg(project.join("build")));
    run(tree.command("cmake").arg("--build").arg(project.join("build")));
    for (kind, shared) in [("corsac", true), ("static", false)] {
        let program = project.join(format!("build/{kind}-decide"));
        assert_eq!(uses_the_shared_library(tree, &program), shared);
        decides(tree, &program);
    }
}

#[test]
fn a_tree_can_be_moved() {
    let first = Tree::install("before-moving", "/opt/corsac", "/opt/corsac/lib/some-machine");
    let moved = first.moved("after-moving");
    fs::remove_dir_all(&first.root).unwrap();
    pkg_config_project(&moved, "moved-pkg-config");
    cmake_project(&moved, "moved-cmake");
}

/// Libraries that are not below the prefix: the tree stays where it was said to be.
#[test]
fn libraries_can_be_elsewhere() {
    let tree = Tree::install("elsewhere", "/usr", "/srv/lib64");
    let root = tree.root.display().to_string();
    let flags =
        run(tree.command("pkg-config").args(["--cflags", "--libs", "corsac"]).env("PKG_CONFIG_SYSROOT_DIR", &root));
    assert!(flags.contains(&format!("-L{root}/srv/lib64")), "{flags}");
    let cflags = run(tree.command("pkg-config").args(["--variable=includedir", "corsac"]));
    assert!(cflags.trim().ends_with("/usr/include"), "{cflags}");
    let cmake = read(tree.lib().join("cmake/corsac/corsac-config.cmake"));
    assert!(cmake.contains("\"/usr/include\""), "{cmake}");
}

#[test]
fn uninstalling_leaves_nothing() {
    let tree = Tree::install("uninstall", "/usr", "/usr/lib");
    fs::write(tree.lib().join("pkgconfig/other.pc"), "").unwrap();
    tree.make("uninstall");
    assert_eq!(tree.files(), ["/usr/lib/pkgconfig/other.pc"]);
}

/// Every archive that Rust makes brings the same names of its runtime; ours must not show them.
#[test]
fn the_archive_links_beside_another_one_made_by_rust() {
    let tree = Tree::shared();
    let folder = scratch("two-archives");
    fs::write(
        folder.join("other.rs"),
        "#[unsafe(no_mangle)]\npub extern \"C\" fn other() -> u32 {\n    \
         std::panic::catch_unwind(|| [1, 2].iter().map(|n| n / (std::env::args().count() as u32 - 1)).sum()).unwrap_or(7)\n}\n",
    )
    .unwrap();
    fs::write(
        folder.join("main.c"),
        "#include <corsac.h>\nunsigned other(void);\nint main(void) {\n    \
         return corsac_decide(NULL, 0, NULL)->error == CORSAC_STATUS_INVALID_ARGUMENT && other() == 7 ? 0 : 1;\n}\n",
    )
    .unwrap();
    run(command("rustc").current_dir(&folder).args([
        "--edition",
        "2024",
        "-O",
        "--crate-type",
        "staticlib",
        "other.rs",
    ]));
    let libraries = run(tree.command("pkg-config").args(["--variable=static", "corsac"]));
    let mut cc = tree.command("cc");
    cc.current_dir(&folder).args(["main.c", "-o", "main"]).arg("-I").arg(tree.include());
    run(cc.args(libraries.split_whitespace()).arg("libother.a"));
    run(&mut tree.command(folder.join("main")));
}

/// A program without any shared library, as for a container from nothing.
#[test]
fn a_program_can_be_linked_without_shared_libraries() {
    let tree = Tree::shared();
    let program = scratch("all-static").join("decide");
    let libraries = run(tree.command("pkg-config").args(["--variable=static", "corsac"]));
    let mut cc = tree.command("cc");
    cc.arg("-static").arg(decide_source()).arg("-I").arg(tree.include());
    run(cc.arg("-o").arg(&program).args(libraries.split_whitespace()));
    decides(tree, &program);
}
