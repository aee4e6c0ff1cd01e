//! `VACUUM FULL`.

use super::{Hit, Rule};
use crate::migrations::lint::Subject;
use crate::model::finding::Level;

/// See the module.
pub static RULE: Rule = Rule {
    id: "vacuum-full",
    level: Level::Error,
    lock: "ACCESS EXCLUSIVE",
    why: "`VACUUM FULL` rewrites the table under `ACCESS EXCLUSIVE`, so that nobody reads or writes it meanwhile",
    instead: "use plain `VACUUM`, or the extension `pg_repack`",
    find,
};

fn find(subject: &Subject<'_>, add: &mut dyn FnMut(Hit)) {
    for statement in subject.statements.iter().filter(|statement| statement.starts(&["VACUUM"])) {
        if statement.words.iter().take(12).any(|word| word.is("FULL")) {
            add(Hit::of(statement, &statement.words));
        }
    }
}
