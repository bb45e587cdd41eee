//! What a hostile document can cost: stack, and memory in proportion to its size.

use corsac::Code;
use corsac::document::Format;
use corsac_tests::engine;

/// Keys of many parts, inside each other: sixty times eighty levels in ten kilobytes. On a thread
/// with the stack that threads have by default.
#[test]
fn dotted_keys_in_inline_tables_are_not_followed() {
    let key = "a.".repeat(78) + "a";
    let text = format!("version = 1\nx = {}1{}\n", format!("{{ {key} = ").repeat(60), " }".repeat(60));
    let load = move || engine::load(text.as_bytes(), Format::Toml).map(drop);
    let error = std::thread::spawn(load).join().unwrap().unwrap_err();
    assert_eq!(error.diagnostics()[0].code(), Code::DocumentTooDeep);
}

/// Lists that no proxy hands on: each is named once, at its place, whatever they are lists of.
#[test]
fn answers_of_megabytes_are_warned_of() {
    use std::fmt::Write;
    let list = |count: usize, prefix: &str| {
        (0..count).fold(String::new(), |mut list, index| {
            write!(list, "\"{prefix}{index}\", ").unwrap();
            list
        })
    };
    let mut text = String::from("version = 1\n[policy.p]\nallow_origins = [\"https://a.example\"]\n");
    writeln!(text, "allow_methods = [\"POST\", {}]", list(200_000, "M")).unwrap();
    writeln!(text, "allow_headers = [{}]\nexpose_headers = [{}]", list(50_000, "x-a"), list(50_000, "x-b")).unwrap();
    let origins = list(1_000, "https://t").replace("\",", ".example\",");
    writeln!(text, "timing_allow_origin = [{origins}]").unwrap();
    for index in 0..2_000 {
        write!(text, "[[policy.p.grant]]\nallow_origins = [\"https://g{index}.example\"]\n").unwrap();
    }
    let loaded = engine::load(text.as_bytes(), Format::Toml).unwrap();
    let places: Vec<_> = loaded
        .diagnostics
        .iter()
        .map(|found| (found.code(), found.location().and_then(|location| location.position()).map(|at| at.line)))
        .collect();
    assert_eq!(places, [4, 6, 7].map(|line| (Code::AnswerTooLarge, Some(line))));
}

/// Thousands of grants inherit lists of a hundred kilobytes each, and hold one copy.
#[test]
fn inherited_lists_exist_once() {
    use std::fmt::Write;
    let names: Vec<String> = (0..400).map(|index| format!("\"x-{index:0>248}\"")).collect();
    let names = names.join(", ");
    let mut text = String::from("version = 1\n[policy.p]\nallow_origins = [\"https://a.example\"]\n");
    write!(text, "allow_headers = [{names}]\nexpose_headers = [{names}]\n").unwrap();
    for index in 0..2_000 {
        write!(text, "[[policy.p.grant]]\nallow_origins = [\"https://g{index}.example\"]\n").unwrap();
    }
    let mut loaded = None;
    let info = allocation_counter::measure(|| loaded = Some(engine::load(text.as_bytes(), Format::Toml)));
    assert!(loaded.unwrap().is_ok());
    let most = 200 * text.len() as u64;
    assert!(info.bytes_max < most, "{} bytes for a document of {}", info.bytes_max, text.len());
}

/// A text of nothing but mistakes costs a few bytes for each of its own, not hundreds.
#[test]
fn a_text_of_mistakes_is_bounded() {
    let text = "=\n".repeat(1 << 20);
    let mut loaded = None;
    let info = allocation_counter::measure(|| loaded = Some(engine::load(text.as_bytes(), Format::Toml)));
    assert_eq!(loaded.unwrap().unwrap_err().diagnostics()[0].code(), Code::DocumentSyntax);
    assert!(info.bytes_max < 100 * text.len() as u64, "{} bytes for {}", info.bytes_max, text.len());
}
