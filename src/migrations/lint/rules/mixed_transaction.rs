//! A statement that cannot run in a transaction shares its file with others.

use super::super::words::Words;
use super::{Hit, Rule};
use crate::migrations::lint::Subject;
use crate::migrations::running::{Because, Running};
use crate::migrations::split::Kind;
use crate::model::finding::Level;

/// See the module.
pub static RULE: Rule = Rule {
    id: "mixed-transaction",
    level: Level::Warning,
    lock: "",
    why: "this statement takes the whole file out of its transaction, so that a failure leaves the others half done",
    instead: "put it into a file of its own",
    find,
};

fn find(subject: &Subject<'_>, add: &mut dyn FnMut(Hit)) {
    let Running::Apart(Because::Statement(at)) = subject.running else { return };
    let sets = |statement: &Words| statement.starts(&["SET"]) || statement.starts(&["RESET"]);
    let is_plain = |statement: &&Words| matches!(statement.kind, Kind::Plain) && !sets(statement);
    if let Some(statement) = subject.statements.get(at).filter(|_| subject.statements.iter().any(|one| is_plain(&one)))
    {
        add(Hit::of(statement, &statement.words));
    }
}
