//! `UPDATE` or `DELETE` without `WHERE`.

use super::{Hit, Rule};
use crate::migrations::lint::Subject;
use crate::model::finding::Level;

/// See the module.
pub static RULE: Rule = Rule {
    id: "update-without-where",
    level: Level::Warning,
    lock: "ROW EXCLUSIVE",
    why: "every row is locked with `ROW EXCLUSIVE` on the table until the transaction ends, and the table doubles in size",
    instead: "change the rows in batches, each with a `WHERE` of its own, in no transaction",
    find,
};

fn find(subject: &Subject<'_>, add: &mut dyn FnMut(Hit)) {
    for statement in &subject.statements {
        let is_change = statement.starts(&["UPDATE"]) || statement.starts(&["DELETE"]);
        if is_change && !statement.has(&["WHERE"]) {
            add(Hit::of(statement, &statement.words));
        }
    }
}
