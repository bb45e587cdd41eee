//! JSON, through `serde_json`: raw values keep their place in the text, and are taken apart level
//! by level.

use core::fmt;
use std::borrow::Cow;
use std::collections::HashSet;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::node::{Entry, Node, Value, place};
use crate::config::diagnostic::{Code, Collector, Place, quote};

/// Policies nest five levels deep; more is a mistake or an attack on the stack.
const MAX_DEPTH: usize = 16;

pub(super) fn parse<'a>(text: &'a str, collector: &mut Collector<'_>) -> Option<Node<'a>> {
    match serde_json::from_str::<&RawValue>(text) {
        Ok(raw) => Parser { text, collector }.node(raw, 0),
        Err(error) => {
            let place = syntax_place(text, &error);
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            collector.error(Code::DocumentSyntax, Some(place), format!("this is not JSON: {message}"), String::new());
            None
        }
    }
}

/// `serde_json` counts lines from 1 and columns in bytes, up to and with the offending one.
fn syntax_place(text: &str, error: &serde_json::Error) -> Place {
    let line: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let mut at = (line + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    place(at..at)
}

struct Parser<'a, 'c, 's> {
    text: &'a str,
    collector: &'c mut Collector<'s>,
}

impl<'a> Parser<'a, '_, '_> {
    fn place(&self, raw: &'a RawValue) -> Place {
        // `raw` borrows from `text`, so the difference of their addresses is its offset.
        let start = (raw.get().as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        place(start..start + raw.get().len())
    }

    /// The text was parsed as a whole, so its parts parse too; what does not is left out.
    fn node(&mut self, raw: &'a RawValue, depth: usize) -> Option<Node<'a>> {
        let place = self.place(raw);
        if depth > MAX_DEPTH {
            let message = "the document is nested too deeply".into();
            self.collector.error(Code::DocumentTooDeep, Some(place), message, "remove the extra brackets".into());
            return None;
        }
        let value = match raw.get().bytes().next()? {
            b'{' => self.table(raw, depth)?,
            b'[' => {
                let items: Vec<&RawValue> = serde_json::from_str(raw.get()).ok()?;
                Value::Array(items.into_iter().map(|item| self.node(item, depth + 1)).collect::<Option<_>>()?)
            }
            b'"' => Value::String(string(raw)?),
            b't' => Value::Boolean(true),
            b'f' => Value::Boolean(false),
            b'n' => Value::Other("null"),
            _ if raw.get().contains(['.', 'e', 'E']) => Value::Other("a float"),
            _ => Value::Integer(raw.get().parse().ok()),
        };
        Some(Node { value, place })
    }

    fn table(&mut self, raw: &'a RawValue, depth: usize) -> Option<Value<'a>> {
        let mut deserializer = serde_json::Deserializer::from_str(raw.get());
        let pairs = deserializer.deserialize_map(Pairs).ok()?;
        let mut seen = HashSet::with_capacity(pairs.len());
        let mut entries: Vec<(Entry<'a>, Node<'a>)> = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let key = Entry { text: string(key)?, place: self.place(key) };
            if !seen.insert(key.text.clone()) {
                let message = format!("the key {} appears twice in this table", quote(&key.text));
                self.collector.error(Code::DocumentDuplicateKey, Some(key.place), message, "remove one of them".into());
            } else {
                let value = self.node(value, depth + 1)?;
                entries.push((key, value));
            }
        }
        Some(Value::Table(entries))
    }
}

/// A string, borrowed where nothing in it is escaped.
fn string(raw: &RawValue) -> Option<Cow<'_, str>> {
    match serde_json::from_str::<&str>(raw.get()) {
        Ok(text) => Some(Cow::Borrowed(text)),
        Err(_) => serde_json::from_str::<String>(raw.get()).ok().map(Cow::Owned),
    }
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
