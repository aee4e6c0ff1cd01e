//! The action's main stage, from the inputs to the job's end.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Read;

use serde_json::{Map, Value};

use super::ending::{self, Ending};
use super::recorder::Recorder;
use super::saved::Saved;
use crate::codes;
use crate::config::{self, Catalogue, File, Resolved, Sources, Trust};
use crate::context::{Context, EVENT_LIMIT};
use crate::host::{FileError, Host, Task};
use crate::inputs::Inputs;
use crate::jobs::{self, Done, End, Planned, Telling, Work};
use crate::log::Log;
use crate::model::configuration::{DeploymentConfiguration, Environment};
use crate::model::event::{EventType, Origin};
use crate::model::id::{self, ConfigurationContent, JobIdentity};
use crate::model::job::{JobType, NewJob, Signal as JobSignal};
use crate::model::{Broken, Choice, DeploymentJob};
use crate::plan;
use crate::problem::{Exit, Failure, Place, Problem};

/// The largest configuration file that is read, in bytes.
const FILE_LIMIT: u64 = 1 << 20;

/// Runs the action.
pub async fn main(host: &dyn Host, environment: &BTreeMap<String, String>) -> Exit {
    let event = environment.get("GITHUB_EVENT_PATH").and_then(|path| read(host, path, EVENT_LIMIT).ok());
    let mut context = Context::read(environment, event.as_deref());
    if !context.on_runner {
        // A person's runs are told apart by when they began.
        context.run_id = format!("local-{}", host.now().timestamp_millis());
    }
    let log = Log::new(host);
    Saved::Begun.write(host, &context);
    let inputs = Inputs::read(environment);
    let catalogue = plan::catalogue();
    let catalogue = Catalogue { common: config::common::COMMON, jobs: &catalogue };
    let (file, file_problems) = configuration_file(host, &inputs, &context);
    let trust = if context.foreign_head { Trust::Foreign } else { Trust::Own };
    let sources = Sources { inputs: &inputs, file: file.as_ref(), environment, trust, catalogue: &catalogue };
    for secret in config::secrets(&sources) {
        log.mask(secret.expose());
    }
    let job_type = match config::job_type(&inputs, &catalogue) {
        Ok(word) => JobType::of(word),
        Err(problem) => {
            let exit = problem.code.exit;
            ending::without_job(host, &context, &log, vec![problem]);
            return exit;
        }
    };
    let Some(job_type) = job_type else { return Exit::Defect };
    let stage = Stage { host, environment, context: &context, log: &log, job_type };
    stage.run(&sources, file_problems).await
}

/// The file's bytes up to a limit; a longer file is cut, and does not parse.
fn read(host: &dyn Host, path: &str, limit: u64) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    let read = host.open(path)?.take(limit).read_to_end(&mut bytes);
    read.map(|_| bytes).map_err(|error| FileError::Refused(error.to_string()))
}

fn configuration_file(host: &dyn Host, inputs: &Inputs, context: &Context) -> (Option<File>, Vec<Problem>) {
    let (path, is_named) = match config::file_path(inputs, &context.workspace) {
        Ok(found) => found,
        Err(problem) => return (None, vec![problem]),
    };
    // One byte more than allowed, so that the reader sees that it is too long.
    match read(host, &context.in_workspace(&path), FILE_LIMIT + 1) {
        Ok(bytes) => (Some(File::read(path, &bytes)), Vec::new()),
        Err(FileError::Missing) if !is_named => (None, Vec::new()),
        Err(FileError::Missing) => (None, vec![config::file_missing(&path)]),
        Err(error) => (None, vec![file_unreadable(&path, &error)]),
    }
}

#[inline(never)]
fn file_unreadable(path: &str, error: &FileError) -> Problem {
    Problem {
        code: &codes::FILE_UNREADABLE,
        place: Place::Input("config".to_owned()),
        wanted: "a configuration file that can be read".to_owned(),
        found: format!("`{path}`: {error}"),
        hint: None,
    }
}

