//! `deploy-frontend`: puts a built frontend into service at Vercel, over its
//! API: verified first, gated before and after it gets the traffic, and given
//! back what it took when it is not healthy.

mod awaiting;
mod content;
mod creating;
mod drive;
mod flow;
mod gating;
mod result;
mod service;
mod settings;
mod stopping;
mod switching;

use std::cell::RefCell;

use futures_util::future::{Either, select};

use self::drive::{Drive, Remote};
use self::settings::{Options, SETTINGS};
use super::{Done, End, Job, Planned, Work};
use crate::config::{Setting, Settings};
use crate::context::Context;
use crate::host::{Signal, Task};
use crate::model::job::JobType;
use crate::problem::Problem;

/// See the module.
pub struct DeployFrontend;

impl Job for DeployFrontend {
    fn job_type(&self) -> JobType {
        JobType::DeployFrontend
    }

    fn about(&self) -> &'static str {
        "verifies a built frontend; deploys it to Vercel over its API; health gate; promotes; rolls back if the gate fails"
    }

    fn settings(&self) -> &'static [&'static Setting] {
        SETTINGS
    }

    fn can_roll_back(&self) -> bool {
        true
    }

    fn plan(&self, settings: &Settings, context: &Context) -> Result<Box<dyn Planned>, Vec<Problem>> {
        let options = Options::plan(settings)?;
        let artifact = settings.text("artifact").unwrap_or_default().to_owned();
        Ok(Box::new(Deploy { options, artifact: context.in_workspace(&artifact) }))
    }
}

/// The job, decided.
struct Deploy {
    options: Options,
    artifact: String,
}

impl Deploy {
    async fn apply(&self, work: &Work<'_>) -> Done {
        let content = match content::open(work, &self.artifact).await {
            Ok(content) => content,
            Err(failure) => return Done::of(End::Failed(failure)),
        };
        let remote = RefCell::new(Remote::default());
        let mut drive = Drive::new(work, &self.options, content, &remote);
        let way = Box::pin(drive.run());
        let stopped = match select(way, work.host.cancelled()).await {
            Either::Left((ending, _)) => Ok(ending),
            Either::Right((signal, _)) => Err(signal),
        };
        match stopped {
            Ok(ending) => drive.done(ending),
            Err(signal) => self.cancelled(work, &remote.into_inner(), signal).await,
        }
    }

    /// Somebody stopped the job: what is not ready at Vercel is cancelled.
    async fn cancelled(&self, work: &Work<'_>, remote: &Remote, signal: Signal) -> Done {
        let mut notes = Vec::new();
        if remote.since > 0 && !remote.settled {
            notes.push(stopping::stop(work, &self.options, remote).await);
        }
        if remote.switching {
            notes.push(format!("a switch of traffic to `{}` was under way: look at what serves", remote.deployment));
        }
        for note in &notes {
            work.log.line(note);
        }
        Done { notes, ..Done::of(End::Cancelled(signal)) }
    }
}

impl Planned for Deploy {
    fn steps(&self) -> Vec<String> {
        let options = &self.options;
        let gate = match &options.gate {
            Some(gate) => format!("health gate: {}", gate.step()),
            None => "no health gate".to_owned(),
        };
        let switch = match options.is_production() {
            true => "promote it and gate the public URL".to_owned(),
            false if options.domains.is_empty() => "leave production as it is".to_owned(),
            false => format!("have `{}` lead to it", options.domains.join("`, `")),
        };
        vec![
            format!("verify the artifact `{}`", self.artifact),
            format!("deploy it to `{}` at Vercel as {}", options.project, options.target_word()),
            gate,
            switch,
        ]
    }

    fn run<'a>(&'a self, work: &'a Work<'a>) -> Task<'a, Done> {
        Box::pin(self.apply(work))
    }
}
