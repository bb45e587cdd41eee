//! One row of an allow-list as it is configured.

use std::borrow::Cow;

use crate::config::diagnostic::Place;
use crate::config::text::Text;
use crate::policy::Overrides;

/// One row of an allow-list, with what it says beyond its pattern.
///
/// ```
/// use corsac::{PolicyBuilder, Row};
///
/// let mut builder = PolicyBuilder::new("dev");
/// builder.row(Row::new("http://dev.example.com").dangerously_allow_insecure_scheme());
/// builder.allow_credentials(true);
/// assert!(builder.build().is_ok());
/// ```
#[derive(Clone, Debug)]
pub struct Row<'a> {
    pub(crate) text: Text<'a>,
    /// The text is a regular expression, not a pattern.
    pub(crate) is_expression: bool,
    // Few rows have any, and lists have millions of rows.
    options: Option<Box<RowOptions>>,
}

/// What a row can say beyond its pattern, and where it says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RowOptions {
    pub(crate) depth: Option<(i64, Option<Place>)>,
    pub(crate) public_suffix: Override,
    pub(crate) insecure_scheme: Override,
    pub(crate) null: Override,
    pub(crate) unproved: Override,
}

/// An option named for the exact risk that it takes; it stays visible as a warning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Override {
    pub(crate) given: bool,
    pub(crate) place: Option<Place>,
}

impl Override {
    const GIVEN: Self = Self { given: true, place: None };
}

impl<'a> Row<'a> {
    /// A row that is only its pattern.
    #[must_use]
    pub fn new(pattern: impl Into<Cow<'a, str>>) -> Self {
        Self::at(pattern.into(), None)
    }

    pub(crate) fn at(text: Cow<'a, str>, place: Option<Place>) -> Self {
        Self { text: Text { text, place }, is_expression: false, options: None }
    }

    pub(crate) fn options(&self) -> RowOptions {
        self.options.as_deref().copied().unwrap_or_default()
    }

    /// Which overrides the row carries.
    pub(crate) fn overrides(&self) -> Overrides {
        let RowOptions { depth: _, public_suffix, insecure_scheme, null, unproved } = self.options();
        Overrides::new([public_suffix, insecure_scheme, null, unproved].map(|option| option.given))
    }

    pub(crate) fn options_mut(&mut self) -> &mut RowOptions {
        self.options.get_or_insert_default()
    }

    /// A row that is a regular expression. It is always matched whole, and accepted only with a
    /// proof that it stays inside named registrable domains.
    ///
    /// ```
    /// use corsac::{PolicyBuilder, Row};
    ///
    /// let mut builder = PolicyBuilder::new("previews");
    /// builder.row(Row::regex(r"https://[a-z0-9-]+--site\.example\.org"));
    /// assert!(builder.build().is_ok());
    /// builder.row(Row::regex(r"https://.*example\.com"));
    /// assert!(builder.build().is_err());
    /// ```
    #[must_use]
    pub fn regex(expression: impl Into<Cow<'a, str>>) -> Self {
        Self { is_expression: true, ..Self::new(expression) }
    }

    /// The most labels that a leading `*.` covers, from 1 to 126.
    #[must_use]
    pub fn depth(mut self, labels: u8) -> Self {
        self.options_mut().depth = Some((labels.into(), None));
        self
    }

    /// Accepts a wildcard below which anyone can register a name.
    #[must_use]
    pub fn dangerously_allow_public_suffix(mut self) -> Self {
        self.options_mut().public_suffix = Override::GIVEN;
        self
    }

    /// Accepts `http` with credentials: anyone on the network path can read what the page may read.
    #[must_use]
    pub fn dangerously_allow_insecure_scheme(mut self) -> Self {
        self.options_mut().insecure_scheme = Override::GIVEN;
        self
    }

    /// Accepts an expression without a proof. Never with credentials.
    #[must_use]
    pub fn dangerously_unproved(mut self) -> Self {
        self.options_mut().unproved = Override::GIVEN;
        self
    }

    /// Accepts `null`, which every sandboxed frame of every site sends. Never with credentials.
    #[must_use]
    pub fn dangerously_allow_null(mut self) -> Self {
        self.options_mut().null = Override::GIVEN;
        self
    }
}
