//! Does what was decided, on one connection, under one lock. After a broken
//! connection everything is read anew: what is in the history was done, what is
//! not was not.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::super::Work;
use super::adopt;
use super::database::{Database, Limits, cell, connect, jittered};
use super::decide::{Decision, Pending, decide};
use super::history::{Author, History, Row};
use super::item::items_of;
use super::lock;
use super::settings::Options;
use super::stop::Stop;
use crate::clients::postgres::Canceller;
use crate::clients::postgres::batch::{Answer, Batch};
use crate::clients::postgres::error::Lost;
use crate::clients::postgres::target::Target;
use crate::codes;
use crate::migrations::Layout;

/// How often a connection may break before we give up.
const MOST_LOSSES: u32 = 5;
/// How long to wait after one has broken.
const AFTER_LOSS: Duration = Duration::from_millis(500);

/// What the work needs.
pub struct Engine<'a> {
    /// The job's.
    pub work: &'a Work<'a>,
    /// The settings.
    pub options: &'a Options,
    /// The files.
    pub layout: &'a Layout,
    /// The history's table.
    pub history: &'a History,
    /// The database.
    pub target: &'a Target,
    /// Who applies.
    pub author: Author,
    /// Whether we were asked to stop.
    pub is_stopped: Cell<bool>,
    /// What cancels the statement that is running.
    pub canceller: RefCell<Option<Canceller<'a>>>,
    /// What has been done.
    pub outcome: RefCell<Outcome>,
    /// What was done when the work began.
    pub before: RefCell<Option<BTreeSet<String>>>,
}

/// What has been done, as far as it is committed.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What was done, in order.
    pub done: Vec<Done>,
    /// How many migrations were pending when the lock was taken.
    pub pending: usize,
    /// What else is worth saying.
    pub notes: Vec<String>,
    /// Whether the first statement was near.
    pub is_begun: bool,
    /// Where the database's log stood before it.
    pub lsn: Option<String>,
    /// The branch that was made before it.
    pub branch: Option<String>,
    /// How often a file was tried again for a lock.
    pub retries: u32,
}

/// A migration that was applied or undone.
#[derive(Clone, Debug)]
pub struct Done {
    /// What names it.
    pub id: String,
    /// How a person calls it.
    pub title: String,
    /// How many statements it has.
    pub statements: usize,
    /// How long it took.
    pub took: Duration,
}

impl<'a> Engine<'a> {
    /// Applies what is pending.
    pub async fn apply(&self) -> Result<(), Stop> {
        self.insist(false).await
    }

    /// Undoes what the author's deployment has applied.
    pub async fn undo(&self) -> Result<(), Stop> {
        self.insist(true).await
    }

    /// Again and again, as long as only the connection breaks.
    async fn insist(&self, undo: bool) -> Result<(), Stop> {
        let mut losses = 0;
        loop {
            let end = self.attempt(undo).await;
            self.canceller.borrow_mut().take();
            match end {
                Err(Stop::Lost(_)) if self.is_stopped.get() => return Err(Stop::Cancelled),
                Err(Stop::Lost(Lost::Unsendable(reason))) => {
                    return Err(Stop::failed(&codes::STATEMENT_FAILED, format!("a migration {reason}")));
                }
                Err(Stop::Lost(lost)) if losses == MOST_LOSSES => {
                    return Err(Stop::failed(&codes::DATABASE_LOST, format!("the connection broke again: {lost}")));
                }
                Err(Stop::Lost(lost)) => {
                    losses += 1;
                    self.work.log.line(&format!("{lost}; connecting again, and reading what was done"));
                    self.work.host.sleep(jittered(self.work, AFTER_LOSS * losses)).await;
                }
                end => return end,
            }
        }
    }

