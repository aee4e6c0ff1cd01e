//! How a script is run: all of it in one transaction, or its statements one by one in none.

use super::split::{Kind, Statement};
use super::{Script, Transaction};

/// How a script is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Running {
    /// As one text in one transaction, which also holds its row of the history.
    Together,
    /// Each statement alone, in no transaction, and its progress recorded.
    Apart(Because),
}

/// Why a script runs in no transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// The file says so, by a mark at this byte of it.
    Marked(usize),
    /// The server refuses this statement, by its place in the list, inside of one.
    Statement(usize),
}

/// How the script of these statements is run.
pub fn running(script: &Script, statements: &[Statement]) -> Running {
    if let Transaction::Refused(at) = script.transaction {
        return Running::Apart(Because::Marked(at));
    }
    match statements.iter().position(|statement| matches!(statement.kind, Kind::Outside(_))) {
        Some(at) => Running::Apart(Because::Statement(at)),
        None => Running::Together,
    }
}

/// The first statement that begins or ends a transaction itself: in a script that runs together,
/// it would part the script from its row of the history.
pub fn own_control(statements: &[Statement]) -> Option<usize> {
    statements.iter().position(|statement| matches!(statement.kind, Kind::Control(_)))
}
