//! The table of keys as a JSON Schema, for editors and other tools.

use serde_json::{Map, Value, json};

use super::key::{Key, Kind, Section};

/// The JSON Schema (draft 2020-12) of policy documents: their keys, types and words, and which keys
/// cannot be combined. A document that it accepts may still be rejected by [`load`](super::load),
/// which checks the values too.
#[must_use]
pub fn schema() -> String {
    let definitions: Map<String, Value> = Section::ALL
        .iter()
        .filter(|section| **section != Section::Document)
        .map(|section| (name(*section).to_owned(), table(*section)))
        .collect();
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "corsac policy document",
        "description": "Which origins may read a service's responses, and how.",
        "$defs": definitions,
    });
    if let (Value::Object(schema), Value::Object(document)) = (&mut schema, table(Section::Document)) {
        schema.extend(document);
    }
    // A tree of strings, numbers and booleans: nothing that JSON cannot hold.
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}

fn name(section: Section) -> &'static str {
    match section {
        Section::Document => "document",
        Section::Policy => "policy",
        Section::Grant => "grant",
        Section::Row => "row",
        Section::Expectation => "expectation",
        Section::Route => "route",
    }
}

fn table(section: Section) -> Value {
    let properties: Map<String, Value> = section.keys().map(|key| (key.name.to_owned(), property(key))).collect();
    let required: Vec<&str> = section.keys().filter(|key| key.default.is_none()).map(|key| key.name).collect();
    let mut table = json!({ "type": "object", "additionalProperties": false, "properties": properties });
    if let Value::Object(table) = &mut table {
        if !required.is_empty() {
            table.insert("required".into(), json!(required));
        }
        let excluded: Vec<Value> = section.keys().flat_map(exclusions).collect();
        if !excluded.is_empty() {
            table.insert("allOf".into(), json!(excluded));
        }
        if section == Section::Row {
            let one = ["pattern", "regex", "file", "env"].map(|key| json!({ "required": [key] }));
            table.insert("anyOf".into(), json!(one));
        }
    }
    table
}

/// That a key and another one do not occur together.
fn exclusions(key: &'static Key) -> impl Iterator<Item = Value> {
    key.not_with.iter().map(|other| json!({ "not": { "required": [key.name, other] } }))
}

fn property(key: &Key) -> Value {
    let mut property = values(key.kind);
    if let Value::Object(property) = &mut property {
        property.insert("description".into(), json!(key.about));
        // Defaults are written as in TOML, of which these are JSON too; the others are prose.
        if let Some(default) = key.default.and_then(|text| serde_json::from_str::<Value>(text).ok()) {
            property.insert("default".into(), default);
        }
    }
    property
}

fn values(kind: Kind) -> Value {
    let reference = |section| json!({ "$ref": format!("#/$defs/{}", name(section)) });
    match kind {
        Kind::Version => json!({ "const": 1 }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Integer { from, to } => json!({ "type": "integer", "minimum": from, "maximum": to }),
        Kind::Number(numbers) => json!({ "enum": numbers }),
        Kind::Word(words) => json!({ "enum": words }),
        Kind::String(_) => json!({ "type": "string" }),
        Kind::Strings(_) => json!({ "type": "array", "items": { "type": "string" } }),
        Kind::Pairs => {
            let pair = json!({ "type": "array", "items": { "type": "string" }, "minItems": 2, "maxItems": 2 });
            json!({ "type": "array", "items": pair })
        }
        Kind::Rows => json!({ "type": "array", "items": { "anyOf": [{ "type": "string" }, reference(Section::Row)] } }),
        Kind::Tables(section) => json!({ "type": "array", "items": reference(section) }),
        Kind::Named(section) => json!({
            "type": "object",
            "minProperties": 1,
            "propertyNames": { "pattern": "^[A-Za-z0-9._-]{1,64}$" },
            "additionalProperties": reference(section),
        }),
    }
}
