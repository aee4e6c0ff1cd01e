//! `LOCK TABLE`.

use super::{Hit, Rule};
use crate::migrations::lint::Subject;
use crate::model::finding::Level;

/// See the module.
pub static RULE: Rule = Rule {
    id: "lock-table",
    level: Level::Error,
    lock: "ACCESS EXCLUSIVE",
    why: "an explicit lock is held until the transaction ends, `ACCESS EXCLUSIVE` unless another mode is named, and everybody queues behind it",
    instead: "leave it out: statements take the locks that they need; or name a weaker mode in an application's own transaction",
    find,
};

fn find(subject: &Subject<'_>, add: &mut dyn FnMut(Hit)) {
    for statement in subject.statements.iter().filter(|statement| statement.starts(&["LOCK"])) {
        add(Hit::of(statement, &statement.words));
    }
}
