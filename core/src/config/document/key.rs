//! What is known of one key of the policy language.

/// A key of the policy language: what it means, what it accepts, and what it is called elsewhere.
///
/// [`KEYS`](crate::document::KEYS) has them all. Documents are read by this table, and the pages
/// `docs/policy.md` and `docs/policy.schema.json` are written from it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Key {
    /// The name in a document.
    pub name: &'static str,
    /// The tables that it may appear in.
    pub sections: &'static [Section],
    /// The values that it accepts.
    pub kind: Kind,
    /// The value if the key is omitted, in TOML or in words; `None`: the key is required.
    pub default: Option<&'static str>,
    /// Keys of the same table that it cannot be combined with.
    pub not_with: &'static [&'static str],
    /// What the key says, in one sentence.
    pub about: &'static str,
    /// What is rejected, and why; may be empty.
    pub rejected: &'static str,
    /// TOML that is accepted. Without `version` it belongs into, or after, a table `[policy.api]`.
    pub example: &'static str,
    /// Names that other packages use for it.
    pub peers: &'static [&'static str],
    /// The first release that has it.
    pub since: &'static str,
}

/// A table of a policy document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Section {
    /// The document itself.
    Document,
    /// `[policy.NAME]`.
    Policy,
    /// `[[policy.NAME.grant]]`.
    Grant,
    /// A row of `allow_origins` that is a table.
    Row,
    /// `[[policy.NAME.expect]]`.
    Expectation,
    /// `[[route]]`.
    Route,
}

impl Section {
    /// Every kind of table, in the order of the page.
    pub const ALL: &'static [Self] =
        &[Self::Document, Self::Policy, Self::Grant, Self::Row, Self::Expectation, Self::Route];

    /// How the table is written in TOML.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Policy => "[policy.NAME]",
            Self::Grant => "[[policy.NAME.grant]]",
            Self::Row => "{ … } in allow_origins",
            Self::Expectation => "[[policy.NAME.expect]]",
            Self::Route => "[[route]]",
        }
    }
}

/// The values that a key accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The integer 1.
    Version,
    /// `true` or `false`.
    Boolean,
    /// An integer in this range.
    Integer {
        /// The smallest.
        from: i64,
        /// The largest.
        to: i64,
    },
    /// One of these integers; the first is the default.
    Number(&'static [u16]),
    /// One of these strings; the first is the default, if there is one.
    Word(&'static [&'static str]),
    /// A string: what it holds.
    String(&'static str),
    /// An array of strings: what each of them holds.
    Strings(&'static str),
    /// An array of `[name, value]` pairs of strings.
    Pairs,
    /// An array of patterns and rows.
    Rows,
    /// An array of tables.
    Tables(Section),
    /// A table of tables by name.
    Named(Section),
}

impl Kind {
    /// What a message and the page call the type.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Version => "the integer 1",
            Self::Boolean => "`true` or `false`",
            Self::Integer { .. } | Self::Number(_) => "an integer",
            Self::Word(_) | Self::String(_) => "a string",
            Self::Strings(_) => "an array of strings",
            Self::Pairs => "an array of `[name, value]` pairs",
            Self::Rows => "an array of origins",
            Self::Tables(_) => "an array of tables",
            Self::Named(_) => "a table of policies",
        }
    }
}

impl Key {
    /// The values of a key that accepts only these strings; else none.
    #[must_use]
    pub fn words(&self) -> &'static [&'static str] {
        match self.kind {
            Kind::Word(words) => words,
            _ => &[],
        }
    }

    /// The values of a key that accepts only these integers; else none.
    #[must_use]
    pub fn numbers(&self) -> &'static [u16] {
        match self.kind {
            Kind::Number(numbers) => numbers,
            _ => &[],
        }
    }
}
