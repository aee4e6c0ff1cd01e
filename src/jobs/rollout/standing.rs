//! What stands in an environment: the deployments that were, what each of their
//! deploy jobs rolled out, and whether their configuration is active.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::Pointer;
use crate::model::configuration::{Signal, State, may_activate};
use crate::model::job::{JobType, Status};
use crate::model::{Choice, rules};

/// How many deployments are remembered.
const MOST: usize = 50;

/// What happened to a job's rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It began.
    Running,
    /// It serves.
    Succeeded,
    /// It does not.
    Failed,
}

/// What one deploy job rolled out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobEntry {
    /// The job's type.
    pub job_type: JobType,
    /// How it ended.
    pub status: Status,
    /// What it rolled out.
    pub pointer: Pointer,
}

/// A deployment in the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The deployment.
    pub deployment_id: String,
    /// Its configuration.
    pub configuration_id: String,
    /// Whether the configuration is active.
    pub state: State,
    /// When it last changed.
    pub updated_at: String,
    /// One a job type.
    pub jobs: Vec<JobEntry>,
}

/// Everything that is remembered of an environment, the newest last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The deployments.
    pub entries: Vec<Entry>,
}

/// A job of a deployment, for [`Standing::mark`].
#[derive(Clone, Copy, Debug)]
pub struct Of<'a> {
    /// The deployment.
    pub deployment_id: &'a str,
    /// Its configuration.
    pub configuration_id: &'a str,
    /// The job's type.
    pub job_type: JobType,
}

impl Standing {
    /// With what happened to a job's rollout. Where all deploy jobs of the
    /// deployment have succeeded, its configuration becomes active and whichever
    /// was active deprecated, at the same moment: then the second value is true.
    pub fn mark(mut self, of: Of, pointer: &Pointer, mark: Mark, now: DateTime<Utc>) -> (Standing, bool) {
        let at = match self.entries.iter().position(|entry| entry.deployment_id == of.deployment_id) {
            Some(at) => at,
            None => {
                self.entries.push(Entry {
                    deployment_id: of.deployment_id.to_owned(),
                    configuration_id: of.configuration_id.to_owned(),
                    state: State::Created,
                    updated_at: String::new(),
                    jobs: Vec::new(),
                });
                self.entries.len() - 1
            }
        };
        let status = match mark {
            Mark::Running => Status::Running,
            Mark::Succeeded => Status::Success,
            Mark::Failed => Status::Failure,
        };
        let entry = &mut self.entries[at];
        entry.updated_at = rules::date_text(now);
        entry.jobs.retain(|job| job.job_type != of.job_type);
        entry.jobs.push(JobEntry { job_type: of.job_type, status, pointer: pointer.clone() });
        let all: Vec<_> = entry.jobs.iter().map(|job| (job.job_type, job.status)).collect();
        let active = entry.state.after(Signal::Activate).ok().filter(|_| may_activate(&all));
        let activated = active.is_some();
        if let Some(active) = active {
            for entry in &mut self.entries {
                entry.state = entry.state.after(Signal::Deprecate).unwrap_or(entry.state);
            }
            self.entries[at].state = active;
        }
        let too_many = self.entries.len().saturating_sub(MOST);
        self.entries.drain(..too_many);
        (self, activated)
    }

    /// Reads the file's JSON; what cannot be read in it is left out.
    pub fn read(value: &Value) -> Standing {
        let entries = value["deployments"].as_array().map(Vec::as_slice).unwrap_or_default();
        Standing { entries: entries.iter().filter_map(read_entry).collect() }
    }

    /// The file's JSON.
    pub fn to_value(&self) -> Value {
        let job = |job: &JobEntry| {
            json!({
                "jobType": job.job_type.word(),
                "status": job.status.word(),
                "commit": job.pointer.commit,
                "digest": job.pointer.digest,
                "release": job.pointer.release,
                "url": job.pointer.url,
            })
        };
        let entry = |entry: &Entry| {
            let mut map = Map::new();
            map.insert("deploymentId".to_owned(), json!(entry.deployment_id));
            map.insert("configurationId".to_owned(), json!(entry.configuration_id));
            map.insert("state".to_owned(), json!(entry.state.word()));
            map.insert("updatedAt".to_owned(), json!(entry.updated_at));
            map.insert("jobs".to_owned(), entry.jobs.iter().map(job).collect());
            Value::Object(map)
        };
        json!({ "version": 1, "deployments": self.entries.iter().map(entry).collect::<Vec<_>>() })
    }
}

fn read_entry(value: &Value) -> Option<Entry> {
    let text = |value: &Value, name: &str| value[name].as_str().map(str::to_owned);
    let job = |value: &Value| {
        Some(JobEntry {
            job_type: JobType::of(value["jobType"].as_str()?)?,
            status: Status::of(value["status"].as_str()?)?,
            pointer: Pointer {
                commit: text(value, "commit")?,
                digest: text(value, "digest")?,
                release: text(value, "release")?,
                url: text(value, "url")?,
            },
        })
    };
    Some(Entry {
        deployment_id: text(value, "deploymentId")?,
        configuration_id: text(value, "configurationId")?,
        state: State::of(value["state"].as_str()?)?,
        updated_at: text(value, "updatedAt")?,
        jobs: value["jobs"].as_array()?.iter().filter_map(job).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(standing: Standing, deployment_id: &str, job_type: JobType, mark: Mark) -> (Standing, bool) {
        let pointer = Pointer { release: format!("release of {deployment_id}"), ..Pointer::default() };
        standing.mark(Of { deployment_id, configuration_id: "c", job_type }, &pointer, mark, DateTime::default())
    }

    fn states(standing: &Standing) -> Vec<&'static str> {
        standing.entries.iter().map(|entry| entry.state.word()).collect()
    }

    #[test]
    fn a_configuration_is_active_when_every_deploy_job_has_succeeded() {
        let (standing, _) = mark(Standing::default(), "1", JobType::DeployFrontend, Mark::Running);
        let (standing, _) = mark(standing, "1", JobType::DeployBackend, Mark::Running);
        let (standing, activated) = mark(standing, "1", JobType::DeployFrontend, Mark::Succeeded);
        assert!(!activated);
        let (standing, activated) = mark(standing, "1", JobType::DeployBackend, Mark::Succeeded);
        assert!(activated);
        let (standing, _) = mark(standing, "2", JobType::DeployFrontend, Mark::Failed);
        assert_eq!(states(&standing), ["active", "created"]);
        let (standing, activated) = mark(standing, "2", JobType::DeployFrontend, Mark::Succeeded);
        assert!(activated);
        assert_eq!(states(&standing), ["deprecated", "active"]);
        assert_eq!(Standing::read(&standing.to_value()), standing);
    }

    #[test]
    fn what_is_old_is_forgotten_and_what_is_broken_left_out() {
        let standing = (0..60).fold(Standing::default(), |standing, at| {
            mark(standing, &at.to_string(), JobType::DeployFrontend, Mark::Succeeded).0
        });
        assert_eq!((standing.entries.len(), standing.entries[0].deployment_id.as_str()), (50, "10"));
        assert_eq!(Standing::read(&json!({ "deployments": [{ "deploymentId": 7 }] })), Standing::default());
        assert_eq!(Standing::read(&json!("x")), Standing::default());
    }
}
