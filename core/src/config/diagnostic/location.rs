//! Where in a document or list file a finding is.

use core::cell::Cell;
use core::ops::Range;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::quote;

/// The longest line that is quoted. Longer ones have a line and a column, but no excerpt.
const MAX_EXCERPT: usize = 400;

/// A place that a person can go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    file: Arc<str>,
    position: Option<Position>,
    end: Option<Position>,
    excerpt: Option<Excerpt>,
}

/// A place in a file's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
}

/// The line that a finding is on, and which part of it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    line: Box<str>,
    span: Range<usize>,
}

impl Location {
    pub(crate) fn of_file(name: &str) -> Self {
        Self { file: name.into(), position: None, end: None, excerpt: None }
    }

    /// The name of the document or list file, as the loader knows it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Where in the file; none for a file that could not be read.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.position
    }

    /// Where what is meant ends: the place behind its last character, on this or on a later line.
    #[must_use]
    pub fn end(&self) -> Option<Position> {
        self.end
    }

    /// The line itself, unless it is longer than 400 bytes.
    #[must_use]
    pub fn excerpt(&self) -> Option<&Excerpt> {
        self.excerpt.as_ref()
    }
}

impl Excerpt {
    /// The line, without its end.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }

    /// The bytes of the line that are meant.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}

/// Which of [`Sources`] a place is in: 0 is the document, the others are list files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SourceId(u32);

impl SourceId {
    pub(crate) const DOCUMENT: Self = Self(0);
}

/// Bytes of a source. Sources are at most 256 MiB, so offsets fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) source: SourceId,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// The texts that places point into.
#[derive(Debug, Default)]
pub(crate) struct Sources<'a> {
    sources: Vec<Source<'a>>,
    /// The texts that variables hold, which are not shown.
    hidden: HashMap<&'a str, (SourceId, u32)>,
}

#[derive(Debug)]
struct Source<'a> {
    name: Arc<str>,
    text: &'a str,
    /// What stands before each line, where the lines of a list are bare hosts.
    scheme: Option<&'static str>,
    /// Of an environment variable: where the document names it. Places in it are numbers of elements.
    named_at: Option<Place>,
    /// Where lines start; made when the first finding needs it.
    lines: OnceLock<Vec<u32>>,
    /// The last place that was located and its column: findings mostly come in order, and a line can
    /// be as long as its file.
    last: Cell<(usize, u32)>,
}

impl<'a> Sources<'a> {
    pub(crate) fn add(&mut self, name: &str, text: &'a str) -> SourceId {
        self.add_list(name, text, None)
    }

    /// A list; with a scheme, one of bare hosts.
    pub(crate) fn add_list(&mut self, name: &str, text: &'a str, scheme: Option<&'static str>) -> SourceId {
        let id = SourceId(self.sources.len() as u32);
        let (lines, last) = (OnceLock::new(), Cell::new((0, 1)));
        self.sources.push(Source { name: name.into(), text, scheme, named_at: None, lines, last });
        id
    }

    /// An environment variable, which the document names at this place.
    pub(crate) fn add_variable(&mut self, name: &str, named_at: Place, elements: &'a [String]) -> SourceId {
        let id = self.add(name, "");
        if let Some(source) = self.sources.last_mut() {
            source.named_at = Some(named_at);
        }
        for (number, element) in (0..).zip(elements) {
            self.hidden.entry(element).or_insert((id, number));
        }
        id
    }

    /// What a finding calls the element of a variable at this place, in place of its text.
    pub(crate) fn element(&self, place: Option<Place>) -> Option<String> {
        let place = place?;
        let source = self.sources.get(place.source.0 as usize).filter(|source| source.named_at.is_some())?;
        Some(format!("element {} of the variable {}", place.start + 1, quote(&source.name)))
    }

    /// A row in back-ticks, unless it is in a variable: then its number there.
    pub(crate) fn shown(&self, row: &str) -> String {
        let place = self.hidden.get(row).map(|&(source, start)| Place { source, start, end: start });
        self.element(place).unwrap_or_else(|| quote(row))
    }

    /// The scheme that a row at this place has from the document, and not from its line.
    pub(crate) fn scheme(&self, place: Option<Place>) -> Option<&'static str> {
        self.sources.get(place?.source.0 as usize)?.scheme
    }

    pub(crate) fn locate(&self, place: Place) -> Option<Location> {
        let source = self.sources.get(place.source.0 as usize)?;
        if let Some(named_at) = source.named_at {
            return self.locate(named_at);
        }
        let (start, end) = (place.start as usize, place.end as usize);
        let lines = source.lines.get_or_init(|| line_starts(source.text));
        let index = lines.partition_point(|&line| line as usize <= start).saturating_sub(1);
        let line_start = lines.get(index).map_or(0, |&line| line as usize);
        let line_end = lines.get(index + 1).map_or(source.text.len(), |&next| next as usize);
        let line = source.text.get(line_start..line_end)?.trim_end_matches(['\n', '\r']);
        let before = start - line_start;
        // A place may lie behind the last character, where something is missing.
        let (last, last_column) = source.last.get();
        let (from, counted) = if (line_start..=start).contains(&last) { (last, last_column) } else { (line_start, 1) };
        let end_of_line = line_start + line.len();
        let between = source.text.get(from.min(end_of_line)..start.min(end_of_line)).unwrap_or_default();
        let column = counted + between.chars().count() as u32;
        source.last.set((start.min(end_of_line), column));
        let excerpt = (line.len() <= MAX_EXCERPT).then(|| Excerpt {
            line: line.into(),
            span: before.min(line.len())..end.saturating_sub(line_start).clamp(before.min(line.len()), line.len()),
        });
        let position = Position { line: index as u32 + 1, column };
        let end = source.end(start, end, position, index);
        Some(Location { file: source.name.clone(), position: Some(position), end, excerpt })
    }
}

impl Source<'_> {
    /// The position of the byte `end`, where `start` is at `position`, on the line of this index.
    fn end(&self, start: usize, end: usize, position: Position, index: usize) -> Option<Position> {
        let lines = self.lines.get()?;
        let last = lines.partition_point(|&line| line as usize <= end).saturating_sub(1);
        let (from, before) = if last > index { (*lines.get(last)? as usize, 1) } else { (start, position.column) };
        let between = self.text.get(from.min(end)..end.min(self.text.len())).unwrap_or_default();
        Some(Position { line: last.max(index) as u32 + 1, column: before + between.chars().count() as u32 })
    }
}

fn line_starts(text: &str) -> Vec<u32> {
    let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
    core::iter::once(0).chain(ends.map(|(at, _)| at as u32 + 1)).collect()
}