/// What every part of the stage needs.
struct Stage<'a> {
    host: &'a dyn Host,
    environment: &'a BTreeMap<String, String>,
    context: &'a Context,
    log: &'a Log<'a>,
    job_type: JobType,
}

impl Stage<'_> {
    async fn run(&self, sources: &Sources<'_>, mut problems: Vec<Problem>) -> Exit {
        let required = jobs::find(self.job_type).map_or(&[][..], |job| job.required());
        let resolved = match config::resolve(sources, required) {
            Ok(resolved) => Some(resolved),
            Err(found) => {
                problems.extend(found);
                None
            }
        };
        let environment = self.environment_of(sources, resolved.as_ref());
        let state_directory = self.state_directory(sources, resolved.as_ref());
        let deployment_id = id::deployment(&self.context.run_id, environment);
        let values = resolved.as_ref().map(|resolved| resolved.values.clone());
        let configuration_id = match &values {
            Some(values) => match DeploymentConfiguration::new(values, &deployment_id, self.host.now()) {
                // What is worth a warning there was said with the settings.
                Ok((configuration, _)) => configuration.id.clone(),
                Err(broken) => {
                    problems.extend(broken.into_iter().map(|broken| broken.problem(&codes::RECORD_BROKEN)));
                    self.configuration_id(environment, &deployment_id)
                }
            },
            None => self.configuration_id(environment, &deployment_id),
        };
        let planned = match &resolved {
            Some(resolved) => plan::plan(self.job_type, &resolved.settings, self.context),
            None => Err(Vec::new()),
        };
        let planned = planned.map_err(|found| problems.extend(found)).ok();
        let job = match self.new_job(sources, &resolved) {
            Ok(job) => job,
            Err(broken) => {
                problems.extend(broken.into_iter().map(context_problem));
                ending::without_job(self.host, self.context, self.log, problems);
                return codes::CONTEXT.exit;
            }
        };
        let origin =
            Origin { deployment_id, configuration_id, environment, job_id: job.id.clone(), job_type: self.job_type };
        let recorder = Recorder::new(self.host, self.context, self.log, &state_directory, origin);
        let warnings = resolved.as_ref().map_or(&[][..], |resolved| &resolved.warnings);
        let own = planned.as_ref().map(|planned| planned.warnings(self.environment)).unwrap_or_default();
        let ending = Ending {
            host: self.host,
            context: self.context,
            log: self.log,
            environment: self.environment,
            state_directory: &state_directory,
            warnings: ending::warnings(self.log, warnings, own),
        };
        let opened = self.open(recorder, job);
        match (opened, planned, resolved.as_ref()) {
            (Err(failure), _, _) => ending.unrecorded(&failure),
            (Ok((recorder, job)), Some(planned), Some(resolved)) if problems.is_empty() => {
                let telling = Speaker { recorder: RefCell::new(recorder), job: &job };
                let origin = telling.recorder.borrow().origin.clone();
                let work = Work {
                    host: self.host,
                    context: self.context,
                    environment: self.environment,
                    log: self.log,
                    job: &job,
                    origin: &origin,
                    telling: &telling,
                    state_directory: &state_directory,
                };
                let done = match resolved.settings.choice("mode") {
                    Some("plan") => match planned.preview(&work) {
                        Some(preview) => preview.await,
                        None => self.show(planned.as_ref()),
                    },
                    _ => planned.run(&work).await,
                };
                let recorder = telling.recorder.into_inner();
                ending.end(recorder, job, done, &resolved.settings).await
            }
            (Ok((recorder, job)), _, resolved) => {
                let settings = resolved.map(|resolved| &resolved.settings);
                let refusing: Task<Exit> = Box::pin(ending.refuse(recorder, job, problems, settings));
                refusing.await
            }
        }
    }

    /// The job starts: from here on its end is recorded, whatever happens.
    fn open<'r>(
        &self,
        mut recorder: Recorder<'r>,
        job: DeploymentJob,
    ) -> Result<(Recorder<'r>, DeploymentJob), Failure> {
        let now = self.host.now();
        let pending = job;
        let job = pending.start(now).map_err(|illegal| Failure::new(&codes::DEFECT, illegal.to_string()))?;
        let started = recorder.origin.pipeline_started(now);
        recorder.write(started, &job)?;
        let started = recorder.origin.job_started(now);
        recorder.write(started, &job)?;
        Ok((recorder, job))
    }

    /// Mode `plan`: nothing is changed, what would be done is shown.
    #[inline(never)]
    fn show(&self, planned: &dyn Planned) -> Done {
        self.log.line("plan: nothing is run and nothing is changed; this would be done:");
        let steps = planned.steps();
        for step in &steps {
            self.log.line(&format!("  {step}"));
        }
        Done { steps, ..Done::of(End::Succeeded) }
    }

    fn environment_of(&self, sources: &Sources, resolved: Option<&Resolved>) -> Environment {
        let known = resolved.map(|resolved| resolved.values.environment);
        let asked = || sources.inputs.get("environment").and_then(Environment::of);
        known.or_else(asked).unwrap_or(Environment::Development)
    }

    fn state_directory(&self, sources: &Sources, resolved: Option<&Resolved>) -> String {
        let given = resolved.and_then(|resolved| resolved.settings.text("state-directory"));
        let input = sources
            .inputs
            .get("state-directory")
            .filter(|path| config::paths::inside(path, &self.context.workspace).is_ok());
        self.context.in_workspace(given.or(input).unwrap_or(".waybill"))
    }

    /// Of a configuration that is not known, since it has problems.
    #[inline(never)]
    fn configuration_id(&self, environment: Environment, deployment_id: &str) -> String {
        let content =
            ConfigurationContent { environment, backend_url: None, frontend_url: None, vector_database_url: None };
        id::configuration(content, deployment_id)
    }

    fn new_job(&self, sources: &Sources, resolved: &Option<Resolved>) -> Result<DeploymentJob, Vec<Broken>> {
        let context = self.context;
        let id = id::job(JobIdentity {
            repository_id: &context.repository_id,
            run_id: &context.run_id,
            attempt: &context.attempt,
            job: &context.job,
            action: &context.action,
            matrix_leg: sources.inputs.get("matrix").unwrap_or_default(),
        });
        let commit = resolved.as_ref().and_then(|resolved| resolved.settings.text("commit"));
        let new = NewJob {
            id: &id,
            job_type: self.job_type,
            commit_hash: commit.unwrap_or(&context.commit),
            branch: &context.branch,
            triggered_by: &context.actor,
        };
        DeploymentJob::new(new, self.host.now())
    }
}

