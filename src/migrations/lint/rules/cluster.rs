//! `CLUSTER`.

use super::{Hit, Rule};
use crate::migrations::lint::Subject;
use crate::model::finding::Level;

/// See the module.
pub static RULE: Rule = Rule {
    id: "cluster",
    level: Level::Error,
    lock: "ACCESS EXCLUSIVE",
    why: "`CLUSTER` rewrites the table under `ACCESS EXCLUSIVE`, so that nobody reads or writes it meanwhile",
    instead: "use the extension `pg_repack`, or a maintenance window",
    find,
};

fn find(subject: &Subject<'_>, add: &mut dyn FnMut(Hit)) {
    for statement in subject.statements.iter().filter(|statement| statement.starts(&["CLUSTER"])) {
        add(Hit::of(statement, &statement.words));
    }
}
