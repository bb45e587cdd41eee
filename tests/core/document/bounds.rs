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

/// What takes longer than in proportion to the document would take minutes here, not seconds.
fn soon<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let start = std::time::Instant::now();
    let result = run();
    println!("{what}: {:?}", start.elapsed());
    assert!(start.elapsed().as_secs() < 60, "{what} took {:?}", start.elapsed());
    result
}

fn codes(error: &corsac::ConfigError) -> Vec<(&'static str, usize)> {
    error.summary().counts().iter().map(|of| (of.code.as_str(), of.count)).collect()
}

/// Those that are refused, because each alone is too large, take as long to build: they count, too.
#[test]
fn automata_have_a_limit_together() {
    let row = |n: usize| format!("{{ regex = 'https://[a-z]{{1,100000}}\\.e{n}\\.com' }}");
    let rows: Vec<String> = (0..300).map(row).collect();
    let text = format!("version = 1\n[policy.p]\nallow_origins = [{}]\n", rows.join(", "));
    let error = soon("300 large expressions", || engine::load(text.as_bytes(), Format::Toml)).map(drop).unwrap_err();
    assert_eq!(codes(&error), [("regex/too-large", 129), ("regex/too-large-together", 1)]);
    let together =
        error.diagnostics().iter().find(|found| found.code().as_str() == "regex/too-large-together").unwrap();
    assert!(together.message().ends_with("need automata of 129 MiB together; the limit is 128 MiB"), "{together}");
}

/// Every exact row of a later grant is compared with the expressions that it ends like, not with all.
#[test]
fn expressions_before_exact_rows_take_little_time() {
    use std::fmt::Write;
    let mut text = String::from("version = 1\n[policy.p]\nallow_origins = [\n");
    for n in 0..2_000 {
        writeln!(text, "{{ regex = 'https://[a-z]+\\.e{n}\\.com' }},").unwrap();
    }
    text.push_str("]\n[[policy.p.grant]]\nallow_origins = [\n");
    for n in 0..40_000 {
        writeln!(text, "\"https://t{n}.e{}.com\",", n % 3_000).unwrap();
    }
    text.push_str("\"https://a.e1999.com\"]\n");
    let error = soon("2,000 expressions before 40,000 rows", || engine::load(text.as_bytes(), Format::Toml))
        .map(drop)
        .unwrap_err();
    assert_eq!(codes(&error), [("grant/shadowed", 1)], "{error}");
    assert!(error.to_string().contains("e1999"), "{error}");
}

/// A glob is looked up by what a label begins and ends with: long labels have thousands of pairs of these.
#[test]
fn globs_before_rows_with_long_labels_take_little_time() {
    use std::fmt::Write;
    let mut text = String::from("version = 1\n[policy.p]\nallow_origins = [\n");
    for n in 0..20_000 {
        writeln!(text, "\"https://p{n:05}-*.preview.example.com\",").unwrap();
    }
    text.push_str("]\n[[policy.p.grant]]\nallow_origins = [\n");
    for n in 0..40_000 {
        writeln!(text, "\"https://q{n:0>60}.preview.example.com\",").unwrap();
    }
    text.push_str("\"https://p00007-x.preview.example.com\"]\n");
    let error =
        soon("20,000 globs before 40,000 rows", || engine::load(text.as_bytes(), Format::Toml)).map(drop).unwrap_err();
    assert_eq!(codes(&error), [("grant/shadowed", 1)], "{error}");
}

/// Names that are meant are looked for at first, and not for every one of a hundred thousand.
#[test]
fn unknown_names_take_little_time() {
    use std::fmt::Write;
    let mut text = String::from("version = 1\n");
    for n in 0..250 {
        writeln!(text, "[policy.{}{n}]\nallow_origins = []", "p".repeat(50)).unwrap();
    }
    for n in 0..20_000 {
        writeln!(text, "[[route]]\npath = \"/{n}\"\npolicy = \"{}{n}\"", "q".repeat(90)).unwrap();
    }
    let error = soon("20,000 routes to unknown policies", || engine::load(text.as_bytes(), Format::Toml))
        .map(drop)
        .unwrap_err();
    assert!(codes(&error).contains(&("route/unknown-policy", 20_000)), "{:?}", codes(&error));
}

/// All on one line, and found in another order than they stand in it.
#[test]
fn places_on_a_long_line_take_little_time() {
    let policy = |n: usize| {
        format!(
            "\"p{n}\": {{\"max_age\": -1, \"allow_origins\": [\"https://a.example.com/\"], \"allow_headers\": [\"\"]}}"
        )
    };
    let policies: Vec<String> = (0..20_000).map(policy).collect();
    let text = format!("{{\"version\": 1, \"policy\": {{{}}}}}", policies.join(", "));
    let error =
        soon("60,000 findings on one line", || engine::load(text.as_bytes(), Format::Json)).map(drop).unwrap_err();
    let found = [("max-age/range", 20_000), ("origin/trailing-slash", 20_000), ("header/invalid", 20_000)];
    assert_eq!(codes(&error), found);
    let column = error.diagnostics().last().and_then(|last| last.location()?.position()).map(|at| at.column);
    assert_eq!(column, text.rfind("\"\"").map(|at| at as u32 + 1));
}

/// A hundred thousand of what a document can have many of.
#[test]
fn many_of_a_kind_take_little_time() {
    use std::fmt::Write;
    let head = "version = 1\n[policy.p]\nallow_origins = [\"https://a.example.com\"]\n";
    let (mut routes, mut grants) = (String::from(head), String::from(head));
    let mut duplicates = String::from("version = 1\n[policy.p]\nallow_origins = [\"https://a.example.com\"");
    for n in 0..50_000 {
        writeln!(routes, "[[route]]\nhost = \"t{n}.example.com\"\npath = \"/{n}\"\npolicy = \"p\"").unwrap();
        write!(duplicates, ", \"https://*.d{}.example.com\"", n % 500).unwrap();
        writeln!(grants, "[[policy.p.grant]]\nallow_origins = [\"https://*.g{n}.example.com\"]").unwrap();
    }
    duplicates.push_str("]\n");
    let names = |count: usize| (0..count).map(|n| format!("\"x-{n}\"")).collect::<Vec<_>>().join(", ");
    let headers = format!("{head}allow_headers = [{}]\nallow_methods = [{}]\n", names(50_000), names(50_000));
    for (what, text) in [("routes", routes), ("duplicates", duplicates), ("grants", grants), ("names", headers)] {
        let loaded = soon(what, || engine::load(text.as_bytes(), Format::Toml));
        assert!(loaded.is_ok(), "{what}: {}", loaded.unwrap_err());
    }
}
