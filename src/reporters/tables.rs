//! Tables of a job's own in the summary.

use super::markdown::{Inline, Page};

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// What stands above it.
    pub title: &'static str,
    /// Its columns' names.
    pub columns: Vec<&'static str>,
    /// Its rows, each with a cell a column.
    pub rows: Vec<Vec<Cell>>,
    /// What its rows are called, as `migrations`.
    pub called: &'static str,
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Plain text.
    Text(String),
    /// A name or a value, in a fixed-width type.
    Code(String),
    /// A file of the repository, linked to where it can be.
    File(String),
}

/// Writes tables, one below the other; one without rows is left out.
pub fn tables(tables: &[Table], url: &dyn Fn(&str) -> String, page: &mut Page) {
    for table in tables.iter().filter(|table| !table.rows.is_empty()) {
        page.heading(3, table.title);
        let cell = |cell: &Cell| match cell {
            Cell::Text(text) => Inline::text(text.clone()),
            Cell::Code(text) => Inline::code(text.clone()),
            Cell::File(path) => match url(path) {
                url if url.is_empty() => Inline::code(path.clone()),
                url => Inline::Link(Box::new(Inline::code(path.clone())), url),
            },
        };
        let rows: Vec<Vec<Inline>> = table.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
        page.table(&table.columns, &rows, table.called);
    }
}
