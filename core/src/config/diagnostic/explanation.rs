//! Why each code is reported, with a bad and a good example.

mod document;
mod origin;
mod pattern;
mod rights;
mod settings;

use core::fmt;

use super::{Code, Severity};

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

/// Explanations of codes: a reason, a bad and a good example for each. The severity is an error
/// unless it is given.
macro_rules! explained {
    ($($code:ident $([$($severity:ident),+])?:
        $why:literal bad $bad_kind:ident $bad:literal good $good_kind:ident $good:literal;)*) => {
        pub(super) static EXPLANATIONS: &[super::Explanation] = &[$(super::Explanation {
            name: super::Code::$code.as_str(),
            meaning: super::Code::$code.meaning(),
            severities: super::severities(&[$($(super::Severity::$severity),+)?]),
            why: $why,
            bad: super::Example::$bad_kind($bad),
            good: super::Example::$good_kind($good),
        },)*];
    };
}
use explained;

const fn severities(given: &'static [Severity]) -> &'static [Severity] {
    if given.is_empty() { &[Severity::Error] } else { given }
}

impl Explanation {
    /// Every explanation, those of settings last; codes with one prefix are together.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        let groups = [document::EXPLANATIONS, origin::EXPLANATIONS, pattern::EXPLANATIONS, rights::EXPLANATIONS];
        groups.into_iter().chain([settings::EXPLANATIONS]).flatten()
    }

    /// The explanation of the code with this name. The Python package has codes of its own.
    #[must_use]
    pub fn of(name: &str) -> Option<&'static Self> {
        Self::all().find(|explanation| explanation.name == name)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_explained_once() {
        let mut names: Vec<&str> = Explanation::all().map(|explanation| explanation.name).collect();
        names.retain(|name| !name.starts_with("settings/"));
        names.sort_unstable();
        let mut codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        codes.sort_unstable();
        assert_eq!(names, codes);
    }
}
