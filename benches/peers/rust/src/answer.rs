//! A contestant's answer to one request.

use serde::Serialize;

/// The status and headers of a response; for a lower bound, only whether it allows the request.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    Head { status: u16, headers: Vec<(String, String)> },
    Word { allowed: bool },
}

impl Answer {
    pub(crate) fn head<'n, 'v>(status: u16, headers: impl IntoIterator<Item = (&'n str, &'v [u8])>) -> Self {
        let header = |(name, value): (&str, &[u8])| (name.to_owned(), String::from_utf8_lossy(value).into_owned());
        Self::Head { status, headers: headers.into_iter().map(header).collect() }
    }
}
