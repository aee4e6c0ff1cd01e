//! A connection that is fit to migrate: had with patience, set up, and proven
//! to be one connection rather than a pooler's many.

use std::time::Duration;

use chrono::TimeDelta;

use super::super::Work;
use super::stop::Stop;
use crate::clients::postgres::Connection;
use crate::clients::postgres::batch::{Answer, Batch};
use crate::clients::postgres::error::ConnectError;
use crate::clients::postgres::message::ServerError;
use crate::clients::postgres::target::Target;
use crate::codes;

/// How long a server that does not answer is asked again.
const PATIENCE: TimeDelta = TimeDelta::seconds(30);
/// As [`PATIENCE`], for a service that may have to wake its database.
const WAKING: TimeDelta = TimeDelta::seconds(90);
/// The first and the longest wait between two attempts.
const WAITS: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));
/// How many notices of one statement are shown.
const MOST_SHOWN: usize = 50;

/// What statements of a session shall keep to.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a statement may wait for a lock; zero for any time.
    pub lock: Duration,
    /// How long a statement may take; zero for any time.
    pub statement: Duration,
}

impl Limits {
    /// None.
    pub const NONE: Limits = Limits { lock: Duration::ZERO, statement: Duration::ZERO };
}

/// A connection, set up.
pub struct Database<'a> {
    /// The connection.
    pub connection: Connection<'a>,
    /// The server's process, as it says itself: a proxy in between makes another one up.
    pub process: Option<i32>,
    /// Whether the server looks whether we are still there while it works.
    looks_after_us: bool,
}

/// Connects, again and again where that may help.
pub async fn connect<'a>(work: &'a Work<'a>, target: &'a Target) -> Result<Connection<'a>, Stop> {
    let patience = if target.is_neon { WAKING } else { PATIENCE };
    let deadline = work.host.now() + patience;
    let mut wait = WAITS.0;
    loop {
        let error = match Connection::open(work.host, target).await {
            Ok(connection) => return Ok(connection),
            Err(error) => error,
        };
        if !error.may_pass() || work.host.now() + TimeDelta::from_std(wait).unwrap_or_default() > deadline {
            return Err(unreachable(&error));
        }
        work.log.line(&format!("the database is asked again in {} ms: {error}", wait.as_millis()));
        work.host.sleep(jittered(work, wait)).await;
        wait = (wait * 2).min(WAITS.1);
    }
}

/// A wait of half to one and a half times as long, so that many do not come back at once.
pub fn jittered(work: &Work<'_>, wait: Duration) -> Duration {
    wait.mul_f64(0.5 + f64::from(work.host.random()[0]) / 255.0)
}

fn unreachable(error: &ConnectError) -> Stop {
    let code = match error {
        error if error.may_pass() => &codes::DATABASE_UNREACHABLE,
        ConnectError::Socket(crate::host::socket::SocketError::NotReached(_)) => &codes::DATABASE_UNREACHABLE,
        ConnectError::PlainInProduction => &codes::DATABASE_UNFIT,
        _ => &codes::DATABASE_REFUSED,
    };
    Stop::failed(code, format!("no connection to the database: {error}"))
}

impl<'a> Database<'a> {
    /// Connects and sets the session up; `read_only` for one that must change nothing.
    pub async fn open(work: &'a Work<'a>, target: &'a Target, read_only: bool) -> Result<Database<'a>, Stop> {
        let mut connection = connect(work, target).await?;
        let mut setup = "SET lock_timeout = 0; SET statement_timeout = 0; \
                         SET idle_in_transaction_session_timeout = 0; SET standard_conforming_strings = on"
            .to_owned();
        if read_only {
            setup.push_str("; SET default_transaction_read_only = on");
        }
        // Servers since version 14 can look whether their client is still there.
        let batch = Batch::new()
            .query(&setup)
            .query("SET client_connection_check_interval = 1000")
            .query("SELECT pg_catalog.pg_backend_pid()");
        let answers = connection.send(&batch, true).await?;
        if let Some(error) = &answers[0].error {
            return Err(Stop::failed(&codes::DATABASE_REFUSED, format!("the session cannot be set up: {error}")));
        }
        let looks_after_us = answers[1].error.is_none();
        let process = cell(&answers[2]).and_then(|text| text.parse::<i32>().ok());
        if process != connection.process() && !target.is_neon {
            refuse_pooler(work, target, process).await?;
        }
        Ok(Database { connection, process, looks_after_us })
    }

    /// Gives the session its limits, whatever a migration has set.
    pub fn reset(&self, batch: Batch, limits: Limits) -> Batch {
        batch.query(&self.resetting(limits).join("; "))
    }

    /// The same as steps, of which a failing one guards what stands behind it.
    pub fn reset_in_steps(&self, batch: Batch, limits: Limits) -> Batch {
        self.resetting(limits).iter().fold(batch, |batch, statement| batch.step(statement, &[]))
    }

    /// How many steps that are.
    pub const RESET_STEPS: usize = 3;

    fn resetting(&self, limits: Limits) -> [String; 3] {
        let milliseconds = |time: Duration| time.as_millis().min(i32::MAX as u128);
        let looks = match self.looks_after_us {
            true => ", pg_catalog.set_config('client_connection_check_interval', '1000', false)",
            false => "",
        };
        let set = format!(
            "SELECT pg_catalog.set_config('lock_timeout', '{}', false), \
             pg_catalog.set_config('statement_timeout', '{}', false), \
             pg_catalog.set_config('idle_in_transaction_session_timeout', '0', false), \
             pg_catalog.set_config('standard_conforming_strings', 'on', false){looks}",
            milliseconds(limits.lock),
            milliseconds(limits.statement)
        );
        ["RESET SESSION AUTHORIZATION".to_owned(), "RESET ALL".to_owned(), set]
    }

    /// Shows what the server said beside its answers.
    pub fn show_notices(&mut self, work: &Work<'_>) {
        let (notices, unkept) = self.connection.take_notices();
        let wanted: Vec<&ServerError> = notices.iter().filter(|notice| notice.severity != "DEBUG").collect();
        for notice in wanted.iter().take(MOST_SHOWN) {
            work.log.line(&format!("  {}: {}", notice.severity.to_lowercase(), notice.message));
        }
        let more = wanted.len().saturating_sub(MOST_SHOWN) + unkept;
        if more > 0 {
            work.log.line(&format!("  and {more} more notices of the server"));
        }
    }
}

/// The first value of an answer.
pub fn cell(answer: &Answer) -> Option<&str> {
    answer.rows.first()?.first()?.as_deref()
}

/// Somebody stands between us and the server. One who deals out the server's
/// processes anew for each transaction gives a second connection the same one.
async fn refuse_pooler(work: &Work<'_>, target: &Target, process: Option<i32>) -> Result<(), Stop> {
    let mut second = connect(work, target).await?;
    let answer = second.query("SELECT pg_catalog.pg_backend_pid()").await?;
    let same = cell(&answer).and_then(|text| text.parse::<i32>().ok()) == process;
    second.close().await;
    match same {
        true => Err(Stop::failed(
            &codes::DATABASE_UNFIT,
            "the URL leads to a transaction pooler, where locks and settings leak to others; give the database's direct URL",
        )),
        false => Ok(()),
    }
}
