//! `CREATE INDEX CONCURRENTLY IF NOT EXISTS` after a failure.

use super::super::batch::folded;
use super::super::words::Words;
use super::{Hit, Rule};
use crate::migrations::lint::Subject;
use crate::migrations::split::{Kind, Outside};
use crate::model::finding::Level;

/// See the module.
pub static RULE: Rule = Rule {
    id: "concurrently-if-not-exists",
    level: Level::Warning,
    lock: "SHARE UPDATE EXCLUSIVE",
    why: "an index whose building failed is there, invalid and never used, and `IF NOT EXISTS` then succeeds without building it",
    instead: "leave `IF NOT EXISTS` out, or drop the index first with `DROP INDEX CONCURRENTLY IF EXISTS`",
    find,
};

fn find(subject: &Subject<'_>, add: &mut dyn FnMut(Hit)) {
    for (at, statement) in subject.statements.iter().enumerate() {
        let Kind::Outside(Outside { index: Some(index), .. }) = &statement.kind else { continue };
        let drops = |other: &Words| {
            other.starts(&["DROP", "INDEX"]) && other.words.iter().any(|word| folded(word.text) == index.name)
        };
        if statement.has(&["IF", "NOT", "EXISTS"]) && !subject.statements[..at].iter().any(drops) {
            add(Hit { what: format!("the index `{}`", index.name), ..Hit::of(statement, &statement.words) });
        }
    }
}
