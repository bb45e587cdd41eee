//! The pages that are written from tables: none is stale, and their examples do what they say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use corsac::Severity;
use corsac::diagnostic::Explanation;
use corsac::document::{Format, KEYS, Section};
use corsac_tests::corpus::{self, Load};
use corsac_tests::pages::{self, document, found, whole};

/// Compares a page with the file, or writes the file where the environment says so.
fn is_current(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    if std::env::var_os("CORSAC_WRITE_PAGES").is_some() {
        std::fs::write(&path, page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let line = written.lines().zip(page.lines()).position(|(one, other)| one != other);
    assert!(
        written == page,
        "docs/{name} is stale (from line {}); write it again with\n  CORSAC_WRITE_PAGES=1 cargo test -p corsac-tests pages",
        line.map_or_else(|| written.lines().count().min(page.lines().count()), |line| line) + 1
    );
}

#[test]
fn the_page_of_keys_is_current() {
    is_current("policy.md", &pages::policy());
}

#[test]
fn the_page_of_diagnostics_is_current() {
    is_current("diagnostics.md", &pages::diagnostics());
}

#[test]
fn the_schema_is_current() {
    is_current("policy.schema.json", &corsac::document::schema());
}

#[test]
fn every_example_of_a_key_is_accepted_and_uses_it() {
    for key in KEYS {
        let uses =
            [format!("{} =", key.name), format!("{}.", key.name), format!(".{}]", key.name), format!("[{}]", key.name)];
        assert!(uses.iter().any(|name| key.example.contains(name)), "`{}` is not in its example", key.name);
        let errors: Vec<_> = found(&whole(key.example), Format::Toml)
            .into_iter()
            .filter(|(_, severity)| *severity == Severity::Error)
            .collect();
        assert!(errors.is_empty(), "{}: {errors:?}", key.name);
    }
}

/// A document with the default written out is the same as one without the key.
#[test]
fn every_default_is_what_the_page_says() {
    let read = |text: &str| match corsac_tests::engine::load(text.as_bytes(), Format::Toml) {
        Ok(loaded) => loaded.policies.to_document(),
        Err(error) => panic!("{error}\nin\n{text}"),
    };
    let plain = "version = 1\n[policy.api]\nallow_origins = [\"https://app.example.com\"]\n";
    let mut checked = 0;
    for key in KEYS {
        let Some(default) = key.default.filter(|default| !default.starts_with("none")) else { continue };
        let line = format!("{} = {default}\n", key.name);
        let written = match key.sections[0] {
            Section::Document => plain.replacen('\n', &format!("\n{line}"), 1),
            Section::Policy => format!("{plain}{line}"),
            _ => continue,
        };
        assert_eq!(read(plain), read(&written), "{}", key.name);
        checked += 1;
    }
    assert!(checked >= 15, "{checked}");
}

/// A key that was forgotten there would be lost by `Policies::to_document`.
#[test]
fn every_key_of_a_policy_is_written_back() {
    let is_written = |section| matches!(section, Section::Policy | Section::Grant);
    for key in KEYS.iter().filter(|key| is_written(key.sections[0]) && key.name != "expect") {
        let example = whole(&key.example.replace(",\n  { file = \"partners.txt\" }", ""));
        let loaded = corsac_tests::engine::load(example.as_bytes(), Format::Toml).unwrap();
        let written: toml::Table = toml::from_str(&loaded.policies.to_document()).unwrap();
        let read: toml::Table = toml::from_str(&example).unwrap();
        let value = |document: &toml::Table| document["policy"]["api"].get(key.name).cloned();
        let (written, read) = (value(&written), value(&read));
        match key.name {
            "grant" => assert!(written.is_some()),
            "allow_origins" => assert_eq!(written.unwrap().as_array().unwrap().len(), 4),
            name => assert_eq!(written, read, "{name}"),
        }
    }
}

#[test]
fn special_cases_are_of_keys_that_exist() {
    for name in pages::keys_with_special_cases() {
        assert!(KEYS.iter().any(|key| key.name == name), "{name}");
    }
}

#[test]
fn every_bad_example_produces_its_code_and_no_good_one_does() {
    let mut failures = vec![];
    for explanation in Explanation::all() {
        let is_own = |found: &&(corsac::Code, Severity)| found.0.as_str() == explanation.name;
        if let Some((text, format)) = document(explanation.bad) {
            let findings = found(&text, format);
            match findings.iter().find(is_own) {
                None => failures.push(format!("{}: the bad example gives {findings:?}", explanation.name)),
                Some((_, severity)) if !explanation.severities.contains(severity) => {
                    failures.push(format!("{}: the severity is {severity}", explanation.name));
                }
                Some(_) => {}
            }
        }
        if let Some((text, format)) = document(explanation.good) {
            let findings = found(&text, format);
            if findings.iter().any(|found| is_own(&found) || found.1 == Severity::Error) {
                failures.push(format!("{}: the good example gives {findings:?}", explanation.name));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn severities_are_those_of_the_corpus() {
    let mut seen: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let themes = corpus::read();
    for expected in themes.iter().flat_map(|theme| &theme.loads).flat_map(|load| &load.diagnostics) {
        seen.entry(&expected.code).or_default().insert(&expected.severity);
    }
    for (code, severities) in seen {
        let explained = Explanation::of(code).unwrap().severities.iter().map(|severity| severity.as_str());
        let explained: BTreeSet<&str> = explained.collect();
        assert!(severities.is_subset(&explained), "{code}: {severities:?}");
    }
}

/// The validator of the JSON Schema.
struct Validator {
    schemas: boon::Schemas,
    index: boon::SchemaIndex,
}

impl Validator {
    fn new() -> Self {
        let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
        let schema = serde_json::from_str(&corsac::document::schema()).unwrap();
        compiler.add_resource("file:///policy.schema.json", schema).unwrap();
        let index = compiler.compile("file:///policy.schema.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    fn accepts(&self, document: &serde_json::Value) -> Result<(), String> {
        self.schemas.validate(document, self.index).map_err(|error| error.to_string())
    }
}

fn tree(text: &str, is_json: bool) -> serde_json::Value {
    if is_json { serde_json::from_str(text).unwrap() } else { toml::from_str(text).unwrap() }
}

#[test]
fn the_schema_accepts_every_document_of_the_corpus_that_is_accepted() {
    let validator = Validator::new();
    let mut count = 0;
    for theme in corpus::read() {
        for (name, text) in &theme.documents {
            validator.accepts(&tree(text, false)).unwrap_or_else(|error| panic!("{}: {name}: {error}", theme.file));
            count += 1;
        }
        for load in theme.loads.iter().filter(|load| load.is_accepted()) {
            let Some(text) = text_of(load) else { continue };
            let is_json = load.format == corpus::Format::Json;
            validator.accepts(&tree(&text, is_json)).unwrap_or_else(|error| panic!("`{}`: {error}", load.name));
            count += 1;
        }
    }
    assert!(count > 300, "{count}");
}

fn text_of(load: &Load) -> Option<String> {
    let bytes = load.text.as_ref()?.to_bytes().ok()?;
    String::from_utf8(bytes).ok()
}

#[test]
fn the_schema_rejects_what_it_can_see() {
    let validator = Validator::new();
    let of_policy = |lines: &str| format!("version = 1\n[policy.p]\n{lines}\n");
    let good = of_policy("allow_origins = [\"https://example.com\"]");
    validator.accepts(&tree(&good, false)).unwrap();
    for bad in [
        String::new(),
        "version = 1".into(),
        "version = 1\n[policy]".into(),
        good.replace("version = 1", "version = 2"),
        good.replace("policy.p", "policy.\"a b\""),
        of_policy(""),
        of_policy("allow_origins = \"https://example.com\""),
        of_policy("allow_origins = [1]"),
        of_policy("allow_origins = [{}]"),
        of_policy("allow_origins = [{ pattern = \"https://example.com\", regex = \"x\" }]"),
        of_policy("allow_origins = [{ file = \"x\", depth = 1 }]"),
        of_policy("allow_origins = [{ regex = \"x\", depth = 1 }]"),
        of_policy("allow_origins = [{ pattern = \"https://*.example.com\", depth = 127 }]"),
        of_policy("allow_origins = []\norigins = []"),
        of_policy("allow_origins = []\nmax_age = 86401"),
        of_policy("allow_origins = []\nallow_credentials = \"yes\""),
        of_policy("allow_origins = []\nupstream = \"Replace\""),
        of_policy("allow_origins = []\npreflight_status = 201"),
        of_policy("allow_origins = []\n[[policy.p.grant]]\nown_origins = []"),
        of_policy("allow_origins = []\n[[policy.p.expect]]\norigin = \"https://example.com\""),
        format!("{good}[[route]]\npath = \"/\"\n"),
    ] {
        assert!(validator.accepts(&tree(&bad, false)).is_err(), "{bad}");
    }
}

/// What the schema rejects, the engine rejects too.
#[test]
fn the_schema_rejects_nothing_that_the_engine_accepts() {
    let validator = Validator::new();
    for key in KEYS {
        let text = whole(key.example);
        validator.accepts(&tree(&text, false)).unwrap_or_else(|error| panic!("{}: {error}", key.name));
    }
}
