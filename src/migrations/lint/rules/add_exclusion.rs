//! `ADD … EXCLUDE`: it cannot be added as `NOT VALID`, nor by an index that is there.

use super::super::words::starts;
use super::{Hit, Rule};
use crate::migrations::lint::Subject;
use crate::model::finding::Level;

/// See the module.
pub static RULE: Rule = Rule {
    id: "add-exclusion",
    level: Level::Error,
    lock: "ACCESS EXCLUSIVE",
    why: "adding an exclusion constraint builds its index under `ACCESS EXCLUSIVE`, so that nobody reads or writes the table meanwhile",
    instead: "make a new table with the constraint and move the rows over, or add it in a maintenance window",
    find,
};

fn find(subject: &Subject<'_>, add: &mut dyn FnMut(Hit)) {
    for statement in &subject.statements {
        for action in statement.actions().into_iter().filter(|action| starts(action, &["ADD"])) {
            if starts(&action[1..], &["EXCLUDE"])
                || action.len() > 3 && starts(&action[1..], &["CONSTRAINT"]) && action[3].is("EXCLUDE")
            {
                add(Hit::of(statement, action));
            }
        }
    }
}
