//! What lasts between runs: which rollout serves in an environment, which
//! configuration is active there, and who is at it now. In the directory store
//! that is a file and a lease, at GitHub a Deployment with its statuses. Shared
//! by the deploy jobs: [`Rollout::open`] before anything is changed,
//! [`Rollout::finish`] at the end, [`clean_up`] when a preview's pull request closes.

mod file;
mod github;
mod standing;

use std::time::Duration;

use crate::context::Context;
use crate::jobs::Work;
use crate::model::Choice;
use crate::problem::Failure;
use crate::secret::Secret;

pub use file::lease_path;
pub use standing::Standing;

/// How a rollout is kept.
#[derive(Clone, Debug)]
pub struct Keeping {
    /// The token for a GitHub Deployment; none where none is wanted.
    pub github: Option<Secret>,
    /// The setting `store`.
    pub store: String,
    /// The environment's name at GitHub, as [`environment_name`] makes it.
    pub environment: String,
    /// Whether it goes away with its pull request.
    pub is_preview: bool,
    /// How long the job may take; a lease that is older has ended.
    pub deadline: Duration,
}

/// What is rolled out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pointer {
    /// The commit.
    pub commit: String,
    /// The digest of the artifact or the image.
    pub digest: String,
    /// What the service calls it; empty while that is not known.
    pub release: String,
    /// Where it serves; empty while it does not.
    pub url: String,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It serves.
    Serves,
    /// It does not.
    Failed,
}

/// A rollout under way.
pub struct Rollout<'a> {
    work: &'a Work<'a>,
    keeping: &'a Keeping,
    github: Option<github::Open>,
    lease: Option<String>,
    /// What is worth a line in the summary.
    pub notes: Vec<String>,
    /// What is odd, for annotations.
    pub warnings: Vec<String>,
}

impl<'a> Rollout<'a> {
    /// Begins. Fails only where another deployment is at this environment now;
    /// a missing permission is noted and gone on without.
    pub async fn open(work: &'a Work<'a>, keeping: &'a Keeping, pointer: &Pointer) -> Result<Rollout<'a>, Failure> {
        let mut rollout = Rollout { work, keeping, github: None, lease: None, notes: Vec::new(), warnings: Vec::new() };
        if keeps_file(work, keeping) {
            rollout.lease = file::acquire(work, keeping)?;
            rollout.write(pointer, standing::Mark::Running);
        }
        if let Some(token) = keeping.github.as_ref().filter(|_| work.context.on_runner) {
            let opened = github::open(work, keeping, token, pointer).await;
            match opened {
                Ok((open, warnings)) => {
                    rollout.github = Some(open);
                    rollout.warnings.extend(warnings);
                }
                Err(github::Hindered::Busy(failure)) => {
                    rollout.release();
                    return Err(failure);
                }
                Err(github::Hindered::Without(note)) => rollout.note(note),
            }
        }
        Ok(rollout)
    }

    /// Ends: the state is written where it is kept. Gives what is worth a line.
    pub async fn finish(mut self, pointer: &Pointer, outcome: Outcome) -> Vec<String> {
        if self.lease.is_some() {
            self.write(
                pointer,
                match outcome {
                    Outcome::Serves => standing::Mark::Succeeded,
                    Outcome::Failed => standing::Mark::Failed,
                },
            );
        }
        if let Some(open) = self.github.take() {
            let notes = github::finish(self.work, self.keeping, &open, pointer, outcome).await;
            notes.into_iter().for_each(|note| self.note(note));
        }
        self.release();
        self.notes
    }

    /// Gives the environment free, and no more: for a job that is stopped.
    pub fn release(&self) {
        if let Some(lease) = &self.lease {
            // One that stays ends by itself.
            let _ = self.work.host.remove(lease);
        }
    }

    fn write(&mut self, pointer: &Pointer, mark: standing::Mark) {
        match file::write(self.work, pointer, mark) {
            Ok(Some(note)) => self.note(note),
            Ok(None) => {}
            Err(failure) => self.note(format!("what serves cannot be kept for later runs: {failure}")),
        }
    }

    fn note(&mut self, note: String) {
        self.work.log.line(&note);
        self.notes.push(note);
    }
}

/// Marks the environment of a preview as gone. Gives what is worth a line.
pub async fn clean_up(work: &Work<'_>, keeping: &Keeping) -> Vec<String> {
    match keeping.github.as_ref().filter(|_| work.context.on_runner) {
        Some(token) => github::clean_up(work, keeping, token).await,
        None => Vec::new(),
    }
}

/// What served last in this environment by this job type, from the directory
/// store; `of` is the deployment's own record, for a rollback.
pub fn standing(work: &Work<'_>) -> Result<Standing, Failure> {
    file::read(work)
}

/// The environment's name at GitHub: a preview's is its pull request's own, or
/// one preview's success would deactivate all others.
pub fn environment_name(
    context: &Context,
    work_environment: crate::model::configuration::Environment,
    is_preview: bool,
) -> String {
    match context.pull_request.filter(|_| is_preview) {
        Some(pull_request) => format!("preview/pr-{}", pull_request.number),
        None => work_environment.word().to_owned(),
    }
}

/// Whether the state is kept in a file: in the directory store.
fn keeps_file(work: &Work<'_>, keeping: &Keeping) -> bool {
    let offered = work.environment.get("ACTIONS_RESULTS_URL").is_some_and(|url| !url.is_empty());
    match keeping.store.as_str() {
        "directory" => true,
        "actions" => false,
        _ => !offered,
    }
}
