//! Scripts that run outside of a transaction: statement by statement, each
//! recorded, so that a run that was killed goes on where it ended. A statement
//! that may run in a transaction does, together with its record.

use chrono::{DateTime, Utc};

use super::database::{Database, Limits};
use super::engine::Engine;
use super::failed::{Attempt, failed};
use super::index;
use super::item::Item;
use super::stop::{Failed, Stop};
use super::together::refuse;
use crate::clients::postgres::batch::Batch;
use crate::clients::postgres::message::Status;
use crate::codes::{self, Code};
use crate::migrations::split::{Kind, Statement};
use crate::problem::Failure;
use crate::reporters::annotations::{Annotation, Level};

/// How a statement of such a script is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// In a transaction with its record.
    Recorded,
    /// Alone; done twice it does what it does once, or says that it is done.
    Repeatable,
    /// Alone; nobody knows what it does when it is done twice.
    Once,
}

impl<'a> Engine<'a> {
    /// Runs one from where the history says that it ended.
    pub async fn apart(&self, database: &mut Database<'_>, item: &Item<'_>) -> Result<(), Stop> {
        let since = self.work.host.now();
        let keeps = self.keeps_progress() && !item.is_undo;
        let known = item.row.as_ref().filter(|row| keeps && !row.is_finished);
        let first = known.map_or(0, |row| row.done);
        let in_doubt = known.and_then(|row| row.begun);
        if keeps && known.is_none() {
            let batch = self.history.begun(Batch::new(), item.migration, item.statements.len(), &self.author);
            self.write(database, batch).await?;
        } else if first > 0 || in_doubt.is_some() {
            self.work.log.line(&format!(
                "`{}` goes on after statement {first} of {}",
                item.migration.title(),
                item.statements.len()
            ));
        }
        for (at, statement) in item.statements.iter().enumerate().skip(first) {
            self.stop()?;
            let is_doubted = in_doubt == Some(at);
            match way(statement, statement.text(item.script)) {
                Way::Once if is_doubted => return Err(doubted(item, at)),
                Way::Recorded => self.recorded(database, item, at, keeps).await?,
                Way::Repeatable | Way::Once => self.alone(database, item, at, keeps, is_doubted).await?,
            }
        }
        self.close(database, item, keeps, since).await
    }

    /// The last record: the script is done.
    async fn close(
        &self,
        database: &mut Database<'_>,
        item: &Item<'_>,
        keeps: bool,
        since: DateTime<Utc>,
    ) -> Result<(), Stop> {
        let batch = database.reset(Batch::new(), self.limits());
        let batch = match (keeps, item.is_undo) {
            (_, true) => self.history.undone(batch, item.migration),
            (true, false) => self.history.finished(batch, item.migration),
            (false, false) => self.history.applied(batch, item.migration, item.statements.len(), &self.author),
        };
        self.write(database, batch).await?;
        self.record(item, (self.work.host.now() - since).to_std().unwrap_or_default());
        Ok(())
    }

    async fn write(&self, database: &mut Database<'_>, batch: Batch) -> Result<(), Stop> {
        let answers = database.connection.send(&batch.sync(), false).await?;
        match answers.iter().find_map(|answer| answer.error.as_ref()) {
            None => Ok(()),
            Some(error) => {
                let message = format!("the history `{}` cannot be written: {error}", self.history.name());
                Err(Stop::failed(&codes::HISTORY_UNUSABLE, message))
            }
        }
    }

    /// One statement in a transaction that also holds its record.
    async fn recorded(&self, database: &mut Database<'_>, item: &Item<'_>, at: usize, keeps: bool) -> Result<(), Stop> {
        let limits = self.limits();
        let mut tries = 0;
        loop {
            let batch = database.reset(Batch::new(), limits).step("BEGIN", &[]);
            let batch = batch.query(item.statements[at].text(item.script)).sync();
            let (answers, blockers) = self.send(database, &batch, limits, &mut |_| {}).await?;
            database.show_notices(self.work);
            refuse(&answers[..2])?;
            let error = match &answers[2].error {
                Some(error) => error.clone(),
                None if answers[2].status != Some(Status::Open) => return Err(ended_early(item)),
                None => {
                    let batch = Batch::new().step("SET CONSTRAINTS ALL IMMEDIATE", &[]);
                    let batch = match keeps {
                        true => self.history.progress(batch, item.migration, at + 1, None),
                        false => batch,
                    };
                    let answers = database.connection.send(&batch.step("COMMIT", &[]).sync(), false).await?;
                    match answers.into_iter().find_map(|answer| answer.error) {
                        None => return Ok(()),
                        Some(error) => error,
                    }
                }
            };
            database.connection.query("ROLLBACK").await?;
            self.stop()?;
            self.wait_to_retry(&attempt(item, at), &error, blockers, tries).await?;
            tries += 1;
        }
    }

