//! Indexes that a broken `CREATE INDEX CONCURRENTLY` left behind: they are
//! there, cost every write, serve no query, and `IF NOT EXISTS` takes them for good.

use super::super::Work;
use super::database::Database;
use super::history::quoted;
use super::stop::Stop;
use crate::codes;
use crate::migrations::split::Index;

/// What there is of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// It, whole.
    Valid,
    /// What a broken build left.
    Invalid,
    /// What somebody builds at this moment.
    Building,
}

/// Looks it up in its table's schema.
pub async fn look(database: &mut Database<'_>, index: &Index) -> Result<Found, Stop> {
    Ok(find(database, index).await?.0)
}

async fn find(database: &mut Database<'_>, index: &Index) -> Result<(Found, String), Stop> {
    let query = "SELECT i.indisvalid, n.nspname, EXISTS (SELECT 1 FROM pg_catalog.pg_stat_progress_create_index p \
                 WHERE p.index_relid = i.indexrelid) \
                 FROM pg_catalog.pg_index i \
                 JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
                 JOIN pg_catalog.pg_class t ON t.oid = i.indrelid \
                 JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                 WHERE c.relname = $1 AND t.oid = pg_catalog.to_regclass($2)";
    let answer = database.connection.execute(query, &[Some(&index.name), Some(&index.table)]).await?;
    if let Some(error) = &answer.error {
        return Err(Stop::failed(&codes::STATEMENT_FAILED, format!("the index `{}`: {error}", index.name)));
    }
    let Some(row) = answer.rows.first() else { return Ok((Found::Nothing, String::new())) };
    let text = |at: usize| row.get(at).cloned().flatten().unwrap_or_default();
    let found = match (text(0).as_str(), text(2).as_str()) {
        ("t", _) => Found::Valid,
        (_, "t") => Found::Building,
        _ => Found::Invalid,
    };
    Ok((found, text(1)))
}

/// Removes what a broken build left; what is there afterwards.
pub async fn mend(work: &Work<'_>, database: &mut Database<'_>, index: &Index) -> Result<Found, Stop> {
    let (found, schema) = find(database, index).await?;
    if found != Found::Invalid {
        return Ok(found);
    }
    work.log.line(&format!("the index `{}` is invalid, left by a build that broke: it is removed", index.name));
    let drop = format!("DROP INDEX CONCURRENTLY IF EXISTS {}.{}", quoted(&schema), quoted(&index.name));
    let answer = database.connection.query(&drop).await?;
    match &answer.error {
        None => Ok(Found::Nothing),
        Some(error) => {
            let message = format!("the invalid index `{}` cannot be removed: {error}", index.name);
            Err(Stop::failed(&codes::STATEMENT_FAILED, message))
        }
    }
}
