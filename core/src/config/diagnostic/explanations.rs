//! Every explanation of a code.

mod document;
mod origin;
mod pattern;
mod rights;
mod settings;

use super::explanation::{Example, Explanation};
use super::{Code, Severity};

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
