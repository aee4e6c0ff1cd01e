//! `ADD COLUMN` of a serial or identity type: every row gets a value of its own.

use super::super::words::{has, starts};
use super::{Hit, Rule};
use crate::migrations::lint::Subject;
use crate::model::finding::Level;

/// See the module.
pub static RULE: Rule = Rule {
    id: "add-column-rewrite",
    level: Level::Error,
    lock: "ACCESS EXCLUSIVE",
    why: "adding a column that numbers every row rewrites the table under `ACCESS EXCLUSIVE`, so that nobody reads or writes it meanwhile",
    instead: "add the column as `bigint` without a default, fill it in batches, and attach the sequence or identity afterwards",
    find,
};

fn find(subject: &Subject<'_>, add: &mut dyn FnMut(Hit)) {
    for statement in &subject.statements {
        for action in statement.actions().into_iter().filter(|action| starts(action, &["ADD"])) {
            let is_column = !action.iter().skip(1).take(1).any(|word| {
                ["CONSTRAINT", "CHECK", "UNIQUE", "PRIMARY", "FOREIGN", "EXCLUDE", "VALUE"]
                    .iter()
                    .any(|other| word.is(other))
            });
            const SERIAL: &[&str] = &["SERIAL", "BIGSERIAL", "SMALLSERIAL", "SERIAL2", "SERIAL4", "SERIAL8"];
            let is_serial = action.iter().any(|word| word.depth == 0 && SERIAL.iter().any(|serial| word.is(serial)));
            if is_column && (is_serial || has(action, &["AS", "IDENTITY"])) {
                add(Hit::of(statement, action));
            }
        }
    }
}
