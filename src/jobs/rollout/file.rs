//! What stands, as a file of the directory store, and the lease on an environment.
//!
//! ```text
//! .waybill/environments/production.json                          what stands
//! .waybill/leases/production/<deployment id>.<job id>.json       who is at it now
//! ```

use std::io::Read;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::standing::{Mark, Of, Standing};
use super::{Keeping, Pointer};
use crate::codes;
use crate::host::Writing;
use crate::jobs::Work;
use crate::model::event::Origin;
use crate::model::{Choice, rules};
use crate::problem::Failure;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 4 << 20;

/// Writes what happened; a note where the configuration became active.
pub fn write(work: &Work<'_>, pointer: &Pointer, mark: Mark) -> Result<Option<String>, Failure> {
    let origin = work.origin;
    let of = Of {
        deployment_id: &origin.deployment_id,
        configuration_id: &origin.configuration_id,
        job_type: origin.job_type,
    };
    let (standing, activated) = read(work)?.mark(of, pointer, mark, work.host.now());
    let text = format!("{:#}\n", standing.to_value());
    work.host
        .write(&path(work), text.as_bytes(), Writing::Replace)
        .map_err(|error| unusable(&path(work), &error.to_string()))?;
    Ok(activated
        .then(|| format!("the configuration of {} is active in {}", origin.deployment_id, origin.environment.word())))
}

/// What stands; nothing where there is no file.
pub fn read(work: &Work<'_>) -> Result<Standing, Failure> {
    match json_file(work, &path(work))? {
        Some(value) => Ok(Standing::read(&value)),
        None => Ok(Standing::default()),
    }
}

/// Takes the environment for this deployment; the lease's path. Jobs of one
/// deployment share it. Each writes its own file and looks at the others then,
/// so that of two at once at least one sees the other, and the older one stays.
pub fn acquire(work: &Work<'_>, keeping: &Keeping) -> Result<Option<String>, Failure> {
    let path = lease_path(work.state_directory, work.origin);
    let (folder, own) = path.rsplit_once('/').unwrap_or((".", path.as_str()));
    let now = work.host.now();
    let time = TimeDelta::from_std(keeping.deadline).unwrap_or(TimeDelta::hours(1)) + TimeDelta::minutes(15);
    let lease = json!({
        "deploymentId": work.origin.deployment_id,
        "since": rules::date_text(now),
        "until": rules::date_text(now + time),
    });
    work.host
        .write(&path, lease.to_string().as_bytes(), Writing::Replace)
        .map_err(|error| unusable(&path, &error.to_string()))?;
    for entry in work.host.list(folder).unwrap_or_default() {
        let other = format!("{folder}/{}", entry.name);
        if entry.name == own || !entry.name.ends_with(".json") {
            continue;
        }
        let Some(value) = json_file(work, &other).ok().flatten() else { continue };
        let holder = value["deploymentId"].as_str().unwrap_or_default();
        let date = |name: &str| value[name].as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
        let (since, until) = (date("since").map(|date| date.to_utc()), date("until").map(|date| date.to_utc()));
        let is_over = until.is_none_or(|until| until < now);
        if is_over {
            // Whoever held it was killed.
            let _ = work.host.remove(&other);
        } else if holder != work.origin.deployment_id && is_first(since, holder, now, &work.origin.deployment_id) {
            let _ = work.host.remove(&path);
            let message = format!("`{holder}` deploys to {} since {}", work.origin.environment.word(), value["since"]);
            return Err(Failure::new(&codes::IN_PROGRESS, message));
        }
    }
    Ok(Some(path.clone()))
}

/// Where a job's lease lies.
pub fn lease_path(state_directory: &str, origin: &Origin) -> String {
    let Origin { deployment_id, job_id, environment, .. } = origin;
    format!("{state_directory}/leases/{}/{deployment_id}.{job_id}.json", environment.word())
}

fn is_first(since: Option<DateTime<Utc>>, holder: &str, now: DateTime<Utc>, ours: &str) -> bool {
    since.is_none_or(|since| (since, holder) < (now, ours))
}

fn path(work: &Work<'_>) -> String {
    format!("{}/environments/{}.json", work.state_directory, work.origin.environment.word())
}

fn json_file(work: &Work<'_>, path: &str) -> Result<Option<Value>, Failure> {
    let file = match work.host.open(path) {
        Ok(file) => file,
        Err(crate::host::FileError::Missing) => return Ok(None),
        Err(error) => return Err(unusable(path, &error.to_string())),
    };
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes).map_err(|error| unusable(path, &error.to_string()))?;
    serde_json::from_slice(&bytes).map(Some).map_err(|error| unusable(path, &error.to_string()))
}

fn unusable(path: &str, error: &str) -> Failure {
    Failure::new(&codes::STATE_UNUSABLE, format!("`{path}`: {error}"))
}
