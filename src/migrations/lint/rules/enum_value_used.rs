//! A value that `ALTER TYPE … ADD VALUE` adds is used in the same transaction.

use super::super::batch::folded;
use super::{Hit, Rule};
use crate::migrations::lint::Subject;
use crate::migrations::running::Running;
use crate::model::finding::Level;

/// See the module.
pub static RULE: Rule = Rule {
    id: "enum-value-used",
    level: Level::Error,
    lock: "",
    why: "a new value of an enum cannot be used before the transaction that adds it is committed, so the server stops here",
    instead: "add the value in a migration of its own, before this one",
    find,
};

fn find(subject: &Subject<'_>, add: &mut dyn FnMut(Hit)) {
    if subject.running != Running::Together {
        return;
    }
    let mut values: Vec<&str> = Vec::new();
    let mut made: Vec<String> = Vec::new();
    for statement in &subject.statements {
        if let Some(word) = statement.words.iter().find(|word| word.is_text() && values.contains(&word.text)) {
            add(Hit { what: format!("the value {}", word.text), tables: Vec::new(), range: word.range.clone() });
        }
        let name = |at| statement.name_at(at).map(|(name, _)| folded(&name));
        if statement.starts(&["CREATE", "TYPE"]) {
            made.extend(name(2));
        }
        // A type that the same transaction makes may be used at once.
        let is_new = || name(2).is_some_and(|name| made.contains(&name));
        if statement.starts(&["ALTER", "TYPE"]) && statement.has(&["ADD", "VALUE"]) && !is_new() {
            values.extend(statement.words.iter().find(|word| word.is_text()).map(|word| word.text));
        }
    }
}
