//! What `main` leaves for `post` in the runner's state: enough to finish what a
//! killed `main` left open, and no secret. `post` acts on nothing else.

use serde_json::{Value, json};

use crate::context::Context;
use crate::host::{Host, Writing};
use crate::model::configuration::Environment;
use crate::model::event::Origin;
use crate::model::{Choice, DeploymentJob};
use crate::reporters::outputs;

/// The state's name; the runner hands it over as `STATE_waybill`.
const NAME: &str = "waybill";

/// How far `main` has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Saved {
    /// It has begun, and there is no job yet.
    Begun,
    /// A job is open.
    Open(Box<Open>),
    /// All is done.
    Finished,
}

/// An open job.
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    /// Where its events come from.
    pub origin: Origin,
    /// The running job.
    pub job: DeploymentJob,
    /// The folder of Waybill's own files.
    pub state_directory: String,
    /// The ledger's head.
    pub head: String,
    /// How many lines the ledger has.
    pub count: u64,
    /// What the job has open elsewhere; null for nothing.
    pub remote: Value,
}

impl Saved {
    /// Writes the state. Without a runner there is nowhere to write it, and no `post`.
    pub fn write(&self, host: &dyn Host, context: &Context) {
        let value = match self {
            Saved::Begun => json!({"stage": "begun"}),
            Saved::Finished => json!({"stage": "finished"}),
            Saved::Open(open) => without_null(json!({
                "stage": "open",
                "deploymentId": open.origin.deployment_id,
                "configurationId": open.origin.configuration_id,
                "environment": open.origin.environment.word(),
                "job": open.job.to_value(),
                "stateDirectory": open.state_directory,
                "head": open.head,
                "count": open.count,
                "remote": open.remote,
            })),
        };
        if context.files.state.is_empty() {
            return;
        }
        if let Ok(entry) = outputs::entry(NAME, &value.to_string(), &mut || host.random()) {
            // Without the state `post` has nothing to finish; the job itself can go on.
            let _ = host.write(&context.files.state, &entry, Writing::Append);
        }
    }

    /// The state that `main` left; None in `main` itself.
    pub fn read(environment: &std::collections::BTreeMap<String, String>) -> Option<Saved> {
        environment.get("STATE_waybill").map(|text| read(text))
    }
}

#[inline(never)]
fn read(text: &str) -> Saved {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    match value["stage"].as_str() {
        Some("finished") => Saved::Finished,
        Some("open") => read_open(&value).map_or(Saved::Begun, |open| Saved::Open(Box::new(open))),
        _ => Saved::Begun,
    }
}

fn read_open(value: &Value) -> Option<Open> {
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    let job = DeploymentJob::read(&value["job"]).ok()?;
    Some(Open {
        origin: Origin {
            deployment_id: text("deploymentId")?,
            configuration_id: text("configurationId")?,
            environment: Environment::of(value["environment"].as_str()?)?,
            job_id: job.id.clone(),
            job_type: job.job_type,
        },
        job,
        state_directory: text("stateDirectory")?,
        head: text("head")?,
        count: value["count"].as_u64()?,
        remote: value["remote"].clone(),
    })
}
/// What there is nothing to say of is left out.
fn without_null(mut value: Value) -> Value {
    if let Value::Object(fields) = &mut value {
        fields.retain(|_, value| !value.is_null());
    }
    value
}
