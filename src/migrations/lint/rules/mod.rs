//! The rules of our own. To add one, write its file, then its two lines here.

mod add_column_rewrite;
mod add_exclusion;
mod attach_partition;
mod backfill_with_schema_change;
mod cluster;
mod concurrently_if_not_exists;
mod enum_value_used;
mod lock_table;
mod many_tables_locked;
mod mixed_transaction;
mod refresh_blocking;
mod set_search_path;
mod set_without_local;
mod truncate;
mod update_without_where;
mod vacuum_full;

use super::words::{Word, Words};
use super::{Hit, Rule};

/// Every rule of our own.
pub static RULES: &[&Rule] = &[
    &add_column_rewrite::RULE,
    &add_exclusion::RULE,
    &attach_partition::RULE,
    &backfill_with_schema_change::RULE,
    &cluster::RULE,
    &concurrently_if_not_exists::RULE,
    &enum_value_used::RULE,
    &lock_table::RULE,
    &many_tables_locked::RULE,
    &mixed_transaction::RULE,
    &refresh_blocking::RULE,
    &set_search_path::RULE,
    &set_without_local::RULE,
    &truncate::RULE,
    &update_without_where::RULE,
    &vacuum_full::RULE,
];

impl Hit {
    /// Some words of a statement, which change the statement's tables.
    fn of(statement: &Words<'_>, words: &[Word<'_>]) -> Hit {
        let tables = statement.targets();
        let start = words.first().map_or(statement.range.start, |word| word.range.start);
        let end = words.last().map_or(statement.range.end, |word| word.range.end);
        let what = tables.first().map(|table| format!("`{table}`")).unwrap_or_default();
        Hit { range: start..end, what, tables }
    }
}
