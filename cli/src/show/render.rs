//! Renders diagnostics in the style of the Rust compiler: the line, a caret, the help.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Snippet};
use corsac::diagnostic::{Excerpt, Location, Position};
use corsac::{Diagnostic, Severity};

use crate::show::escape::{Text, is_invisible};

/// Renders diagnostics with or without colours.
#[derive(Debug)]
pub(crate) struct Renderer(annotate_snippets::Renderer);

impl Renderer {
    pub(crate) fn new(colors: bool) -> Self {
        Self(if colors { annotate_snippets::Renderer::styled() } else { annotate_snippets::Renderer::plain() })
    }

    /// The diagnostic as text of several lines, without a final line end.
    pub(crate) fn render(&self, diagnostic: &Diagnostic) -> String {
        self.render_with(diagnostic, None)
    }

    /// The same, with the command that explains it.
    pub(crate) fn render_with(&self, diagnostic: &Diagnostic, see: Option<&str>) -> String {
        let title = level(diagnostic.severity())
            .primary_title(Text(diagnostic.message()).to_string())
            .id(diagnostic.code().as_str());
        let mut group = Group::with_title(title);
        if let Some(location) = diagnostic.location() {
            group = group.element(place(location));
        }
        if let Some(policy) = diagnostic.policy() {
            group = group.element(Level::NOTE.with_name(Some("policy")).message(Text(policy).to_string()));
        }
        if let Some(help) = diagnostic.help() {
            group = group.element(Level::HELP.message(Text(help).to_string()));
        }
        if let Some(see) = see {
            group = group.element(Level::NOTE.with_name(Some("see")).message(see.to_owned()));
        }
        self.0.render(&[group])
    }
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

fn place(location: &Location) -> Element<'static> {
    let file = Text(location.file()).to_string();
    let Some(Position { line, column }) = location.position() else { return Origin::path(file).into() };
    match location.excerpt() {
        Some(excerpt) => {
            let (text, span) = without_controls(excerpt);
            let annotation = AnnotationKind::Primary.span(span);
            Snippet::source(text).path(file).line_start(line as usize).annotation(annotation).into()
        }
        None => Origin::path(file).line(line as usize).char_column(column as usize).into(),
    }
}

/// The line with its C1 control characters replaced, and the span adjusted. Some terminals obey these
/// characters, and the renderer does not escape them.
fn without_controls(excerpt: &Excerpt) -> (String, Range<usize>) {
    let (line, span) = (excerpt.line(), excerpt.span());
    let mut text = String::with_capacity(line.len());
    let (mut start, mut end) = (None, None);
    for (at, character) in line.char_indices() {
        if at >= span.start {
            start.get_or_insert(text.len());
        }
        if at >= span.end {
            end.get_or_insert(text.len());
        }
        let hidden = is_invisible(character) && !character.is_ascii_control();
        text.push(if hidden { '\u{fffd}' } else { character });
    }
    let start = start.unwrap_or(text.len());
    let end = end.unwrap_or(text.len()).max(start);
    (text, start..end)
}
