//! `search_path` is set for the session.

use super::{Hit, Rule};
use crate::migrations::lint::Subject;
use crate::model::finding::Level;

/// See the module.
pub static RULE: Rule = Rule {
    id: "set-search-path",
    level: Level::Error,
    lock: "",
    why: "a `search_path` that outlives its transaction sends the statements of later migrations to other schemas",
    instead: "write the schema in each name, or `SET LOCAL search_path`",
    find,
};

fn find(subject: &Subject<'_>, add: &mut dyn FnMut(Hit)) {
    for statement in &subject.statements {
        let is_set = statement.starts(&["SET", "SEARCH_PATH"])
            || statement.starts(&["SET", "SESSION", "SEARCH_PATH"])
            || statement.starts(&["SET", "SCHEMA"]);
        if is_set {
            add(Hit::of(statement, &statement.words));
        }
    }
}
