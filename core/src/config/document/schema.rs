//! Tables with known keys and typed values; anything that does not fit is reported at its position.

use std::borrow::Cow;

use super::node::{Key, Node, Value};
use crate::config::diagnostic::{Code, Collector, Place, quote};
use crate::config::text::Text;

/// A table whose keys are known.
#[derive(Clone, Copy)]
pub(super) struct Table<'n, 'a> {
    entries: &'n [(Key<'a>, Node<'a>)],
    pub(super) place: Place,
}

impl<'n, 'a> Table<'n, 'a> {
    /// Reads `node` as a table and reports every key that is not in `known`.
    pub(super) fn new(node: &'n Node<'a>, what: &str, known: &[&str], collector: &mut Collector<'_>) -> Option<Self> {
        let Value::Table(entries) = &node.value else {
            wrong_type(what, "a table", node, collector);
            return None;
        };
        for (key, _) in entries {
            if !known.contains(&key.text.as_ref()) {
                let message = format!("{} is not a valid key in {what}", quote(&key.text));
                collector.error(Code::DocumentUnknownKey, Some(key.place), message, suggest(&key.text, known));
            }
        }
        Some(Self { entries, place: node.place })
    }

    pub(super) fn get(&self, key: &str) -> Option<&'n Node<'a>> {
        self.entries.iter().find(|(name, _)| name.text == key).map(|(_, node)| node)
    }

    /// The key itself, where it stands.
    pub(super) fn key(&self, key: &str) -> Option<&'n Key<'a>> {
        self.entries.iter().find(|(name, _)| name.text == key).map(|(key, _)| key)
    }

    /// The value of a required key.
    pub(super) fn require(
        &self,
        key: &str,
        what: &str,
        help: &str,
        collector: &mut Collector<'_>,
    ) -> Option<&'n Node<'a>> {
        let node = self.get(key);
        if node.is_none() {
            let message = format!("{what} has no `{key}`");
            collector.error(Code::DocumentMissingKey, Some(self.place), message, help.into());
        }
        node
    }

    pub(super) fn string(&self, key: &str, collector: &mut Collector<'_>) -> Option<Text<'n>> {
        self.get(key).and_then(|node| string(&quote(key), node, collector))
    }

    pub(super) fn boolean(&self, key: &str, collector: &mut Collector<'_>) -> Option<(bool, Option<Place>)> {
        let node = self.get(key)?;
        let Value::Boolean(boolean) = node.value else {
            wrong_type(&quote(key), "`true` or `false`", node, collector);
            return None;
        };
        Some((boolean, Some(node.place)))
    }

    pub(super) fn integer(&self, key: &str, collector: &mut Collector<'_>) -> Option<(i64, Option<Place>)> {
        let node = self.get(key)?;
        match node.value {
            Value::Integer(Some(integer)) => Some((integer, Some(node.place))),
            // Beyond 64 bits is beyond every range.
            Value::Integer(None) => Some((i64::MAX, Some(node.place))),
            _ => {
                wrong_type(&quote(key), "an integer", node, collector);
                None
            }
        }
    }

    pub(super) fn strings(&self, key: &str, collector: &mut Collector<'_>) -> Option<Vec<Text<'n>>> {
        let items = self.array(key, "an array of strings", collector)?;
        let what = format!("each value of {}", quote(key));
        Some(items.iter().filter_map(|item| string(&what, item, collector)).collect())
    }

    pub(super) fn array(&self, key: &str, type_name: &str, collector: &mut Collector<'_>) -> Option<&'n [Node<'a>]> {
        let node = self.get(key)?;
        let Value::Array(items) = &node.value else {
            wrong_type(&quote(key), type_name, node, collector);
            return None;
        };
        Some(items)
    }

    /// A word that is one of `words`; gives what the word stands for.
    pub(super) fn word<T: Copy>(
        &self,
        key: &str,
        words: &[(&str, T)],
        collector: &mut Collector<'_>,
    ) -> Option<(T, Option<Place>)> {
        let text = self.string(key, collector)?;
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text.text) {
            return Some((*meaning, text.place));
        }
        let message = format!("{} is not a valid value for {}", quote(&text.text), quote(key));
        let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        let help = format!("{}; valid values: {}", suggest(&text.text, &known), listed(&known));
        let help = help.trim_start_matches("; ").to_owned();
        collector.error(Code::DocumentWrongValue, text.place, message, help);
        None
    }

    /// A number that is one of `numbers`.
    pub(super) fn number(&self, key: &str, numbers: &[u16], collector: &mut Collector<'_>) -> Option<u16> {
        let (integer, place) = self.integer(key, collector)?;
        let number = numbers.iter().copied().find(|&number| i64::from(number) == integer);
        if number.is_none() {
            let message = format!("`{integer}` is not a value of {}", quote(key));
            let known: Vec<_> = numbers.iter().map(u16::to_string).collect();
            let known: Vec<_> = known.iter().map(String::as_str).collect();
            collector.error(Code::DocumentWrongValue, place, message, format!("valid values: {}", listed(&known)));
        }
        number
    }
}

pub(super) fn string<'n>(what: &str, node: &'n Node<'_>, collector: &mut Collector<'_>) -> Option<Text<'n>> {
    let Value::String(text) = &node.value else {
        wrong_type(what, "a string", node, collector);
        return None;
    };
    Some(Text { text: Cow::Borrowed(text.as_ref()), place: Some(node.place) })
}

pub(super) fn wrong_type(what: &str, wanted: &str, node: &Node<'_>, collector: &mut Collector<'_>) {
    let message = format!("{what} must be {wanted}, not {}", node.type_name());
    collector.error(Code::DocumentWrongType, Some(node.place), message, String::new());
}

/// "did you mean", or which names there are.
pub(super) fn suggest(text: &str, known: &[&str]) -> String {
    // The comparison is quadratic in the lengths, and nobody misspells a page.
    const MAX_TEXT: usize = 128;
    const MAX_KNOWN: usize = 256;
    if text.len() > MAX_TEXT || known.len() > MAX_KNOWN {
        return String::new();
    }
    let near = known.iter().map(|name| (strsim::damerau_levenshtein(text, name), *name)).min();
    match near {
        Some((distance, name)) if distance <= name.len().div_ceil(3) => format!("did you mean `{name}`?"),
        _ if known.len() <= 12 => format!("the keys are {}", listed(known)),
        _ => String::new(),
    }
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| quote(name)).collect::<Vec<_>>().join(", ")
}
