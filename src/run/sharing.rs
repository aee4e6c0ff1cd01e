//! What the jobs of a run share of their ledgers: each job stores its own, and
//! the last one, with `deployment-report`, reads them all.
//!
//! In the directory store they lie side by side already. In the run's artifact
//! service each is a parcel, `ledger-<environment>-<job id>`.

use std::collections::BTreeMap;
use std::io::Read;

use chrono::TimeDelta;

use crate::codes;
use crate::context::Context;
use crate::host::Host;
use crate::log::Log;
use crate::model::configuration::Environment;
use crate::model::{Choice, DeploymentEvent, DeploymentJob};
use crate::problem::Failure;
use crate::store::artifacts::{Content, LONGEST_DAYS, Parcel, Part, Store};
use crate::store::directory::Directory;
use crate::store::ledger::{self, Anchor, LARGEST};
use crate::store::{self, Opening};

/// Shares ledgers with the other jobs of the run.
pub struct Sharing<'a> {
    /// The way out.
    pub host: &'a dyn Host,
    /// Where the action runs.
    pub context: &'a Context,
    /// The runner's log.
    pub log: &'a Log<'a>,
    /// The environment of the process.
    pub environment: &'a BTreeMap<String, String>,
    /// The folder of Waybill's own files.
    pub state_directory: &'a str,
    /// The setting `store`.
    pub choice: &'a str,
}

impl Sharing<'_> {
    /// Stores the job's ledger where other runners can read it; what hinders
    /// it, for the summary. The ledger itself is safe on this runner's disk.
    pub async fn share(&self, job: &DeploymentJob, environment: Environment, path: &str) -> Option<String> {
        let shared = self.store_ledger(job, environment, path).await;
        let note = shared.err().map(|failure| format!("the ledger is not shared with the run's other jobs: {failure}"));
        if let Some(note) = &note {
            self.log.line(note);
        }
        note
    }

    /// Every event of the deployment, from the ledgers of all jobs that have
    /// shared theirs, this one's included; with what is wrong with the others.
    pub async fn events(
        &self,
        deployment_id: &str,
        environment: Environment,
        own: &[DeploymentEvent],
    ) -> (Vec<DeploymentEvent>, Vec<String>) {
        let mut notes = Vec::new();
        let mut ledgers = vec![own.to_vec()];
        match Directory::new(self.host, self.state_directory).events(deployment_id) {
            Ok(events) => ledgers.push(events),
            Err(failure) => notes.push(format!("ledgers of this runner are left out: {failure}")),
        }
        match self.shared(deployment_id, environment).await {
            Ok((events, odd)) => {
                ledgers.extend(events);
                notes.extend(odd);
            }
            Err(failure) => notes.push(format!("other jobs' ledgers are left out: {failure}")),
        }
        notes.iter().for_each(|note| self.log.line(note));
        (ledger::merge(ledgers), notes)
    }

    fn mask(&self) -> impl Fn(&str) + '_ {
        |secret: &str| self.log.mask(secret)
    }

    /// The store that other runners see; nothing where there is none.
    fn open<'s>(&'s self, mask: &'s dyn Fn(&str)) -> Result<Option<Box<dyn Store + 's>>, Failure> {
        let opening = Opening {
            choice: self.choice,
            state_directory: self.state_directory,
            environment: self.environment,
            run: &self.context.run_id,
            temporary: &self.context.temporary,
            server_url: &self.context.server_url,
            github: None,
            mask,
        };
        let store = store::open(self.host, &opening)?;
        Ok(Some(store).filter(|store| store.word() == "actions"))
    }

    async fn store_ledger(&self, job: &DeploymentJob, environment: Environment, path: &str) -> Result<(), Failure> {
        let mask = self.mask();
        let Some(store) = self.open(&mask)? else { return Ok(()) };
        let parcel = Parcel {
            run: self.context.run_id.clone(),
            attempt: self.context.attempt.clone(),
            name: format!("{}{}", start(environment), job.id),
            job_id: job.id.clone(),
            parts: vec![Part { name: format!("{}.jsonl", job.id), content: Content::Bytes(self.read(path)?) }],
            expires_at: self.host.now() + TimeDelta::days(LONGEST_DAYS as i64),
        };
        store.put(&parcel).await
    }

    /// The events of every ledger that was shared; one that does not verify is left out by name.
    async fn shared(
        &self,
        deployment_id: &str,
        environment: Environment,
    ) -> Result<(Vec<Vec<DeploymentEvent>>, Vec<String>), Failure> {
        let mask = self.mask();
        let Some(store) = self.open(&mask)? else { return Ok((Vec::new(), Vec::new())) };
        let (mut ledgers, mut notes) = (Vec::new(), Vec::new());
        for found in store.list(&self.context.run_id, &start(environment)).await? {
            let folder = format!("{}/waybill-{}", self.context.temporary, found.name);
            let read = match store.fetch(&found, &folder).await {
                Ok(paths) => paths.first().map_or(Ok(Vec::new()), |path| self.read(path)),
                Err(failure) => Err(failure),
            };
            let verified = read.and_then(|bytes| {
                let verified = ledger::verify(&bytes, Anchor::default());
                verified.map_err(|broken| Failure::new(&codes::LEDGER_BROKEN, broken.to_string()))
            });
            match verified {
                Ok(verified) => {
                    let of_this = |event: &&DeploymentEvent| event.deployment_id.as_deref() == Some(deployment_id);
                    ledgers.push(verified.ledger.events().iter().filter(of_this).cloned().collect());
                }
                Err(failure) => notes.push(format!("`{}` is left out: {failure}", found.name)),
            }
            // What is left lies in the runner's temporary folder, which it empties itself.
            let _ = self.host.remove(&folder);
        }
        Ok((ledgers, notes))
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, Failure> {
        let failed = |reason: String| Failure::new(&codes::LEDGER_UNAVAILABLE, format!("`{path}`: {reason}"));
        let file = self.host.open(path).map_err(|error| failed(error.to_string()))?;
        let mut bytes = Vec::new();
        file.take(LARGEST as u64 + 1).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
        Ok(bytes)
    }
}

fn start(environment: Environment) -> String {
    format!("ledger-{}-", environment.word())
}
