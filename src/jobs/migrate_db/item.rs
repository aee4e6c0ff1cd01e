//! Scripts made ready to be run: divided into statements, and looked at for
//! what must not be in them.

use super::decide::Pending;
use super::history::Row;
use super::stop::{Failed, Stop};
use crate::codes;
use crate::migrations::running::{Running, own_control, running};
use crate::migrations::split::{Statement, split};
use crate::migrations::{Migration, Script};
use crate::problem::{Failure, Problem};
use crate::reporters::annotations::{Annotation, Level};

/// A script to be run.
pub struct Item<'a> {
    /// Its migration.
    pub migration: &'a Migration,
    /// The script itself.
    pub script: &'a Script,
    /// Its statements.
    pub statements: Vec<Statement>,
    /// How it is run.
    pub running: Running,
    /// What the history knows of it already.
    pub row: Option<Row>,
    /// Whether it undoes the migration.
    pub is_undo: bool,
}

/// The scripts that apply what is pending; or what is wrong with any of them,
/// before one is run.
pub fn items_of<'a>(pending: &[Pending<'a>]) -> Result<Vec<Item<'a>>, Stop> {
    let parts = pending.iter().map(|pending| (pending.migration, &pending.migration.up, pending.row.clone()));
    items(parts, false)
}

/// The scripts that undo migrations, in the order given.
pub fn items_to_undo<'a>(migrations: &[&'a Migration]) -> Result<Vec<Item<'a>>, Stop> {
    let parts = migrations.iter().filter_map(|migration| Some((*migration, migration.down.as_ref()?, None)));
    items(parts, true)
}

fn items<'a>(
    parts: impl Iterator<Item = (&'a Migration, &'a Script, Option<Row>)>,
    is_undo: bool,
) -> Result<Vec<Item<'a>>, Stop> {
    let mut items = Vec::new();
    let mut failed: Option<Failed> = None;
    for (migration, script, row) in parts {
        let statements = match split(script) {
            Ok(statements) => statements,
            Err(fault) => {
                add(&mut failed, &fault.problem(script));
                continue;
            }
        };
        if let Some(at) = own_control(&statements) {
            let text = "it begins or ends a transaction itself, which the file already runs in";
            add_at(&mut failed, script, &statements[at], text);
            continue;
        }
        let running = running(script, &statements);
        items.push(Item { migration, script, statements, running, row, is_undo });
    }
    match failed {
        Some(failed) => Err(Stop::Failed(Box::new(failed))),
        None => Ok(items),
    }
}

fn add(failed: &mut Option<Failed>, problem: &Problem) {
    let failure = Failure::new(problem.code, problem.to_string());
    push(failed, failure, Annotation::of_problem(problem));
}

fn add_at(failed: &mut Option<Failed>, script: &Script, statement: &Statement, text: &str) {
    let code = &codes::OWN_TRANSACTION;
    let annotation = Annotation {
        file: Some(script.path.clone()),
        line: Some(statement.line),
        column: Some(statement.column),
        ..Annotation::new(Level::Error, code.id, text)
    };
    let message = format!("{}:{}:{}: {text}", script.path, statement.line, statement.column);
    push(failed, Failure::new(code, message), annotation);
}

fn push(failed: &mut Option<Failed>, failure: Failure, annotation: Annotation) {
    match failed {
        Some(failed) => {
            failed.notes.push(failure.message);
            failed.annotations.push(annotation);
        }
        None => *failed = Some(Failed { failure, annotations: vec![annotation], notes: Vec::new() }),
    }
}
