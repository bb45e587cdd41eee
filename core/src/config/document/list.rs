//! List files: one pattern a line.

use std::borrow::Cow;
use std::collections::HashMap;

use super::keys;
use super::node::{Node, Value};
use crate::config::diagnostic::{Code, Collector, Place, SourceId, quote};
use crate::config::row::Row;

/// The largest list file, in bytes.
pub const MAX_LIST: u64 = 256 << 20;

/// Why a list file could not be obtained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListError {
    /// It could not be read; the system's error message.
    Unreadable(String),
    /// It is larger than [`MAX_LIST`].
    TooLarge,
}

/// The most bytes that the lists of a document have together, but for the last: rows for which
/// there is no room need not be read.
const MAX_LISTS: usize = 1 << 30;

/// The content of every list file that a document names.
#[derive(Debug, Default)]
pub(super) struct Lists {
    by_path: HashMap<String, Result<Vec<u8>, ListError>>,
    bytes: usize,
}

impl Lists {
    /// Reads each file once, before anything borrows from it.
    pub(super) fn read(root: &Node<'_>, read: &mut dyn FnMut(&str) -> Result<Vec<u8>, ListError>) -> Self {
        let mut lists = Self::default();
        let policies = root.get(keys::POLICIES.name).into_iter().flat_map(Node::children);
        let grants = policies.flat_map(|policy| {
            let grants = policy.get(keys::GRANTS.name).into_iter().flat_map(Node::children);
            core::iter::once(policy).chain(grants)
        });
        let rows = grants.filter_map(|grant| grant.get(keys::ALLOW_ORIGINS.name)).flat_map(Node::children);
        for row in rows {
            let Some(Value::String(path)) = row.get(keys::FILE.name).map(|node| &node.value) else { continue };
            if lists.by_path.contains_key(path.as_ref()) {
                continue;
            }
            let content = if lists.bytes > MAX_LISTS { Err(ListError::TooLarge) } else { read(path) };
            lists.bytes += content.as_ref().map_or(0, Vec::len);
            lists.by_path.insert(path.clone().into_owned(), content);
        }
        lists
    }

    /// The rows of the list at `path`, at most `room` and one more; `place` is where the document
    /// names it.
    pub(super) fn rows<'a>(
        &'a self,
        path: &str,
        place: Place,
        room: usize,
        collector: &mut Collector<'a>,
    ) -> Vec<Row<'a>> {
        let content = match self.by_path.get(path) {
            Some(Ok(content)) => content,
            Some(Err(error)) => return refuse(path, place, error, collector),
            None => return Vec::new(),
        };
        if content.len() as u64 > MAX_LIST {
            return refuse(path, place, &ListError::TooLarge, collector);
        }
        match core::str::from_utf8(content) {
            Ok(text) => {
                let source = collector.sources().add(path, text);
                rows(text, source, room)
            }
            Err(error) => refuse_bytes(path, content, error.valid_up_to(), collector),
        }
    }
}

/// Blank lines and comments are left out; white space around a pattern is not part of it.
fn rows(text: &str, source: SourceId, room: usize) -> Vec<Row<'_>> {
    let mut rows = Vec::with_capacity((text.len() / 32).min(room));
    let has_comments = text.contains('#');
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if rows.len() > room {
            break;
        }
        // A byte order mark is no white space to the standard library, but to people it is.
        let mark = if offset == 0 { line.len() - line.trim_start_matches('\u{feff}').len() } else { 0 };
        let line_content = line.get(mark..).unwrap_or_default();
        let content = if has_comments { without_comment(line_content) } else { line_content };
        let pattern = content.trim();
        if !pattern.is_empty() {
            let start = (offset + mark + (content.len() - content.trim_start().len())) as u32;
            let place = Place { source, start, end: start + pattern.len() as u32 };
            rows.push(Row::at(Cow::Borrowed(pattern), Some(place)));
        }
        offset += line.len();
    }
    rows
}

/// A comment starts with `#` at the start of a line or behind white space: patterns have none in them.
fn without_comment(line: &str) -> &str {
    let is_start = |at: usize| line.get(..at).is_some_and(|before| before.is_empty() || before.ends_with([' ', '\t']));
    match line.match_indices('#').map(|(at, _)| at).find(|&at| is_start(at)) {
        Some(at) => line.get(..at).unwrap_or(line),
        None => line,
    }
}

fn refuse<'a>(path: &str, place: Place, error: &ListError, collector: &mut Collector<'_>) -> Vec<Row<'a>> {
    let shown = quote(path);
    match error {
        ListError::Unreadable(why) => {
            let message = format!("the list file {shown} cannot be read: {why}");
            let help = "write a path relative to the document";
            collector.error(Code::ListUnreadable, Some(place), message, help.into());
        }
        ListError::TooLarge => {
            let (one, all) = (MAX_LIST >> 20, MAX_LISTS >> 20);
            let message = format!(
                "the list file {shown} is larger than {one} MiB, or all list files up to it together are larger than {all} MiB"
            );
            let help = "split it, or split the document";
            collector.error(Code::ListTooLarge, Some(place), message, help.into());
        }
    }
    Vec::new()
}

fn refuse_bytes<'a>(path: &str, content: &'a [u8], valid: usize, collector: &mut Collector<'a>) -> Vec<Row<'a>> {
    let text = content.get(..valid).and_then(|valid| core::str::from_utf8(valid).ok()).unwrap_or_default();
    let source = collector.sources().add(path, text);
    let end = text.len() as u32;
    let message = format!("the list file {} is not UTF-8", quote(path));
    let place = Place { source, start: end, end };
    collector.error(Code::ListNotUtf8, Some(place), message, "save the file as UTF-8".into());
    Vec::new()
}
