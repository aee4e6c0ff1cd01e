//! GitHub's Deployments and their statuses ("REST API endpoints for deployments").

use serde_json::{Value, json};

use super::Call;
use super::github::GitHub;
use crate::http::Method;

/// The longest description of a status, in characters.
const LONGEST: usize = 140;

/// What a deployment is made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDeployment {
    /// The commit.
    pub commit: String,
    /// The environment's name, as `production` or `preview/pr-7`.
    pub environment: String,
    /// What kind of work it is, as `deploy:frontend`; deployments of different tasks live side by side.
    pub task: String,
    /// What is kept with it: a pointer, never a proof.
    pub payload: Value,
    /// Whether the environment goes away again.
    pub transient: bool,
    /// Whether it is production.
    pub production: bool,
}

/// A deployment, as far as it is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its number.
    pub id: u64,
    /// Its commit.
    pub commit: String,
    /// Its task.
    pub task: String,
    /// What is kept with it.
    pub payload: Value,
    /// When it was made, RFC 3339.
    pub created_at: String,
}

/// The state of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is being done.
    InProgress,
    /// It serves.
    Success,
    /// It could not be done.
    Failure,
    /// It serves no more.
    Inactive,
}

impl State {
    /// GitHub's word.
    pub fn word(self) -> &'static str {
        match self {
            State::InProgress => "in_progress",
            State::Success => "success",
            State::Failure => "failure",
            State::Inactive => "inactive",
        }
    }
}

/// Makes a deployment. Without the flags GitHub would merge the base branch
/// into the ref first, or refuse because of checks that are not green yet.
pub fn create(github: &GitHub, new: &NewDeployment) -> Call {
    let body = json!({
        "ref": new.commit,
        "task": new.task,
        "auto_merge": false,
        "required_contexts": [],
        "payload": new.payload,
        "environment": new.environment,
        "description": "by Waybill",
        "transient_environment": new.transient,
        "production_environment": new.production,
    });
    github.call(Method::Post, "deployments", Some(&body))
}

/// Gives a deployment a state. `auto_inactive` stays off: it would also mark the
/// deployments of other tasks in the same environment.
pub fn status(github: &GitHub, id: u64, state: State, url: &str, log: &str, description: &str) -> Call {
    let description: String = description.chars().take(LONGEST).collect();
    let mut body = json!({ "state": state.word(), "description": description, "auto_inactive": false });
    for (name, value) in [("environment_url", url), ("log_url", log)] {
        if value.starts_with("https://") || value.starts_with("http://") {
            body[name] = json!(value);
        }
    }
    github.call(Method::Post, &format!("deployments/{id}/statuses"), Some(&body))
}

/// The newest deployments of an environment.
pub fn list(github: &GitHub, environment: &str) -> Call {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let escaped = |byte: u8| if plain(byte) { (byte as char).to_string() } else { format!("%{byte:02X}") };
    let environment: String = environment.bytes().map(escaped).collect();
    github.call(Method::Get, &format!("deployments?environment={environment}&per_page=30"), None)
}

/// The newest status of a deployment.
pub fn newest_status(github: &GitHub, id: u64) -> Call {
    github.call(Method::Get, &format!("deployments/{id}/statuses?per_page=1"), None)
}

/// The deployments of a list; what is none in it is left out.
pub fn found(value: &Value) -> Vec<Found> {
    let one = |value: &Value| {
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        // A payload that was given as a string comes back as one.
        let payload = match &value["payload"] {
            Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
            other => other.clone(),
        };
        Some(Found {
            id: value["id"].as_u64()?,
            commit: text("sha"),
            task: text("task"),
            payload,
            created_at: text("created_at"),
        })
    };
    value.as_array().map(|all| all.iter().filter_map(one).collect()).unwrap_or_default()
}

/// The state and the log's URL of the newest status.
pub fn state_of(value: &Value) -> (String, String) {
    let status = &value[0];
    let text = |name: &str| status[name].as_str().unwrap_or_default().to_owned();
    let log = if text("log_url").is_empty() { text("target_url") } else { text("log_url") };
    (text("state"), log)
}
