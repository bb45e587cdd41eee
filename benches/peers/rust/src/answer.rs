//! What a contestant says to one request.

use serde::Serialize;

/// A response's head; or, of a floor, only whether it lets the request pass.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    Head { status: u16, headers: Vec<(String, String)> },
    Word { allowed: Option<bool> },
}

impl Answer {
    pub(crate) fn head<'n, 'v>(status: u16, headers: impl IntoIterator<Item = (&'n str, &'v [u8])>) -> Self {
        let header = |(name, value): (&str, &[u8])| (name.to_owned(), String::from_utf8_lossy(value).into_owned());
        Self::Head { status, headers: headers.into_iter().map(header).collect() }
    }
}
