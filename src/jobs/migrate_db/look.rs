//! `mode: plan` with a database: what it has, what it lacks and what stands in
//! the way, read in a session that can change nothing. A role that may only
//! read the history is enough.

use super::super::{Done, End, Work};
use super::adopt;
use super::database::Database;
use super::decide::{Decision, decide};
use super::engine::read;
use super::history::{History, Keeper, Row};
use super::item::items_of;
use super::settings::Options;
use super::stop::{Failed, Stop};
use super::work::Place;
use crate::codes;
use crate::migrations::Layout;
use crate::migrations::running::Running;
use crate::problem::Failure;

/// Adds to a plan what the database says.
pub async fn look(work: &Work<'_>, options: &Options, place: &Place, layout: &Layout, mut done: Done) -> Done {
    let history = History::new(&options.schema, &options.table, layout.format, &layout.could_be);
    done.notes.extend(place.target.notices.iter().cloned());
    let end = match rows(work, options, place, layout, &history).await {
        Ok(rows) => {
            let decision = decide(layout, &history, &rows);
            done.steps = steps(&decision);
            done.outputs.retain(|(name, _)| !matches!(*name, "pending" | "applied"));
            done.outputs.push(("pending", decision.pending.len().to_string()));
            done.outputs.push(("applied", "0".to_owned()));
            done.notes.push(format!(
                "the database has {} migrations, {} are pending",
                rows.iter().filter(|row| row.is_finished).count(),
                decision.pending.len()
            ));
            match decision.problems(options.allow_out_of_order) {
                Some(failed) => Err(Stop::Failed(Box::new(failed))),
                None => items_of(&decision.pending).map(|_| ()),
            }
        }
        Err(stop) => Err(stop),
    };
    let failed = match end {
        Ok(()) => return done,
        Err(Stop::Failed(failed)) => *failed,
        Err(Stop::Lost(lost)) => {
            let failure = Failure::new(&codes::DATABASE_LOST, format!("the connection broke: {lost}"));
            Failed { failure, annotations: Vec::new(), notes: Vec::new() }
        }
        Err(Stop::Cancelled) => return done,
    };
    done.annotations.splice(0..0, failed.annotations);
    done.notes.extend(failed.notes);
    if done.end == End::Succeeded {
        done.end = End::Failed(failed.failure);
    } else {
        done.notes.push(failed.failure.message);
    }
    done
}

async fn rows(
    work: &Work<'_>,
    options: &Options,
    place: &Place,
    layout: &Layout,
    history: &History,
) -> Result<Vec<Row>, Stop> {
    let mut database = Database::open(work, &place.target, true).await?;
    let rows = read(&mut database, history).await?;
    let rows = match rows {
        Some(rows) if !rows.is_empty() || history.keeper != Keeper::Own => rows,
        _ => {
            let found = adopt::find(&mut database, &history.schema).await?;
            adopt::choose(&found, options.adopt, layout, history)?
        }
    };
    database.connection.close().await;
    Ok(rows)
}

/// What applying would do, one line a migration.
fn steps(decision: &Decision<'_>) -> Vec<String> {
    let mut steps = Vec::new();
    for pending in &decision.pending {
        let migration = pending.migration;
        let how = match items_of(std::slice::from_ref(pending)).ok().and_then(|items| items.into_iter().next()) {
            None => "it cannot be run".to_owned(),
            Some(item) => {
                let count = item.statements.len();
                let plural = if count == 1 { "" } else { "s" };
                let where_ = match item.running {
                    Running::Together => "in one transaction",
                    Running::Apart(_) => "each on its own, outside of a transaction",
                };
                let from = match &pending.row {
                    Some(row) if row.done > 0 => format!(", going on after statement {}", row.done),
                    _ => String::new(),
                };
                format!("{count} statement{plural} {where_}{from}")
            }
        };
        steps.push(format!("apply `{}` (`{}`): {how}", migration.title(), migration.up.path));
    }
    steps
}
