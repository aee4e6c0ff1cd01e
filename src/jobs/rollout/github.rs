//! A rollout as a GitHub Deployment. Never worth a failed job, but for another
//! run that is at the same environment now.

use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};

use super::{Keeping, Outcome, Pointer};
use crate::clients::Client;
use crate::clients::deployments::{self, Found, NewDeployment, State};
use crate::clients::github::{GitHub, Trouble, read};
use crate::clients::retry::Rules;
use crate::codes;
use crate::jobs::Work;
use crate::model::Choice;
use crate::model::configuration::Environment;
use crate::problem::Failure;
use crate::secret::Secret;

/// How long GitHub is asked at the beginning, and again at the end.
const PATIENCE: TimeDelta = TimeDelta::seconds(20);

/// How many older deployments are looked at: of a run under way, and to be made inactive.
const MOST_LOOKS: usize = 3;

/// How many deployments of a closed pull request are made inactive.
const MOST_CLEANED: usize = 10;

/// A deployment of ours at GitHub.
pub struct Open {
    github: GitHub,
    id: u64,
    /// Earlier ones of the same task, the newest first.
    earlier: Vec<u64>,
}

/// Why there is none.
pub enum Hindered {
    /// Another run is at the environment.
    Busy(Failure),
    /// It cannot be kept; a note for the reader.
    Without(String),
}

/// Makes the deployment and marks it as in progress; what is odd besides.
pub async fn open(
    work: &Work<'_>,
    keeping: &Keeping,
    token: &Secret,
    pointer: &Pointer,
) -> Result<(Open, Vec<String>), Hindered> {
    let without = |reason: &str| Hindered::Without(format!("no GitHub Deployment is kept: {reason}"));
    let github = GitHub::new(&work.context.api_url, &work.context.repository, token)
        .ok_or_else(|| without("the runner names no repository, or the token cannot be one"))?;
    let client = Client::new(work.host, Rules::GitHub, work.host.now() + PATIENCE);
    let listed = read(client.send(&deployments::list(&github, &keeping.environment)).await);
    let listed = listed.map(|value| deployments::found(&value)).map_err(|trouble| hindered(&trouble))?;
    let ours: Vec<&Found> = listed.iter().filter(|found| found.task == task(work)).collect();
    let mut warnings = Vec::new();
    for found in ours.iter().take(MOST_LOOKS) {
        if let Some(failure) = busy(work, keeping, &client, &github, found).await {
            return Err(Hindered::Busy(failure));
        }
    }
    if let Some(id) = made_by_the_job(&listed, &pointer.commit) {
        warnings.push(format!(
            "the job's own `environment:` made a Deployment too (`{id}`): write `environment: {{name: …, deployment: false}}`, \
             or two are shown"
        ));
    }
    let new = NewDeployment {
        commit: pointer.commit.clone(),
        environment: keeping.environment.clone(),
        task: task(work),
        payload: payload(work, pointer),
        transient: keeping.is_preview,
        production: work.origin.environment == Environment::Production && !keeping.is_preview,
    };
    let made = read(client.send(&deployments::create(&github, &new)).await);
    let id = match made {
        Ok(value) => value["id"].as_u64(),
        // It may be there all the same: that is looked up, not tried again.
        Err(Trouble::Unreachable(_)) => {
            let again = read(client.send(&deployments::list(&github, &keeping.environment)).await);
            let again = again.map(|value| deployments::found(&value)).unwrap_or_default();
            again.iter().find(|found| is_same(found, work)).map(|found| found.id)
        }
        Err(trouble) => return Err(hindered(&trouble)),
    };
    let Some(id) = id else { return Err(without("GitHub did not say that one was made")) };
    let open = Open { github, id, earlier: ours.iter().map(|found| found.id).filter(|other| *other != id).collect() };
    let call = deployments::status(&open.github, id, State::InProgress, "", &log_url(work), "");
    if let Err(trouble) = read(client.send(&call).await) {
        warnings.push(format!("the GitHub Deployment has no status: {trouble}"));
    }
    Ok((open, warnings))
}

