//! The history: what the database remembers of the migrations that it has. Our
//! own table, or, where it is asked for, the table of sqlx or dbmate, written
//! as those tools write it.

use sha2::{Digest, Sha256};

use crate::clients::postgres::batch::Batch;
use crate::migrations::checksum;
use crate::migrations::{Format, Migration};

/// One migration that the database has, or has a part of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// What names it: [`Migration::id`].
    pub id: String,
    /// The rest of its name.
    pub name: String,
    /// The checksum; empty in histories that keep none.
    pub checksum: String,
    /// Its place in the order of application.
    pub ordinal: i64,
    /// The deployment that applied it.
    pub deployment: String,
    /// The job that applied it.
    pub job: String,
    /// Whether all of it is there.
    pub is_finished: bool,
    /// How many of its statements are done, where it runs outside of a transaction.
    pub done: usize,
    /// The statement that was begun and of which nobody knows how it ended.
    pub begun: Option<usize>,
}

/// Whose table it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// Ours.
    Own,
    /// sqlx's.
    Sqlx,
    /// dbmate's.
    Dbmate,
}

/// The history's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub table: String,
    /// Whose it is.
    pub keeper: Keeper,
}

/// Who applies, for the rows.
#[derive(Clone, Debug, Default)]
pub struct Author {
    /// The person.
    pub actor: String,
    /// The commit.
    pub commit: String,
    /// The deployment.
    pub deployment: String,
    /// The job.
    pub job: String,
}

impl History {
    /// The table of the settings. It is another tool's where its name and the
    /// files' format say so.
    pub fn new(schema: &str, table: &str, format: Format, could_be: &[Format]) -> History {
        let is = |wanted| format == wanted || could_be.contains(&wanted);
        let keeper = match table {
            "_sqlx_migrations" if is(Format::Sqlx) => Keeper::Sqlx,
            "schema_migrations" if is(Format::Dbmate) => Keeper::Dbmate,
            _ => Keeper::Own,
        };
        History { schema: schema.to_owned(), table: table.to_owned(), keeper }
    }

    /// The table's name in SQL.
    pub fn name(&self) -> String {
        format!("{}.{}", quoted(&self.schema), quoted(&self.table))
    }

    /// The number of the lock that keeps two runs apart: of this table in its database.
    pub fn lock(&self) -> i64 {
        let digest = Sha256::digest(format!("waybill\0{}\0{}", self.schema, self.table).as_bytes());
        i64::from_be_bytes(digest[..8].try_into().unwrap_or_default())
    }

    /// What makes the table.
    pub fn create(&self) -> String {
        let name = self.name();
        match self.keeper {
            Keeper::Own => format!(
                "CREATE TABLE IF NOT EXISTS {name} (\
                 version text PRIMARY KEY, \
                 name text NOT NULL, \
                 checksum text NOT NULL, \
                 ordinal bigint GENERATED ALWAYS AS IDENTITY, \
                 applied_by text NOT NULL, \
                 database_user text NOT NULL DEFAULT session_user, \
                 started_at timestamptz NOT NULL DEFAULT clock_timestamp(), \
                 finished_at timestamptz, \
                 duration_ms bigint, \
                 commit_hash text NOT NULL, \
                 deployment_id text NOT NULL, \
                 job_id text NOT NULL, \
                 statements integer NOT NULL, \
                 statements_done integer NOT NULL, \
                 statement_begun integer)"
            ),
            Keeper::Sqlx => format!(
                "CREATE TABLE IF NOT EXISTS {name} (\
                 version BIGINT PRIMARY KEY, \
                 description TEXT NOT NULL, \
                 installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), \
                 success BOOLEAN NOT NULL, \
                 checksum BYTEA NOT NULL, \
                 execution_time BIGINT NOT NULL)"
            ),
            Keeper::Dbmate => format!("CREATE TABLE IF NOT EXISTS {name} (version varchar PRIMARY KEY)"),
        }
    }

    /// What reads its rows, in the order of [`History::row`].
    pub fn select(&self) -> String {
        let name = self.name();
        match self.keeper {
            Keeper::Own => format!(
                "SELECT version, name, checksum, ordinal, deployment_id, job_id, finished_at IS NOT NULL, \
                 statements_done, statement_begun FROM {name} ORDER BY ordinal"
            ),
            Keeper::Sqlx => format!(
                "SELECT version, description, encode(checksum, 'hex'), version, '', '', success, 0, NULL \
                 FROM {name} ORDER BY version"
            ),
            Keeper::Dbmate => {
                format!("SELECT version, '', '', 0, '', '', true, 0, NULL FROM {name} ORDER BY version")
            }
        }
    }

    /// Reads a row.
    pub fn row(values: &[Option<String>]) -> Row {
        let text = |at: usize| values.get(at).cloned().flatten().unwrap_or_default();
        Row {
            id: text(0),
            name: text(1),
            checksum: text(2),
            ordinal: text(3).parse().unwrap_or_default(),
            deployment: text(4),
            job: text(5),
            is_finished: text(6) == "t",
            done: text(7).parse().unwrap_or_default(),
            begun: values.get(8).cloned().flatten().and_then(|text| text.parse().ok()),
        }
    }

