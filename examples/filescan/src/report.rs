//! [`Report`]: the rows, as a table at the end or as JSON while they come.

use std::io::{self, IsTerminal, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use hookspec::PluginName;
use hookspec_cli::clean;

use crate::row::{Outcome, Row, Totals};

/// Where rows go.
pub(crate) enum Report {
    Table(Vec<Row>),
    Json,
}

impl Report {
    pub(crate) fn new(json: bool) -> Self {
        if json { Self::Json } else { Self::Table(Vec::new()) }
    }

    /// # Errors
    /// Standard output cannot be written. That its reader has seen enough is no error.
    pub(crate) fn row(&mut self, row: Row) -> io::Result<()> {
        match self {
            Self::Table(rows) => {
                rows.push(row);
                Ok(())
            }
            Self::Json => print(&row.object().to_string()),
        }
    }

    /// # Errors
    /// As [`row`](Self::row).
    pub(crate) fn finish(self, totals: &Totals) -> io::Result<()> {
        match self {
            Self::Json => print(&totals.object().to_string()),
            Self::Table(mut rows) => {
                rows.sort_by(|one, other| one.path.cmp(&other.path));
                let table = table(&rows);
                let lines: Vec<String> =
                    table.lines().map(|line| line.trim_end().to_owned()).collect();
                print(&lines.join("\n"))?;
                print(&format!("\n{}", totals.line()))
            }
        }
    }
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(["FILE", "BYTES", "PLUGIN", "WHAT IS IN IT"]);
    // A row that is read by a program is one line, however long.
    let arrangement = match io::stdout().is_terminal() {
        true => ContentArrangement::Dynamic,
        false => ContentArrangement::Disabled,
    };
    table.set_content_arrangement(arrangement);
    for row in rows {
        let size = row.size.map(|size| size.to_string()).unwrap_or_default();
        let (plugin, what) = said(&row.outcome);
        let cells = [row.shown(), size, plugin.to_owned(), what];
        table.add_row(cells.iter().map(|cell| clean(cell).into_owned()));
    }
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn said(outcome: &Outcome) -> (&str, String) {
    /// What a plugin says is shown this far: it may be of any length.
    const MOST: usize = 160;
    let short = |text: &str| match text.char_indices().nth(MOST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}...", &text[..end]),
    };
    match outcome {
        Outcome::Read { plugin, kind, summary } => {
            (plugin.as_str(), short(&format!("{kind}: {summary}")))
        }
        Outcome::PassedOver { reason } => ("-", format!("({})", short(reason))),
        Outcome::Failed { plugin, cause, reason } => {
            let plugin = plugin.as_ref().map_or("-", PluginName::as_str);
            (plugin, format!("FAILED, {cause}: {}", short(reason)))
        }
        Outcome::Interrupted => ("-", "(not reached)".into()),
    }
}

fn print(text: &str) -> io::Result<()> {
    match writeln!(io::stdout().lock(), "{text}") {
        // `| head` has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
