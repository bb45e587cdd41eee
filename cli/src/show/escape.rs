//! Makes untrusted text harmless on a terminal: it cannot move the cursor, change colours, or be
//! displayed in another order than it is written.

use std::fmt::{self, Write as _};

/// How many bytes of a value are shown; a longer one is cut, and its length is shown.
const MAX_SHOWN: usize = 400;

/// Bytes of a request: visible ASCII and spaces as they are, everything else as `\xNN`, a backslash
/// doubled. Only the beginning of a very long value is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &byte in self.0.iter().take(MAX_SHOWN) {
            match byte {
                b'\\' => f.write_str("\\\\")?,
                b' '..=b'~' => f.write_char(char::from(byte))?,
                _ => write!(f, "\\x{byte:02x}")?,
            }
        }
        if self.0.len() > MAX_SHOWN { write!(f, "... ({} bytes)", self.0.len()) } else { Ok(()) }
    }
}

/// Text of the person who runs the command, such as a file name: visible characters of any script
/// stay; control characters and those that reorder or hide text are escaped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a>(pub(crate) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if is_invisible(character) {
                write!(f, "{}", character.escape_unicode())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

/// Control characters, and the format characters of Unicode (general category Cf) with the line
/// separators.
pub(crate) fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
            | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::{Bytes, MAX_SHOWN, Text};

    #[test]
    fn bytes_of_a_request_become_visible_ascii() {
        assert_eq!(Bytes(b"https://a.example").to_string(), "https://a.example");
        assert_eq!(Bytes(b"\x1b[2J\xff\\\n").to_string(), r"\x1b[2J\xff\\\x0a");
        assert_eq!(Bytes("ü".as_bytes()).to_string(), r"\xc3\xbc");
    }

    #[test]
    fn long_values_are_cut() {
        let shown = Bytes(&vec![b'a'; 65_536]).to_string();
        assert_eq!(shown, format!("{}... (65536 bytes)", "a".repeat(MAX_SHOWN)));
    }

    #[test]
    fn file_names_keep_their_letters() {
        assert_eq!(Text("größe/策略….toml").to_string(), "größe/策略….toml");
        assert_eq!(Text("a\u{1b}[1m\u{202e}b\u{9b}").to_string(), "a\\u{1b}[1m\\u{202e}b\\u{9b}");
    }
}