/// Gives it its end, and makes those before it inactive where it serves.
pub async fn finish(
    work: &Work<'_>,
    keeping: &Keeping,
    open: &Open,
    pointer: &Pointer,
    outcome: Outcome,
) -> Vec<String> {
    let client = Client::new(work.host, Rules::GitHub, work.host.now() + PATIENCE);
    let (state, url) = match outcome {
        Outcome::Serves => (State::Success, pointer.url.as_str()),
        Outcome::Failed => (State::Failure, ""),
    };
    let call = deployments::status(&open.github, open.id, state, url, &log_url(work), &keeping.environment);
    if let Err(trouble) = read(client.send(&call).await) {
        return vec![format!("the GitHub Deployment could not be ended: {trouble}")];
    }
    if outcome == Outcome::Serves {
        for id in open.earlier.iter().take(MOST_LOOKS) {
            let newest = read(client.send(&deployments::newest_status(&open.github, *id)).await);
            if newest.is_ok_and(|value| deployments::state_of(&value).0 == "success") {
                let call = deployments::status(&open.github, *id, State::Inactive, "", "", "");
                // One that still looks active is no reason to fail.
                let _ = client.send(&call).await;
            }
        }
    }
    Vec::new()
}

/// Makes every deployment of the environment inactive.
pub async fn clean_up(work: &Work<'_>, keeping: &Keeping, token: &Secret) -> Vec<String> {
    let Some(github) = GitHub::new(&work.context.api_url, &work.context.repository, token) else { return Vec::new() };
    let client = Client::new(work.host, Rules::GitHub, work.host.now() + PATIENCE);
    let listed = match read(client.send(&deployments::list(&github, &keeping.environment)).await) {
        Ok(value) => deployments::found(&value),
        Err(trouble) => {
            return vec![format!("the environment `{}` is not marked inactive: {trouble}", keeping.environment)];
        }
    };
    for found in listed.iter().take(MOST_CLEANED) {
        let call = deployments::status(&github, found.id, State::Inactive, "", "", "the pull request is closed");
        if let Err(trouble) = read(client.send(&call).await) {
            return vec![format!("the environment `{}` is not marked inactive: {trouble}", keeping.environment)];
        }
    }
    vec![format!("the environment `{}` is inactive ({} deployments)", keeping.environment, listed.len())]
}

/// Whether another run's deployment is in progress, and for how long that can be believed.
async fn busy(
    work: &Work<'_>,
    keeping: &Keeping,
    client: &Client<'_>,
    github: &GitHub,
    found: &Found,
) -> Option<Failure> {
    let other = found.payload["deploymentId"].as_str().filter(|other| *other != work.origin.deployment_id)?;
    let age = work.host.now() - DateTime::parse_from_rfc3339(&found.created_at).ok()?.to_utc();
    if age > TimeDelta::from_std(keeping.deadline).unwrap_or(TimeDelta::hours(1)) + TimeDelta::minutes(15) {
        return None;
    }
    let (state, log) = read(client.send(&deployments::newest_status(github, found.id)).await)
        .map(|value| deployments::state_of(&value))
        .ok()?;
    (state == State::InProgress.word()).then(|| {
        let message = format!("`{other}` deploys to `{}` now: {log}", keeping.environment);
        Failure::new(&codes::IN_PROGRESS, message)
    })
}

/// One that GitHub made for this job itself: of the same commit, with the
/// ordinary task and an empty payload.
fn made_by_the_job(listed: &[Found], commit: &str) -> Option<u64> {
    let is_empty = |payload: &Value| {
        payload.as_object().is_none_or(serde_json::Map::is_empty) && payload.as_str().is_none_or(str::is_empty)
    };
    listed
        .iter()
        .find(|found| found.task == "deploy" && found.commit == commit && is_empty(&found.payload))
        .map(|found| found.id)
}

fn is_same(found: &Found, work: &Work<'_>) -> bool {
    found.task == task(work) && found.payload["jobId"] == work.origin.job_id.as_str()
}

fn task(work: &Work<'_>) -> String {
    work.origin.job_type.word().replacen('-', ":", 1)
}

/// A pointer, never a proof.
fn payload(work: &Work<'_>, pointer: &Pointer) -> Value {
    json!({
        "waybill": 1,
        "deploymentId": work.origin.deployment_id,
        "configurationId": work.origin.configuration_id,
        "jobId": work.origin.job_id,
        "jobType": work.origin.job_type.word(),
        "commit": pointer.commit,
        "digest": pointer.digest,
    })
}

fn log_url(work: &Work<'_>) -> String {
    let context = work.context;
    format!("{}/{}/actions/runs/{}", context.server_url, context.repository, context.run_id)
}

fn hindered(trouble: &Trouble) -> Hindered {
    Hindered::Without(match trouble {
        Trouble::Denied(..) => format!(
            "no GitHub Deployment is kept: {trouble}; the job needs the permission `deployments: write`, \
             which a pull request from a fork does not get"
        ),
        trouble => format!("no GitHub Deployment is kept: {trouble}"),
    })
}
