//! Scripts that run in one transaction each, with their row of the history in
//! it. The end of one transaction travels with the beginning of the next: one
//! round trip a script. The end is made of steps, so that the server passes over
//! the next script where it fails.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::database::{Database, jittered};
use super::engine::{Done, Engine};
use super::failed::{Attempt, failed};
use super::history::Keeper;
use super::item::Item;
use super::stop::Stop;
use crate::clients::postgres::batch::{Answer, Batch};
use crate::clients::postgres::message::{ServerError, Status};
use crate::codes;
use crate::migrations::running::Running;

/// The first and the longest wait before a script is tried again.
const WAITS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// A script that has run, in a transaction that is still open.
pub struct Open<'i, 'm> {
    item: &'i Item<'m>,
    since: DateTime<Utc>,
}

/// Which of the steps that end a transaction writes the history's row: after
/// deferred constraints and the session's limits, as the user that has connected.
const ROW: usize = 1 + Database::RESET_STEPS;

/// How many steps that are: behind the row comes the commit.
const ENDING: usize = ROW + 2;

impl<'a> Engine<'a> {
    /// Runs scripts in order.
    pub async fn run_items(&self, database: &mut Database<'_>, items: &[Item<'_>]) -> Result<(), Stop> {
        let mut open = None;
        for item in items {
            self.stop()?;
            match item.running {
                Running::Together => open = Some(self.together(database, open.take(), item).await?),
                Running::Apart(_) => {
                    self.end(database, open.take()).await?;
                    self.apart(database, item).await?;
                }
            }
        }
        self.end(database, open).await
    }

    /// Ends the transaction that is open, then runs a script in one of its own.
    async fn together<'i, 'm>(
        &self,
        database: &mut Database<'_>,
        mut open: Option<Open<'_, '_>>,
        item: &'i Item<'m>,
    ) -> Result<Open<'i, 'm>, Stop> {
        let limits = self.limits();
        let mut tries = 0;
        loop {
            let batch = match &open {
                Some(open) => self.ending(database, Batch::new(), open.item),
                None => database.reset(Batch::new(), limits),
            };
            let before = if open.is_some() { ENDING } else { 1 };
            let batch = batch.step("BEGIN", &[]).query(item.script.sql()).sync();
            let since = self.work.host.now();
            // What is committed is told at once: the next script may take long.
            let mut ended = None;
            let mut watch = |answers: &[Answer]| {
                if answers.len() >= before && ended.is_none() {
                    ended = Some(match &open {
                        Some(open) => self.ended(open, &answers[..before]),
                        None => refuse(&answers[..before]),
                    });
                }
            };
            let (answers, blockers) = self.send(database, &batch, limits, &mut watch).await?;
            database.show_notices(self.work);
            ended.unwrap_or(Ok(()))?;
            open = None;
            refuse(&answers[before..=before])?;
            let answer = &answers[before + 1];
            let Some(error) = &answer.error else {
                if answer.status != Some(Status::Open) || answer.moved_transaction {
                    return Err(parted(item));
                }
                return Ok(Open { item, since });
            };
            database.connection.query("ROLLBACK").await?;
            if self.is_stopped.get() {
                return Err(Stop::Cancelled);
            }
            let attempt = Attempt {
                migration: item.migration,
                script: item.script,
                statements: &item.statements,
                at: answer.completed,
                is_whole: true,
            };
            self.wait_to_retry(&attempt, error, blockers, tries).await?;
            tries += 1;
        }
    }

    /// Waits, where trying the same again may help; else fails.
    pub async fn wait_to_retry(
        &self,
        attempt: &Attempt<'_>,
        error: &ServerError,
        blockers: Option<String>,
        tries: u32,
    ) -> Result<(), Stop> {
        let mut notes = Vec::new();
        if let Some(blockers) = &blockers {
            notes.push(format!("in the way: {blockers}"));
        }
        // A lock not had in time, a deadlock, a transaction that cannot be put in order with others.
        let may_pass = matches!(error.code.as_str(), "55P03" | "40P01" | "40001");
        if !may_pass || tries >= self.options.retries {
            if may_pass && tries > 0 {
                notes.push(format!("tried {} times", tries + 1));
            }
            return Err(failed(attempt, error, notes));
        }
        let wait = jittered(self.work, WAITS.0.saturating_mul(1 << tries.min(6)).min(WAITS.1));
        let who = blockers.map(|blockers| format!("; in the way: {blockers}")).unwrap_or_default();
        self.work.log.line(&format!(
            "`{}`: {}{who}; trying again in {:.1} s",
            attempt.migration.title(),
            error.message,
            wait.as_secs_f64()
        ));
        self.outcome.borrow_mut().retries += 1;
        self.rest(wait).await
    }

    /// Waits, but not longer than until we are asked to stop.
    async fn rest(&self, time: Duration) -> Result<(), Stop> {
        let until = self.work.host.now() + time;
        loop {
            self.stop()?;
            let left = (until - self.work.host.now()).to_std().unwrap_or_default();
            if left.is_zero() {
                return Ok(());
            }
            self.work.host.sleep(left.min(Duration::from_millis(250))).await;
        }
    }

    /// Ends the transaction that is open.
    async fn end(&self, database: &mut Database<'_>, open: Option<Open<'_, '_>>) -> Result<(), Stop> {
        let Some(open) = open else { return Ok(()) };
        let batch = self.ending(database, Batch::new(), open.item).sync();
        let answers = database.connection.send(&batch, false).await?;
        database.show_notices(self.work);
        self.ended(&open, &answers)
    }

    /// The steps that end a transaction. Constraints are checked while all that
    /// the script has set still holds.
    fn ending(&self, database: &Database<'_>, batch: Batch, item: &Item<'_>) -> Batch {
        let batch = batch.step("SET CONSTRAINTS ALL IMMEDIATE", &[]);
        let batch = database.reset_in_steps(batch, self.limits());
        let batch = match item.is_undo {
            true => self.history.undone(batch, item.migration),
            false => self.history.applied(batch, item.migration, item.statements.len(), &self.author),
        };
        batch.step("COMMIT", &[]).flush()
    }

    /// Reads what came of them.
    fn ended(&self, open: &Open<'_, '_>, answers: &[Answer]) -> Result<(), Stop> {
        let item = open.item;
        if let Some((at, error)) =
            answers.iter().enumerate().find_map(|(at, answer)| Some((at, answer.error.as_ref()?)))
        {
            if at == ROW {
                let message = format!("the history `{}` cannot be written: {error}", self.history.name());
                return Err(Stop::failed(&codes::HISTORY_UNUSABLE, message));
            }
            // A constraint that is checked at the end belongs to no one statement.
            let attempt = Attempt {
                migration: item.migration,
                script: item.script,
                statements: &item.statements,
                at: item.statements.len(),
                is_whole: true,
            };
            return Err(failed(&attempt, error, vec!["at the end of its transaction".to_owned()]));
        }
        if answers.get(ENDING - 1).is_some_and(|answer| answer.tag != "COMMIT") {
            return Err(parted(item));
        }
        let took = (self.work.host.now() - open.since).to_std().unwrap_or_default();
        self.record(item, took);
        Ok(())
    }

    /// Keeps and says that a script is done.
    pub fn record(&self, item: &Item<'_>, took: Duration) {
        let count = item.statements.len();
        let word = if item.is_undo { "undone" } else { "applied" };
        let plural = if count == 1 { "" } else { "s" };
        self.work.log.line(&format!(
            "{word} `{}` ({count} statement{plural}, {} ms)",
            item.migration.title(),
            took.as_millis()
        ));
        self.outcome.borrow_mut().done.push(Done {
            id: item.migration.id.clone(),
            title: item.migration.title(),
            statements: count,
            took,
        });
    }

    /// Whether the history can hold how far a script is that runs apart.
    pub fn keeps_progress(&self) -> bool {
        self.history.keeper == Keeper::Own
    }
}

/// An error of what we send ourselves.
pub fn refuse(answers: &[Answer]) -> Result<(), Stop> {
    match answers.iter().find_map(|answer| answer.error.as_ref()) {
        Some(error) => Err(Stop::failed(&codes::DATABASE_REFUSED, format!("the session cannot be set up: {error}"))),
        None => Ok(()),
    }
}

/// The script has ended its own transaction, in a way that its text did not show.
fn parted(item: &Item<'_>) -> Stop {
    let message = format!(
        "migration `{}` ended its own transaction: what it did before is committed and is not in the history",
        item.migration.title()
    );
    Stop::failed(&codes::OWN_TRANSACTION, message)
}