    async fn attempt(&self, undo: bool) -> Result<(), Stop> {
        let mut database = Database::open(self.work, self.target, false).await?;
        *self.canceller.borrow_mut() = Some(database.connection.canceller());
        let is_stopped = || self.is_stopped.get();
        let mut locks = vec![self.history.lock()];
        locks.extend(adopt::lock_of(self.history.keeper, &self.target.database));
        lock::take(self.work, &mut database, &locks, self.options.lock_wait, &is_stopped).await?;
        let rows = self.rows(&mut database).await?;
        self.count_own(&rows);
        match undo {
            true => self.take_back(&mut database, &rows).await?,
            false => {
                let decision = decide(self.layout, self.history, &rows);
                self.tell(&decision)?;
                let pending = self.outcome.borrow().pending.max(decision.pending.len());
                self.outcome.borrow_mut().pending = pending;
                if !decision.pending.is_empty() {
                    self.before_the_first(&mut database).await?;
                }
                self.run(&mut database, &decision.pending).await?;
            }
        }
        database.connection.close().await;
        Ok(())
    }

    /// What a person needs to go back: where the database's log stands, and a
    /// branch where one is wanted. Only once, however often the connection breaks.
    async fn before_the_first(&self, database: &mut Database<'_>) -> Result<(), Stop> {
        if self.outcome.borrow().is_begun {
            return Ok(());
        }
        let answer = database.connection.query("SELECT pg_catalog.pg_current_wal_flush_lsn()").await?;
        let lsn = cell(&answer).map(str::to_owned);
        let branch = match self.options.backup_branch {
            true => Some(super::backup::make(self.work, self.options, self.target).await?),
            false => None,
        };
        let mut outcome = self.outcome.borrow_mut();
        if let Some(branch) = &branch {
            outcome.notes.push(format!(
                "the database as it was is kept in Neon's branch {branch}; to go back to it, restore from it in Neon's console, which also takes back what was written since"
            ));
        }
        (outcome.is_begun, outcome.lsn, outcome.branch) = (true, lsn, branch);
        Ok(())
    }

    /// The history, its table made where it is missing, another tool's taken over where that is wanted.
    async fn rows(&self, database: &mut Database<'_>) -> Result<Vec<Row>, Stop> {
        if let Some(rows) = read(database, self.history).await?
            && (!rows.is_empty() || self.history.keeper != super::history::Keeper::Own)
        {
            return Ok(rows);
        }
        let found = adopt::find(database, &self.history.schema).await?;
        let taken = adopt::choose(&found, self.options.adopt, self.layout, self.history)?;
        let batch = Batch::new()
            .query("BEGIN")
            .query(&format!("CREATE SCHEMA IF NOT EXISTS {}", super::history::quoted(&self.history.schema)))
            .query(&self.history.create());
        // A schema that is there may not be made anew by everybody.
        let batch = match exists(database, &self.history.schema).await? {
            true => Batch::new().query("BEGIN").query(&self.history.create()),
            false => batch,
        };
        let mut answers = database.connection.send(&batch, false).await?;
        let tool = self.options.adopt.map_or("", |format| format.word());
        let insert = |batch, row: &Row| adopt::insert(batch, self.history, row, tool, &self.author);
        let rest = taken.iter().fold(Batch::new(), insert);
        answers.extend(database.connection.send(&rest.step("COMMIT", &[]).sync(), false).await?);
        if let Some(error) = answers.iter().find_map(|answer| answer.error.as_ref()) {
            let message = format!("the history `{}` cannot be made: {error}", self.history.name());
            return Err(Stop::failed(&codes::HISTORY_UNUSABLE, message));
        }
        if !taken.is_empty() {
            let line = format!("{} migrations were taken over from the history of `{tool}`", taken.len());
            self.work.log.line(&line);
            self.outcome.borrow_mut().notes.push(line);
        }
        Ok(read(database, self.history).await?.unwrap_or_default())
    }

    /// What an earlier connection of this job has committed, and could not see that it had.
    fn count_own(&self, rows: &[Row]) {
        let finished = || rows.iter().filter(|row| row.is_finished);
        let mut before = self.before.borrow_mut();
        let before = before.get_or_insert_with(|| finished().map(|row| row.id.clone()).collect());
        let mut outcome = self.outcome.borrow_mut();
        let own = finished().filter(|row| row.job == self.author.job && !before.contains(&row.id));
        for row in own {
            if outcome.done.iter().any(|done| done.id == row.id) {
                continue;
            }
            if let Some(migration) = self.layout.migrations.iter().find(|migration| migration.id == row.id) {
                outcome.done.push(Done {
                    id: row.id.clone(),
                    title: migration.title(),
                    statements: row.done,
                    took: Duration::ZERO,
                });
            }
        }
    }

