//! A decision as one line of JSON.

use std::io::{self, Write};

use corsac::Decision;

/// Writes one decision, with the id of its request (which is JSON), and a line end. The fields are in
/// their permanent order; an absent value is `null`, but an absent id is omitted.
pub(crate) fn write(out: &mut impl Write, id: Option<&str>, decision: &Decision<'_>) -> io::Result<()> {
    out.write_all(b"{")?;
    if let Some(id) = id {
        out.write_all(b"\"id\":")?;
        write_id(out, id)?;
        out.write_all(b",")?;
    }
    let (verdict, reason) = (decision.verdict().as_str(), decision.reason().as_str());
    for part in ["\"verdict\":\"", verdict, "\",\"reason\":\"", reason, "\",\"failed\":"] {
        out.write_all(part.as_bytes())?;
    }
    list(out, decision.failed().names(), |out, name| string(out, name.as_bytes()))?;
    out.write_all(b",\"status\":")?;
    optional(out, decision.status(), |out, status| number(out, status))?;
    out.write_all(b",\"rule\":")?;
    optional(out, decision.rule(), |out, rule| string(out, rule.as_bytes()))?;
    out.write_all(b",\"grant\":")?;
    optional(out, decision.grant(), |out, grant| number(out, grant))?;
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
    for part in [",\"upstream\":\"", decision.upstream().as_str(), "\",\"generation\":"] {
        out.write_all(part.as_bytes())?;
    }
    number(out, decision.generation())?;
    out.write_all(b"}\n")
}

/// Writes the id on one line and in visible ASCII: white space between its parts is omitted, other
/// characters can only be in a string and are escaped there.
pub(crate) fn write_id(out: &mut impl Write, id: &str) -> io::Result<()> {
    if id.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return out.write_all(id.as_bytes());
    }
    for character in id.chars().filter(|character| !character.is_ascii_control() || *character == '\u{7f}') {
        if matches!(character, ' '..='~') {
            write!(out, "{character}")?;
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
        }
    }
    Ok(())
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

fn number(out: &mut impl Write, number: impl itoa::Integer) -> io::Result<()> {
    out.write_all(itoa::Buffer::new().format(number).as_bytes())
}

/// The strings of a decision are visible ASCII, nearly always with nothing to escape.
fn string(out: &mut impl Write, text: &[u8]) -> io::Result<()> {
    // Every byte is tested, whatever the first ones are, so that the loop is vectorised.
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') & !matches!(byte, b'"' | b'\\');
    if !text.iter().fold(true, |plain, byte| plain & is_plain(byte)) {
        return Ok(serde_json::to_writer(out, &String::from_utf8_lossy(text))?);
    }
    out.write_all(b"\"")?;
    out.write_all(text)?;
    out.write_all(b"\"")
}

#[cfg(test)]
mod tests {
    use super::{string, write_id};

    #[test]
    fn an_id_becomes_one_visible_line() {
        for (id, written) in [
            ("7", "7"),
            ("{\"a\":\r\n [1,\t2]}", "{\"a\": [1,2]}"),
            ("\"\u{9b}\u{202e}\u{1f98a}\u{7f}\"", r#""\u009b\u202e\ud83e\udd8a\u007f""#),
        ] {
            let mut out = Vec::new();
            write_id(&mut out, id).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), written);
        }
    }

    #[test]
    fn strings_are_escaped_where_they_must_be() {
        for (text, json) in [("plain, text", r#""plain, text""#), ("a\"b\\c\n", r#""a\"b\\c\n""#), ("ü", "\"ü\"")] {
            let mut out = Vec::new();
            string(&mut out, text.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), json);
        }
    }
}