    /// One statement outside of any transaction, recorded before and after.
    async fn alone(
        &self,
        database: &mut Database<'_>,
        item: &Item<'_>,
        at: usize,
        keeps: bool,
        is_doubted: bool,
    ) -> Result<(), Stop> {
        let statement = &item.statements[at];
        let text = statement.text(item.script);
        let what = what_of(statement);
        let is_concurrent = what.ends_with("CONCURRENTLY");
        // Waiting for old snapshots counts as waiting for a lock, and a build
        // that gives up leaves an invalid index behind.
        let limits = match is_concurrent {
            true => Limits::NONE,
            false => self.limits(),
        };
        let mut tries = 0;
        loop {
            if let Some(index) = built_index(statement) {
                match index::mend(self.work, database, index).await? {
                    index::Found::Valid if is_doubted => {
                        return self.note_done(database, item, at, keeps).await;
                    }
                    _ => {}
                }
            }
            let batch = database.reset(Batch::new(), limits);
            let batch = match keeps {
                true => self.history.progress(batch, item.migration, at, Some(at)),
                false => batch,
            };
            refuse(&database.connection.send(&batch.sync(), false).await?)?;
            let (answers, blockers) = self.send(database, &Batch::new().query(text), limits, &mut |_| {}).await?;
            database.show_notices(self.work);
            let Some(error) = answers[0].error.clone() else {
                if answers[0].status != Some(Status::Idle) {
                    database.connection.query("ROLLBACK").await?;
                    return Err(ended_early(item));
                }
                if let Some(index) = built_index(statement)
                    && index::look(database, index).await? == index::Found::Invalid
                {
                    return Err(invalid(item, at, &index.name));
                }
                return self.note_done(database, item, at, keeps).await;
            };
            if is_doubted && is_done_already(what, &error.code) {
                return self.note_done(database, item, at, keeps).await;
            }
            // It has failed for certain, so nothing is in doubt; what it left behind is looked at when it is tried again.
            if keeps {
                let settled = self.history.progress(Batch::new(), item.migration, at, None);
                self.write(database, settled).await?;
            }
            if let Some(index) = built_index(statement) {
                index::mend(self.work, database, index).await?;
            }
            if self.is_stopped.get() {
                return Err(Stop::Cancelled);
            }
            if way(statement, text) == Way::Once {
                return Err(failed(&attempt(item, at), &error, Vec::new()));
            }
            self.wait_to_retry(&attempt(item, at), &error, blockers, tries).await?;
            tries += 1;
        }
    }

    async fn note_done(
        &self,
        database: &mut Database<'_>,
        item: &Item<'_>,
        at: usize,
        keeps: bool,
    ) -> Result<(), Stop> {
        if keeps {
            let batch = database.reset(Batch::new(), self.limits());
            let batch = self.history.progress(batch, item.migration, at + 1, None);
            self.write(database, batch).await?;
        }
        Ok(())
    }
}

fn attempt<'i>(item: &'i Item<'_>, at: usize) -> Attempt<'i> {
    Attempt { migration: item.migration, script: item.script, statements: &item.statements, at, is_whole: false }
}

/// The index that a statement builds, where it names it.
fn built_index(statement: &Statement) -> Option<&crate::migrations::split::Index> {
    match &statement.kind {
        Kind::Outside(outside) => outside.index.as_ref(),
        _ => None,
    }
}

fn what_of(statement: &Statement) -> &'static str {
    match &statement.kind {
        Kind::Outside(outside) => outside.what,
        _ => "",
    }
}

/// How a statement is run. Procedures and `DO` blocks may commit, which they
/// may not in a transaction.
fn way(statement: &Statement, text: &str) -> Way {
    match &statement.kind {
        Kind::Outside(outside) => match (outside.what, &outside.index) {
            // Without a name it cannot be told whether it was built.
            ("CREATE INDEX CONCURRENTLY", None) => Way::Once,
            _ => Way::Repeatable,
        },
        _ => {
            let first = text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
            match first.eq_ignore_ascii_case("call") || first.eq_ignore_ascii_case("do") {
                true => Way::Once,
                false => Way::Recorded,
            }
        }
    }
}

/// Whether an error says that a statement that was begun before had been done.
fn is_done_already(what: &str, code: &str) -> bool {
    match what {
        "DROP INDEX CONCURRENTLY" | "DROP TABLESPACE" | "DROP SUBSCRIPTION" => code == "42704",
        "DROP DATABASE" => code == "3D000",
        "CREATE DATABASE" => code == "42P04",
        "CREATE TABLESPACE" | "CREATE SUBSCRIPTION" => code == "42710",
        // The table is no partition of the other any more.
        "DETACH PARTITION CONCURRENTLY" => code == "42P01",
        _ => false,
    }
}

/// The statement has begun a transaction that it did not end, or ended ours.
fn ended_early(item: &Item<'_>) -> Stop {
    let message = format!("migration `{}` begins or ends a transaction itself", item.migration.title());
    Stop::failed(&codes::OWN_TRANSACTION, message)
}

fn at_statement(item: &Item<'_>, at: usize, code: &'static Code, text: &str) -> Stop {
    let statement = &item.statements[at];
    let annotation = Annotation {
        file: Some(item.script.path.clone()),
        line: Some(statement.line),
        column: Some(statement.column),
        ..Annotation::new(Level::Error, code.id, text)
    };
    let message = format!("{}:{}:{}: {text}", item.script.path, statement.line, statement.column);
    Stop::Failed(Box::new(Failed {
        failure: Failure::new(code, message),
        annotations: vec![annotation],
        notes: Vec::new(),
    }))
}

fn doubted(item: &Item<'_>, at: usize) -> Stop {
    let text =
        format!("statement {} was begun by a run that was killed, and whether it was done cannot be told", at + 1);
    at_statement(item, at, &codes::STATEMENT_IN_DOUBT, &text)
}

fn invalid(item: &Item<'_>, at: usize, index: &str) -> Stop {
    let text = format!("the index `{index}` is there and invalid: no query uses it");
    at_statement(item, at, &codes::STATEMENT_FAILED, &text)
}
