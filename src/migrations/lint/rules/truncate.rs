//! `TRUNCATE`.

use super::{Hit, Rule};
use crate::migrations::lint::Subject;
use crate::model::finding::Level;

/// See the module.
pub static RULE: Rule = Rule {
    id: "truncate",
    level: Level::Warning,
    lock: "ACCESS EXCLUSIVE",
    why: "`TRUNCATE` takes `ACCESS EXCLUSIVE` and all rows with it, and a rollback of the release does not bring them back",
    instead: "delete in batches, after the release that no longer reads the rows",
    find,
};

fn find(subject: &Subject<'_>, add: &mut dyn FnMut(Hit)) {
    for statement in subject.statements.iter().filter(|statement| statement.starts(&["TRUNCATE"])) {
        add(Hit::of(statement, &statement.words));
    }
}
