//! `REFRESH MATERIALIZED VIEW` without `CONCURRENTLY`.

use super::{Hit, Rule};
use crate::migrations::lint::Subject;
use crate::model::finding::Level;

/// See the module.
pub static RULE: Rule = Rule {
    id: "refresh-blocking",
    level: Level::Error,
    lock: "ACCESS EXCLUSIVE",
    why: "refreshing a materialized view holds `ACCESS EXCLUSIVE` on it while its query runs, so that nobody reads it meanwhile",
    instead: "use `REFRESH MATERIALIZED VIEW CONCURRENTLY`, which wants a unique index on the view",
    find,
};

fn find(subject: &Subject<'_>, add: &mut dyn FnMut(Hit)) {
    for statement in &subject.statements {
        let is_harmless = statement.has(&["CONCURRENTLY"]) || statement.has(&["WITH", "NO", "DATA"]);
        if statement.starts(&["REFRESH", "MATERIALIZED", "VIEW"]) && !is_harmless {
            let view = statement.name_at(3).map(|(name, _)| name);
            add(Hit { tables: view.into_iter().collect(), ..Hit::of(statement, &statement.words) });
        }
    }
}
