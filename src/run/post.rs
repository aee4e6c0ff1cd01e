//! The post stage: finishes what a killed `main` left open. It acts only on
//! what `main` saved in the runner's state.

use std::collections::BTreeMap;

use serde_json::Value;

use super::recorder::Recorder;
use super::saved::{Open, Saved};
use crate::codes;
use crate::config::{self, Catalogue, Sources, Trust};
use crate::context::Context;
use crate::host::Host;
use crate::inputs::Inputs;
use crate::jobs;
use crate::log::Log;
use crate::model::job::Signal;
use crate::plan;
use crate::problem::{Exit, Failure};
use crate::reporters::annotations::{Annotation, Level};
use crate::secret::Secret;
use crate::store::directory::Directory;
use crate::store::ledger::{self, Anchor};

/// Ends what is open. A job that has ended needs nothing, and nothing is said.
pub async fn main(host: &dyn Host, environment: &BTreeMap<String, String>, saved: Saved) -> Exit {
    let Saved::Open(open) = saved else { return Exit::Success };
    let context = Context::read(environment, None);
    let log = Log::new(host);
    let inputs = Inputs::read(environment);
    let catalogue = plan::catalogue();
    let catalogue = Catalogue { common: config::common::COMMON, jobs: &catalogue };
    let sources = Sources { inputs: &inputs, file: None, environment, trust: Trust::Own, catalogue: &catalogue };
    for secret in config::secrets(&sources) {
        log.mask(secret.expose());
    }
    // A job that was killed could not give its environment free; there may be no lease at all.
    let _ = host.remove(&jobs::lease_path(&open.state_directory, &open.origin));
    let stopped = stop_left(host, &sources, &open.remote).await;
    if let Some(stopped) = &stopped {
        log.line(stopped);
    }
    match finish(host, &context, &log, *open, stopped) {
        Ok(()) => Exit::Success,
        Err(failure) => {
            log.findings(&[Annotation::new(Level::Error, failure.code.id, &failure.message)]);
            failure.code.exit
        }
    }
}

/// Stops what the job left open at a service, with the token of the inputs.
async fn stop_left(host: &dyn Host, sources: &Sources<'_>, remote: &Value) -> Option<String> {
    match remote["service"].as_str()? {
        "vercel" => {
            let token = sources.inputs.get("vercel-token").filter(|token| !token.is_empty());
            match token {
                Some(token) => jobs::stop_left_at_vercel(host, remote, &Secret::new(token.trim())).await,
                None => Some("what it left open at Vercel is not stopped: `vercel-token` is no input here".to_owned()),
            }
        }
        _ => None,
    }
}

/// The ledger must be the one that `main` left, or nothing is added to it: a
/// last line that `main` was writing when it was killed is all it may have more.
fn finish(host: &dyn Host, context: &Context, log: &Log, open: Open, stopped: Option<String>) -> Result<(), Failure> {
    let store = Directory::new(host, &open.state_directory);
    let Open { origin, job, head, count, .. } = &open;
    let bytes = store.read(&origin.deployment_id, &origin.job_id)?.unwrap_or_default();
    let known = bytes.split_inclusive(|&byte| byte == b'\n').take(*count as usize).map(<[u8]>::len).sum::<usize>();
    let anchor = Anchor { head: Some(head), count: Some(*count) };
    ledger::verify(&bytes[..known], anchor).map_err(|broken| {
        Failure::new(&codes::LEDGER_BROKEN, format!("the job's ledger is not what it was: {broken}"))
    })?;
    let mut recorder = Recorder::new(host, context, log, &open.state_directory, origin.clone());
    let now = host.now();
    let mut reason = "its process was killed before it could say how it ended".to_owned();
    if let Some(stopped) = stopped {
        reason.push_str(&format!("; {stopped}"));
    }
    let job = job.clone().end(Signal::Fail, "", now);
    let job = job.map_err(|illegal| Failure::new(&codes::DEFECT, illegal.to_string()))?;
    let failed = recorder.origin.job_failed(codes::KILLED.id, &reason, now);
    recorder.write(failed, &job)?;
    Saved::Finished.write(host, context);
    Ok(())
}
