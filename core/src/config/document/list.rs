//! List files: one pattern a line.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::keys;
use super::node::{Node, Value};
use super::origin_rows::origin_rows;
use super::variable::Variable;
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
    /// The document is in memory, and the list was not given with it.
    NotGiven,
    /// It is outside the folder that lists must be in, and was not read.
    Outside,
}

/// The list files of a document, for [`load_with_files`](super::load_with_files).
///
/// A file can be cut: by a writer that stalls, by a full disk. So a list that is read from one must end
/// with a line feed, unless it is empty; otherwise its last row could be the beginning of another.
pub trait ListFiles {
    /// Told the path of every list file that the document names, each once, before the first is read:
    /// so that all can be opened at one moment.
    fn open(&mut self, paths: &[&str]);

    /// The content of a list file, by its path in the document; called at most once for each.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn read(&mut self, path: &str) -> Result<Arc<Vec<u8>>, ListError>;

    /// Whether the lists are files, which can be cut. Lists that the caller gives are whole.
    fn are_files(&self) -> bool {
        true
    }

    /// The environment variable of this name; called at most once for each, before lists are opened.
    fn variable(&mut self, _name: &str) -> Variable {
        Variable::NotGiven
    }
}

/// Where the content of the lists comes from.
pub(super) enum ListSource<'a> {
    Memory(&'a mut dyn FnMut(&str) -> Result<Vec<u8>, ListError>),
    Files(&'a mut dyn ListFiles),
}

impl ListSource<'_> {
    fn open(&mut self, paths: &[&str]) {
        if let Self::Files(files) = self {
            files.open(paths);
        }
    }

    pub(super) fn variable(&mut self, name: &str) -> Variable {
        match self {
            Self::Memory(_) => Variable::NotGiven,
            Self::Files(files) => files.variable(name),
        }
    }

    fn are_files(&self) -> bool {
        matches!(self, Self::Files(files) if files.are_files())
    }

    fn read(&mut self, path: &str) -> Result<Arc<Vec<u8>>, ListError> {
        match self {
            Self::Memory(read) => read(path).map(Arc::new),
            Self::Files(files) => files.read(path),
        }
    }
}

/// A list as a row of the document names it.
pub(super) struct List<'p> {
    pub(super) path: &'p str,
    /// Where the document names it.
    pub(super) place: Place,
    /// What stands before each line, where the lines are bare hosts.
    pub(super) scheme: Option<&'static str>,
}

/// The most bytes that the lists of a document have together, but for the last: rows for which
/// there is no room need not be read.
const MAX_LISTS: usize = 1 << 30;

/// The content of every list file that a document names.
#[derive(Debug, Default)]
pub(super) struct Lists {
    by_path: HashMap<String, Result<Arc<Vec<u8>>, ListError>>,
    /// Whether they were read from files, which can be cut.
    are_files: bool,
}

impl Lists {
    /// Reads each file once, before anything borrows from it.
    pub(super) fn read(root: &Node<'_>, mut source: ListSource<'_>) -> Self {
        let paths = paths(root);
        source.open(&paths);
        let mut lists = Self { by_path: HashMap::new(), are_files: source.are_files() };
        let mut bytes = 0;
        for path in paths {
            let content = if bytes > MAX_LISTS { Err(ListError::TooLarge) } else { source.read(path) };
            bytes += content.as_ref().map_or(0, |content| content.len());
            lists.by_path.insert(path.to_owned(), content);
        }
        lists
    }

    /// The rows of a list, at most `room` and one more.
    pub(super) fn rows<'a>(&'a self, list: &List<'_>, room: usize, collector: &mut Collector<'a>) -> Vec<Row<'a>> {
        let &List { path, place, scheme } = list;
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
                let source = collector.sources().add_list(path, text, scheme);
                let whole = if self.are_files { refuse_unterminated(path, text, source, collector) } else { text };
                let rows = rows(whole, source, room);
                match scheme {
                    Some(scheme) => with_scheme(rows, scheme, collector),
                    None => rows,
                }
            }
            Err(error) => refuse_bytes(path, content, error.valid_up_to(), collector),
        }
    }
}

/// The paths of the list files that a document names, in the order in which it first names them.
fn paths<'a>(root: &'a Node<'_>) -> Vec<&'a str> {
    let mut seen = HashSet::new();
    let path = |row: &'a Node<'_>| match &row.get(keys::FILE.name)?.value {
        Value::String(path) => Some(path.as_ref()),
        _ => None,
    };
    origin_rows(root).filter_map(path).filter(|path| seen.insert(*path)).collect()
}

/// Refuses a list whose last line does not end, and returns the lines that do.
fn refuse_unterminated<'a>(path: &str, text: &'a str, source: SourceId, collector: &mut Collector<'_>) -> &'a str {
    let start = text.rfind('\n').map_or(0, |at| at + 1);
    let (whole, rest) = text.split_at_checked(start).unwrap_or((text, ""));
    if !rest.is_empty() {
        let place = Place { source, start: start as u32, end: (start + rest.trim_end().len()) as u32 };
        let message = format!("the last line of the list file {} does not end; the file may be cut", quote(path));
        collector.error(Code::ListUnterminated, Some(place), message, "add a line feed, if the file is whole".into());
    }
    whole
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

/// The rows that bare hosts stand for.
fn with_scheme<'a>(lines: Vec<Row<'a>>, scheme: &str, collector: &mut Collector<'_>) -> Vec<Row<'a>> {
    let mut rows = lines;
    rows.retain_mut(|row| {
        let line = row.text.text.as_ref();
        let (what, help) = match line {
            "*" => ("is any host", "name hosts, or write `allow_origins = [\"*\"]` in the document"),
            "null" => ("is not a host", "remove the line"),
            _ if line.contains("://") => ("has a scheme", "remove the scheme, or name the list without `scheme`"),
            _ => {
                row.text.text = Cow::Owned(format!("{scheme}://{line}"));
                return true;
            }
        };
        let message = format!("{} {what}, in a list of hosts with `scheme = \"{scheme}\"`", quote(line));
        collector.error(Code::ListNotAHost, row.text.place, message, help.into());
        false
    });
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
        ListError::NotGiven => {
            let message = format!("the list {shown} was not given with the document, which is in memory");
            let help = "pass the list beside the document, by the name that the document writes";
            collector.error(Code::ListNotGiven, Some(place), message, help.into());
        }
        ListError::Outside => {
            let message = format!("the list file {shown} is outside the document's folder, and was not read");
            let help = "move it into the folder of the document, and name it by its path from there";
            collector.error(Code::ListOutsideFolder, Some(place), message, help.into());
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
