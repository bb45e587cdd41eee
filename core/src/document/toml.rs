//! TOML, through the `toml` crate: a tree with spans, and every syntax error.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::node::{Key, Node, Value, place};
use crate::diagnostic::{Code, Collector};

pub(super) fn parse<'a>(text: &'a str, collector: &mut Collector<'_>) -> Option<Node<'a>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut last = None;
    for error in errors {
        let place = error.span().map(place);
        // Eighty brackets that are never closed are one mistake at one place.
        if last.replace(place) == Some(place) {
            continue;
        }
        let message = error.message().replace('\n', ", ");
        collector.error(Code::DocumentSyntax, place, format!("this is not TOML: {message}"), String::new());
    }
    let span = table.span();
    Some(Node::new(entries(table.into_inner()), span))
}

fn entries(table: DeTable<'_>) -> Value<'_> {
    let entry = |(key, value): (Spanned<_>, Spanned<_>)| {
        let place = place(key.span());
        (Key { text: key.into_inner(), place }, node(value))
    };
    let mut entries: Vec<_> = table.into_iter().map(entry).collect();
    // The table of the toml crate is sorted by key; people read documents from the top.
    entries.sort_by_key(|(key, _)| key.place);
    Value::Table(entries)
}

fn node(value: Spanned<DeValue<'_>>) -> Node<'_> {
    let span = value.span();
    let value = match value.into_inner() {
        DeValue::String(text) => Value::String(text),
        DeValue::Integer(integer) => Value::Integer(i64::from_str_radix(integer.as_str(), integer.radix()).ok()),
        DeValue::Boolean(boolean) => Value::Boolean(boolean),
        DeValue::Float(_) => Value::Other("a float"),
        DeValue::Datetime(_) => Value::Other("a date"),
        DeValue::Array(items) => Value::Array(items.into_iter().map(node).collect()),
        DeValue::Table(table) => entries(table),
    };
    Node::new(value, span)
}