    /// Says what stands in the way, or what is odd.
    fn tell(&self, decision: &Decision<'_>) -> Result<(), Stop> {
        let problems = decision.problems(self.options.allow_out_of_order);
        if let Some(failed) = problems {
            return Err(Stop::Failed(Box::new(failed)));
        }
        if !decision.pruned.is_empty() {
            let note = format!("{} applied migrations are older than all files", decision.pruned.len());
            let mut outcome = self.outcome.borrow_mut();
            if !outcome.notes.contains(&note) {
                self.work.log.line(&note);
                outcome.notes.push(note);
            }
        }
        Ok(())
    }

    /// Sends a batch; who is in the way is looked up where it takes long.
    /// `watch` sees the answers as they come.
    pub async fn send(
        &self,
        database: &mut Database<'_>,
        batch: &Batch,
        limits: Limits,
        watch: &mut dyn FnMut(&[Answer]),
    ) -> Result<(Vec<Answer>, Option<String>), Stop> {
        if limits.lock.is_zero() {
            return Ok((database.connection.send_watched(batch, false, watch).await?, None));
        }
        let process = database.process;
        let look = Box::pin(async {
            self.work.host.sleep(limits.lock / 2).await;
            self.blockers(process).await
        });
        let sending = Box::pin(database.connection.send_watched(batch, false, watch));
        match select(sending, look).await {
            Either::Left((answers, _)) => Ok((answers?, None)),
            Either::Right((blockers, sending)) => Ok((sending.await?, blockers)),
        }
    }

    /// Who keeps a process waiting, in words.
    async fn blockers(&self, process: Option<i32>) -> Option<String> {
        let mut second = connect(self.work, self.target).await.ok()?;
        let query = format!(
            "SELECT a.pid, a.application_name, a.usename, a.state, \
             extract(epoch FROM clock_timestamp() - a.xact_start)::bigint, left(a.query, 120) \
             FROM pg_catalog.pg_stat_activity a WHERE a.pid = ANY(pg_catalog.pg_blocking_pids({})) ORDER BY a.xact_start",
            process?
        );
        let answer = second.query(&query).await.ok()?;
        second.close().await;
        let row = answer.rows.first()?;
        let text = |at: usize| row.get(at).cloned().flatten().unwrap_or_default();
        let others = match answer.rows.len() {
            1 => String::new(),
            count => format!(", and {} more", count - 1),
        };
        Some(format!(
            "process {} (`{}`, user `{}`, {}, its transaction {} s old, `{}`){others}",
            text(0),
            text(1),
            text(2),
            text(3),
            text(4),
            text(5)
        ))
    }

    /// The limits of statements that run in a transaction.
    pub fn limits(&self) -> Limits {
        Limits { lock: self.options.lock_timeout, statement: self.options.statement_timeout.unwrap_or_default() }
    }

    /// An end, if we were asked for it.
    pub fn stop(&self) -> Result<(), Stop> {
        if self.is_stopped.get() { Err(Stop::Cancelled) } else { Ok(()) }
    }

    async fn run(&self, database: &mut Database<'_>, pending: &[Pending<'_>]) -> Result<(), Stop> {
        self.run_items(database, &items_of(pending)?).await
    }
}

/// The history's rows; None where there is no table.
pub async fn read(database: &mut Database<'_>, history: &History) -> Result<Option<Vec<Row>>, Stop> {
    let answer = database.connection.query(&history.select()).await?;
    match &answer.error {
        None => Ok(Some(answer.rows.iter().map(|row| History::row(row)).collect())),
        // No such table, no such schema.
        Some(error) if matches!(error.code.as_str(), "42P01" | "3F000") => Ok(None),
        Some(error) => {
            let message = format!("the history `{}` cannot be read: {error}", history.name());
            Err(Stop::failed(&codes::HISTORY_UNUSABLE, message))
        }
    }
}

/// Whether a schema is there.
async fn exists(database: &mut Database<'_>, schema: &str) -> Result<bool, Stop> {
    let query = "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1";
    Ok(!database.connection.execute(query, &[Some(schema)]).await?.rows.is_empty())
}
