//! Several tables are locked by one transaction.

use super::super::batch::folded;
use super::super::words::{Word, Words, has, starts};
use super::{Hit, Rule};
use crate::migrations::lint::Subject;
use crate::migrations::running::Running;
use crate::model::finding::Level;

/// See the module.
pub static RULE: Rule = Rule {
    id: "many-tables-locked",
    level: Level::Warning,
    lock: "ACCESS EXCLUSIVE",
    why: "this is another table that the transaction locks with `ACCESS EXCLUSIVE` until it ends, which deadlocks with whoever takes them in another order",
    instead: "change one table a migration",
    find,
};

fn find(subject: &Subject<'_>, add: &mut dyn FnMut(Hit)) {
    if subject.running != Running::Together {
        return;
    }
    const WEAK: &[&str] = &["VALIDATE", "CLUSTER", "ATTACH", "SET"];
    let mut locked: Vec<String> = Vec::new();
    for statement in &subject.statements {
        let actions = statement.actions();
        let is_weak = |action: &&[Word]| {
            action.first().is_some_and(|first| WEAK.iter().any(|weak| first.is(weak)))
                || starts(action, &["ALTER"]) && has(action, &["SET", "STATISTICS"])
                || starts(action, &["ADD"]) && (has(action, &["FOREIGN", "KEY"]))
        };
        let is_strong = !actions.is_empty() && !actions.iter().all(is_weak)
            || statement.starts(&["DROP", "TABLE"])
            || statement.starts(&["TRUNCATE"])
            || statement.starts(&["LOCK"]);
        for table in statement.targets().into_iter().filter(|_| is_strong) {
            let name = folded(&table);
            let others: Vec<_> = locked.iter().filter(|other| **other != name).cloned().collect();
            // Two new tables deadlock with nobody; one of the two is enough.
            for other in others.iter().take(1) {
                add(Hit {
                    what: format!("`{table}` after `{other}`"),
                    tables: vec![table.clone()],
                    ..Hit::of(statement, &statement.words)
                });
            }
            if !subject.statements.iter().filter_map(Words::created).any(|made| folded(&made) == name) {
                locked.push(name);
            }
        }
    }
}