/// Tells what happens while the job runs.
struct Speaker<'a, 'r> {
    recorder: RefCell<Recorder<'r>>,
    job: &'a DeploymentJob,
}

impl Telling for Speaker<'_, '_> {
    fn tell(&self, what: EventType, message: &str, more: Map<String, Value>) -> Result<(), Failure> {
        let mut recorder = self.recorder.borrow_mut();
        let event = recorder.origin.event(what, message, more, recorder.now());
        recorder.write(event, self.job)
    }

    fn leave(&self, open: &Value) {
        self.recorder.borrow_mut().leave(open, self.job);
    }
}

/// A field of the job that the runner should have given.
fn context_problem(broken: Broken) -> Problem {
    let variable = match broken.field.as_str() {
        "commitHash" => "GITHUB_SHA",
        "branch" => "GITHUB_REF_NAME",
        "triggeredBy" => "GITHUB_ACTOR",
        _ => "GITHUB_RUN_ID",
    };
    Problem {
        code: &codes::CONTEXT,
        place: Place::Variable(variable.to_owned()),
        wanted: broken.wanted,
        found: broken.found,
        hint: broken.hint,
    }
}

/// How the record of a job goes on from an end.
pub fn signal(end: &End) -> JobSignal {
    match end {
        End::Succeeded => JobSignal::Succeed,
        End::Failed(_) => JobSignal::Fail,
        End::Cancelled(_) => JobSignal::Cancel,
    }
}
