//! A decision as one line of JSON.

use std::io::{self, Write};

use corsac::Decision;
use serde_json::value::RawValue;

/// Writes the answer to one request, with the id that it came with, and a line end. The fields are
/// those of a decision, in their permanent order; what is absent is `null`, but an absent id is
/// left out.
pub(crate) fn write(out: &mut impl Write, id: Option<&RawValue>, decision: &Decision<'_>) -> io::Result<()> {
    out.write_all(b"{")?;
    if let Some(id) = id {
        for part in ["\"id\":", id.get(), ","] {
            out.write_all(part.as_bytes())?;
        }
    }
    let (verdict, reason) = (decision.verdict().as_str(), decision.reason().as_str());
    for part in ["\"verdict\":\"", verdict, "\",\"reason\":\"", reason, "\",\"failed\":"] {
        out.write_all(part.as_bytes())?;
    }
    list(out, decision.failed().names(), |out, name| string(out, name.as_bytes()))?;
    out.write_all(b",\"status\":")?;
    optional(out, decision.status(), |out, status| write!(out, "{status}"))?;
    out.write_all(b",\"rule\":")?;
    optional(out, decision.rule(), |out, rule| string(out, rule.as_bytes()))?;
    out.write_all(b",\"grant\":")?;
    optional(out, decision.grant(), |out, grant| write!(out, "{grant}"))?;
    out.write_all(b",\"set\":")?;
    list(out, decision.set(), |out, (name, value)| {
        out.write_all(b"[")?;
        string(out, name.as_bytes())?;
        out.write_all(b",")?;
        string(out, value)?;
        out.write_all(b"]")
    })?;
    out.write_all(b",\"vary\":")?;
    list(out, decision.vary().names(), |out, name| string(out, name.as_bytes()))?;
    let (upstream, generation) = (decision.upstream().as_str(), decision.generation());
    writeln!(out, ",\"upstream\":\"{upstream}\",\"generation\":{generation}}}")
}

fn list<W: Write, T>(
    out: &mut W,
    items: impl Iterator<Item = T>,
    mut write: impl FnMut(&mut W, T) -> io::Result<()>,
) -> io::Result<()> {
    out.write_all(b"[")?;
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        write(out, item)?;
    }
    out.write_all(b"]")
}

fn optional<W: Write, T>(
    out: &mut W,
    value: Option<T>,
    write: impl FnOnce(&mut W, T) -> io::Result<()>,
) -> io::Result<()> {
    match value {
        Some(value) => write(out, value),
        None => out.write_all(b"null"),
    }
}

/// What a decision holds is visible ASCII, nearly always without anything to escape.
fn string(out: &mut impl Write, text: &[u8]) -> io::Result<()> {
    if text.iter().any(|byte| !matches!(byte, b' '..=b'~') || matches!(byte, b'"' | b'\\')) {
        return Ok(serde_json::to_writer(out, &String::from_utf8_lossy(text))?);
    }
    out.write_all(b"\"")?;
    out.write_all(text)?;
    out.write_all(b"\"")
}

#[cfg(test)]
mod tests {
    use super::string;

    #[test]
    fn strings_are_escaped_where_they_must_be() {
        for (text, json) in [("plain, text", r#""plain, text""#), ("a\"b\\c\n", r#""a\"b\\c\n""#), ("ü", "\"ü\"")] {
            let mut out = Vec::new();
            string(&mut out, text.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), json);
        }
    }
}
