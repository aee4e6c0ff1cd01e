//! A branch of the database before the first statement, by Neon's API. Going
//! back to it stays a person's decision: it takes back what applications have
//! written since, too.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::Value;

use super::super::Work;
use super::settings::Options;
use super::stop::Stop;
use crate::clients::Client;
use crate::clients::neon::{Neon, is_id, read};
use crate::clients::postgres::target::Target;
use crate::clients::retry::Rules;
use crate::codes;
use crate::host::socket::Endpoint;

/// How long all of it may take.
const PATIENCE: TimeDelta = TimeDelta::seconds(180);
/// How long the branch is kept.
const KEPT: TimeDelta = TimeDelta::days(7);
/// How often it is asked whether the branch is ready.
const EVERY: Duration = Duration::from_secs(1);
/// How many projects are looked through.
const MOST_PROJECTS: usize = 2000;

/// Makes the branch; its id.
pub async fn make(work: &Work<'_>, options: &Options, target: &Target) -> Result<String, Stop> {
    let refuse = |what: &str| Stop::failed(&codes::NEON_REFUSED, format!("Neon's API: {what}"));
    let neon = options.neon_api_key.as_ref().and_then(|key| Neon::new(&options.neon_api_url, key));
    let neon = neon.ok_or_else(|| refuse("`neon-api-key` cannot be one"))?;
    let endpoint = endpoint_of(target).ok_or_else(|| refuse("`database-url` does not lead to a database of Neon"))?;
    let client = Client::new(work.host, Rules::Common, work.host.now() + PATIENCE);
    let (project, parent) = place(&client, &neon, endpoint).await.map_err(|what| refuse(&what))?;
    let commit: String = work.job.commit_hash.chars().take(12).collect();
    let name = format!("pre-migrate-{commit}-{}-{}", work.context.run_id, work.context.attempt);
    let made = read(client.send(&neon.copy(&project, &parent, &name, work.host.now() + KEPT)).await);
    let branch = match made {
        Ok(made) => {
            wait(work, &client, &neon, &project, &made).await.map_err(|what| refuse(&what))?;
            id(&made["branch"]["id"])
        }
        // An answer that was lost: the branch may be there, under its name.
        Err(what) => match named(&client, &neon, &project, &name).await {
            Some(branch) => Ok(branch),
            None => return Err(refuse(&what)),
        },
    };
    let branch = branch.map_err(|what| refuse(&what))?;
    work.log.line(&format!("made the backup branch `{name}` (`{branch}`), kept for {} days", KEPT.num_days()));
    Ok(branch)
}

/// The endpoint's id: the first label of its host.
fn endpoint_of(target: &Target) -> Option<&str> {
    let Endpoint::Tcp(host, _) = &target.servers.first()?.endpoint else { return None };
    host.split('.').next().filter(|label| target.is_neon && label.starts_with("ep-") && is_id(label))
}

/// The project and the branch of an endpoint.
async fn place(client: &Client<'_>, neon: &Neon, endpoint: &str) -> Result<(String, String), String> {
    let mut cursor: Option<String> = None;
    let mut seen = 0;
    while seen < MOST_PROJECTS {
        let page = read(client.send(&neon.projects(cursor.as_deref())).await)?;
        let projects = page["projects"].as_array().cloned().unwrap_or_default();
        if projects.is_empty() {
            break;
        }
        seen += projects.len();
        for project in &projects {
            let project = id(&project["id"])?;
            let answer = read(client.send(&neon.endpoints(&project)).await)?;
            let endpoints = answer["endpoints"].as_array().cloned().unwrap_or_default();
            if let Some(found) = endpoints.iter().find(|one| one["id"].as_str() == Some(endpoint)) {
                return Ok((project, id(&found["branch_id"])?));
            }
        }
        cursor = page["pagination"]["cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    Err(format!("the key sees no project with the endpoint `{endpoint}`"))
}

/// Waits until everything that makes the branch is done.
async fn wait(work: &Work<'_>, client: &Client<'_>, neon: &Neon, project: &str, made: &Value) -> Result<(), String> {
    let deadline = work.host.now() + PATIENCE;
    for operation in made["operations"].as_array().into_iter().flatten() {
        let operation = id(&operation["id"])?;
        loop {
            let answer = read(client.send(&neon.operation(project, &operation)).await)?;
            match answer["operation"]["status"].as_str().unwrap_or_default() {
                "finished" | "skipped" => break,
                status @ ("failed" | "error" | "cancelling" | "cancelled") => {
                    return Err(format!("making the branch has ended as `{status}`"));
                }
                _ if work.host.now() > deadline => return Err("making the branch takes too long".to_owned()),
                _ => work.host.sleep(EVERY).await,
            }
        }
    }
    Ok(())
}

async fn named(client: &Client<'_>, neon: &Neon, project: &str, name: &str) -> Option<String> {
    let answer = read(client.send(&neon.branches(project)).await).ok()?;
    let branch = answer["branches"].as_array()?.iter().find(|one| one["name"].as_str() == Some(name))?.clone();
    id(&branch["id"]).ok()
}

/// An id of an answer, fit to stand in a path.
fn id(value: &Value) -> Result<String, String> {
    let text = value.as_str().unwrap_or_default();
    if is_id(text) { Ok(text.to_owned()) } else { Err("an answer without the id that it should have".to_owned()) }
}
