//! What `adapters/nginx/build.sh` does with a source tree, and says of one that is wrong.

use std::path::{Path, PathBuf};
use std::process::Command;

use corsac_tests::binary::{Ended, bounded};
use corsac_tests::native::root;
use corsac_tests::proxy::nginx::installed;
use corsac_tests::scratch::Scratch;

/// A tree of this version, whose configure says where it runs, writes the Makefile there, and fails.
fn tree(scratch: &Scratch, version: &str) -> PathBuf {
    let tree = scratch.folder().join("tree");
    std::fs::create_dir_all(tree.join("src/core")).unwrap();
    std::fs::create_dir_all(tree.join("openssl")).unwrap();
    std::fs::write(tree.join("src/core/nginx.h"), format!("#define NGINX_VERSION      \"{version}\"\n")).unwrap();
    std::fs::write(tree.join("Makefile"), "of the operator\n").unwrap();
    std::fs::write(tree.join("configure"), "echo rewritten >Makefile; echo \"configured with $*\"; exit 1\n").unwrap();
    tree
}

/// Something that says it is an nginx of this version.
fn program(scratch: &Scratch, version: &str) -> PathBuf {
    let path = scratch.write("nginx", format!("#!/bin/sh\necho 'nginx version: {version}' >&2\n"));
    let made_executable = Command::new("chmod").arg("+x").arg(&path).status().unwrap();
    assert!(made_executable.success());
    path
}

fn build(scratch: &Scratch, tree: &Path, arguments: &[&str]) -> Ended {
    let mut build = Command::new(root().join("adapters/nginx/build.sh"));
    build.arg("--source").arg(tree).arg("--output").arg(scratch.folder().join("output")).args(arguments);
    build.env("PKG_CONFIG_PATH", installed().join("lib/pkgconfig"));
    bounded(build, None, 60)
}

#[test]
fn n_a_source_tree_is_left_as_it_is() {
    let scratch = Scratch::without("policy.toml");
    let tree = tree(&scratch, "1.25.3");
    let arguments = ["--nginx", "none", "--", "--with-openssl=openssl", "--with-threads"];
    let said = build(&scratch, &tree, &arguments).said();
    // What is relative to the tree is not to its copy.
    let expected = format!("configured with --with-openssl={}/openssl --with-threads", tree.display());
    assert!(said.contains(&expected) && said.contains("the build failed"), "{said}");
    assert_eq!(std::fs::read_to_string(tree.join("Makefile")).unwrap(), "of the operator\n");
    assert_eq!(std::fs::read_dir(&tree).unwrap().count(), 4);
}

#[test]
fn n_a_source_tree_of_another_version_is_refused() {
    let scratch = Scratch::without("policy.toml");
    let tree = tree(&scratch, "1.25.3");
    let built_for = |version| {
        let nginx = program(&scratch, version);
        build(&scratch, &tree, &["--nginx", nginx.to_str().unwrap()]).said()
    };
    for version in ["nginx/1.22.1", "nginx/1.25.30 (Ubuntu)", "openresty/1.25.2.1"] {
        let said = built_for(version);
        let shown = version.split(['/', ' ']).nth(1).unwrap();
        let expected =
            ["is nginx 1.25.3, but `", &*format!("is nginx {shown} and would not load the module")];
        assert!(expected.iter().all(|text| said.contains(text)) && !said.contains("configured"), "{said}");
    }
    for version in ["nginx/1.25.3", "nginx/1.25.3 (Ubuntu)", "openresty/1.25.3.1"] {
        let said = built_for(version);
        assert!(said.contains("configured with --with-compat"), "{said}");
    }
    let said = built_for("unknown");
    assert!(said.contains("is no nginx"), "{said}");
    // The one that is installed, if none is named.
    let said = build(&scratch, &tree, &[]).said();
    assert!(said.contains("is nginx 1.25.3, but `") && said.contains("say --nginx FILE"), "{said}");
}
