//! The pages that are written from the engine's tables, `docs/policy.md` and `docs/diagnostics.md`,
//! and what is in their examples.

use std::fmt::Write as _;

use corsac::Code;
use corsac::diagnostic::{Example, Explanation};
use corsac::document::{Key, Kind, Section};

/// What keys do in special cases: sections whose heading names the keys.
const SPECIAL_CASES: &str = include_str!("../../core/src/config/document/keys.md");

const POLICY: &str = "\
# The policy language

<!-- Generated from the table of keys, core/src/config/document/keys.rs; do not edit. -->

A policy document says which origins may read a service's responses, and how. It is written in TOML, or in JSON with
the same keys; a file whose name ends in `.json` is read as JSON.

```toml
version = 1

[policy.api]
allow_origins = [\"https://app.example.com\"]
allow_methods = [\"PUT\", \"DELETE\"]
allow_headers = [\"content-type\"]
allow_credentials = true
```

`corsac check policy.toml` finds every mistake in a document at once; [diagnostics.md](diagnostics.md) explains each
code. Keys that are not on this page are errors, so that a misspelt key never goes unnoticed.

Editors complete keys and show mistakes with the JSON Schema [policy.schema.json](policy.schema.json), which
`corsac check --schema` prints too. In TOML, name it in the first line of the document: `#:schema policy.schema.json`.

Examples without `version` show the table `[policy.api]`, and what follows it. The list files `partners.txt` and `tenants.txt` exist; the lines of the second are bare hosts. The variable `ALLOWED_ORIGINS` is set.
";

const DIAGNOSTICS: &str = "\
# Diagnostics

<!-- Generated from core/src/config/diagnostic/explanations; do not edit. -->

Every code that `corsac check` reports, with the reason and an example. `corsac check --explain CODE` prints a section of
this page. An error means that the document is not used; a warning is probably a mistake, or a risk that was accepted on
purpose; a note is a consequence worth knowing. Codes never change their meaning.

Examples without `version` show the table `[policy.api]`, and what follows it. The list files `partners.txt` and `tenants.txt` exist; the lines of the second are bare hosts. The variable `ALLOWED_ORIGINS` is set.
";

/// `docs/policy.md`.
pub fn policy() -> String {
    let mut page = POLICY.to_owned();
    for section in Section::ALL {
        writeln!(page, "\n## {}\n\n{}", heading(*section), introduction(*section)).unwrap();
        for key in section.keys().filter(|key| key.sections[0] == *section) {
            page += &described(key);
        }
    }
    page
}

/// `docs/diagnostics.md`.
pub fn diagnostics() -> String {
    let mut page = DIAGNOSTICS.to_owned();
    let prefix = |explanation: &Explanation| explanation.name.split('/').next().unwrap_or_default();
    let mut prefixes: Vec<&str> = vec![];
    for explanation in Explanation::all() {
        if !prefixes.contains(&prefix(explanation)) {
            prefixes.push(prefix(explanation));
        }
    }
    for each in prefixes {
        writeln!(page, "\n## {each}").unwrap();
        for explanation in Explanation::all().filter(|explanation| prefix(explanation) == each) {
            write!(page, "\n{explanation}").unwrap();
        }
    }
    page
}

fn heading(section: Section) -> String {
    match section {
        Section::Document => "The document".into(),
        Section::Row => "Rows of `allow_origins` with options".into(),
        _ => format!("`{}`", section.as_str()),
    }
}

fn introduction(section: Section) -> String {
    let text = match section {
        Section::Document => "The keys at the top of a document.",
        Section::Policy => "A policy: the origins that may read responses, and what they may do.",
        Section::Grant => "Further origins of a policy, with rights of their own. Its keys are keys of the policy too:",
        Section::Row => {
            "A row is a string, or a table with one of `pattern`, `regex`, `file`. The `dangerously_…` keys are named for the exact risk that they accept."
        }
        Section::Expectation => "A request, and what the policy must decide. A document that fails one is rejected.",
        Section::Route => {
            "Which policy covers a host and a path. A route with a host comes before one without, then the longest path decides."
        }
        _ => "",
    };
    let shared = section.keys().filter(|key| key.sections[0] != section);
    let shared: Vec<String> = shared.map(|key| format!("[`{0}`](#{0})", key.name)).collect();
    if shared.is_empty() { text.into() } else { format!("{text} {}.", shared.join(", ")) }
}

