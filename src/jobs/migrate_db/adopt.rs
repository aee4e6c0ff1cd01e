//! The histories of other tools: found, verified by the checksums that they
//! keep, and taken over into ours.

use super::database::Database;
use super::history::{Author, History, Keeper, Row, quoted};
use super::stop::{Failed, Stop};
use crate::clients::postgres::batch::Batch;
use crate::codes;
use crate::migrations::checksum;
use crate::migrations::{Format, Layout, Migration, version};
use crate::problem::Failure;
use crate::reporters::annotations::{Annotation, Level};

/// The lock of the tool whose table we write, so that it keeps out of our way
/// and we out of its: sqlx's is a number of its own times the CRC-32 of the
/// database's name; dbmate has none.
pub fn lock_of(keeper: Keeper, database: &str) -> Option<i64> {
    (keeper == Keeper::Sqlx).then(|| 0x3d32_ad9e * i64::from(!checksum::crc32(!0, database.as_bytes())))
}

/// Another tool's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The tool.
    pub tool: Format,
    /// Its table, in SQL.
    pub table: String,
    /// Its rows, in the order of application.
    pub rows: Vec<ForeignRow>,
}

/// One of its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForeignRow {
    /// What names the migration; empty for Flyway's repeatable ones.
    pub id: String,
    /// What describes it.
    pub name: String,
    /// The checksum as text; empty where there is none.
    pub checksum: String,
    /// Whether it was applied to its end.
    pub is_whole: bool,
    /// Whether it stands for all that sort before it, too.
    pub covers_older: bool,
}

/// A tool's table: its name, a column that only it has, and what reads it.
struct Table {
    tool: Format,
    name: &'static str,
    column: &'static str,
    select: &'static str,
}

/// Columns: id, name, checksum, whether it is whole, whether it covers older ones.
static TABLES: &[Table] = &[
    Table {
        tool: Format::Sqlx,
        name: "_sqlx_migrations",
        column: "execution_time",
        select: "SELECT version, description, encode(checksum, 'hex'), success, false FROM {} ORDER BY version",
    },
    Table {
        tool: Format::GolangMigrate,
        name: "schema_migrations",
        column: "dirty",
        select: "SELECT version, '', '', NOT dirty, true FROM {}",
    },
    Table {
        tool: Format::Dbmate,
        name: "schema_migrations",
        column: "version",
        select: "SELECT version, '', '', true, false FROM {} ORDER BY version",
    },
    Table {
        tool: Format::Refinery,
        name: "refinery_schema_history",
        column: "applied_on",
        select: "SELECT version, name, checksum, true, false FROM {} ORDER BY applied_on, version",
    },
    Table {
        tool: Format::Flyway,
        name: "flyway_schema_history",
        column: "installed_rank",
        select: "SELECT coalesce(version, ''), description, checksum, success, type = 'BASELINE' FROM {} \
                 WHERE type NOT IN ('SCHEMA', 'DELETE') ORDER BY installed_rank",
    },
    Table {
        tool: Format::Prisma,
        name: "_prisma_migrations",
        column: "applied_steps_count",
        select: "SELECT migration_name, '', checksum, finished_at IS NOT NULL, false FROM {} \
                 WHERE rolled_back_at IS NULL ORDER BY started_at, migration_name",
    },
    Table {
        tool: Format::NodePgMigrate,
        name: "pgmigrations",
        column: "run_on",
        select: "SELECT name, '', '', true, false FROM {} ORDER BY run_on, id",
    },
];

/// Those that a database holds, in the history's schema or in `public`; empty ones are left out.
pub async fn find(database: &mut Database<'_>, schema: &str) -> Result<Vec<Found>, Stop> {
    let names: Vec<_> = TABLES.iter().map(|table| format!("'{}'", table.name)).collect();
    let query = format!(
        "SELECT n.nspname, c.relname, pg_catalog.string_agg(a.attname, ',') FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
         WHERE n.nspname IN ($1, 'public') AND c.relkind IN ('r', 'p') AND c.relname IN ({}) \
         GROUP BY n.nspname, c.relname ORDER BY n.nspname = $1 DESC",
        names.join(", ")
    );
    let answer = database.connection.execute(&query, &[Some(schema)]).await?;
    let mut found: Vec<Found> = Vec::new();
    for row in &answer.rows {
        let text = |at: usize| row.get(at).cloned().flatten().unwrap_or_default();
        let (schema, name, columns) = (text(0), text(1), text(2));
        let has = |column: &str| columns.split(',').any(|each| each == column);
        let Some(table) = TABLES.iter().find(|table| table.name == name && has(table.column)) else { continue };
        if found.iter().any(|other| other.tool == table.tool) {
            continue;
        }
        let place = format!("{}.{}", quoted(&schema), quoted(&name));
        let answer = database.connection.query(&table.select.replace("{}", &place)).await?;
        if let Some(error) = &answer.error {
            let message = format!("the history {place} of `{}` cannot be read: {error}", table.tool.word());
            return Err(Stop::failed(&codes::HISTORY_UNUSABLE, message));
        }
        let rows: Vec<_> = answer.rows.iter().map(|row| foreign_row(row)).collect();
        if !rows.is_empty() {
            found.push(Found { tool: table.tool, table: place, rows });
        }
    }
    Ok(found)
}