    /// What the table would hold as the migration's checksum; empty where it keeps none.
    pub fn checksum(&self, migration: &Migration) -> String {
        match self.keeper {
            Keeper::Own => checksum::own(migration.up.sql()),
            Keeper::Sqlx => checksum::sqlx(&migration.up.file).iter().map(|byte| format!("{byte:02x}")).collect(),
            Keeper::Dbmate => String::new(),
        }
    }

    /// The row of a migration that is applied in the transaction that is open;
    /// the duration is the transaction's.
    pub fn applied(&self, batch: Batch, migration: &Migration, statements: usize, author: &Author) -> Batch {
        let name = self.name();
        let sum = self.checksum(migration);
        let count = statements.to_string();
        match self.keeper {
            Keeper::Own => batch.step(
                &format!(
                    "INSERT INTO {name} (version, name, checksum, applied_by, started_at, finished_at, duration_ms, \
                     commit_hash, deployment_id, job_id, statements, statements_done) \
                     VALUES ($1, $2, $3, $4, pg_catalog.now(), pg_catalog.clock_timestamp(), \
                     (extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.now()) * 1000)::bigint, \
                     $5, $6, $7, $8::integer, $8::integer) \
                     ON CONFLICT (version) DO UPDATE SET name = excluded.name, checksum = excluded.checksum, \
                     applied_by = excluded.applied_by, started_at = excluded.started_at, \
                     finished_at = excluded.finished_at, duration_ms = excluded.duration_ms, \
                     commit_hash = excluded.commit_hash, deployment_id = excluded.deployment_id, \
                     job_id = excluded.job_id, statements = excluded.statements, \
                     statements_done = excluded.statements_done, statement_begun = NULL"
                ),
                &[
                    Some(&migration.id),
                    Some(&migration.name),
                    Some(&sum),
                    Some(&author.actor),
                    Some(&author.commit),
                    Some(&author.deployment),
                    Some(&author.job),
                    Some(&count),
                ],
            ),
            Keeper::Sqlx => batch.step(
                &format!(
                    "INSERT INTO {name} (version, description, success, checksum, execution_time) \
                     VALUES ($1::bigint, $2, true, pg_catalog.decode($3, 'hex'), \
                     (extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.now()) * 1000000000)::bigint)"
                ),
                &[Some(&migration.id), Some(&migration.name), Some(&sum)],
            ),
            Keeper::Dbmate => batch.step(&format!("INSERT INTO {name} (version) VALUES ($1)"), &[Some(&migration.id)]),
        }
    }

    /// The row of a migration whose statements run one by one, before the first of them.
    pub fn begun(&self, batch: Batch, migration: &Migration, statements: usize, author: &Author) -> Batch {
        let sum = self.checksum(migration);
        let count = statements.to_string();
        batch.step(
            &format!(
                "INSERT INTO {} (version, name, checksum, applied_by, commit_hash, deployment_id, job_id, statements, \
                 statements_done) VALUES ($1, $2, $3, $4, $5, $6, $7, $8::integer, 0) \
                 ON CONFLICT (version) DO UPDATE SET checksum = excluded.checksum, statements = excluded.statements, \
                 finished_at = NULL, statements_done = 0, statement_begun = NULL",
                self.name()
            ),
            &[
                Some(&migration.id),
                Some(&migration.name),
                Some(&sum),
                Some(&author.actor),
                Some(&author.commit),
                Some(&author.deployment),
                Some(&author.job),
                Some(&count),
            ],
        )
    }

    /// So many statements of the migration are done, and this one is begun.
    pub fn progress(&self, batch: Batch, migration: &Migration, done: usize, begun: Option<usize>) -> Batch {
        let (done, begun) = (done.to_string(), begun.map(|begun| begun.to_string()));
        batch.step(
            &format!(
                "UPDATE {} SET statements_done = $2::integer, statement_begun = $3::integer WHERE version = $1",
                self.name()
            ),
            &[Some(&migration.id), Some(&done), begun.as_deref()],
        )
    }

    /// All statements of the migration are done.
    pub fn finished(&self, batch: Batch, migration: &Migration) -> Batch {
        batch.step(
            &format!(
                "UPDATE {} SET finished_at = pg_catalog.clock_timestamp(), statement_begun = NULL, \
                 duration_ms = (extract(epoch FROM pg_catalog.clock_timestamp() - started_at) * 1000)::bigint \
                 WHERE version = $1",
                self.name()
            ),
            &[Some(&migration.id)],
        )
    }

    /// The migration is undone.
    pub fn undone(&self, batch: Batch, migration: &Migration) -> Batch {
        let cast = if self.keeper == Keeper::Sqlx { "::bigint" } else { "" };
        batch.step(&format!("DELETE FROM {} WHERE version = $1{cast}", self.name()), &[Some(&migration.id)])
    }
}

/// A name in SQL.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
