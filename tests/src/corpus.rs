//! The corpus, `tests/data/*.toml`: decisions and loads with everything that is expected of them.
//!
//! The loader is strict: an unknown key, a wrong type, a name that is listed twice or a default that is
//! spelled out fails the run and names file and case, so that a mistyped expectation cannot pass for one
//! that is met.

mod expectation;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::answer::Answer;
use crate::bytes::Text;

/// One file of the corpus: one theme.
#[derive(Debug)]
pub struct Theme {
    /// The file's name, for messages.
    pub file: String,
    /// Policy documents by name.
    pub documents: BTreeMap<String, String>,
    pub cases: Vec<Case>,
    pub loads: Vec<Load>,
}

/// A request, the policy that decides it, and the whole decision that is expected.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    pub source: Option<String>,
    pub document: String,
    pub policy: Option<String>,
    pub route: Option<Route>,
    pub method: Text,
    #[serde(default)]
    pub headers: Vec<(Text, Text)>,
    #[serde(deserialize_with = "expectation::read")]
    pub expect: Answer,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    pub host: Text,
    pub path: Text,
}

/// A document with its list files, and all that the loader is to say of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Load {
    pub name: String,
    pub source: Option<String>,
    pub text: Option<Text>,
    pub bytes: Option<String>,
    pub size: Option<u64>,
    #[serde(default)]
    pub missing: bool,
    #[serde(default)]
    pub directory: bool,
    #[serde(default)]
    pub format: Format,
    #[serde(default)]
    pub lists: BTreeMap<String, ListFile>,
    #[serde(default)]
    pub diagnostics: Vec<Expected>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    #[default]
    Toml,
    Json,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum ListFile {
    Text(Text),
    Size(Size),
    Directory(Directory),
}

/// A file of that many zero bytes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Size {
    pub size: u64,
}

/// A directory where a file should be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    pub directory: bool,
}

/// A diagnostic that is expected; `times` means that many on successive lines.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    pub code: String,
    pub severity: String,
    pub policy: Option<String>,
    pub file: Option<String>,
    pub line: Option<u32>,
    pub column: Option<u32>,
    #[serde(default)]
    pub says: Vec<String>,
    #[serde(default = "one")]
    pub times: u32,
}

fn one() -> u32 {
    1
}

impl Theme {
    /// Reads one file; the error names the file and what to fix.
    pub fn parse(file: &str, text: &str) -> Result<Self, String> {
        let table: toml::Table = toml::from_str(text).map_err(|error| format!("{file}: {error}"))?;
        let mut theme = Self { file: file.into(), documents: BTreeMap::new(), cases: vec![], loads: vec![] };
        for (key, value) in table {
            match key.as_str() {
                "documents" => theme.documents = value.try_into().map_err(|error| format!("{file}: {error}"))?,
                "case" => theme.cases = entries(file, value)?,
                "load" => theme.loads = entries(file, value)?,
                _ => return Err(format!("{file}: `{key}` is not a key of the corpus")),
            }
        }
        theme.check().map_err(|error| format!("{file}: {error}"))?;
        Ok(theme)
    }

    fn check(&self) -> Result<(), String> {
        let mut names = BTreeSet::new();
        for name in self.cases.iter().map(|case| &case.name).chain(self.loads.iter().map(|load| &load.name)) {
            if !names.insert(name) {
                return Err(format!("`{name}` is listed twice"));
            }
        }
        for case in &self.cases {
            let name = &case.name;
            if !self.documents.contains_key(&case.document) {
                return Err(format!("`{name}`: there is no document `{}`", case.document));
            }
            if case.policy.is_some() && case.route.is_some() {
                return Err(format!("`{name}`: `policy` and `route` cannot be combined"));
            }
            case.expect.check().map_err(|error| format!("`{name}`: {error}"))?;
            for text in case.headers.iter().flat_map(|(name, value)| [name, value]).chain([&case.method]) {
                text.to_bytes().map_err(|error| format!("`{name}`: {error}"))?;
            }
        }
        for load in &self.loads {
            load.check().map_err(|error| format!("`{}`: {error}", load.name))?;
        }
        match self.documents.keys().find(|name| !self.cases.iter().any(|case| case.document == **name)) {
            Some(unused) => Err(format!("no case uses the document `{unused}`")),
            None => Ok(()),
        }
    }
}

impl Load {
    fn check(&self) -> Result<(), String> {
        let ways = [self.text.is_some(), self.bytes.is_some(), self.size.is_some(), self.missing, self.directory];
        match ways.iter().filter(|given| **given).count() {
            1 => {}
            _ => return Err("exactly one of text, bytes, size, missing, directory says what the document is".into()),
        }
        for expected in &self.diagnostics {
            if !corsac::Code::ALL.iter().any(|code| code.as_str() == expected.code) {
                return Err(format!("`{}` is not a code", expected.code));
            }
            if !["error", "warning", "note"].contains(&expected.severity.as_str()) {
                return Err(format!("`{}` is not a severity", expected.severity));
            }
            if expected.line.is_some() != expected.column.is_some() {
                return Err(format!("`{}`: line and column are given together", expected.code));
            }
        }
        Ok(())
    }

