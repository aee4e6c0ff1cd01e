//! The job types. Each is one file that owns its settings, its plan and its
//! run; what several of them need is in `command` and `reading`.

mod build_backend;
mod build_frontend;
mod built_for;
mod capture;
mod change;
mod checking;
mod command;
mod deadline;
mod deploy_frontend;
mod gather;
mod growth;
mod health;
mod history;
mod image;
mod lint;
mod migrate_db;
mod populate_embeddings;
mod reading;
mod rollout;
mod stale;
mod storing;
mod test;
mod tree;
mod verdict;
pub mod verifying;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::config::Setting;
use crate::config::Settings;
use crate::context::Context;
use crate::host::{Host, Signal, Task};
use crate::log::Log;
use crate::model::event::{EventType, Origin};
use crate::model::finding::Report;
use crate::model::{DeploymentArtifact, DeploymentJob, job::JobType};
use crate::problem::{Failure, Problem};
use crate::reporters::annotations::Annotation;
use crate::reporters::findings::Shown;
use crate::reporters::tables::Table;

/// Every job type. To add one, write its file, then its two lines here.
pub static JOBS: &[&dyn Job] = &[
    &lint::Lint, //
    &test::Test,
    &build_backend::BuildBackend,
    &build_frontend::BuildFrontend,
    &migrate_db::MigrateDb,
    &deploy_frontend::DeployFrontend,
    &populate_embeddings::PopulateEmbeddings,
];

pub use deploy_frontend::stop_left as stop_left_at_vercel;
pub use rollout::lease_path;

/// The job type's entry in [`JOBS`]; none while it is not built.
pub fn find(job_type: JobType) -> Option<&'static dyn Job> {
    JOBS.iter().copied().find(|job| job.job_type() == job_type)
}

/// A job type.
pub trait Job: Sync {
    /// Its value of the input `job-type`, which is also its file's name.
    fn job_type(&self) -> JobType;

    /// What it does, in one line for the docs.
    fn about(&self) -> &'static str;

    /// The settings that it reads.
    fn settings(&self) -> &'static [&'static Setting];

    /// The common settings that must be given.
    fn required(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether `mode: rollback` means anything to it.
    fn can_roll_back(&self) -> bool {
        false
    }

    /// Decides what to do, or says everything that is wrong.
    fn plan(&self, settings: &Settings, context: &Context) -> Result<Box<dyn Planned>, Vec<Problem>>;
}

/// A job with everything decided.
pub trait Planned {
    /// What the run would do, one line a step, with no secret in it.
    fn steps(&self) -> Vec<String>;

    /// What is odd about doing it here, each in a sentence.
    fn warnings(&self, _environment: &BTreeMap<String, String>) -> Vec<String> {
        Vec::new()
    }

    /// Looks closer for mode `plan`, changing nothing; none where the steps are all there is to show.
    fn preview<'a>(&'a self, _work: &'a Work<'a>) -> Option<Task<'a, Done>> {
        None
    }

    /// Does it.
    fn run<'a>(&'a self, work: &'a Work<'a>) -> Task<'a, Done>;
}

/// Where a job tells what happens while it runs.
pub trait Telling {
    /// Writes an event into the ledger and annotates it, at once.
    fn tell(&self, what: EventType, message: &str, more: Map<String, Value>) -> Result<(), Failure>;

    /// Keeps what `post` must finish if this process is killed: plain values with no secret in them.
    /// Null forgets it.
    fn leave(&self, open: &Value);
}

/// What a job works with.
pub struct Work<'a> {
    /// The way out.
    pub host: &'a dyn Host,
    /// Where the action runs.
    pub context: &'a Context,
    /// The environment of the process.
    pub environment: &'a BTreeMap<String, String>,
    /// What goes to the runner's log.
    pub log: &'a Log<'a>,
    /// The record of the job.
    pub job: &'a DeploymentJob,
    /// Where its events come from.
    pub origin: &'a Origin,
    /// Where it tells what happens while it runs.
    pub telling: &'a dyn Telling,
    /// The folder of Waybill's own files.
    pub state_directory: &'a str,
}

/// What a job has done.
#[derive(Debug)]
pub struct Done {
    /// How it ended.
    pub end: End,
    /// What it found, for the summary and the annotations.
    pub report: Option<Report>,
    /// What shall be annotated, the most important first.
    pub annotations: Vec<Annotation>,
    /// Its own outputs of the action, by name.
    pub outputs: Vec<(&'static str, String)>,
    /// What it made and stored.
    pub artifacts: Vec<DeploymentArtifact>,
    /// What its last event tells beside the result.
    pub metadata: Map<String, Value>,
    /// What the command wrote into its own summary.
    pub summary: Vec<u8>,
    /// What mode `plan` would do; empty otherwise.
    pub steps: Vec<String>,
    /// Tables of its own in the summary.
    pub tables: Vec<Table>,
    /// What else is worth a line in the summary.
    pub notes: Vec<String>,
    /// How much of the report the summary shows.
    pub shown: Shown,
}

impl Done {
    /// An end with nothing more to tell.
    pub fn of(end: End) -> Done {
        Done {
            end,
            report: None,
            annotations: Vec::new(),
            outputs: Vec::new(),
            artifacts: Vec::new(),
            metadata: Map::new(),
            summary: Vec::new(),
            steps: Vec::new(),
            tables: Vec::new(),
            notes: Vec::new(),
            shown: Shown::default(),
        }
    }

    /// With what was found.
    pub fn with_report(self, report: Report) -> Done {
        Done { report: Some(report), ..self }
    }
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// All is done.
    Succeeded,
    /// It could not be done.
    Failed(Failure),
    /// It was asked to stop.
    Cancelled(Signal),
}
