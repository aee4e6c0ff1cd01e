//! Writes a job's events: into the ledger, into the annotations, and into what
//! `post` will know.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::saved::{Open, Saved};
use crate::context::Context;
use crate::host::Host;
use crate::log::Log;
use crate::model::event::{EventType, Origin};
use crate::model::{Broken, DeploymentEvent, DeploymentJob, failure};
use crate::problem::Failure;
use crate::store::directory::{Directory, Receipt};

/// Writes the events of one job.
pub struct Recorder<'a> {
    host: &'a dyn Host,
    context: &'a Context,
    log: &'a Log<'a>,
    store: Directory<'a>,
    state_directory: String,
    /// Where the events come from.
    pub origin: Origin,
    /// What was written, in order.
    pub events: Vec<DeploymentEvent>,
    /// What the last writing came to.
    pub receipt: Option<Receipt>,
    /// What the job has open elsewhere.
    remote: Value,
}

impl<'a> Recorder<'a> {
    /// For one job, with its ledger under the state directory.
    pub fn new(
        host: &'a dyn Host,
        context: &'a Context,
        log: &'a Log<'a>,
        state_directory: &str,
        origin: Origin,
    ) -> Self {
        Recorder {
            host,
            context,
            log,
            store: Directory::new(host, state_directory),
            state_directory: state_directory.to_owned(),
            origin,
            events: Vec::new(),
            receipt: None,
            remote: Value::Null,
        }
    }

    /// The time.
    pub fn now(&self) -> DateTime<Utc> {
        self.host.now()
    }

    /// Keeps what `post` must finish of a job that has not ended.
    pub fn leave(&mut self, remote: &Value, job: &DeploymentJob) {
        self.remote = remote.clone();
        if let Some(receipt) = &self.receipt {
            self.save(receipt, job);
        }
    }

    fn save(&self, receipt: &Receipt, job: &DeploymentJob) {
        let open = Open {
            origin: self.origin.clone(),
            job: job.clone(),
            state_directory: self.state_directory.clone(),
            head: receipt.head.clone(),
            count: receipt.count,
            remote: self.remote.clone(),
        };
        Saved::Open(Box::new(open)).write(self.host, self.context);
    }

    /// Writes an event and annotates it. `pipeline-started` stands in every
    /// ledger of a deployment and is annotated by one job only.
    pub fn write(&mut self, event: Result<DeploymentEvent, Vec<Broken>>, job: &DeploymentJob) -> Result<(), Failure> {
        let event = event.map_err(|broken| failure(&crate::model::event::SHAPE, &broken))?;
        let event = self.masked(event)?;
        let Origin { deployment_id, job_id, .. } = &self.origin;
        let receipt = self.store.append(deployment_id, job_id, &event)?;
        if receipt.mended {
            self.log.line("the ledger's last line was not finished by an earlier run; it was mended");
        }
        let is_told = match event.event_type {
            EventType::PipelineStarted => self.store.once(deployment_id, "pipeline-started")?,
            // Also one that stands there from an earlier run of the same job: this
            // run ends as well, and a red step that says nothing helps nobody.
            _ => true,
        };
        if is_told {
            self.log.event(&event);
        }
        if !job.status.has_ended() {
            self.save(&receipt, job);
        }
        self.receipt = Some(receipt);
        self.events.push(event);
        Ok(())
    }

    /// The event with no secret in it: a message may quote what a service said.
    fn masked(&self, event: DeploymentEvent) -> Result<DeploymentEvent, Failure> {
        let mut value = event.to_value();
        mask(&mut value["message"], self.log);
        mask(&mut value["metadata"], self.log);
        DeploymentEvent::read(&value).map_err(|broken| failure(&crate::model::event::SHAPE, &broken))
    }
}

fn mask(value: &mut serde_json::Value, log: &Log) {
    match value {
        serde_json::Value::String(text) => *text = log.masked(text),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| mask(item, log)),
        serde_json::Value::Object(map) => map.values_mut().for_each(|item| mask(item, log)),
        _ => {}
    }
}
