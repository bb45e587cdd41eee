//! Tables with known keys and typed values; anything that does not fit is reported at its position.

use std::borrow::Cow;

use super::key::{Key, Kind, Section};
use super::keys;
use super::node::{Entry, Node, Value};
use super::suggestion;
use crate::config::diagnostic::{Code, Collector, Place, Reported, quote};
use crate::config::nearest::listed;
use crate::config::text::Text;

/// An enum whose values are words of the policy language.
pub(super) trait Word: Copy + 'static {
    const WORDS: &'static [Self];

    fn word(self) -> &'static str;
}

macro_rules! word {
    ($($word:ty),*) => {$(
        impl Word for $word {
            const WORDS: &'static [Self] = &Self::ALL;

            fn word(self) -> &'static str {
                self.as_str()
            }
        }
    )*};
}

word!(crate::route::Unrouted, crate::outcome::Verdict, crate::outcome::Reason);

/// A table whose keys are known.
#[derive(Clone, Copy)]
pub(super) struct Table<'n, 'a> {
    entries: &'n [(Entry<'a>, Node<'a>)],
    pub(super) place: Place,
}

impl<'n, 'a> Table<'n, 'a> {
    /// Reads `node` as a table and reports every key that is none of its section's.
    pub(super) fn new(
        node: &'n Node<'a>,
        what: &str,
        section: Section,
        collector: &mut Collector<'_>,
    ) -> Result<Self, Reported> {
        let Value::Table(entries) = &node.value else {
            let help = format!("write a table {}", quote(section.as_str()));
            return Err(wrong_type(what, "a table", node, help, collector));
        };
        for (key, _) in entries {
            if !section.keys().any(|known| known.name == key.text) {
                let message = format!("{} is not a valid key in {what}", quote(&key.text));
                let help = suggestion::for_key(&key.text, section, collector);
                collector.error(Code::DocumentUnknownKey, Some(key.place), message, help);
            }
        }
        Ok(Self { entries, place: node.place })
    }

    pub(super) fn get(&self, key: &Key) -> Option<&'n Node<'a>> {
        self.entries.iter().find(|(name, _)| name.text == key.name).map(|(_, node)| node)
    }

    /// The entry's own key.
    pub(super) fn entry(&self, name: &str) -> Option<&'n Entry<'a>> {
        self.entries.iter().map(|(key, _)| key).find(|key| key.text == name)
    }

    /// The value of a required key.
    pub(super) fn require(
        &self,
        key: &Key,
        what: &str,
        help: &str,
        collector: &mut Collector<'_>,
    ) -> Option<&'n Node<'a>> {
        let node = self.get(key);
        if node.is_none() {
            let message = format!("{what} has no `{}`", key.name);
            collector.error(Code::DocumentMissingKey, Some(self.place), message, help.into());
        }
        node
    }

