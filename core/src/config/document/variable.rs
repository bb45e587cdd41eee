//! Environment variables that a document names: rows between commas or white space, or a JSON array
//! of strings.
//!
//! A variable can hold what is not meant for a log, such as a password in a URL. So what is found in
//! one names the variable and the number of the element, never its text.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use super::keys;
use super::node::{Node, Value};
use super::origin_rows::origin_rows;
use crate::config::diagnostic::{Code, Collector, Place, Severity, quote};
use crate::config::row::Row;

/// What is known of an environment variable.
#[derive(Clone, PartialEq, Eq)]
pub enum Variable {
    /// It has this value.
    Set(Vec<u8>),
    /// It is not set.
    Unset,
    /// It was not passed with the document, which may read no others.
    NotGiven,
}

/// Without the value, which may be a secret.
impl core::fmt::Debug for Variable {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Set(_) => "Set",
            Self::Unset => "Unset",
            Self::NotGiven => "NotGiven",
        })
    }
}

/// The variables that a document names.
#[derive(Debug, Default)]
pub(super) struct Variables {
    by_name: BTreeMap<String, Result<Vec<String>, Missing>>,
}

/// Why a variable has no elements.
#[derive(Clone, Copy, Debug)]
enum Missing {
    Unset,
    NotGiven,
    NotUtf8,
    NotStrings,
}

impl Variables {
    /// Takes each once, before anything borrows from it.
    pub(super) fn read(root: &Node<'_>, get: &mut dyn FnMut(&str) -> Variable) -> Self {
        let by_name = names(root).into_iter().map(|name| (name.to_owned(), elements(get(name))));
        Self { by_name: by_name.collect() }
    }

    /// The rows of the variable `name`, which the document names at `place`.
    pub(super) fn rows<'a>(
        &'a self,
        name: &str,
        place: Place,
        is_optional: bool,
        collector: &mut Collector<'a>,
    ) -> Vec<Row<'a>> {
        let elements = match self.by_name.get(name) {
            Some(Ok(elements)) => elements,
            Some(Err(missing)) => {
                report(name, *missing, place, is_optional, collector);
                return Vec::new();
            }
            None => return Vec::new(),
        };
        if elements.is_empty() {
            let message = format!("the variable {} is empty, so it names no rows", quote(name));
            let help = "write origins into it, between commas or spaces".into();
            collector.warning(Code::EnvEmpty, Some(place), message, help);
        }
        let source = collector.sources().add_variable(name, place, elements);
        let row = |(number, element): (u32, &'a String)| {
            let place = Place { source, start: number, end: number };
            Row::at(Cow::Borrowed(element.as_str()), Some(place))
        };
        (0..).zip(elements).map(row).collect()
    }
}

/// The variables that a document names, each once.
fn names<'a>(root: &'a Node<'_>) -> Vec<&'a str> {
    let mut seen = HashSet::new();
    let name = |row: &'a Node<'_>| match &row.get(keys::ENV.name)?.value {
        Value::String(name) => Some(name.as_ref()),
        _ => None,
    };
    origin_rows(root).filter_map(name).filter(|name| seen.insert(*name)).collect()
}

fn elements(variable: Variable) -> Result<Vec<String>, Missing> {
    let value = match variable {
        Variable::Set(value) => String::from_utf8(value).map_err(|_| Missing::NotUtf8)?,
        Variable::Unset => return Err(Missing::Unset),
        Variable::NotGiven => return Err(Missing::NotGiven),
    };
    if value.trim_start().starts_with('[') {
        // No row begins so: a host in brackets stands behind its scheme.
        return serde_json::from_str(&value).map_err(|_| Missing::NotStrings);
    }
    let is_between = |character: char| character == ',' || character.is_whitespace();
    Ok(value.split(is_between).filter(|element| !element.is_empty()).map(str::to_owned).collect())
}

fn report(name: &str, missing: Missing, place: Place, is_optional: bool, collector: &mut Collector<'_>) {
    let shown = quote(name);
    let (code, message, help) = match missing {
        Missing::Unset if is_optional => {
            let message = format!("the variable {shown} is not set, so it names no rows");
            return collector.report(Code::EnvUnset, Severity::Note, Some(place), message, String::new());
        }
        Missing::Unset => (
            Code::EnvUnset,
            format!("the variable {shown} is not set"),
            "set it before the program starts, or write `optional = true` beside `env`",
        ),
        Missing::NotGiven => (
            Code::EnvNotGiven,
            format!("the variable {shown} was not passed with the document, which may read no others"),
            "pass its value where the document is loaded, or load the document from a file",
        ),
        Missing::NotUtf8 => (
            Code::EnvNotStrings,
            format!("the value of the variable {shown} is not UTF-8"),
            "write origins into it, between commas or spaces",
        ),
        Missing::NotStrings => (
            Code::EnvNotStrings,
            format!("the value of the variable {shown} begins with `[`, and is not a JSON array of strings"),
            "write `[\"https://app.example.com\"]`, or origins between commas",
        ),
    };
    collector.error(code, Some(place), message, help.into());
}
