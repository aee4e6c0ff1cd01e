//! `SET` without `LOCAL` in a transaction.

use super::{Hit, Rule};
use crate::migrations::lint::Subject;
use crate::migrations::running::Running;
use crate::model::finding::Level;

/// See the module.
pub static RULE: Rule = Rule {
    id: "set-without-local",
    level: Level::Warning,
    lock: "",
    why: "this setting outlives its transaction, and holds for the migrations after it",
    instead: "write `SET LOCAL`, which ends with the transaction",
    find,
};

fn find(subject: &Subject<'_>, add: &mut dyn FnMut(Hit)) {
    if subject.running != Running::Together {
        return;
    }
    const OTHER: &[&str] = &["LOCAL", "TRANSACTION", "CONSTRAINTS", "SEARCH_PATH", "SCHEMA"];
    for statement in subject.statements.iter().filter(|statement| statement.starts(&["SET"])) {
        let second = statement.words.get(1);
        let is_other = second.is_some_and(|word| OTHER.iter().any(|other| word.is(other)));
        if !is_other && !statement.starts(&["SET", "SESSION", "SEARCH_PATH"]) {
            add(Hit::of(statement, &statement.words));
        }
    }
}
