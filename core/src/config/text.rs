//! Texts of a configuration, with their places.

use std::borrow::Cow;

use crate::config::diagnostic::Place;

/// A text of a configuration, and where it stands if it stands in a document.
#[derive(Clone, Debug)]
pub(crate) struct Text<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) place: Option<Place>,
}
