//! The digest of a document and its lists: equal on every machine that loaded the same content.

use std::{fmt, iter};

use corsac::document::Format;
use sha2::{Digest as _, Sha256};

/// The SHA-256 of the document and lists that policies were loaded from.
///
/// Of a document without list files it is the hash of the document's bytes, as `sha256sum
/// policy.toml` prints it. With list files it is the hash of one line for each file, its own hash in
/// lower-case hexadecimal and a line feed: the document first, then each list in the order in which
/// the document first names it. `sha256sum policy.toml a.txt b.txt | cut -c1-64 | sha256sum` prints
/// the same. Environment variables that the document names follow as one line each: the hash of the value,
/// or `-` if the variable is not set.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The hash of a document that names no list files.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The hash itself.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// 64 lower-case hexadecimal digits.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// One file's content, as its hash, or why it could not be read.
pub(crate) type Part = Result<Digest, String>;

/// Everything that a load depends on. Equal contents give equal results, so content that was accepted
/// or rejected once need not be compiled again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) format: Format,
    pub(crate) document: Part,
    /// By their names in the document, in the order in which it first names them.
    pub(crate) lists: Vec<(String, Part)>,
    /// The environment variables, likewise.
    pub(crate) variables: Vec<(String, Part)>,
}

impl Content {
    /// The digest. A file that could not be read, which is possible only in a rejected document, is
    /// the line `-`.
    pub(crate) fn digest(&self) -> Digest {
        if let ([], [], Ok(document)) = (self.lists.as_slice(), self.variables.as_slice(), &self.document) {
            return *document;
        }
        let parts = self.lists.iter().chain(&self.variables).map(|(_, list)| list);
        let line = |part: &Part| part.as_ref().map_or_else(|_| "-\n".to_owned(), |part| format!("{part}\n"));
        let lines: String = iter::once(&self.document).chain(parts).map(line).collect();
        Digest::of(lines.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_sha256sum() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").to_string(), empty);
        let part = |text: &str| Ok(Digest::of(text.as_bytes()));
        let lists = vec![("a.txt".to_owned(), part("a\n")), ("b.txt".to_owned(), part("b\n"))];
        let content = Content { format: Format::Toml, document: part("x\n"), lists, variables: Vec::new() };
        // printf 'x\n' >x; printf 'a\n' >a; printf 'b\n' >b; sha256sum x a b | cut -c1-64 | sha256sum
        let expected = "3bdeaf4f242eeb204039304692b20215810947786e1c7bddb982b6d83ad9f803";
        assert_eq!(content.digest().to_string(), expected);
    }
}