    /// Whether a document is to come of it.
    pub fn is_accepted(&self) -> bool {
        self.diagnostics.iter().all(|diagnostic| diagnostic.severity != "error")
    }
}

/// The entries of `[[case]]` or `[[load]]`, each read on its own so that an error can name it.
fn entries<T: DeserializeOwned>(file: &str, value: toml::Value) -> Result<Vec<T>, String> {
    let toml::Value::Array(values) = value else {
        return Err(format!("{file}: cases are written as `[[case]]` and `[[load]]`"));
    };
    let entry = |(index, value): (usize, toml::Value)| {
        let name = value.get("name").and_then(toml::Value::as_str).unwrap_or("without a name").to_owned();
        let number = index + 1;
        refuse_defaults(&value).map_err(|error| format!("{file}: number {number} (`{name}`): {error}"))?;
        value.try_into().map_err(|error| format!("{file}: number {number} (`{name}`): {error}"))
    };
    values.into_iter().enumerate().map(entry).collect()
}

/// Refuses fields of a case, a load or a diagnostic that have the value which they have without being
/// given.
fn refuse_defaults(entry: &toml::Value) -> Result<(), String> {
    let Some(table) = entry.as_table() else { return Ok(()) };
    for (field, value) in table {
        let is_default = match (field.as_str(), value) {
            ("headers" | "diagnostics" | "says", toml::Value::Array(values)) => values.is_empty(),
            ("lists", toml::Value::Table(lists)) => lists.is_empty(),
            ("missing" | "directory", toml::Value::Boolean(given)) => !given,
            ("format", toml::Value::String(format)) => format == "toml",
            ("times", toml::Value::Integer(times)) => *times == 1,
            _ => false,
        };
        if is_default {
            return Err(expectation::spelled_out(field));
        }
    }
    let diagnostics = table.get("diagnostics").and_then(toml::Value::as_array);
    diagnostics.into_iter().flatten().try_for_each(refuse_defaults)
}

/// Where the corpus is.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

/// Reads the whole corpus, in the order of file names; all mistakes in it are reported at once.
pub fn read() -> Vec<Theme> {
    let entries = std::fs::read_dir(folder()).expect("the folder of the corpus can be read");
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let (mut themes, mut errors) = (vec![], vec![]);
    for path in paths {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        match Theme::parse(&file, &text) {
            Ok(theme) => themes.push(theme),
            Err(error) => errors.push(error),
        }
    }
    assert!(errors.is_empty(), "the corpus has mistakes:\n{}", errors.join("\n"));
    assert!(!themes.is_empty(), "the corpus is empty");
    themes
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        [documents]
        d = ""
        [[case]]
        name = "a"
        document = "d"
        method = "GET"
        headers = [["origin", { repeat = "x", times = 3 }]]
        expect = { verdict = "denied", reason = "origin-malformed", failed = ["origin", "method"] }
        [[load]]
        name = "b"
        text = ""
        [[load.diagnostics]]
        code = "document/version"
        severity = "error"
    "#;

    #[test]
    fn a_good_file_is_read() {
        let theme = Theme::parse("x.toml", GOOD).unwrap();
        assert_eq!((theme.cases.len(), theme.loads.len()), (1, 1));
        assert_eq!(theme.cases[0].headers[0].1.to_bytes().unwrap(), b"xxx");
        assert!(!theme.loads[0].is_accepted());
    }

    #[test]
    fn every_mistake_names_file_and_case() {
        for (from, to, says) in [
            ("verdict = \"denied\"", "verdict = \"refused\"", "`a`"),
            ("method = \"GET\"", "methods = \"GET\"", "`a`"),
            ("document = \"d\"", "document = \"e\"", "`e`"),
            ("name = \"b\"", "name = \"a\"", "twice"),
            ("text = \"\"", "text = \"\"\nmissing = true", "`b`"),
            ("document/version", "document/versoin", "`document/versoin`"),
            ("[\"origin\", \"method\"]", "[\"method\", \"origin\"]", "`a`"),
            (", \"method\"]", "]", "`failed` is the default"),
            ("severity = \"error\"", "severity = \"error\"\ntimes = 1", "`times` is the default"),
            ("text = \"\"", "text = \"\"\nformat = \"toml\"", "`format` is the default"),
            ("[documents]", "[documenst]", "`documenst`"),
        ] {
            let error = Theme::parse("x.toml", &GOOD.replacen(from, to, 1)).unwrap_err();
            assert!(error.starts_with("x.toml: ") && error.contains(says), "{to}: {error}");
        }
    }
}
