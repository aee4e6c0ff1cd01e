//! The lock that keeps two runs apart: one of the session, on the connection
//! that does the work, so that losing the one is losing the other.
//!
//! It is asked for again and again and never waited for: whoever waits for it
//! holds a snapshot that `CREATE INDEX CONCURRENTLY` of the other run waits for,
//! and the server ends the deadlock by ending one of them.

use std::time::Duration;

use chrono::TimeDelta;

use super::super::Work;
use super::database::{Database, cell, jittered};
use super::stop::Stop;
use crate::clients::postgres::batch::Batch;
use crate::codes;

/// How often it is asked for.
const EVERY: Duration = Duration::from_millis(300);
/// How often it is said who holds it.
const SAID_EVERY: TimeDelta = TimeDelta::seconds(30);

/// Takes all of the locks, or none. The first is ours, others are those of
/// tools that share the history.
pub async fn take(
    work: &Work<'_>,
    database: &mut Database<'_>,
    locks: &[i64],
    patience: Duration,
    is_stopped: &dyn Fn() -> bool,
) -> Result<(), Stop> {
    let deadline = work.host.now() + TimeDelta::from_std(patience).unwrap_or(TimeDelta::MAX);
    let mut said = None;
    loop {
        let Some(held) = try_all(database, locks).await? else { return Ok(()) };
        let now = work.host.now();
        if said.is_none_or(|said| now - said >= SAID_EVERY) || now >= deadline {
            let holder = holder(database, held).await?;
            if now >= deadline {
                let message = format!("another run holds the lock of the migrations, {holder}");
                return Err(Stop::failed(&codes::MIGRATIONS_LOCKED, message));
            }
            work.log.line(&format!("waiting for another run, {holder}"));
            said = Some(now);
        }
        work.host.sleep(jittered(work, EVERY)).await;
        if is_stopped() {
            return Err(Stop::Cancelled);
        }
    }
}

/// The lock that somebody else holds; those taken before it are given back.
async fn try_all(database: &mut Database<'_>, locks: &[i64]) -> Result<Option<i64>, Stop> {
    let batch = locks
        .iter()
        .fold(Batch::new(), |batch, lock| batch.query(&format!("SELECT pg_catalog.pg_try_advisory_lock({lock})")));
    let answers = database.connection.send(&batch, true).await?;
    if let Some(error) = answers.iter().find_map(|answer| answer.error.as_ref()) {
        return Err(Stop::failed(&codes::HISTORY_UNUSABLE, format!("the lock cannot be asked for: {error}")));
    }
    let Some(held) = answers.iter().position(|answer| cell(answer) != Some("t")) else { return Ok(None) };
    let taken = locks.iter().zip(&answers).filter(|(_, answer)| cell(answer) == Some("t"));
    let back = taken
        .fold(Batch::new(), |batch, (lock, _)| batch.query(&format!("SELECT pg_catalog.pg_advisory_unlock({lock})")));
    database.connection.send(&back, true).await?;
    Ok(locks.get(held).copied())
}

/// Who holds it, in words.
async fn holder(database: &mut Database<'_>, lock: i64) -> Result<String, Stop> {
    // The number is kept in two halves (PostgreSQL manual, "pg_locks").
    let (high, low) = ((lock as u64 >> 32) as u32, lock as u32);
    let query = format!(
        "SELECT a.pid, a.application_name, a.usename, coalesce(host(a.client_addr), 'a socket'), \
         extract(epoch FROM clock_timestamp() - a.backend_start)::bigint, a.state \
         FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid \
         WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 \
         AND l.classid::bigint = {high} AND l.objid::bigint = {low} \
         AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"
    );
    let answer = database.connection.query(&query).await?;
    Ok(match answer.rows.first() {
        Some(row) => {
            let text = |at: usize| row.get(at).cloned().flatten().unwrap_or_default();
            format!(
                "held by process {} (`{}`, user `{}`, from {}, connected for {} s, {})",
                text(0),
                text(1),
                text(2),
                text(3),
                text(4),
                if text(5).is_empty() { "its state hidden".to_owned() } else { text(5) }
            )
        }
        None => "who has just given it back".to_owned(),
    })
}
