//! [`Grid`]: a table. The only file that knows the library behind it.

use comfy_table::presets::NOTHING;
use comfy_table::{
    Attribute, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width,
};

use crate::output::Tone;
use crate::text::clean;

const INDENT: &str = "  ";
const GAP: usize = 2;

/// A table that breaks its cells until it fits.
#[derive(Clone, Debug)]
pub struct Grid {
    columns: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

/// One cell of a table.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// A text in a tone. Control characters in it are shown, not obeyed.
    pub fn new(text: impl AsRef<str>, tone: Tone) -> Self {
        Self { text: clean(text.as_ref()).into_owned(), tone }
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text, Tone::Plain)
    }
}

impl Grid {
    /// A table with these columns and no rows. A title that starts with `>` stands, without it,
    /// over numbers, which are aligned to the right.
    pub fn new(columns: impl AsRef<[&'static str]>) -> Self {
        Self { columns: columns.as_ref().to_vec(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn terminal_width() -> Option<usize> {
        Table::new().width().map(usize::from)
    }

    pub(crate) fn lines(&self, width: usize, color: bool) -> Vec<String> {
        let mut table = Table::new();
        // Columns are set apart by their own padding; that of the last may stand outside.
        let room = (width + GAP).saturating_sub(INDENT.len());
        let widths = self.widths(room);
        table
            .load_style(NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(room).unwrap_or(u16::MAX))
            .force_no_tty();
        if color {
            table.enforce_styling();
        }
        table.set_header(self.columns.iter().map(|title| {
            let title = title.trim_start_matches('>').to_uppercase();
            comfy_table::Cell::new(title).add_attribute(Attribute::Dim)
        }));
        for row in &self.rows {
            table.add_row(
                row.iter().map(|cell| tone(comfy_table::Cell::new(&cell.text), cell.tone)),
            );
        }
        for (index, title) in self.columns.iter().enumerate() {
            if let Some(column) = table.column_mut(index) {
                column.set_padding((0, GAP as u16));
                let width = u16::try_from(widths[index] + GAP).unwrap_or(u16::MAX);
                column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
                if title.starts_with('>') {
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
        }
        table.lines().map(|line| format!("{INDENT}{line}")).collect()
    }

    /// How wide each column is. Texts are broken first, the widest most; names and numbers only
    /// where nothing else is left.
    fn widths(&self, room: usize) -> Vec<usize> {
        let columns: Vec<Column> = (0..self.columns.len()).map(|i| self.measure(i)).collect();
        let mut widths: Vec<usize> = columns.iter().map(|column| column.widest).collect();
        let taken = |widths: &[usize]| widths.iter().map(|width| width + GAP).sum::<usize>();
        for floor in [|column: &Column| column.longest_word, |_: &Column| 4] {
            while taken(&widths) > room {
                let shrinkable = (0..widths.len()).filter(|i| widths[*i] > floor(&columns[*i]));
                let Some(widest) = shrinkable.max_by_key(|i| widths[*i]) else { break };
                widths[widest] -= 1;
            }
        }
        widths
    }

    fn measure(&self, index: usize) -> Column {
        // Wider than any name: a text, which may be broken anywhere if it must.
        const NAME: usize = 24;
        const WORD: usize = 12;
        let title = self.columns[index].trim_start_matches('>');
        let cells = || self.rows.iter().filter_map(|row| row.get(index)).map(|cell| &*cell.text);
        let texts = || cells().chain([title]);
        let count = |text: &str| text.chars().count();
        let widest = texts().map(count).max().unwrap_or_default();
        let words = texts().flat_map(str::split_whitespace).map(count).max().unwrap_or_default();
        let longest_word = match (index, widest <= NAME) {
            (0, true) => widest,
            (_, true) => words,
            (_, false) => words.min(WORD),
        };
        Column { widest, longest_word }
    }
}

/// What a column would like to have, and what it needs.
struct Column {
    widest: usize,
    longest_word: usize,
}

fn tone(cell: comfy_table::Cell, tone: Tone) -> comfy_table::Cell {
    match tone {
        Tone::Plain => cell,
        Tone::Strong => cell.add_attribute(Attribute::Bold),
        Tone::Dim => cell.add_attribute(Attribute::Dim),
        Tone::Good => cell.fg(Color::DarkGreen),
        Tone::Warn => cell.fg(Color::DarkYellow),
        Tone::Bad => cell.fg(Color::DarkRed).add_attribute(Attribute::Bold),
        Tone::Help => cell.fg(Color::DarkCyan),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_breaks_its_cells_until_it_fits() {
        let mut grid = Grid::new(["name", ">calls", "what it says"]);
        grid.row(["a".into(), "7".into(), "word ".repeat(40).into()]);
        grid.row(["longer".into(), "1234".into(), Cell::new("short", Tone::Bad)]);
        for width in [40, 80, 120] {
            for line in grid.lines(width, false) {
                assert!(line.trim_end().chars().count() <= width, "{width}: {line}");
            }
        }
        let lines = grid.lines(80, false);
        assert_eq!(lines[0].trim_end(), "  NAME    CALLS  WHAT IT SAYS");
        assert!(lines[1].starts_with("  a           7  word word"), "{lines:#?}");
    }

    #[test]
    fn control_characters_of_plugins_do_not_reach_the_terminal() {
        let mut grid = Grid::new(["text"]);
        grid.row(["\x1b[2J\u{7}gone".into()]);
        assert!(!grid.lines(80, false).concat().contains(['\x1b', '\u{7}']));
        assert!(Grid::new(["x"]).is_empty() && !grid.is_empty());
    }
}