fn described(key: &Key) -> String {
    let mut text = format!("\n### `{}`\n\n{}\n\n", key.name, key.about);
    writeln!(text, "* Type: {}", type_of(key.kind)).unwrap();
    match key.default {
        None => text += "* Required\n",
        Some(default) => writeln!(text, "* Default: {}", shown(default)).unwrap(),
    }
    if key.sections.contains(&Section::Grant) && key.default.is_some() {
        text += "* In a grant, the default is the policy's value\n";
    }
    if !key.not_with.is_empty() {
        writeln!(text, "* Not with: {}", quoted(key.not_with)).unwrap();
    }
    if !key.peers.is_empty() {
        writeln!(text, "* Called in other packages: {}", quoted(key.peers)).unwrap();
    }
    writeln!(text, "* Since: {}\n\n```toml\n{}\n```", key.since, key.example).unwrap();
    if !key.rejected.is_empty() {
        writeln!(text, "\nRejected: {}", key.rejected).unwrap();
    }
    if let Some(cases) = special_cases(key) {
        writeln!(text, "\nIn special cases:\n\n{cases}").unwrap();
    }
    text
}

fn type_of(kind: Kind) -> String {
    match kind {
        Kind::Integer { from, to } => format!("an integer from {from} to {to}"),
        Kind::Number(numbers) => format!("one of {}", quoted(numbers)),
        Kind::Word(words) => {
            format!("one of {}", quoted(&words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>()))
        }
        Kind::String(what) => format!("a string: {what}"),
        Kind::Strings(what) => format!("an array of strings, each {what}"),
        Kind::Rows => "an array of origins and [rows with options](#rows-of-allow_origins-with-options)".into(),
        Kind::Tables(section) => format!("an array of tables `{}`", section.as_str()),
        Kind::Named(section) => format!("tables `{}`", section.as_str()),
        _ => kind.as_str().into(),
    }
}

/// A default in TOML is code, one in words is not.
fn shown(default: &str) -> String {
    if default.starts_with("none") { default.into() } else { format!("`{default}`") }
}

fn quoted<T: ToString>(names: &[T]) -> String {
    names.iter().map(|name| format!("`{}`", name.to_string())).collect::<Vec<_>>().join(", ")
}

/// The list below the heading that names the key first.
fn special_cases(key: &Key) -> Option<&'static str> {
    let start = format!("`{}`", key.name);
    let section = SPECIAL_CASES.split("\n### ").skip(1).find(|section| section.starts_with(&start))?;
    section.split_once('\n').map(|(_, list)| list.trim())
}

/// The keys that headings of special cases name first.
pub fn keys_with_special_cases() -> impl Iterator<Item = &'static str> {
    SPECIAL_CASES.split("\n### ").skip(1).filter_map(|section| section.split('`').nth(1))
}

/// The document that an example shows a part of.
pub fn whole(example: &str) -> String {
    let first = "version = 1\n\n[policy.api]\n";
    let origins = "allow_origins = [\"https://app.example.com\"]\n";
    if example.starts_with("version") {
        example.to_owned()
    } else if example.contains("allow_origins =") && !example.starts_with("[[") {
        format!("{first}{example}\n")
    } else {
        format!("{first}{origins}{example}\n")
    }
}

/// The document of an explanation's example, and its notation; none for words and settings.
pub fn document(example: Example) -> Option<(String, corsac::document::Format)> {
    match example {
        Example::Toml(text) if text.starts_with("version") => Some((text.into(), corsac::document::Format::Toml)),
        Example::Toml(text) => Some((format!("version = 1\n\n[policy.api]\n{text}\n"), corsac::document::Format::Toml)),
        Example::Json(text) => Some((text.into(), corsac::document::Format::Json)),
        _ => None,
    }
}

/// What the examples name.
struct Examples;

impl corsac::document::ListFiles for Examples {
    fn open(&mut self, _paths: &[&str]) {}

    fn read(&mut self, path: &str) -> Result<std::sync::Arc<Vec<u8>>, corsac::document::ListError> {
        match path {
            "partners.txt" => Ok(b"https://partner.example.org\n".to_vec().into()),
            "tenants.txt" => Ok(b"tenant.example.org\n".to_vec().into()),
            _ => Err(corsac::document::ListError::Unreadable("no such file".into())),
        }
    }

    fn variable(&mut self, name: &str) -> corsac::document::Variable {
        match name {
            "ALLOWED_ORIGINS" => corsac::document::Variable::Set(b"https://app.example.com".to_vec()),
            _ => corsac::document::Variable::Unset,
        }
    }
}

/// What is found in a document: code, and severity.
pub fn found(text: &str, format: corsac::document::Format) -> Vec<(Code, corsac::Severity)> {
    let document = corsac::document::Document { name: "policy", bytes: text.as_bytes(), format };
    let found = match corsac::document::load_with_files(&document, &mut Examples) {
        Ok(loaded) => loaded.diagnostics,
        Err(error) => error.into_diagnostics(),
    };
    found.iter().map(|diagnostic| (diagnostic.code(), diagnostic.severity())).collect()
}
