//! `corsac replay`.

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use serde_json::Value;

use crate::command::{Ended, Folder, TWO, WARNED};

const ALLOWED: &str = r#"{"policy":"api","method":"GET","headers":[["origin","https://app.example.com"]]}"#;

/// A log of all kinds of lines, longer than several blocks.
fn mixed(lines: usize) -> String {
    let kinds = [
        ALLOWED.to_owned(),
        ALLOWED.replace("app.", "evil."),
        ALLOWED.replace("https://app.example.com", "null"),
        ALLOWED.replace("GET", "OPTIONS").replace("]]}", r#"],["access-control-request-method","PUT"]]}"#),
        ALLOWED.replace(r#""policy":"api""#, r#""route":{"host":"www.example.com","path":"/"}"#),
        r#"{"policy":"nobody","method":"GET","headers":[]}"#.to_owned(),
        "not a line".to_owned(),
        String::new(),
        ALLOWED.replace(r#"{"policy":"api""#, &format!(r#"{{"policy":"public","id":"{}""#, "long".repeat(50_000))),
    ];
    let mut log = String::new();
    for number in 0..lines {
        // No short cycle, and few long lines.
        let kind = if number % 1_000 == 999 { 8 } else { (number * number / 7) % 8 };
        log.push_str(&kinds.get(kind).unwrap().replacen('{', &format!("{{\"number\":{number},"), 1));
        log.push('\n');
    }
    log
}

fn folder(log: &[u8]) -> Folder {
    let folder = Folder::with(&[("two.toml", TWO)]);
    folder.write("log", log);
    folder
}

fn replay(log: &[u8], options: &[&str]) -> Ended {
    folder(log).run(&[&["replay", "two.toml", "log"], options].concat())
}

/// All lines except the last, which has the time taken.
fn without_rate(shown: &str) -> Vec<&str> {
    let lines: Vec<_> = shown.lines().collect();
    let (rate, rest) = lines.split_last().unwrap();
    assert!(rate.starts_with("decided in ") && rate.ends_with(" requests per second"), "{rate}");
    rest.to_vec()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let folder = folder(mixed(20_000).as_bytes());
    let one = folder.run(&["replay", "two.toml", "log", "--threads", "1"]).expect(1);
    assert!(one.stdout.len() > 1 << 20);
    for threads in ["2", "3", "16"] {
        let many = folder.run(&["replay", "two.toml", "log", "--threads", threads]).expect(1);
        assert!(many.stdout == one.stdout, "{threads} threads give other answers");
        assert_eq!(many.stderr, one.stderr);
    }
    let human = |threads| {
        let shown =
            folder.run(&["replay", "two.toml", "log", "--format", "human", "--threads", threads]).expect(1).stdout;
        without_rate(&shown).join("\n")
    };
    let expected = human("1");
    assert_eq!(human("2"), expected);
    assert_eq!(human("7"), expected);
}

#[test]
fn the_summary_counts_the_answers() {
    let folder = folder(mixed(3_000).as_bytes());
    let answers = folder.run(&["replay", "two.toml", "log", "--format", "json"]).expect(1).json_lines();
    let replayed = folder.run(&["replay", "two.toml", "log", "--format", "human"]).expect(1).stdout;
    let (counts, denied) = replayed.split_once("origins denied most often\n").unwrap();
    let mut counted = 0;
    for row in counts.lines() {
        let number = |text: &str| text.replace(',', "").parse::<usize>().unwrap();
        match row.split_whitespace().collect::<Vec<_>>()[..] {
            [count, verdict, reason] => {
                let of_row = |answer: &&Value| answer["verdict"] == verdict && answer["reason"] == reason;
                assert_eq!(number(count), answers.iter().filter(of_row).count(), "{replayed}");
                counted += number(count);
            }
            [count, "requests"] => assert_eq!(number(count), answers.len(), "{replayed}"),
            _ => assert!(row.ends_with("bad lines, skipped"), "{replayed}"),
        }
    }
    assert_eq!(counted, answers.len(), "{replayed}");
    assert_eq!(without_rate(denied).len(), 2, "{denied}");
    // Both parts have the same numbers.
    for origin in ["https://evil.example.com", "null"] {
        let count = denied.lines().find(|line| line.ends_with(origin)).unwrap().split_whitespace().next().unwrap();
        assert!(counts.lines().any(|line| line.split_whitespace().next() == Some(count)), "{replayed}");
    }
}

#[test]
fn verbose_json_has_the_summary_on_standard_error() {
    let ended = replay(ALLOWED.as_bytes(), &["--verbose"]).expect(0);
    assert_eq!(ended.json()["verdict"], "allowed");
    assert!(ended.stderr.starts_with("  1  allowed            ok\n  1  requests\n"), "{}", ended.stderr);
}

#[test]
fn denied_origins_are_harmless_on_a_terminal() {
    let long = format!("https://{}", "a".repeat(5_000));
    let origins = [r"\u001b[2J\u202e", r"https:\/\/evil.example", "", &long, "null"];
    let mut log: String = origins
        .iter()
        .enumerate()
        .flat_map(|(index, origin)| std::iter::repeat_n(origin, 9 - index))
        .map(|origin| format!("{{\"policy\":\"api\",\"method\":\"GET\",\"headers\":[[\"origin\",\"{origin}\"]]}}\n"))
        .collect();
    log += "{\"policy\":\"api\",\"method\":\"GET\",\"headers\":[[\"Origin\",\"https://app.example.com\"],[\"origin\",\"null\"]]}\n";
    let shown = replay(log.as_bytes(), &["--format", "human"]).expect(1).stdout;
    let (_, denied) = shown.split_once("origins denied most often\n").unwrap();
    let cut = format!("  6  https://{}...", "a".repeat(92));
    let expected = [
        r"  9  \x1b[2J\xe2\x80\xae",
        "  8  https://evil.example",
        "  7  (empty)",
        &cut,
        "  5  null",
        "  1  https://app.example.com, null",
    ];
    assert_eq!(without_rate(denied), expected);
}

#[test]
fn any_number_of_denied_origins_is_counted_in_bounded_memory() {
    let denied = |origin: &str| ALLOWED.replace("https://app.example.com", origin) + "\n";
    let mut log = String::new();
    for number in 0..40_000 {
        log += &denied(&format!("https://{number}.example.net"));
        if number % 4 == 0 {
            log += &denied("https://often.example.net");
        }
    }
    let shown = replay(log.as_bytes(), &["--format", "human"]).expect(1).stdout;
    assert!(shown.contains("origins denied most often (approximate: each count may be up to "), "{shown}");
    let (_, denied) = shown.split_once("up to ").unwrap();
    let first = denied.lines().nth(1).unwrap();
    assert!(first.ends_with("  https://often.example.net"), "{first}");
    let count: u64 = first.split_whitespace().next().unwrap().replace(',', "").parse().unwrap();
    assert!((9_980..=10_000).contains(&count), "{count}");
}

#[test]
fn compressed_logs_are_recognised() {
    let text = mixed(2_000);
    let (one, two) = text.as_bytes().split_at(text.len() / 3);
    let expected = replay(text.as_bytes(), &[]).expect(1).stdout;
    // A skippable frame, with which some programs begin.
    let skipped = b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc".to_vec();
    for log in [
        gzip(text.as_bytes()),
        [gzip(one), gzip(b""), gzip(two)].concat(),
        zstd(text.as_bytes()),
        [skipped.clone(), zstd(one), skipped, zstd(two)].concat(),
    ] {
        let ended = replay(&log, &[]).expect(1);
        assert!(ended.stdout == expected);
        let folder = folder(b"");
        assert!(folder.run_with(&["replay", "two.toml", "-"], &log).expect(1).stdout == expected);
    }
    for empty in [gzip(b""), zstd(b""), Vec::new()] {
        let ended = replay(&empty, &[]).expect(0);
        assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""));
    }
}

#[test]
fn a_truncated_log_is_decided_up_to_its_end() {
    let text = mixed(20_000);
    let all = replay(text.as_bytes(), &[]).expect(1).stdout;
    for (name, log) in [("gzip", gzip(text.as_bytes())), ("zstd", zstd(text.as_bytes()))] {
        let cut = &log[..log.len() * 2 / 3];
        let ended = replay(cut, &[]).expect(2);
        assert!(ended.stdout.len() > all.len() / 3 && all.starts_with(&ended.stdout), "{}", ended.stdout.len());
        let last = ended.stderr.lines().last().unwrap();
        assert!(last.starts_with("error: cannot read request log `log` after line 1"), "{last}");
        assert!(last.ends_with(&format!(": its {name} data is truncated")), "{last}");

        let shown = replay(cut, &["--format", "human"]).expect(2).stdout;
        let requests = shown.lines().find_map(|line| line.strip_suffix("  requests")).unwrap();
        assert_eq!(requests.trim().replace(',', ""), ended.stdout.lines().count().to_string());

        for length in 0..40 {
            let ended = replay(&log[..length], &[]);
            assert_eq!(ended.stdout, "");
            assert!(ended.code == 2 || length < 4, "{length}: {}", ended.stderr);
        }
    }
}

#[test]
fn corrupt_data_is_reported() {
    for (name, mut log) in [("gzip", gzip(mixed(500).as_bytes())), ("zstd", zstd(mixed(500).as_bytes()))] {
        let middle = log.len() / 2;
        for byte in &mut log[middle..middle + 64] {
            *byte ^= 0x5a;
        }
        let ended = replay(&log, &[]).expect(2);
        assert!(ended.stderr.lines().last().unwrap().contains(&format!("its {name} data ")), "{}", ended.stderr);
    }
    let ended = replay(&[gzip(ALLOWED.as_bytes()), b"something else after it".to_vec()].concat(), &[]).expect(2);
    assert!(ended.stderr.contains("its gzip data is corrupt"), "{}", ended.stderr);
}

#[test]
fn an_unreadable_log_is_not_a_finding() {
    let folder = folder(b"");
    for (log, expected) in [("missing", "no such file"), (".", "is a directory")] {
        let ended = folder.run(&["replay", "two.toml", log]).expect(2);
        assert_eq!(ended.stderr, format!("error: cannot read request log `{log}`: {expected}\n"));
        assert_eq!(ended.stdout, "");
    }
    let ended = folder.run(&["replay", "missing.toml", "log"]).expect(2);
    assert!(ended.stderr.contains("`missing.toml` has 1 error, so it cannot be used"), "{}", ended.stderr);
    let ended = folder.run(&["replay", "-", "-"]).expect(2);
    assert!(ended.stderr.contains("cannot both be standard input"), "{}", ended.stderr);
}

#[test]
fn bad_lines_have_their_numbers_wherever_they_are() {
    let mut lines = vec![ALLOWED; 30_000];
    let bad = [1, 2, 700, 2_999, 15_000, 29_999];
    for number in bad {
        lines[number - 1] = "{";
    }
    let ended = replay(lines.join("\n").as_bytes(), &["--threads", "4"]).expect(1);
    assert_eq!(ended.json_lines().len(), lines.len() - bad.len());
    let expected: String =
        bad.iter().map(|number| format!("error: log:{number}:1: not JSON: the line ends too early\n")).collect();
    assert_eq!(ended.stderr, expected);

    let ended = replay("{}\n".repeat(30_000).as_bytes(), &["--threads", "4"]).expect(1);
    assert_eq!(ended.stderr.lines().count(), 21);
    assert_eq!(ended.stderr.lines().last(), Some("error: log: 29,980 more bad lines"));
}

#[test]
fn lines_that_are_too_long_are_bad() {
    let long = "a".repeat((16 << 20) + 1);
    let longer = "a".repeat(40 << 20);
    let log = [ALLOWED, &long, ALLOWED, &longer, ALLOWED, &longer].join("\n");
    for log in [log.as_bytes(), &gzip(log.as_bytes())] {
        let ended = replay(log, &[]).expect(1);
        assert_eq!(ended.json_lines().len(), 3);
        let expected: String = [2, 4, 6].map(|number| format!("error: log:{number}: longer than 16 MiB\n")).concat();
        assert_eq!(ended.stderr, expected);
    }
}

#[test]
fn one_policy_can_decide_all_requests() {
    let log = format!("{ALLOWED}\n{}\n{{\"method\":\"GET\",\"headers\":[]}}\n", ALLOWED.replace("app.", "evil."));
    let rules = |options: &[&str]| -> Vec<_> {
        replay(log.as_bytes(), options).json_lines().iter().map(|answer| answer["rule"].clone()).collect()
    };
    assert_eq!(rules(&[]), ["https://app.example.com".into(), Value::Null]);
    assert_eq!(rules(&["--policy", "public"]), ["*".into(), "*".into(), Value::Null]);
    let ended = replay(log.as_bytes(), &["--policy", "apu"]).expect(2);
    assert_eq!(ended.stderr, "error: there is no policy `apu`; did you mean `api`?\n");
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let folder = Folder::with(&[("p.toml", WARNED)]);
    folder.write("log", (ALLOWED.to_owned() + "\n").repeat(100_000).as_bytes());
    for threads in ["1", "4"] {
        let mut child = folder.command(&["replay", "p.toml", "log", "--threads", threads]).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut [0; 10]).unwrap();
        drop(stdout);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported() {
    let folder = folder(mixed(2_000).as_bytes());
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = folder.command(&["replay", "two.toml", "log"]).stdout(Stdio::from(full)).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.ends_with("error: cannot write to standard output: no space left on the device\n"), "{stderr}");
}

#[test]
fn a_killed_run_leaves_nothing_behind() {
    let folder = folder(mixed(20_000).as_bytes());
    let whole = folder.run(&["replay", "two.toml", "log"]).expect(1).stdout;
    let mut child = folder.command(&["replay", "two.toml", "log"]).spawn().unwrap();
    let mut part = vec![0; whole.len() / 2];
    child.stdout.as_mut().unwrap().read_exact(&mut part).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(whole.as_bytes().starts_with(&part));
    assert!(folder.run(&["replay", "two.toml", "log"]).expect(1).stdout == whole);
}

/// A log of 200 MB in less memory than that, including address space.
#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_log() {
    let folder = folder(b"");
    let script = "ulimit -v 102400; exec \"$0\" replay two.toml - --threads 2 --format human 2>&1";
    let mut child = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_corsac")])
        .current_dir(folder.path())
        // Each thread would reserve address space of its own, used or not.
        .env("MALLOC_ARENA_MAX", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let megabyte = mixed(990).repeat(10);
    let times = (200 << 20) / megabyte.len();
    let mut stdin = child.stdin.take().unwrap();
    for _ in 0..times {
        stdin.write_all(megabyte.as_bytes()).unwrap();
    }
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert!(shown.contains("  requests\n"), "{shown}");
}
