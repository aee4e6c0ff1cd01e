//! What the step's annotations had no room for, as a check run.

use chrono::TimeDelta;
use serde_json::Value;

use crate::clients::Client;
use crate::clients::checks::{self, CheckRun, Remark};
use crate::clients::github::GitHub;
use crate::clients::retry::Rules;
use crate::config::Settings;
use crate::context::Context;
use crate::host::Host;
use crate::log::Log;
use crate::model::configuration::Environment;
use crate::model::id::{self, JobIdentity};
use crate::model::job::Status;
use crate::model::{Choice, DeploymentJob};
use crate::reporters::annotations::{Annotation, repository_path};
use crate::reporters::without_controls;

/// How long it may take: ten writes with a second between them, and then some.
const PATIENCE: TimeDelta = TimeDelta::seconds(30);

/// The longest name of a check run, in characters.
const LONGEST_NAME: usize = 200;

/// Makes the check run.
pub struct Overflow<'a> {
    /// The way out.
    pub host: &'a dyn Host,
    /// Where the action runs.
    pub context: &'a Context,
    /// The runner's log.
    pub log: &'a Log<'a>,
}

impl Overflow<'_> {
    /// Whether there may be something to publish: annotations that were left
    /// out, or what an earlier attempt published. A cancelled job has no time for it.
    pub fn has_work(&self, job: &DeploymentJob, left_out: &[&Annotation]) -> bool {
        job.status != Status::Cancelled && (!left_out.is_empty() || self.context.attempt != "1")
    }

    /// Publishes what was not annotated, where there is a token that may; what
    /// hinders it, for the summary. Without a token there is nothing to say: the
    /// summary has it all. A cancelled job has no time for it.
    pub async fn publish(
        &self,
        job: &DeploymentJob,
        environment: Environment,
        left_out: &[&Annotation],
        settings: &Settings,
    ) -> Option<String> {
        let remarks: Vec<Remark> = left_out.iter().filter_map(|annotation| self.remark(annotation)).collect();
        // An earlier attempt may have had some.
        let update_only = remarks.is_empty();
        if job.status == Status::Cancelled || update_only && self.context.attempt == "1" {
            return None;
        }
        let token = settings.secret("github-token")?;
        let github = GitHub::new(&self.context.api_url, &self.context.repository, token)?;
        let run = self.check_run(job, environment, remarks, settings);
        let client = Client::new(self.host, Rules::GitHub, self.host.now() + PATIENCE);
        let note = checks::publish(&client, &github, &run, update_only).await.err().filter(|_| !update_only);
        if let Some(note) = &note {
            self.log.line(note);
        }
        note
    }

    fn check_run(
        &self,
        job: &DeploymentJob,
        environment: Environment,
        remarks: Vec<Remark>,
        settings: &Settings,
    ) -> CheckRun {
        let context = self.context;
        let matrix = settings.text("matrix").unwrap_or_default();
        let external_id = id::job(JobIdentity {
            repository_id: &context.repository_id,
            run_id: &context.run_id,
            attempt: "",
            job: &context.job,
            action: &context.action,
            matrix_leg: matrix,
        });
        let count = remarks.len();
        let title = match count {
            0 => "Nothing that the step itself does not show".to_owned(),
            1 => "1 more annotation".to_owned(),
            count => format!("{count} more annotations"),
        };
        let mut summary = format!(
            "What the job `{}` found and could not annotate in its own step. Its summary has everything.",
            context.job
        );
        if count > checks::MOST {
            summary.push_str(&format!(" Here are the {} most important.", checks::MOST));
        }
        if context.attempt != "1" {
            summary.push_str(" Annotations of an earlier attempt cannot be taken back and may be among them.");
        }
        let url = match context.on_runner {
            true => format!("{}/{}/actions/runs/{}", context.server_url, context.repository, context.run_id),
            false => String::new(),
        };
        CheckRun {
            name: self.log.masked(&name(job, environment, context, matrix)),
            external_id,
            commit: context.commit.clone(),
            failed: job.status == Status::Failure,
            url,
            title,
            summary,
            remarks,
        }
    }

    fn remark(&self, annotation: &Annotation) -> Option<Remark> {
        let clean = |text: &str| without_controls(&self.log.masked(text));
        Some(Remark {
            level: annotation.level,
            path: clean(&repository_path(annotation.file.as_deref()?)?),
            line: annotation.line,
            end_line: annotation.end_line,
            column: annotation.column,
            end_column: annotation.end_column,
            title: clean(&annotation.title).replace(['\r', '\n'], " "),
            message: clean(&annotation.message),
        })
    }
}

/// As `lint · staging · check (ubuntu, 24)`: it stands among all checks of the commit.
fn name(job: &DeploymentJob, environment: Environment, context: &Context, matrix: &str) -> String {
    let mut name = format!("{} · {} · {}", job.job_type.word(), environment.word(), context.job);
    let leg: Value = serde_json::from_str(matrix).unwrap_or_default();
    let leg: Vec<String> = leg.as_object().into_iter().flatten().map(|(_, value)| plain(value)).collect();
    if !leg.is_empty() {
        name.push_str(&format!(" ({})", leg.join(", ")));
    }
    // A step without an id is named by the runner, after the action and how often it came before.
    let step = match context.action.strip_prefix("__") {
        Some(given) => given.rsplit_once('_').map(|(_, number)| number).filter(|number| number.parse::<u32>().is_ok()),
        None => Some(context.action.as_str()).filter(|action| !action.is_empty()),
    };
    if let Some(step) = step {
        name.push_str(&format!(" · {step}"));
    }
    if name.chars().count() > LONGEST_NAME {
        let id = id::sha256(name.as_bytes());
        name = name.chars().take(LONGEST_NAME - 13).collect();
        name.push_str(&format!(" {}", &id[..12]));
    }
    name
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
