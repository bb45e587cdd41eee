//! JSON, through `serde_json`: raw values keep their place in the text, and are taken apart level
//! by level.

use core::fmt;
use std::borrow::Cow;
use std::collections::HashSet;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::node::{Entry, Node, Value, place};
use crate::config::diagnostic::{Code, Collector, Place, Reported, quote};

/// Policies nest five levels deep; more is a mistake or an attack on the stack.
const MAX_DEPTH: usize = 16;

pub(super) fn parse<'a>(text: &'a str, collector: &mut Collector<'_>) -> Result<Node<'a>, Reported> {
    let mut parser = Parser { text, collector };
    match serde_json::from_str::<&RawValue>(text) {
        Ok(raw) => parser.node(raw, 0),
        Err(error) => Err(parser.broken(text, &error)),
    }
}

struct Parser<'a, 'c, 's> {
    text: &'a str,
    collector: &'c mut Collector<'s>,
}

impl<'a> Parser<'a, '_, '_> {
    /// Where a part of the text is.
    fn place(&self, part: &'a str) -> Place {
        // It borrows from `text`, so the difference of their addresses is its offset.
        let start = (part.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        place(start..start + part.len())
    }

    /// Reports where a part of the text is no JSON.
    fn broken(&mut self, part: &'a str, error: &serde_json::Error) -> Reported {
        let at = offset(part, error);
        let place = self.place(part.get(at..at).unwrap_or(part));
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        self.collector.error(Code::DocumentSyntax, Some(place), format!("this is not JSON: {message}"), String::new())
    }

    fn node(&mut self, raw: &'a RawValue, depth: usize) -> Result<Node<'a>, Reported> {
        let text = raw.get();
        let place = self.place(text);
        if depth > MAX_DEPTH {
            let message = "the document is nested too deeply".into();
            let help = "remove the extra brackets".into();
            return Err(self.collector.error(Code::DocumentTooDeep, Some(place), message, help));
        }
        let value = match text.bytes().next() {
            Some(b'{') => self.table(text, depth)?,
            Some(b'[') => {
                let items = serde_json::from_str::<Vec<&RawValue>>(text).map_err(|error| self.broken(text, &error))?;
                Value::Array(items.into_iter().map(|item| self.node(item, depth + 1)).collect::<Result<_, _>>()?)
            }
            Some(b'"') => Value::String(self.string(text)?),
            Some(b't') => Value::Boolean(true),
            Some(b'f') => Value::Boolean(false),
            Some(b'n') => Value::Other("null"),
            _ if text.contains(['.', 'e', 'E']) => Value::Float(Cow::Borrowed(text)),
            _ => Value::Integer(text.parse().map_err(|_| Cow::Borrowed(text))),
        };
        Ok(Node { value, place })
    }

    fn table(&mut self, text: &'a str, depth: usize) -> Result<Value<'a>, Reported> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let pairs = deserializer.deserialize_map(Pairs).map_err(|error| self.broken(text, &error))?;
        let mut seen = HashSet::with_capacity(pairs.len());
        let mut entries: Vec<(Entry<'a>, Node<'a>)> = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let key = Entry { text: self.string(key.get())?, place: self.place(key.get()) };
            if !seen.insert(key.text.clone()) {
                let message = format!("the key {} appears twice in this table", quote(&key.text));
                self.collector.error(Code::DocumentDuplicateKey, Some(key.place), message, "remove one of them".into());
            } else {
                let value = self.node(value, depth + 1)?;
                entries.push((key, value));
            }
        }
        Ok(Value::Table(entries))
    }

    /// A string, borrowed where nothing in it is escaped. Escapes are looked at here for the first time:
    /// a raw value can have half of a surrogate pair, which is no text.
    fn string(&mut self, raw: &'a str) -> Result<Cow<'a, str>, Reported> {
        if let Ok(text) = serde_json::from_str::<&str>(raw) {
            return Ok(Cow::Borrowed(text));
        }
        serde_json::from_str::<String>(raw).map(Cow::Owned).map_err(|error| match lone_surrogate(raw) {
            Some(escape) => {
                let place = self.place(escape);
                let message =
                    format!("this is not JSON: {} is half of a surrogate pair, and no character", quote(escape));
                let help = "remove it, or write both halves, as in `\\ud83d\\ude00`".into();
                self.collector.error(Code::DocumentSyntax, Some(place), message, help)
            }
            None => self.broken(raw, &error),
        })
    }
}

/// `serde_json` counts lines from 1 and columns in bytes, up to and with the offending one.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    let line: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let mut at = (line + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The first `\u` escape of a string that is one half of a surrogate pair without the other.
fn lone_surrogate(raw: &str) -> Option<&str> {
    let unit = |at: usize| {
        let digits = raw.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut at = 0;
    while let Some(backslash) = raw.get(at..)?.find('\\') {
        at += backslash;
        match unit(at) {
            Some(0xd800..0xdc00) if matches!(unit(at + 6), Some(0xdc00..0xe000)) => at += 12,
            Some(0xd800..0xe000) => return raw.get(at..at + 6),
            Some(_) => at += 6,
            // An escape of one letter: the backslash and what is behind it.
            None => at += 2,
        }
    }
    None
}

/// The entries of an object in their order, repeated keys included.
struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Vec<(&'de RawValue, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(pairs)
    }
}
