//! `deploy-frontend`: puts a built frontend into service at Vercel, over its
//! API: verified first, gated before and after it gets the traffic, and given
//! back what it took when it is not healthy.

mod awaiting;
mod content;
mod creating;
mod drive;
mod flow;
mod gating;
mod preview;
mod result;
mod service;
mod settings;
mod stopping;
mod switching;
mod undoing;

use std::cell::RefCell;
use std::time::Duration;

use futures_util::future::{Either, select};
use serde_json::Value;

use self::content::Content;
use self::drive::{Drive, Remote};
use self::flow::Ending;
use self::settings::{Options, SETTINGS};
use super::rollout::{self, Keeping, Outcome, Pointer, Rollout};
use super::verifying::Verifying;
use super::{Done, End, Job, Planned, Work};
use crate::artifact::verify;
use crate::codes;
use crate::config::{Setting, Settings};
use crate::context::Context;
use crate::host::{Host, Signal, Task};
use crate::model::Choice;
use crate::model::artifact::ArtifactType;
use crate::model::configuration::Environment;
use crate::model::forms::Wrong;
use crate::model::job::JobType;
use crate::problem::{Failure, Problem};
use crate::reporters::annotations::{Annotation, Level};
use crate::secret::Secret;

/// How long a cancelled job may take to tell GitHub.
const LAST_WORDS: Duration = Duration::from_millis(1500);

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
        let mode = match (options.cleans_up, settings.choice("mode")) {
            (true, _) => Mode::CleanUp,
            (false, Some("rollback")) => Mode::RollBack,
            _ => Mode::Apply,
        };
        if mode == Mode::CleanUp && context.pull_request.is_none() {
            let wrong = Wrong::new("`cleanup` in a workflow of a pull request", "no pull request in the event");
            return Err(vec![settings.problem("cleanup", &codes::CONTEXT, wrong)]);
        }
        let environment = settings.choice("environment").and_then(Environment::of).unwrap_or(Environment::Development);
        let is_preview = options.target.is_empty() && context.pull_request.is_some();
        let keeping = Keeping {
            github: options.github.clone(),
            store: options.store.clone(),
            environment: rollout::environment_name(context, environment, is_preview),
            is_preview,
            deadline: options.deadline,
        };
        let verifying = Verifying::plan(settings, ArtifactType::FrontendBuild)?;
        Ok(Box::new(Deploy { options, keeping, verifying, mode }))
    }
}

/// Stops what a killed job left open at Vercel; says what came of it. `left` is
/// what it told to keep, `token` the one of the inputs.
pub async fn stop_left(host: &dyn Host, left: &Value, token: &Secret) -> Option<String> {
    let (account, target, remote) = Remote::read(left)?;
    if remote.since == 0 || remote.settled {
        return None;
    }
    let account = settings::Account { token: token.clone(), ..account };
    Some(stopping::stop(host, &account, &target, &remote).await)
}

/// The job, decided.
struct Deploy {
    options: Options,
    keeping: Keeping,
    verifying: Verifying,
    mode: Mode,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Apply,
    RollBack,
    CleanUp,
}

impl Deploy {
    /// The artifact, verified, or the end of a job that refuses it.
    async fn take(&self, work: &Work<'_>) -> Result<Content, Box<Done>> {
        let refused = |reasons: &[Failure]| {
            let annotations =
                reasons.iter().map(|reason| Annotation::new(Level::Error, reason.code.id, &reason.message));
            let refusal = verify::refusal("frontend-build", reasons);
            Box::new(Done { annotations: annotations.collect(), ..Done::of(End::Failed(refusal)) })
        };
        let taken = self.verifying.take(work).await.map_err(|reasons| refused(&reasons))?;
        content::open(work.host, taken).map_err(|failure| refused(&[failure]))
    }

    async fn apply(&self, work: &Work<'_>) -> Done {
        let content = match self.take(work).await {
            Ok(content) => content,
            Err(done) => return *done,
        };
        let pointer = Pointer { commit: content.commit.clone(), digest: content.digest.clone(), ..Pointer::default() };
        let rollout = match Rollout::open(work, &self.keeping, &pointer).await {
            Ok(rollout) => rollout,
            Err(failure) => return Done::of(End::Failed(failure)),
        };
        let odd = rollout.warnings.clone();
        let remote = RefCell::new(Remote::default());
        let mut drive = Drive::new(work, &self.options, content, &remote);
        drive.warnings.extend(odd.into_iter().map(|text| (&codes::UNUSUAL, text)));
        let way = Box::pin(drive.run());
        let stopped = match select(way, work.host.cancelled()).await {
            Either::Left((ending, _)) => Ok(ending),
            Either::Right((signal, _)) => Err(signal),
        };
        match stopped {
            Ok(ending) => {
                let (outcome, url) = match ending {
                    Ending::Live => (Outcome::Serves, drive.url()),
                    _ => (Outcome::Failed, String::new()),
                };
                let pointer = Pointer { release: drive.deployment.id.clone(), url, ..pointer };
                let notes = rollout.finish(&pointer, outcome).await;
                let mut done = drive.done(ending);
                done.notes.extend(notes);
                done
            }
            Err(signal) => {
                let done = self.cancelled(work, &remote.into_inner(), signal).await;
                rollout.release();
                let ended = Box::pin(rollout.finish(&pointer, Outcome::Failed));
                // A cancelled job has little time for telling others.
                select(ended, work.host.sleep(LAST_WORDS)).await;
                done
            }
        }
    }

    /// Undoes what a deployment did here.
    async fn roll_back(&self, work: &Work<'_>) -> Done {
        let remote = RefCell::new(Remote::default());
        let drive = Drive::new(work, &self.options, Content::default(), &remote);
        let way = Box::pin(drive.undo());
        match select(way, work.host.cancelled()).await {
            Either::Left((done, _)) => done,
            Either::Right((signal, _)) => {
                let left = remote.borrow().clone();
                self.cancelled(work, &left, signal).await
            }
        }
    }

    /// Removes the previews of the pull request.
    async fn clean_up(&self, work: &Work<'_>) -> Done {
        let remote = RefCell::new(Remote::default());
        let done = Drive::new(work, &self.options, Content::default(), &remote).clean_up().await;
        let notes = rollout::clean_up(work, &self.keeping).await;
        Done { notes: [done.notes.clone(), notes].concat(), ..done }
    }

    /// Somebody stopped the job: what is not ready at Vercel is cancelled.
    async fn cancelled(&self, work: &Work<'_>, remote: &Remote, signal: Signal) -> Done {
        let mut notes = Vec::new();
        if remote.since > 0 && !remote.settled {
            notes.push(stopping::stop(work.host, &self.options.account, &self.options.target, remote).await);
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
            self.verifying.step(),
            format!("deploy it to `{}` at Vercel as {}", options.project, options.target_word()),
            gate,
            switch,
        ]
    }

    fn preview<'a>(&'a self, work: &'a Work<'a>) -> Option<Task<'a, Done>> {
        let remote = RefCell::new(Remote::default());
        (self.mode == Mode::Apply).then(|| -> Task<'a, Done> {
            Box::pin(async move {
                match self.take(work).await {
                    Ok(content) => Drive::new(work, &self.options, content, &remote).preview(self.steps()).await,
                    Err(done) => *done,
                }
            })
        })
    }

    fn run<'a>(&'a self, work: &'a Work<'a>) -> Task<'a, Done> {
        match self.mode {
            Mode::Apply => Box::pin(self.apply(work)),
            Mode::RollBack => Box::pin(self.roll_back(work)),
            Mode::CleanUp => Box::pin(self.clean_up(work)),
        }
    }
}