fn foreign_row(row: &[Option<String>]) -> ForeignRow {
    let text = |at: usize| row.get(at).cloned().flatten().unwrap_or_default();
    ForeignRow { id: text(0), name: text(1), checksum: text(2), is_whole: text(3) == "t", covers_older: text(4) == "t" }
}

/// The rows to take over; none where there is nothing to. Another tool's history
/// that nobody has named stops everything: without it all would be applied again.
pub fn choose(found: &[Found], adopt: Option<Format>, layout: &Layout, history: &History) -> Result<Vec<Row>, Stop> {
    let Some(adopt) = adopt else {
        return match found {
            [] => Ok(Vec::new()),
            [first, ..] => {
                let word = first.tool.word();
                let message = format!(
                    "the history {} of `{word}` knows {} migrations, and ours none: set `adopt: {word}` to take it over",
                    first.table,
                    first.rows.len()
                );
                Err(Stop::failed(&codes::HISTORY_FOREIGN, message))
            }
        };
    };
    match found.iter().find(|found| found.tool == adopt) {
        Some(found) => taken(found, layout, history),
        // A new database of the same project has none yet.
        None => Ok(Vec::new()),
    }
}

/// Verifies a history and translates its rows.
fn taken(found: &Found, layout: &Layout, history: &History) -> Result<Vec<Row>, Stop> {
    let mut rows: Vec<Row> = Vec::new();
    let mut notes = Vec::new();
    let mut annotations = Vec::new();
    for row in &found.rows {
        let title = format!("{} {}", row.id, row.name).trim().to_owned();
        if !row.is_whole {
            notes.push(format!("`{}` has not applied `{title}` to its end", found.tool.word()));
            continue;
        }
        if row.covers_older {
            let is_covered = |migration: &&Migration| {
                !migration.version.is_empty() && version::dotted(&migration.version, &row.id).is_le()
            };
            rows.extend(layout.migrations.iter().filter(is_covered).map(|migration| of(migration, history)));
            continue;
        }
        match layout.migrations.iter().find(|migration| is_of(found.tool, migration, row)) {
            Some(migration) if is_same(found.tool, migration, &row.checksum) => rows.push(of(migration, history)),
            Some(migration) => {
                let text = format!("`{title}` was changed after `{}` applied it", found.tool.word());
                let annotation = Annotation::new(Level::Error, codes::HISTORY_DIFFERS.id, &text);
                annotations.push(Annotation { file: Some(migration.up.path.clone()), line: Some(1), ..annotation });
                notes.push(text);
            }
            None => rows.push(Row { id: row.id.clone(), name: row.name.clone(), is_finished: true, ..Row::default() }),
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    rows.retain(|row| seen.insert(row.id.clone()));
    match notes.as_slice() {
        [] => Ok(rows),
        [first, ..] => {
            let message = format!("the history {} cannot be taken over: {first}", found.table);
            let failure = Failure::new(&codes::HISTORY_DIFFERS, message);
            Err(Stop::Failed(Box::new(Failed { failure, annotations, notes })))
        }
    }
}

fn of(migration: &Migration, history: &History) -> Row {
    Row {
        id: migration.id.clone(),
        name: migration.name.clone(),
        checksum: history.checksum(migration),
        is_finished: true,
        ..Row::default()
    }
}

/// Whether a row is about a migration.
fn is_of(tool: Format, migration: &Migration, row: &ForeignRow) -> bool {
    match tool {
        Format::Prisma | Format::NodePgMigrate => migration.id == row.id,
        Format::Flyway if row.id.is_empty() => migration.version.is_empty() && migration.name == row.name,
        Format::Flyway => !migration.version.is_empty() && version::dotted(&migration.version, &row.id).is_eq(),
        // As strings: `007` is not `7` to dbmate.
        Format::Dbmate => migration.version == row.id,
        _ => !migration.version.is_empty() && version::numbers(&migration.version, &row.id).is_eq(),
    }
}

/// Whether the file is what the tool has applied, as far as its checksum says.
fn is_same(tool: Format, migration: &Migration, sum: &str) -> bool {
    let text = &*migration.up.file;
    match tool {
        _ if sum.is_empty() => true,
        Format::Sqlx => checksum::sqlx(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>() == sum,
        Format::Refinery => [false, true].into_iter().any(|wide| {
            let own = checksum::refinery(&migration.name, &migration.version, text, wide);
            own.is_some_and(|own| own.to_string() == sum)
        }),
        Format::Flyway => checksum::flyway(text).to_string() == sum,
        Format::Prisma => checksum::is_prisma(text, sum),
        Format::Own | Format::Dbmate | Format::GolangMigrate | Format::NodePgMigrate => true,
    }
}

/// Writes a row that is taken over.
pub fn insert(batch: Batch, history: &History, row: &Row, tool: &str, author: &Author) -> Batch {
    let by = format!("adopted from {tool} by {}", author.actor);
    batch.step(
        &format!(
            "INSERT INTO {} (version, name, checksum, applied_by, finished_at, commit_hash, deployment_id, job_id, \
             statements, statements_done) VALUES ($1, $2, $3, $4, pg_catalog.clock_timestamp(), $5, '', '', 0, 0)",
            history.name()
        ),
        &[Some(&row.id), Some(&row.name), Some(&row.checksum), Some(&by), Some(&author.commit)],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlx_waits_for_us_and_we_for_it() {
        assert_eq!(lock_of(Keeper::Sqlx, "app"), Some(3_469_795_979_745_788_610));
        assert_eq!(lock_of(Keeper::Own, "app"), None);
    }
}
