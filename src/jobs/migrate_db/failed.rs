//! A statement that failed, told to a person: where in the file, what the
//! server says, what might help.

use super::stop::{Failed, Stop};
use crate::clients::postgres::message::ServerError;
use crate::codes::{self, Code};
use crate::migrations::locate::{Pointer, Sent, locate};
use crate::migrations::split::Statement;
use crate::migrations::{Migration, Script};
use crate::problem::Failure;
use crate::reporters::annotations::{Annotation, Level};

/// How much of a statement is shown, in characters.
const MOST_SHOWN: usize = 400;

/// Which statement of a script failed, and how much of the script was sent.
pub struct Attempt<'a> {
    /// The migration.
    pub migration: &'a Migration,
    /// Its script.
    pub script: &'a Script,
    /// The script's statements.
    pub statements: &'a [Statement],
    /// The failed statement's place among them.
    pub at: usize,
    /// Whether the whole script was sent as one text.
    pub is_whole: bool,
}

/// The code of a server's error.
pub fn code_of(error: &ServerError) -> &'static Code {
    match error.code.as_str() {
        "55P03" => &codes::LOCK_TIMED_OUT,
        _ => &codes::STATEMENT_FAILED,
    }
}

/// Tells of a server's error. `notes` is what else is known of it.
pub fn failed(attempt: &Attempt<'_>, error: &ServerError, mut notes: Vec<String>) -> Stop {
    let pointer = Pointer {
        position: error.position,
        internal_position: error.internal_position,
        internal_query: error.internal_query.as_deref(),
        context: error.context.as_deref(),
    };
    let sent = match (attempt.is_whole, attempt.statements.get(attempt.at)) {
        (false, Some(statement)) => Sent::One(statement),
        _ => Sent::Whole { statements: attempt.statements, completed: attempt.at },
    };
    let spot = locate(attempt.script, sent, &pointer);
    let code = code_of(error);
    let mut lines = vec![format!("{} (SQLSTATE {})", error.message, error.code)];
    let more = [("detail", &error.detail), ("hint", &error.hint), ("where", &error.context)];
    for (name, text) in more {
        if let Some(text) = text {
            lines.push(format!("{name}: {text}"));
        }
    }
    let annotation = Annotation {
        file: Some(spot.path.clone()),
        line: Some(spot.line),
        column: Some(spot.column),
        ..Annotation::new(Level::Error, code.id, lines.join("\n"))
    };
    // A position tells which one it is; a text that cannot be read at all fails before its first statement.
    let at = match error.position {
        Some(_) => attempt.statements.iter().rposition(|statement| statement.range.start <= spot.at),
        None => Some(attempt.at),
    };
    if let Some((at, statement)) = at.and_then(|at| Some((at, attempt.statements.get(at)?))) {
        let text = statement.text(attempt.script);
        let start: String = text.chars().take(MOST_SHOWN).collect();
        let rest = if start.len() < text.len() { " …" } else { "" };
        notes.insert(0, format!("statement {} of {}: `{start}{rest}`", at + 1, attempt.statements.len()));
    }
    notes.splice(0..0, lines.iter().skip(1).cloned());
    let message = format!("{}:{}:{}: {} (SQLSTATE {})", spot.path, spot.line, spot.column, error.message, error.code);
    let message = format!("migration `{}` failed: {message}", attempt.migration.title());
    Stop::Failed(Box::new(Failed { failure: Failure::new(code, message), annotations: vec![annotation], notes }))
}
