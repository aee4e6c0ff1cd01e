//! The part of the job that a database is needed for: from the settings to a
//! connection, the work raced with a request to stop, and what is told of it.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use futures_util::future::{Either, select};
use serde_json::json;

use super::super::{Done, End, Work};
use super::engine::{Engine, Outcome};
use super::history::{Author, History};
use super::settings::Options;
use super::stop::{Failed, Stop};
use crate::clients::postgres::target::{Rules, Target, target};
use crate::codes;
use crate::config::Settings;
use crate::host::Signal;
use crate::migrations::Layout;
use crate::model::Choice;
use crate::model::configuration::Environment;
use crate::model::forms::parse_database_url;
use crate::model::id;
use crate::problem::{Failure, Problem};

/// How long the server is given to end what it does when we are asked to stop;
/// with the request itself it has to fit into the seven seconds of a cancelled job.
const LAST_PATIENCE: Duration = Duration::from_secs(3);
/// How long the request may take to arrive.
const CANCEL_PATIENCE: Duration = Duration::from_secs(2);

/// The database of the settings: where it is and how it is spoken to.
#[derive(Clone, Debug)]
pub struct Place {
    /// What to connect to.
    pub target: Target,
    /// The environment.
    pub environment: Environment,
    /// The deployment that a rollback undoes, where it is not the run's own.
    pub deployment: Option<String>,
}

impl Place {
    /// Of the settings; None without a database.
    pub fn plan(settings: &Settings, options: &Options) -> Result<Option<Place>, Vec<Problem>> {
        let environment = settings.choice("environment").and_then(Environment::of).unwrap_or(Environment::Development);
        let Some(url) = &options.database else {
            let missing = || settings.missing("database-url", "the database to migrate", true);
            return if options.mode == "plan" { Ok(None) } else { Err(vec![missing()]) };
        };
        let rules = Rules {
            unverified: options.is_unverified,
            authorities: options.ca.clone(),
            production: environment == Environment::Production,
            application: "waybill migrate-db".to_owned(),
        };
        let url = parse_database_url(url.expose())
            .map_err(|wrong| vec![settings.problem("database-url", &codes::DATABASE_URL, wrong)])?;
        let target = target(&url, &rules).map_err(|unfit| {
            vec![Problem {
                code: &codes::DATABASE_UNFIT,
                place: settings.place("database-url"),
                wanted: "a database URL to migrate with".to_owned(),
                found: unfit.found,
                hint: Some(unfit.hint),
            }]
        })?;
        Ok(Some(Place { target, environment, deployment: options.deployment.clone() }))
    }
}

/// What is asked of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To apply what is pending.
    Apply,
    /// To undo what a deployment has applied.
    Undo,
}

/// Does it, and tells how it went.
pub async fn run(work: &Work<'_>, options: &Options, place: &Place, layout: &Layout, asked: Asked) -> Done {
    let history = History::new(&options.schema, &options.table, layout.format, &layout.could_be);
    let own = id::deployment(&work.context.run_id, place.environment);
    let author = Author {
        actor: work.job.triggered_by.clone(),
        commit: work.job.commit_hash.clone(),
        deployment: place.deployment.clone().filter(|_| asked == Asked::Undo).unwrap_or(own),
        job: work.job.id.clone(),
    };
    for notice in &place.target.notices {
        work.log.line(notice);
    }
    let engine = Engine {
        work,
        options,
        layout,
        history: &history,
        target: &place.target,
        author,
        is_stopped: Cell::new(false),
        canceller: RefCell::new(None),
        outcome: RefCell::new(Outcome::default()),
        before: RefCell::new(None),
    };
    let end = race(&engine, asked).await;
    let mut outcome = engine.outcome.into_inner();
    outcome.notes.splice(0..0, place.target.notices.iter().cloned());
    told(outcome, end, asked)
}

/// The work, or a request to stop: then the server is asked to cancel what it
/// does, and given a moment to say so.
async fn race(engine: &Engine<'_>, asked: Asked) -> Result<(), (Stop, Signal)> {
    let work = Box::pin(async {
        match asked {
            Asked::Apply => engine.apply().await,
            Asked::Undo => engine.undo().await,
        }
    });
    let (signal, rest) = match select(work, engine.work.host.cancelled()).await {
        Either::Left((end, _)) => return end.map_err(|stop| (stop, Signal::Interrupt)),
        Either::Right((signal, rest)) => (signal, rest),
    };
    engine.is_stopped.set(true);
    engine.work.log.line("asked to stop: the statement that is running is cancelled");
    let canceller = engine.canceller.borrow_mut().take();
    if let Some(canceller) = canceller
        && let Err(error) = canceller.cancel(CANCEL_PATIENCE).await
    {
        engine.work.log.line(&format!("the request to cancel did not arrive: {error}"));
    }
    match select(rest, engine.work.host.sleep(LAST_PATIENCE)).await {
        Either::Left((end, _)) => end.map_err(|stop| (stop, signal)),
        // Dropped, the connection closes, and the server looks whether we are still there.
        Either::Right(_) => Err((Stop::Cancelled, signal)),
    }
}

/// What the job tells of it.
fn told(outcome: Outcome, end: Result<(), (Stop, Signal)>, asked: Asked) -> Done {
    let mut notes = Vec::new();
    let word = if asked == Asked::Undo { "undone" } else { "applied" };
    for done in &outcome.done {
        let plural = if done.statements == 1 { "" } else { "s" };
        notes.push(format!(
            "{word}: `{}`, {} statement{plural} in {} ms",
            done.title,
            done.statements,
            done.took.as_millis()
        ));
    }
    if outcome.done.is_empty() && end.is_ok() {
        notes.push(match asked {
            Asked::Apply => "the database is up to date: nothing was pending".to_owned(),
            Asked::Undo => "nothing is to be undone: this deployment has applied nothing".to_owned(),
        });
    }
    notes.extend(outcome.notes);
    let (end, annotations) = match end {
        Ok(()) => (End::Succeeded, Vec::new()),
        Err((Stop::Cancelled, signal)) => (End::Cancelled(signal), Vec::new()),
        Err((Stop::Failed(failed), _)) => {
            let Failed { failure, annotations, notes: more } = *failed;
            notes.extend(more);
            (End::Failed(failure), annotations)
        }
        Err((Stop::Lost(lost), _)) => {
            (End::Failed(Failure::new(&codes::DATABASE_LOST, format!("the connection broke: {lost}"))), Vec::new())
        }
    };
    let count = outcome.done.len();
    let pending = match asked {
        Asked::Apply => outcome.pending.saturating_sub(count),
        Asked::Undo => 0,
    };
    let mut done = Done { annotations, notes, ..Done::of(end) };
    done.outputs = vec![("pending", pending.to_string()), ("applied", count.to_string())];
    done.outputs.extend(outcome.lsn.map(|lsn| ("backup-lsn", lsn)));
    done.outputs.extend(outcome.branch.map(|branch| ("backup-branch", branch)));
    done.metadata.insert(word.to_owned(), json!(count));
    done
}
