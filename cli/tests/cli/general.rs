//! Help, version, completions, colours, streams.

use std::process::Stdio;

use crate::command::{BROKEN, Folder, TWO};

#[test]
fn help_and_version_succeed_and_usage_errors_do_not() {
    let folder = Folder::with(&[]);
    for arguments in [
        &["--help"][..],
        &["check", "--help"],
        &["decide", "--help"],
        &["replay", "--help"],
        &["diff", "--help"],
        &["watch", "--help"],
        &["completions", "-h"],
        &["help"],
    ] {
        let help = folder.run(arguments).expect(0);
        assert!(help.stdout.contains("Usage: corsac"), "{}", help.stdout);
        assert_eq!(help.stderr, "");
    }
    for arguments in [&[][..], &["chek"], &["check"], &["decide", "p.toml", "--nope"], &["completions", "tcsh"]] {
        let error = folder.run::<&str>(arguments).expect(2);
        assert_eq!(error.stdout, "");
        assert!(error.stderr.contains("--help") || error.stderr.contains("Usage: corsac"), "{}", error.stderr);
    }
}

#[test]
fn every_command_has_examples() {
    let folder = Folder::with(&[]);
    for command in ["check", "decide", "replay", "diff", "watch", "completions"] {
        let help = folder.run(&[command, "--help"]).expect(0);
        let (_, examples) = help.stdout.split_once("Examples:\n").unwrap();
        assert!(examples.contains(&format!("  corsac {command} ")));
        assert!(help.stdout.lines().all(|line| line.chars().count() <= 86), "{}", help.stdout);
    }
}

#[test]
fn the_version_names_the_public_suffix_list() {
    let version = Folder::with(&[]).run(&["--version"]).expect(0).stdout;
    let expected =
        format!("corsac {} (public suffix list: {})\n", env!("CARGO_PKG_VERSION"), corsac::PUBLIC_SUFFIX_LIST);
    assert_eq!(version, expected);
}

#[test]
fn there_are_completions_for_every_shell() {
    let folder = Folder::with(&[]);
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = folder.run(&["completions", shell]).expect(0).stdout;
        for word in ["corsac", "decide", "replay", "fields", "against", "diff", "watch"] {
            assert!(script.contains(word), "{shell} does not complete {word}");
        }
    }
}

#[test]
fn colors_are_for_terminals_or_on_demand() {
    let folder = Folder::with(&[("p.toml", BROKEN), ("two.toml", TWO)]);
    let decide = ["decide", "two.toml", "--policy", "public"];
    let diff = ["diff", "two.toml", "other.toml", "--format", "human"];
    folder.write("other.toml", TWO.replace("app.", "new.").as_bytes());
    for arguments in [&["check", "p.toml"][..], &decide, &diff] {
        assert!(!folder.run(arguments).stdout.contains('\x1b'));
        assert!(folder.run(&[arguments, &["--color", "always"]].concat()).stdout.contains('\x1b'));
        let output = folder.command(&[arguments, &["--color", "never"]].concat()).env("CLICOLOR_FORCE", "1").output();
        assert!(!output.unwrap().stdout.contains(&b'\x1b'));
        let output = folder.command(arguments).env("NO_COLOR", "1").output();
        assert!(!output.unwrap().stdout.contains(&b'\x1b'));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported() {
    let folder = Folder::with(&[("p.toml", crate::command::WARNED)]);
    for arguments in [&["check", "p.toml"][..], &["decide", "p.toml"], &["completions", "bash"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = folder.command(arguments).stdout(Stdio::from(full)).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(stderr, "error: cannot write to standard output: no space left on the device\n");
    }
}
