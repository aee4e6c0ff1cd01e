//! Undoes what one deployment has applied, in reverse: all of it can be undone,
//! or nothing is.

use super::database::Database;
use super::engine::Engine;
use super::history::{Keeper, Row};
use super::item::items_to_undo;
use super::stop::{Failed, Stop};
use crate::codes;
use crate::migrations::Migration;
use crate::problem::Failure;

impl<'a> Engine<'a> {
    /// Undoes it.
    pub async fn take_back(&self, database: &mut Database<'_>, rows: &[Row]) -> Result<(), Stop> {
        if self.history.keeper != Keeper::Own {
            let message =
                "another tool's history does not say which deployment applied what; undo by hand, or by that tool";
            return Err(Stop::failed(&codes::IRREVERSIBLE, message));
        }
        let migrations = self.to_undo(rows)?;
        let items = items_to_undo(&migrations)?;
        database.connection.query(&format!("SET lock_timeout = {}", self.limits().lock.as_millis())).await?;
        self.run_items(database, &items).await
    }

    /// The migrations to undo, the last one first; or everything that cannot be undone.
    fn to_undo(&self, rows: &[Row]) -> Result<Vec<&'a Migration>, Stop> {
        let mut own: Vec<&Row> = rows.iter().filter(|row| row.deployment == self.author.deployment).collect();
        own.sort_by_key(|row| std::cmp::Reverse(row.ordinal));
        let mut reasons = Vec::new();
        let mut migrations = Vec::new();
        let oldest = own.last().map(|row| row.ordinal).unwrap_or(i64::MAX);
        let later = |row: &&Row| row.deployment != self.author.deployment && row.ordinal > oldest;
        for row in rows.iter().filter(later) {
            reasons.push(format!("`{} {}` was applied after it by another deployment", row.id, row.name));
        }
        for row in own {
            let title = format!("{} {}", row.id, row.name);
            let migration = self.layout.migrations.iter().find(|migration| migration.id == row.id);
            match migration {
                _ if !row.is_finished => reasons.push(format!("`{title}` is applied in part")),
                None => reasons.push(format!("the file of `{title}` is not here")),
                Some(migration) if migration.is_irreversible => {
                    reasons.push(format!("`{title}` says that it cannot be undone"));
                }
                Some(migration) if migration.down.is_none() => {
                    reasons.push(format!("`{title}` has nothing that undoes it"));
                }
                Some(migration) => migrations.push(migration),
            }
        }
        match reasons.as_slice() {
            [] => Ok(migrations),
            [first, ..] => {
                let failure = Failure::new(&codes::IRREVERSIBLE, format!("nothing was undone: {first}"));
                Err(Stop::Failed(Box::new(Failed { failure, annotations: Vec::new(), notes: reasons })))
            }
        }
    }
}
