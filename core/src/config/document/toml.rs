//! TOML, through the `toml` crate: a tree with spans, and every syntax error.

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml_parser::lexer::TokenKind;

use super::node::{Entry, Node, Value, place};
use crate::config::diagnostic::{Code, Collector, Place, Reported};

/// Policies nest five levels deep, and their dotted keys have three parts.
const MAX_DEPTH: usize = 16;

/// The most tokens, so that what the parser keeps of them is bounded: ten million rows have fewer.
const MAX_TOKENS: usize = 40_000_000;

/// Up to this many bytes all syntax errors are gathered, of longer texts the first: the parser
/// keeps each, and a text of nothing but errors would cost hundreds of bytes for each of its own.
const MAX_RECOVERED: usize = 256 << 10;

pub(super) fn parse<'a>(text: &'a str, collector: &mut Collector<'_>) -> Result<Node<'a>, Reported> {
    check_bounds(text, collector)?;
    let (table, errors) = if text.len() <= MAX_RECOVERED {
        DeTable::parse_recoverable(text)
    } else {
        match DeTable::parse(text) {
            Ok(table) => (table, Vec::new()),
            Err(error) => (Spanned::new(0..0, DeTable::new()), vec![error]),
        }
    };
    if let Some(place) = yaml(text).filter(|_| !errors.is_empty()) {
        let message = "this is YAML: documents are TOML or JSON".into();
        let help =
            "write TOML, such as `version = 1` and a table `[policy.name]` for each policy, or convert it to JSON";
        return Err(collector.error(Code::DocumentSyntax, Some(place), message, help.into()));
    }
    let mut last = None;
    for error in errors {
        let place = error.span().map(place);
        // Eighty brackets that are never closed are one mistake at one place.
        if last.replace(place) == Some(place) {
            continue;
        }
        let message = error.message().replace('\n', ", ");
        let help = match message.starts_with("missing escaped value") {
            true => {
                "between double quotes `\\` begins an escape: write the text between single quotes, such as `'\\.'`"
            }
            false => "",
        };
        collector.error(Code::DocumentSyntax, place, format!("this is not TOML: {message}"), help.into());
    }
    let span = table.span();
    Ok(Node::new(entries(table.into_inner()), span))
}

/// Where the first line is, if it is one of YAML: `---`, or a key with a colon behind it.
fn yaml(text: &str) -> Option<Place> {
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let line = text.lines().find(is_code)?.trim();
    let is_key = |key: &str| {
        let key = key.trim_matches(['"', '\'']);
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    let is_entry = |(key, value): (&str, &str)| is_key(key) && (value.is_empty() || value.starts_with(' '));
    let is_yaml = line == "---" || line.starts_with("%YAML") || line.split_once(':').is_some_and(is_entry);
    let start = text.find(line)?;
    is_yaml.then(|| place(start..start + line.len()))
}

/// Looks at the tokens, one by one, for what would make parsing costly: deep nesting, which parsers
/// follow on the stack, and sheer number.
fn check_bounds(text: &str, collector: &mut Collector<'_>) -> Result<(), Reported> {
    let (mut brackets, mut dots) = (0_usize, 0_usize);
    for (index, token) in toml_parser::Source::new(text).lex().enumerate() {
        match token.kind() {
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => brackets += 1,
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => brackets = brackets.saturating_sub(1),
            TokenKind::Dot => dots += 1,
            TokenKind::Equals | TokenKind::Comma | TokenKind::Newline => dots = 0,
            _ => {}
        }
        let span = token.span();
        let place = Some(place(span.start()..span.end()));
        if brackets > MAX_DEPTH || dots > MAX_DEPTH {
            let message = "the document is nested too deeply".into();
            let help = "remove the extra brackets and dots".into();
            return Err(collector.error(Code::DocumentTooDeep, place, message, help));
        }
        if index > MAX_TOKENS {
            let message = format!("the document has more than {MAX_TOKENS} tokens");
            let help = "move long lists into list files".into();
            return Err(collector.error(Code::DocumentTooLarge, place, message, help));
        }
    }
    Ok(())
}

fn entries(table: DeTable<'_>) -> Value<'_> {
    let entry = |(key, value): (Spanned<_>, Spanned<_>)| {
        let place = place(key.span());
        (Entry { text: key.into_inner(), place }, node(value))
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
        DeValue::Integer(integer) => {
            let small = i64::from_str_radix(integer.as_str(), integer.radix());
            Value::Integer(small.map_err(|_| integer.to_string().into()))
        }
        DeValue::Boolean(boolean) => Value::Boolean(boolean),
        DeValue::Float(float) => Value::Float(float.to_string().into()),
        DeValue::Datetime(_) => Value::Other("a date"),
        DeValue::Array(items) => Value::Array(items.into_iter().map(node).collect()),
        DeValue::Table(table) => entries(table),
    };
    Node::new(value, span)
}
