//! What is to be done, from the files and the history: pure.

use std::collections::BTreeMap;

use super::history::{History, Row};
use super::stop::Failed;
use crate::codes;
use crate::migrations::{Kind, Layout, Migration};
use crate::problem::Failure;
use crate::reporters::annotations::{Annotation, Level};

/// What is to be done.
#[derive(Debug, Default)]
pub struct Decision<'a> {
    /// What is not applied, or not whole, in order.
    pub pending: Vec<Pending<'a>>,
    /// What is applied.
    pub applied: Vec<&'a Migration>,
    /// Applied migrations whose files were changed since.
    pub changed: Vec<&'a Migration>,
    /// Applied migrations without a file that may be missed.
    pub missing: Vec<Row>,
    /// Applied migrations without a file that are older than all files: pruned, it seems.
    pub pruned: Vec<Row>,
    /// Pending migrations that sort before one that is applied.
    pub late: Vec<&'a Migration>,
}

/// A migration that is to be applied.
#[derive(Clone, Debug)]
pub struct Pending<'a> {
    /// The migration.
    pub migration: &'a Migration,
    /// What the history knows of it already: a part was done.
    pub row: Option<Row>,
}

/// Compares the files with the history.
pub fn decide<'a>(layout: &'a Layout, history: &History, rows: &[Row]) -> Decision<'a> {
    let mut known: BTreeMap<&str, &Row> = rows.iter().map(|row| (row.id.as_str(), row)).collect();
    let mut decision = Decision::default();
    let mut newest: Option<&Migration> = None;
    for migration in &layout.migrations {
        let row = known.remove(migration.id.as_str());
        let sum = history.checksum(migration);
        let is_same = row.is_none_or(|row| row.checksum.is_empty() || row.checksum == sum);
        match row {
            Some(row) if row.is_finished && (is_same || migration.kind != Kind::Repeatable) => {
                decision.applied.push(migration);
                if !is_same {
                    decision.changed.push(migration);
                }
                if migration.kind == Kind::Versioned {
                    newest = Some(migration);
                }
            }
            Some(row) => {
                // A part of it is done: what comes next must be what was there then.
                if !is_same && row.done + row.begun.map_or(0, |_| 1) > 0 && !row.is_finished {
                    decision.changed.push(migration);
                }
                decision.pending.push(Pending { migration, row: Some(row.clone()).filter(|row| !row.is_finished) });
            }
            None => decision.pending.push(Pending { migration, row: None }),
        }
    }
    if let Some(newest) = newest {
        let is_late = |migration: &Migration| {
            migration.kind == Kind::Versioned && Layout::order(layout.format, migration, newest).is_lt()
        };
        let untouched = decision.pending.iter().filter(|pending| pending.row.is_none());
        decision.late = untouched.map(|pending| pending.migration).filter(|migration| is_late(migration)).collect();
    }
    let first = rows.iter().position(|row| !known.contains_key(row.id.as_str()));
    for (at, row) in rows.iter().enumerate().filter(|(_, row)| known.contains_key(row.id.as_str())) {
        // With no file left that is applied, nothing tells a pruned one from a missing one.
        match first.is_some_and(|first| at < first) {
            true => decision.pruned.push(row.clone()),
            false => decision.missing.push(row.clone()),
        }
    }
    decision
}

impl Decision<'_> {
    /// What stands in the way of applying anything; all of it together.
    pub fn problems(&self, any_order: bool) -> Option<Failed> {
        let mut annotations = Vec::new();
        let mut notes = Vec::new();
        let mut code = &codes::HISTORY_DIFFERS;
        for migration in &self.changed {
            let text = format!("`{}` was changed after it was applied", migration.title());
            annotations.push(at_file(migration, code.id, &text));
            notes.push(text);
        }
        for row in &self.missing {
            notes.push(format!("`{} {}` is applied, and its file is not here", row.id, row.name));
        }
        if !any_order {
            for migration in &self.late {
                if notes.is_empty() {
                    code = &codes::MIGRATION_ORDER;
                }
                let text = format!("`{}` sorts before a migration that is applied already", migration.title());
                annotations.push(at_file(migration, codes::MIGRATION_ORDER.id, &text));
                notes.push(text);
            }
        }
        let message = match notes.as_slice() {
            [] => return None,
            [only] => only.clone(),
            [first, rest @ ..] => format!("{first}; and {} more such things", rest.len()),
        };
        Some(Failed { failure: Failure::new(code, message), annotations, notes })
    }
}

fn at_file(migration: &Migration, title: &str, text: &str) -> Annotation {
    Annotation { file: Some(migration.up.path.clone()), line: Some(1), ..Annotation::new(Level::Error, title, text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrations::{self, Format, SourceFile};

    fn layout(files: &[(&str, &str)]) -> Layout {
        let files: Vec<_> = files
            .iter()
            .map(|(path, text)| SourceFile { path: format!("m/{path}"), bytes: text.as_bytes().to_vec() })
            .collect();
        migrations::read(Some(Format::Own), &["m".to_owned()], &files).unwrap()
    }

    fn row(id: &str, checksum: &str, is_finished: bool) -> Row {
        Row { id: id.to_owned(), checksum: checksum.to_owned(), is_finished, ..Row::default() }
    }

    /// What is pending, applied, changed, missing, pruned and late.
    fn check(files: &[(&str, &str)], rows: &[Row], expected: [&str; 6]) {
        let layout = layout(files);
        let history = History::new("public", "waybill_migrations", Format::Own, &[]);
        let decision = decide(&layout, &history, rows);
        let ids = |all: &[&Migration]| all.iter().map(|one| one.id.clone()).collect::<Vec<_>>().join(" ");
        let rows = |all: &[Row]| all.iter().map(|one| one.id.clone()).collect::<Vec<_>>().join(" ");
        let pending: Vec<_> = decision.pending.iter().map(|pending| pending.migration).collect();
        let found = [
            ids(&pending),
            ids(&decision.applied),
            ids(&decision.changed),
            rows(&decision.missing),
            rows(&decision.pruned),
            ids(&decision.late),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn files_and_history_are_compared() {
        let files = &[("1_a.sql", "select 1"), ("2_b.sql", "select 2"), ("3_c.sql", "select 3")];
        let sum = crate::migrations::checksum::own("select 1");
        check(files, &[], ["1 2 3", "", "", "", "", ""]);
        check(files, &[row("1", &sum, true)], ["2 3", "1", "", "", "", ""]);
        check(files, &[row("1", "", true)], ["2 3", "1", "", "", "", ""]);
        check(files, &[row("1", "x", true)], ["2 3", "1", "1", "", "", ""]);
        check(files, &[row("2", "", true)], ["1 3", "2", "", "", "", "1"]);
        check(files, &[row("0", "", true), row("1", "", true)], ["2 3", "1", "", "", "0", ""]);
        check(files, &[row("1", "", true), row("9", "", true)], ["2 3", "1", "", "9", "", ""]);
        check(files, &[row("9", "", true)], ["1 2 3", "", "", "9", "", ""]);
        let part = Row { done: 1, ..row("1", "x", false) };
        check(files, &[part], ["1 2 3", "", "1", "", "", ""]);
    }
}
