//! Whether a change allows more, or less.

/// Whether more is allowed than before, or less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Something is allowed that was denied.
    Widens,
    /// Something is denied that was allowed.
    Narrows,
    /// Some requests are newly allowed, others newly denied.
    Both,
    /// Neither, or the effect depends on more than the change itself, as with routes.
    Neither,
}

impl Effect {
    pub(super) const fn of(widens: bool, narrows: bool) -> Self {
        match (widens, narrows) {
            (true, true) => Self::Both,
            (true, false) => Self::Widens,
            (false, true) => Self::Narrows,
            (false, false) => Self::Neither,
        }
    }

    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        Self::of(self.widens() || other.widens(), self.narrows() || other.narrows())
    }

    /// Whether something more is allowed.
    #[must_use]
    pub const fn widens(self) -> bool {
        matches!(self, Self::Widens | Self::Both)
    }

    /// Whether something less is allowed.
    #[must_use]
    pub const fn narrows(self) -> bool {
        matches!(self, Self::Narrows | Self::Both)
    }

    /// The name in every binding. Permanent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Widens => "widens",
            Self::Narrows => "narrows",
            Self::Both => "both",
            Self::Neither => "neither",
        }
    }
}
