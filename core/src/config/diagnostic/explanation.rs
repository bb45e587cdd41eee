//! Why a code is reported, with a bad and a good example.

use core::fmt;

use super::code::Severity;

/// What a code means, why it is reported, and how to write it instead. `Display` writes its section
/// of `docs/diagnostics.md`, in Markdown.
#[derive(Debug)]
#[non_exhaustive]
pub struct Explanation {
    /// The permanent name, such as `origin/trailing-slash`.
    pub name: &'static str,
    /// The meaning, in one line.
    pub meaning: &'static str,
    /// The severities that it is reported with.
    pub severities: &'static [Severity],
    /// Why it is reported, in a few sentences.
    pub why: &'static str,
    /// What produces the code.
    pub bad: Example,
    /// What to write instead.
    pub good: Example,
}

/// An example of an [`Explanation`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Example {
    /// A document in TOML; without a `version`, what is in its table `[policy.api]` and after it.
    Toml(&'static str),
    /// A document in JSON.
    Json(&'static str),
    /// Settings of the Python package.
    Python(&'static str),
    /// A description, for what is too large to show.
    Words(&'static str),
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severities: Vec<&str> = self.severities.iter().map(|severity| severity.as_str()).collect();
        writeln!(f, "### `{}`\n", self.name)?;
        writeln!(f, "{}: {}.\n\n{}\n", severities.join(" or "), self.meaning, self.why)?;
        write!(f, "Bad:{}\nGood:{}", self.bad, self.good)
    }
}

/// A code block or a sentence, to be read after a colon.
impl fmt::Display for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (language, text) = match self {
            Self::Toml(text) => ("toml", text),
            Self::Json(text) => ("json", text),
            Self::Python(text) => ("python", text),
            Self::Words(text) => return writeln!(f, " {text}"),
        };
        writeln!(f, "\n```{language}\n{text}\n```")
    }
}
