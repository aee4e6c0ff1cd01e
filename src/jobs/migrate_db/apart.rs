//! Scripts that run outside of a transaction: statement by statement, each
//! recorded, so that a run that was killed goes on where it ended.

use super::database::{Database, Limits};
use super::engine::Engine;
use super::item::Item;
use super::stop::Stop;
use crate::codes;

impl<'a> Engine<'a> {
    /// Runs one.
    pub async fn apart(&self, _database: &mut Database<'_>, item: &Item<'_>) -> Result<(), Stop> {
        let _ = Limits::NONE;
        Err(Stop::failed(&codes::NOT_BUILT, format!("`{}` cannot run in a transaction", item.migration.title())))
    }

    /// Undoes.
    pub async fn take_back(&self, _database: &mut Database<'_>, _rows: &[super::history::Row]) -> Result<(), Stop> {
        Err(Stop::failed(&codes::NOT_BUILT, "rollback"))
    }
}
