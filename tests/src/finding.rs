//! A diagnostic in a form that can be compared: what the corpus expects, what the loader says in
//! process, and what `corsac check --format json` prints.

use std::collections::BTreeMap;
use std::path::Path;

use corsac::Diagnostic;
use serde::Deserialize;

use crate::corpus::{Expected, Load};
use crate::scratch::Scratch;

/// One diagnostic, as a binding gives it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    pub code: String,
    pub severity: String,
    pub policy: Option<String>,
    pub file: Option<String>,
    pub line: Option<u32>,
    pub column: Option<u32>,
    pub message: String,
    pub help: Option<String>,
}

/// Code, severity, policy, file, line and column.
type Key = (String, String, Option<String>, Option<String>, Option<(u32, u32)>);

impl Finding {
    /// What the loader said.
    pub fn of(diagnostic: &Diagnostic) -> Self {
        let location = diagnostic.location();
        let position = location.and_then(corsac::diagnostic::Location::position);
        Self {
            code: diagnostic.code().as_str().into(),
            severity: diagnostic.severity().as_str().into(),
            policy: diagnostic.policy().map(Into::into),
            file: location.map(|location| location.file().into()),
            line: position.map(|position| position.line),
            column: position.map(|position| position.column),
            message: diagnostic.message().into(),
            help: diagnostic.help().map(Into::into),
        }
    }

    /// The file as the corpus names it: not at all for the document, else relative to it.
    fn key(&self, scratch: &Scratch) -> Key {
        let file = self.file.as_deref().map(Path::new).filter(|file| *file != scratch.document());
        let file = file.map(|file| file.strip_prefix(scratch.folder()).unwrap_or(file));
        let file = file.filter(|file| Some(file.as_os_str()) != scratch.document().file_name());
        let place = self.line.zip(self.column);
        let file = file.map(|file| file.to_string_lossy().into_owned());
        (self.code.clone(), self.severity.clone(), self.policy.clone(), file, place)
    }

    fn text(&self) -> String {
        format!("{} {}", self.message, self.help.as_deref().unwrap_or_default())
    }

    fn start(&self) -> String {
        self.text().chars().take(300).collect()
    }
}

fn key_of(expected: &Expected, index: u32) -> Key {
    let place = expected.line.map(|line| line + index).zip(expected.column);
    let Expected { code, severity, policy, file, .. } = expected.clone();
    (code, severity, policy, file, place)
}

fn shown((code, severity, policy, file, place): &Key) -> String {
    let file = file.as_deref().unwrap_or("the document");
    let place = place.map_or("without a place".into(), |(line, column)| format!("{line}:{column}"));
    format!("{severity}[{code}] at {file} {place}, policy {}", policy.as_deref().unwrap_or("none"))
}

/// In what the findings differ from those that `load` expects: missing ones, others, another order,
/// texts that do not say what they should. Empty where all is as expected.
pub fn differences(load: &Load, found: &[Finding], scratch: &Scratch) -> Vec<String> {
    let wanted: Vec<(Key, &Expected)> = load
        .diagnostics
        .iter()
        .flat_map(|expected| (0..expected.times).map(move |index| (key_of(expected, index), expected)))
        .collect();
    let keyed: Vec<(Key, &Finding)> = found.iter().map(|finding| (finding.key(scratch), finding)).collect();

    let mut open: BTreeMap<&Key, Vec<&Expected>> = BTreeMap::new();
    for (key, expected) in wanted.iter().rev() {
        open.entry(key).or_default().push(expected);
    }
    let mut differences = vec![];
    for (key, finding) in &keyed {
        match open.get_mut(key).and_then(Vec::pop) {
            None => differences.push(format!("not expected: {}: {}", shown(key), finding.start())),
            Some(expected) => {
                for missing in expected.says.iter().filter(|text| !finding.text().contains(*text)) {
                    differences.push(format!("{}: does not say {missing}: {}", shown(key), finding.start()));
                }
            }
        }
    }
    for (key, _) in open.iter().filter(|(_, expected)| !expected.is_empty()) {
        differences.push(format!("missing: {}", shown(key)));
    }
    let places = |keys: Vec<&Key>| -> Vec<_> {
        keys.into_iter().filter(|key| key.4.is_some()).map(|key| (key.3.clone(), key.4)).collect()
    };
    if differences.is_empty()
        && places(wanted.iter().map(|(key, _)| key).collect()) != places(keyed.iter().map(|(key, _)| key).collect())
    {
        differences.push("the findings are not in the order of their places".into());
    }
    const MOST: usize = 20;
    if differences.len() > MOST {
        let more = differences.len() - MOST;
        differences.truncate(MOST);
        differences.push(format!("and {more} more"));
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Load {
        toml::from_str(&format!("name = 'a'\ntext = ''\n{text}")).unwrap()
    }

    fn finding(code: &str, file: &str, line: u32) -> Finding {
        let policy = Some("p".into());
        let (severity, file, line, column) = ("error".into(), Some(file.into()), Some(line), Some(1));
        Finding { code: code.into(), severity, policy, file, line, column, message: "`x`".into(), help: None }
    }

    #[test]
    fn every_kind_of_difference_is_seen() {
        let scratch = Scratch::with("policy.toml", "");
        let entry = "[[diagnostics]]\nseverity = 'error'\npolicy = 'p'\n";
        let one = format!("{entry}code = 'origin/path'\nline = 2\ncolumn = 1\nsays = ['`x`']\n");
        let two = format!("{one}{entry}code = 'origin/null'\nfile = 'l.txt'\nline = 1\ncolumn = 1\n");
        let (a, b) = (finding("origin/path", "policy.toml", 2), finding("origin/null", "l.txt", 1));
        let full = Finding { file: Some(scratch.document().to_string_lossy().into_owned()), ..a.clone() };
        let count = |text: &str, found: &[&Finding]| {
            differences(&load(text), &found.iter().copied().cloned().collect::<Vec<_>>(), &scratch).len()
        };
        assert_eq!(count(&one, &[&a]), 0);
        assert_eq!(count(&one, &[&full]), 0);
        assert_eq!(count(&two, &[&a, &b]), 0);
        assert_eq!(count(&two, &[&b, &a]), 1, "order");
        assert_eq!(count(&one, &[]), 1, "missing");
        assert_eq!(count(&one, &[&a, &a]), 1, "twice");
        assert_eq!(count(&one, &[&Finding { line: Some(3), ..a.clone() }]), 2, "place");
        assert_eq!(count(&one, &[&Finding { policy: None, ..a.clone() }]), 2, "policy");
        assert_eq!(count(&one, &[&Finding { severity: "note".into(), ..a.clone() }]), 2, "severity");
        assert_eq!(count(&one, &[&Finding { message: "y".into(), ..a.clone() }]), 1, "says");
        assert_eq!(count(&one, &[&Finding { file: Some("l.txt".into()), ..a.clone() }]), 2, "file");
    }
}
