//! [`Output`]: where data goes, and in which form. Absent: standard error, see [`crate::text`].

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Write};

use clap::ValueEnum;
use serde_json::Value;

use crate::args::Color;
use crate::grid::Grid;

/// The form of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text and tables
    Human,
    /// One JSON object
    Json,
}

/// How a text is meant to look, where colours are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    #[default]
    Plain,
    /// Important.
    Strong,
    /// Unimportant.
    Dim,
    /// All is well.
    Good,
    /// Worth a look.
    Warn,
    /// Something is wrong.
    Bad,
    /// What to do.
    Help,
}

/// Standard output: text for people or one JSON object, fitted to the terminal.
///
/// Nothing here fails while writing: an error is kept and reported when the command has ended. A
/// reader that has seen enough and closes its end (`| head`) is no error at all.
pub struct Output {
    format: Format,
    color: bool,
    width: usize,
    sink: BufWriter<Box<dyn Write + Send>>,
    failed: Option<io::Error>,
}

impl Output {
    /// The width where there is no terminal to ask.
    const WIDTH: usize = 100;

    pub(crate) fn stdout(format: Format, color: Color) -> Self {
        let stdout = io::stdout();
        let color = color.wanted(stdout.is_terminal());
        let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let width = asked.or_else(Grid::terminal_width).unwrap_or(Self::WIDTH);
        Self {
            format,
            color,
            width: width.clamp(40, 400),
            sink: BufWriter::new(Box::new(stdout)),
            failed: None,
        }
    }

    /// Text for people on standard output, for an application that has no command line of this crate.
    ///
    /// # Errors
    /// It could not be written, other than because its reader went away.
    pub fn on_stdout(show: impl FnOnce(&mut Self)) -> io::Result<()> {
        let mut output = Self::stdout(Format::Human, Color::Auto);
        show(&mut output);
        output.finish()
    }

    /// The form that was asked for. A command that answers in JSON calls [`json`](Self::json)
    /// once, and nothing else.
    pub fn format(&self) -> Format {
        self.format
    }

    /// How many characters fit into a line.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Writes a line.
    pub fn line(&mut self, text: impl Display) {
        self.write(format_args!("{text}\n"));
    }

    /// Writes a paragraph, broken into lines that fit, all of them behind the same indentation.
    pub fn paragraph(&mut self, indent: &str, text: &str) {
        let room = self.width.min(Self::WIDTH).saturating_sub(indent.len()).max(20);
        let mut line = String::new();
        for word in text.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room {
                self.line(format_args!("{indent}{line}"));
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if !line.is_empty() {
            self.line(format_args!("{indent}{line}"));
        }
    }

    /// Writes a heading, after an empty line.
    pub fn heading(&mut self, text: &str) {
        let heading = self.paint(Tone::Strong, text).into_owned();
        self.line(format_args!("\n{heading}"));
    }

    /// Writes a table that fits the width.
    pub fn grid(&mut self, grid: &Grid) {
        for line in grid.lines(self.width, self.color) {
            self.line(line.trim_end());
        }
    }

    /// Writes the one JSON object.
    pub fn json(&mut self, object: &Value) {
        self.write(format_args!("{object:#}\n"));
    }

    /// Writes one of many JSON objects, on a line of its own.
    pub(crate) fn record(&mut self, object: &Value) {
        self.write(format_args!("{object}\n"));
    }

    /// Whether nobody takes what is written any more. Known only once something was flushed.
    pub(crate) fn is_closed(&self) -> bool {
        self.failed.is_some()
    }

    /// A text in a tone; as it is where no colours are wanted.
    pub fn paint<'a>(&self, tone: Tone, text: &'a str) -> Cow<'a, str> {
        let code = match tone {
            _ if !self.color => return Cow::Borrowed(text),
            Tone::Plain => return Cow::Borrowed(text),
            Tone::Strong => "1",
            Tone::Dim => "2",
            Tone::Good => "32",
            Tone::Warn => "33",
            Tone::Bad => "1;31",
            Tone::Help => "36",
        };
        Cow::Owned(format!("\x1b[{code}m{text}\x1b[0m"))
    }

    /// Shows what was written so far: before something that takes time.
    pub fn flush(&mut self) {
        let flushed = self.sink.flush();
        self.keep(flushed);
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.flush();
        match self.failed.take() {
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
            _ => Ok(()),
        }
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        let written = match self.failed {
            None => self.sink.write_fmt(text),
            Some(_) => Ok(()),
        };
        self.keep(written);
    }

    fn keep(&mut self, result: io::Result<()>) {
        if let Err(error) = result {
            self.failed.get_or_insert(error);
            // What is still buffered has nowhere to go, and would fail again when dropped.
            self.sink = BufWriter::new(Box::new(io::sink()));
        }
    }
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output")
            .field("format", &self.format)
            .field("color", &self.color)
            .field("width", &self.width)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
impl Output {
    /// What is written, in a width.
    pub(crate) fn shown(format: Format, width: usize, show: impl FnOnce(&mut Self)) -> String {
        let sink = tests::Sink::default();
        let mut output = Self { format, ..tests::output(&sink, false, width) };
        show(&mut output);
        output.flush();
        let bytes = sink.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    pub(super) struct Sink(pub(super) Arc<Mutex<Vec<u8>>>, Option<io::ErrorKind>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match self.1 {
                Some(kind) => Err(kind.into()),
                None => self.0.lock().unwrap().write(bytes),
            }
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    pub(super) fn output(sink: &Sink, color: bool, width: usize) -> Output {
        let sink = BufWriter::new(Box::new(sink.clone()) as Box<dyn Write + Send>);
        Output { format: Format::Human, color, width, sink, failed: None }
    }

    #[test]
    fn paragraphs_keep_their_indentation_and_their_width() {
        let sink = Sink::default();
        let mut output = output(&sink, false, 30);
        output.paragraph("  ", "one two three four five six seven eight nine ten");
        output.finish().unwrap();
        let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text, "  one two three four five six\n  seven eight nine ten\n");
    }

    #[test]
    fn colours_only_where_they_are_wanted() {
        let sink = Sink::default();
        assert_eq!(output(&sink, false, 80).paint(Tone::Bad, "no"), "no");
        assert_eq!(output(&sink, true, 80).paint(Tone::Bad, "no"), "\x1b[1;31mno\x1b[0m");
        assert_eq!(output(&sink, true, 80).paint(Tone::Plain, "no"), "no");
    }

    #[test]
    fn a_reader_that_goes_away_is_no_error_and_a_full_disk_is_one() {
        for (kind, fine) in [(io::ErrorKind::BrokenPipe, true), (io::ErrorKind::StorageFull, false)]
        {
            let mut output = output(&Sink(Arc::default(), Some(kind)), false, 80);
            for _ in 0..10_000 {
                output.line("more than a buffer holds");
            }
            assert_eq!(output.finish().is_ok(), fine, "{kind}");
        }
    }
}
