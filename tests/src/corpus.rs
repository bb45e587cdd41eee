//! The corpus, `tests/data/*.toml`: decisions and loads with everything that is expected of them.
//!
//! The loader is strict: an unknown key, a wrong type or a name that stands twice fails the run and
//! names file and case, so that a mistyped expectation cannot pass for one that is met.

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

/// A diagnostic that is expected; `times` stands for that many on successive lines.
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
    /// Reads one file; the error is for a person to mend it.
    pub fn parse(file: &str, text: &str) -> Result<Self, String> {
        let table: toml::Table = toml::from_str(text).map_err(|error| format!("{file}: {error}"))?;
        let mut theme = Self { file: file.into(), documents: BTreeMap::new(), cases: vec![], loads: vec![] };
        for (key, value) in table {
            match key.as_str() {
                "documents" => theme.documents = value.try_into().map_err(|error| format!("{file}: {error}"))?,
                "case" => theme.cases = entries(file, value)?,
                "load" => theme.loads = entries(file, value)?,
                _ => return Err(format!("{file}: `{key}` is no key of the corpus")),
            }
        }
        theme.check().map_err(|error| format!("{file}: {error}"))?;
        Ok(theme)
    }

    fn check(&self) -> Result<(), String> {
        let mut names = BTreeSet::new();
        for name in self.cases.iter().map(|case| &case.name).chain(self.loads.iter().map(|load| &load.name)) {
            if !names.insert(name) {
                return Err(format!("`{name}` stands twice"));
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
                return Err(format!("`{}` is no code", expected.code));
            }
            if !["error", "warning", "note"].contains(&expected.severity.as_str()) {
                return Err(format!("`{}` is no severity", expected.severity));
            }
            if expected.line.is_some() != expected.column.is_some() {
                return Err(format!("`{}`: line and column stand together", expected.code));
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
        return Err(format!("{file}: cases stand in `[[case]]` and `[[load]]`"));
    };
    let entry = |(index, value): (usize, toml::Value)| {
        let name = value.get("name").and_then(toml::Value::as_str).unwrap_or("without a name").to_owned();
        value.try_into().map_err(|error| format!("{file}: number {} (`{name}`): {error}", index + 1))
    };
    values.into_iter().enumerate().map(entry).collect()
}

/// Where the corpus is.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

/// Reads the whole corpus, in the order of file names; all mistakes in it are told at once.
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
        expect = { verdict = "denied", reason = "origin-malformed", failed = ["origin"], set = [], vary = ["Origin"], upstream = "replace" }
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
            ("failed = [\"origin\"]", "failed = [\"method\", \"origin\"]", "`a`"),
            (", upstream = \"replace\"", "", "`a`"),
            ("[documents]", "[documenst]", "`documenst`"),
        ] {
            let error = Theme::parse("x.toml", &GOOD.replacen(from, to, 1)).unwrap_err();
            assert!(error.starts_with("x.toml: ") && error.contains(says), "{to}: {error}");
        }
    }
}