    pub(super) fn string(&self, key: &Key, collector: &mut Collector<'_>) -> Option<Text<'n>> {
        let node = self.get(key)?;
        let Value::String(text) = &node.value else { return mistyped(key, node, collector) };
        Some(Text { text: Cow::Borrowed(text.as_ref()), place: Some(node.place) })
    }

    pub(super) fn boolean(&self, key: &Key, collector: &mut Collector<'_>) -> Option<(bool, Option<Place>)> {
        let node = self.get(key)?;
        let Value::Boolean(boolean) = node.value else { return mistyped(key, node, collector) };
        Some((boolean, Some(node.place)))
    }

    pub(super) fn integer(&self, key: &Key, collector: &mut Collector<'_>) -> Option<(i64, Option<Place>)> {
        let node = self.get(key)?;
        match &node.value {
            Value::Integer(Ok(integer)) => Some((*integer, Some(node.place))),
            Value::Integer(Err(text)) => {
                out_of_range(key, text, node.place, collector);
                None
            }
            _ => mistyped(key, node, collector),
        }
    }

    pub(super) fn strings(&self, key: &Key, collector: &mut Collector<'_>) -> Option<Vec<Text<'n>>> {
        let items = self.array(key, collector)?;
        let what = format!("each value of {}", quote(key.name));
        Some(items.iter().filter_map(|item| string(&what, item, collector)).collect())
    }

    pub(super) fn array(&self, key: &Key, collector: &mut Collector<'_>) -> Option<&'n [Node<'a>]> {
        let node = self.get(key)?;
        let Value::Array(items) = &node.value else { return mistyped(key, node, collector) };
        Some(items)
    }

    /// One of the words that the key accepts.
    pub(super) fn one_of(&self, key: &Key, collector: &mut Collector<'_>) -> Option<Text<'n>> {
        let text = self.string(key, collector)?;
        if key.words().contains(&&*text.text) {
            return Some(text);
        }
        let message = format!("{} is not a valid value for {}", quote(&text.text), quote(key.name));
        let help = suggestion::for_value(&text.text, key.words(), collector);
        collector.error(Code::DocumentWrongValue, text.place, message, help);
        None
    }

    /// The same; gives what the word stands for.
    pub(super) fn word<T: Word>(&self, key: &Key, collector: &mut Collector<'_>) -> Option<(T, Option<Place>)> {
        let text = self.one_of(key, collector)?;
        T::WORDS.iter().copied().find(|word| word.word() == text.text).map(|word| (word, text.place))
    }

    /// One of the numbers that the key accepts.
    pub(super) fn number(&self, key: &Key, collector: &mut Collector<'_>) -> Option<u16> {
        let (integer, place) = self.integer(key, collector)?;
        let number = key.numbers().iter().copied().find(|&number| i64::from(number) == integer);
        if number.is_none() {
            not_listed(key, &integer.to_string(), place, collector);
        }
        number
    }
}

pub(super) fn string<'n>(what: &str, node: &'n Node<'_>, collector: &mut Collector<'_>) -> Option<Text<'n>> {
    let Value::String(text) = &node.value else {
        wrong_type(what, "a string", node, "put it in quotes".into(), collector);
        return None;
    };
    Some(Text { text: Cow::Borrowed(text.as_ref()), place: Some(node.place) })
}

/// The value of `key` is of another type than it accepts.
pub(super) fn mistyped<T>(key: &Key, node: &Node<'_>, collector: &mut Collector<'_>) -> Option<T> {
    wrong_type(&quote(key.name), key.kind.as_str(), node, suggestion::for_type(key, node), collector);
    None
}

pub(super) fn wrong_type(
    what: &str,
    wanted: &str,
    node: &Node<'_>,
    help: String,
    collector: &mut Collector<'_>,
) -> Reported {
    let message = match &node.value {
        Value::Float(text) => format!("{what} must be {wanted}, not the float {}", quote(text)),
        _ => format!("{what} must be {wanted}, not {}", node.type_name()),
    };
    collector.error(Code::DocumentWrongType, Some(node.place), message, help)
}

/// An integer as the document has it.
pub(super) fn written(integer: &Result<i64, Cow<'_, str>>) -> String {
    match integer {
        Ok(integer) => integer.to_string(),
        Err(text) => text.to_string(),
    }
}

/// An integer beyond 64 bits, which is beyond every range: reported here, as it is written.
fn out_of_range(key: &Key, text: &str, place: Place, collector: &mut Collector<'_>) {
    let code = match key.name {
        name if name == keys::MAX_AGE.name => Code::MaxAgeRange,
        name if name == keys::DEPTH.name => Code::WildcardDepth,
        _ => return not_listed(key, text, Some(place), collector),
    };
    let message = format!("{} is out of range", quote(&format!("{} = {text}", key.name)));
    let help = match key.kind {
        Kind::Integer { from, to } => format!("write a number from {from} to {to}"),
        _ => String::new(),
    };
    collector.error(code, Some(place), message, help);
}

/// A number that is none of those that a key accepts.
fn not_listed(key: &Key, text: &str, place: Option<Place>, collector: &mut Collector<'_>) {
    let message = format!("{} is not a valid value for {}", quote(text), quote(key.name));
    let help = format!("valid values: {}", listed(key.numbers()));
    collector.error(Code::DocumentWrongValue, place, message, help);
}
