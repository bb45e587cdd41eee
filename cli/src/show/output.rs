//! Output streams and their colours.

use std::fmt;
use std::io::{self, Write};

use anstream::stream::{IsTerminal, RawStream};
use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;
use clap::builder::styling::{AnsiColor, Style};
use corsac::Verdict;

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    #[default]
    Auto,
    Always,
    Never,
}

/// A stream to write to, and whether a person is likely to be reading it.
pub struct Output<'w> {
    writer: &'w mut dyn Write,
    terminal: bool,
    colors: bool,
}

impl<'w> Output<'w> {
    /// A stream that is not a terminal: no colours, except with `--color always`.
    #[must_use]
    pub fn new(writer: &'w mut dyn Write) -> Self {
        Self { writer, terminal: false, colors: false }
    }

    /// A stream of the process, with colours as set by `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and
    /// `TERM`.
    #[must_use]
    pub(crate) fn of_stream<S: RawStream>(stream: &'w mut S) -> Self {
        let terminal = stream.is_terminal();
        let colors = AutoStream::choice(stream) != ColorChoice::Never;
        Self { writer: stream, terminal, colors }
    }

    pub(crate) fn choose_color(&mut self, when: ColorWhen) {
        match when {
            ColorWhen::Auto => {}
            ColorWhen::Always => self.colors = true,
            ColorWhen::Never => self.colors = false,
        }
    }

    pub(crate) fn is_terminal(&self) -> bool {
        self.terminal
    }

    pub(crate) fn has_colors(&self) -> bool {
        self.colors
    }

    pub(crate) fn palette(&self) -> Palette {
        if self.colors { Palette::COLORED } else { Palette::PLAIN }
    }
}

impl Write for Output<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.writer.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl fmt::Debug for Output<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").field("terminal", &self.terminal).field("colors", &self.colors).finish_non_exhaustive()
    }
}

/// The styles of human output; all are empty if there are no colours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Palette {
    /// Something is allowed or correct.
    pub(crate) good: Style,
    /// Something is denied or wrong.
    pub(crate) bad: Style,
    /// Neither.
    pub(crate) neutral: Style,
    /// Labels and headings.
    pub(crate) label: Style,
}

impl Palette {
    const PLAIN: Self = Self { good: Style::new(), bad: Style::new(), neutral: Style::new(), label: Style::new() };
    const COLORED: Self = Self {
        good: AnsiColor::Green.on_default().bold(),
        bad: AnsiColor::BrightRed.on_default().bold(),
        neutral: AnsiColor::Yellow.on_default().bold(),
        label: AnsiColor::BrightBlue.on_default().bold(),
    };

    /// The style of a verdict.
    pub(crate) fn of_verdict(self, verdict: Verdict) -> Style {
        match verdict {
            Verdict::Allowed | Verdict::PreflightAllowed => self.good,
            Verdict::NotCors | Verdict::SameOrigin => self.neutral,
            Verdict::Denied | Verdict::PreflightDenied | Verdict::NoPolicy => self.bad,
        }
    }
}
