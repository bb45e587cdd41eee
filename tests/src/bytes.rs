//! Values of the corpus that may hold any byte, or a million of them.

use serde::Deserialize;

/// A string, `{ bytes = 'a\x00b' }`, or `{ prefix, repeat, times, suffix }`.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Text {
    Plain(String),
    Escaped(Escaped),
    Repeated(Repeated),
}

/// ASCII with `\xNN` for every other byte, the backslash included.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escaped {
    bytes: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeated {
    #[serde(default)]
    prefix: String,
    repeat: String,
    times: usize,
    #[serde(default)]
    suffix: String,
}

impl Text {
    /// The bytes that are meant; an error says what is wrong with the escapes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, String> {
        match self {
            Self::Plain(text) => Ok(text.clone().into_bytes()),
            Self::Escaped(Escaped { bytes }) => unescape(bytes),
            Self::Repeated(Repeated { prefix, repeat, times, suffix }) => {
                Ok([prefix.as_bytes(), repeat.repeat(*times).as_bytes(), suffix.as_bytes()].concat())
            }
        }
    }
}

/// Reads `\xNN`; no other escape is known, so that a mistyped one does not pass as itself.
pub fn unescape(text: &str) -> Result<Vec<u8>, String> {
    if !text.is_ascii() {
        return Err(format!("`{text}`: only ASCII may stand in `bytes`"));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let digits = rest[at..].strip_prefix("\\x").and_then(|digits| digits.get(..2));
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.ok_or_else(|| format!("`{text}`: an escape is `\\xNN`"))?);
        rest = &rest[at + 4..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(bytes)
}

/// Bytes for a person: printable ASCII as it is, everything else escaped, long values cut.
pub fn shown(bytes: &[u8]) -> String {
    const MOST: usize = 400;
    let mut text = bytes.iter().take(MOST).copied().flat_map(std::ascii::escape_default).map(char::from).collect();
    if bytes.len() > MOST {
        text = format!("{text}… ({} bytes)", bytes.len());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_and_others_refused() {
        assert_eq!(unescape(r"a\x00b\x5c\xff").unwrap(), b"a\0b\\\xff");
        for wrong in [r"a\n", r"\x0", r"\xg0", r"\", "ä"] {
            assert!(unescape(wrong).is_err(), "{wrong}");
        }
    }
}
