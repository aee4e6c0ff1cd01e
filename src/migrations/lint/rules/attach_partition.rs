//! `ATTACH PARTITION` of a table with rows: they are all looked at, unless a constraint promises them.

use super::super::words::starts;
use super::{Hit, Rule};
use crate::migrations::lint::Subject;
use crate::model::finding::Level;

/// See the module.
pub static RULE: Rule = Rule {
    id: "attach-partition",
    level: Level::Warning,
    lock: "ACCESS EXCLUSIVE",
    why: "attaching a partition reads all of its rows under `ACCESS EXCLUSIVE` on it, and on the default partition, unless a valid `CHECK` matches its bounds",
    instead: "add a `CHECK` with the partition's bounds as `NOT VALID`, validate it, attach, and drop the `CHECK`",
    find,
};

fn find(subject: &Subject<'_>, add: &mut dyn FnMut(Hit)) {
    for statement in &subject.statements {
        for action in statement.actions().into_iter().filter(|action| starts(action, &["ATTACH", "PARTITION"])) {
            let at = statement.words.iter().position(|word| word.is("PARTITION")).map_or(0, |at| at + 1);
            let partition = statement.name_at(at).map(|(name, _)| name);
            add(Hit { tables: partition.into_iter().collect(), ..Hit::of(statement, action) });
        }
    }
}
