//! The histories of other tools: found, verified, taken over.

use super::database::Database;
use super::history::{Author, History, Keeper, Row};
use super::stop::Stop;
use crate::clients::postgres::batch::Batch;
use crate::migrations::{Format, Layout};

/// The lock of the tool whose table we write.
pub fn lock_of(_keeper: Keeper, _database: &str) -> Option<i64> {
    None
}

/// Another tool's history.
pub struct Found;

/// Those in a schema.
pub async fn find(_database: &mut Database<'_>, _schema: &str) -> Result<Vec<Found>, Stop> {
    Ok(Vec::new())
}

/// What is taken over.
pub fn choose(
    _found: &[Found],
    _adopt: Option<Format>,
    _layout: &Layout,
    _history: &History,
) -> Result<Option<Vec<Row>>, Stop> {
    Ok(None)
}

/// Its row.
pub fn insert(batch: Batch, _history: &History, _row: &Row, _author: &Author) -> Batch {
    batch
}
