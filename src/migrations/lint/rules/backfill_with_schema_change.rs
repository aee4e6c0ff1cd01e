//! Rows are changed in the transaction that also changes a table's shape.

use super::{Hit, Rule};
use crate::migrations::lint::Subject;
use crate::migrations::running::Running;
use crate::model::finding::Level;

/// See the module.
pub static RULE: Rule = Rule {
    id: "backfill-with-schema-change",
    level: Level::Warning,
    lock: "ACCESS EXCLUSIVE",
    why: "the lock of the schema change before it is held until all these rows are written",
    instead: "change the rows in a migration of their own, in batches",
    find,
};

fn find(subject: &Subject<'_>, add: &mut dyn FnMut(Hit)) {
    if subject.running != Running::Together {
        return;
    }
    let mut altered: Vec<String> = Vec::new();
    for statement in &subject.statements {
        let changes_rows = statement.starts(&["UPDATE"])
            || statement.starts(&["DELETE"])
            || statement.starts(&["INSERT"]) && statement.has(&["SELECT"]);
        if changes_rows && !altered.is_empty() {
            add(Hit { tables: altered.clone(), ..Hit::of(statement, &statement.words[..1]) });
        }
        if statement.starts(&["ALTER", "TABLE"]) {
            altered.extend(statement.target());
        }
    }
}
