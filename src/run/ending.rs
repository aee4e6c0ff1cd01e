//! How a job's end is told: annotations, the last event, the record, the
//! summary and the outputs.

use super::action::signal;
use super::overflow::Overflow;
use super::recorder::Recorder;
use super::saved::Saved;
use super::sharing::Sharing;
use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::clients::Client;
use crate::clients::comment::{self, Section};
use crate::clients::github::GitHub;
use crate::clients::retry::Rules;
use crate::codes::{self, Code};
use crate::config::Settings;
use crate::context::Context;
use crate::host::{Host, Signal, Task, Writing};
use crate::jobs::{Done, End};
use crate::log::Log;
use crate::model::configuration::Environment;
use crate::model::event::Origin;
use crate::model::job::{JobType, Status};
use crate::model::{Choice, DeploymentEvent, DeploymentJob};
use crate::problem::{Exit, Failure, Problem};
use crate::reporters::annotations::{Annotation, Level};
use crate::reporters::markdown::Page;
use crate::reporters::summary::{self, JobSummary};
use crate::reporters::{findings, outputs, sections, tables};

/// Tells how a job ended.
pub struct Ending<'a> {
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
    /// What was odd before the job began.
    pub warnings: Vec<Annotation>,
}

/// How it ended, in the words of the outputs.
struct Verdict<'a> {
    exit: Exit,
    code: Option<&'static Code>,
    reason: &'a str,
}

impl Ending<'_> {
    /// The job was run, or planned.
    pub async fn end(
        mut self,
        mut recorder: Recorder<'_>,
        job: DeploymentJob,
        done: Done,
        settings: &Settings,
    ) -> Exit {
        let mut ranked = std::mem::take(&mut self.warnings);
        ranked.extend(done.annotations.iter().cloned());
        let printed = self.log.findings(&ranked);
        let verdict = match &done.end {
            End::Succeeded => Verdict { exit: Exit::Success, code: None, reason: "" },
            End::Failed(failure) => {
                Verdict { exit: failure.code.exit, code: Some(failure.code), reason: &failure.message }
            }
            End::Cancelled(signal) => {
                Verdict { exit: Exit::Cancelled, code: Some(&codes::CANCELLED), reason: signal_words(*signal) }
            }
        };
        let job = match self.close(&mut recorder, job, &done, &verdict) {
            Ok(job) => job,
            Err(failure) => return self.unrecorded(&failure),
        };
        let url = |path: &str| self.context.url_of(path);
        let report = |page: &mut Page| {
            if let Some(report) = &done.report {
                sections::sections(report, &done.shown, &url, page);
            }
        };
        let steps = |page: &mut Page| {
            findings::steps(&done.steps, page);
            tables::tables(&done.tables, &url, page);
        };
        let totals = done.report.as_ref().map(findings::totals).unwrap_or_default();
        let odd = ranked.iter().filter(|one| one.title == codes::UNUSUAL.id).map(|one| one.message.clone());
        let mut notes: Vec<String> = odd.chain(done.notes.iter().cloned()).collect();
        let left_out: Vec<_> = ranked.iter().zip(printed).filter(|(_, printed)| !printed).map(|(one, _)| one).collect();
        let overflow = Overflow { host: self.host, context: self.context, log: self.log };
        if overflow.has_work(&job, &left_out) {
            let publishing: Task<_> =
                Box::pin(overflow.publish(&job, recorder.origin.environment, &left_out, settings));
            notes.extend(publishing.await);
        }
        let page = JobSummary {
            totals: &totals,
            notes: &notes,
            sections: &[&steps, &report],
            artifacts: &done.artifacts,
            ..self.summary(&recorder, &job, &verdict, &[])
        };
        self.tell(&recorder, &job, &verdict, page, &done, Some(settings)).await;
        verdict.exit
    }

    /// The job could not begin its work: everything that is to be mended is told.
    pub async fn refuse(
        mut self,
        mut recorder: Recorder<'_>,
        job: DeploymentJob,
        problems: Vec<Problem>,
        settings: Option<&Settings>,
    ) -> Exit {
        let mut ranked: Vec<_> = problems.iter().map(Annotation::of_problem).collect();
        ranked.append(&mut self.warnings);
        self.log.findings(&ranked);
        let code = problems.first().map_or(&codes::DEFECT, |problem| problem.code);
        let reason = counted(&problems);
        let verdict = Verdict { exit: Exit::Problem, code: Some(code), reason: &reason };
        let done = Done::of(End::Failed(Failure::new(code, reason.clone())));
        let job = match self.close(&mut recorder, job, &done, &verdict) {
            Ok(job) => job,
            Err(failure) => return self.unrecorded(&failure),
        };
        let page = self.summary(&recorder, &job, &verdict, &problems);
        self.tell(&recorder, &job, &verdict, page, &done, settings).await;
        verdict.exit
    }

    /// The ledger cannot be written: a job that cannot be verified later fails.
    #[inline(never)]
    pub fn unrecorded(&self, failure: &Failure) -> Exit {
        self.log.findings(&[Annotation::new(Level::Error, failure.code.id, &failure.message)]);
        write_outputs(
            self.host,
            self.context,
            self.log,
            vec![("status", Status::Failure.word().to_owned()), ("code", failure.code.id.to_owned())],
        );
        Saved::Finished.write(self.host, self.context);
        Exit::Failed
    }

    /// The job's record ends, and its last event is written.
    fn close(
        &self,
        recorder: &mut Recorder,
        job: DeploymentJob,
        done: &Done,
        verdict: &Verdict,
    ) -> Result<DeploymentJob, Failure> {
        let now = self.host.now();
        let job = job.end(signal(&done.end), &self.log.tail(), now);
        let job = job.map_err(|illegal| Failure::new(&codes::DEFECT, illegal.to_string()))?;
        let event = match (&done.end, verdict.code) {
            (End::Cancelled(_), _) => recorder.origin.job_cancelled(verdict.reason, now),
            (_, Some(code)) => recorder.origin.job_failed(code.id, verdict.reason, now),
            (_, None) => recorder.origin.job_completed(done.metadata.clone(), now),
        };
        recorder.write(event, &job)?;
        let path = format!("{}/jobs/{}.json", self.state_directory, job.id);
        if let Err(error) = self.host.write(&path, job.to_value().to_string().as_bytes(), Writing::Replace) {
            self.log.line(&format!("the job's record cannot be written to `{path}`: {error}"));
        }
        Ok(job)
    }

    fn summary<'s>(
        &self,
        recorder: &'s Recorder,
        job: &'s DeploymentJob,
        verdict: &Verdict<'s>,
        problems: &'s [Problem],
    ) -> JobSummary<'s> {
        let duration = job.end_time.map(|end| (end - job.start_time).to_std().unwrap_or_default());
        JobSummary {
            job_type: Some(job.job_type),
            environment: Some(recorder.origin.environment),
            status: job.status,
            duration: duration.unwrap_or_default(),
            code: verdict.code,
            reason: verdict.reason,
            problems,
            totals: &[],
            notes: &[],
            sections: &[],
            events: &recorder.events,
            ledger: recorder.receipt.as_ref().map(|receipt| summary::Ledger {
                path: self.context.relative(&receipt.path),
                head: &receipt.head,
                count: receipt.count,
            }),
            artifacts: &[],
        }
    }

    /// Shares the job's ledger with the run's other jobs; the events for the
    /// summary, which are the whole deployment's where `deployment-report` asks for them.
    async fn share(
        &self,
        recorder: &Recorder<'_>,
        job: &DeploymentJob,
        settings: Option<&Settings>,
    ) -> (Vec<DeploymentEvent>, Vec<String>) {
        let sharing = Sharing {
            host: self.host,
            context: self.context,
            log: self.log,
            environment: self.environment,
            state_directory: self.state_directory,
            choice: settings.and_then(|settings| settings.choice("store")).unwrap_or("auto"),
        };
        let Origin { deployment_id, environment, .. } = &recorder.origin;
        let mut notes = Vec::new();
        // A cancelled job has no time to wait for a service.
        if let Some(receipt) = recorder.receipt.as_ref().filter(|_| job.status != Status::Cancelled) {
            notes.extend(sharing.share(job, *environment, &receipt.path).await);
        }
        match settings.is_some_and(|settings| settings.boolean("deployment-report")) {
            true => {
                let (events, odd) = sharing.events(deployment_id, *environment, &recorder.events).await;
                notes.extend(odd);
                (events, notes)
            }
            false => (recorder.events.clone(), notes),
        }
    }

    /// Updates the job's section of the comment on the pull request, where one
    /// is asked for; what hinders it, for the summary.
    async fn comment(&self, page: &JobSummary<'_>, settings: &Settings) -> Option<String> {
        let pull_request = self.context.pull_request?;
        let leave_out = |reason: &str| Some(format!("the comment on the pull request is left out: {reason}"));
        let note = match settings.secret("github-token") {
            None => leave_out("there is no `github-token`"),
            Some(token) => match GitHub::new(&self.context.api_url, &self.context.repository, token) {
                None => leave_out("the runner names no repository, or the token cannot be one"),
                Some(github) => {
                    let client = Client::new(self.host, Rules::GitHub, self.host.now() + COMMENT_PATIENCE);
                    let section = self.section(page, settings);
                    comment::update(&client, &github, pull_request.number, &section).await.err()
                }
            },
        };
        if let Some(note) = &note {
            self.log.line(note);
        }
        note
    }

    fn section(&self, page: &JobSummary, settings: &Settings) -> Section {
        let place = JobType::ALL.iter().position(|each| Some(*each) == page.job_type).unwrap_or_default() as u8;
        let job_type = page.job_type.map_or("", JobType::word);
        let environment = page.environment.map_or("", Environment::word);
        let number = |text: &str| text.parse::<u64>().unwrap_or_default();
        Section {
            key: comment::key(place, job_type, environment, settings.text("matrix").unwrap_or_default()),
            order: number(&self.context.run_id).saturating_mul(100) + number(&self.context.attempt),
            text: self.log.with_masks(|masks| summary::section(page, masks)),
        }
    }

    /// Summary and outputs, in this order: the outputs may be read as soon as they are there.
    async fn tell(
        &self,
        recorder: &Recorder<'_>,
        job: &DeploymentJob,
        verdict: &Verdict<'_>,
        mut page: JobSummary<'_>,
        done: &Done,
        settings: Option<&Settings>,
    ) {
        let mut notes = page.notes.to_vec();
        let (events, odd) = self.share(recorder, job, settings).await;
        page.events = &events;
        notes.extend(odd);
        let so_far = notes.clone();
        page.notes = &so_far;
        let comments = |settings: &&Settings| settings.boolean("comment") && page.status != Status::Cancelled;
        if let Some(settings) = settings.filter(comments) {
            let commenting: Task<_> = Box::pin(self.comment(&page, settings));
            notes.extend(commenting.await);
        }
        page.notes = &notes;
        write_summary(self.host, self.context, self.log, &page, &done.summary);
        let origin = &recorder.origin;
        let mut values = vec![
            ("status", job.status.word().to_owned()),
            ("code", verdict.code.map_or("", |code| code.id).to_owned()),
            ("job", job.without_logs().to_value().to_string()),
            ("job-id", job.id.clone()),
            ("deployment-id", origin.deployment_id.clone()),
            ("configuration-id", origin.configuration_id.clone()),
            ("artifacts", serde_json::to_string(&done.artifacts).unwrap_or_default()),
        ];
        if let Some(receipt) = &recorder.receipt {
            values.push(("ledger", self.context.relative(&receipt.path).to_owned()));
            values.push(("ledger-head", receipt.head.clone()));
            values.push(("ledger-count", receipt.count.to_string()));
        }
        values.extend(done.outputs.iter().cloned());
        write_outputs(self.host, self.context, self.log, values);
        Saved::Finished.write(self.host, self.context);
    }
}

/// How long the comment may take; a cancelled job has no time for it.
const COMMENT_PATIENCE: TimeDelta = TimeDelta::seconds(10);

/// Without a job: an invalid job type, or a runner that does not say what runs.
#[inline(never)]
pub fn without_job(host: &dyn Host, context: &Context, log: &Log, problems: Vec<Problem>) {
    let annotations: Vec<_> = problems.iter().map(Annotation::of_problem).collect();
    log.findings(&annotations);
    let code = problems.first().map(|problem| problem.code);
    let page = JobSummary {
        job_type: None,
        environment: None,
        status: Status::Failure,
        duration: std::time::Duration::ZERO,
        code,
        reason: &counted(&problems),
        problems: &problems,
        totals: &[],
        notes: &[],
        sections: &[],
        events: &[],
        ledger: None,
        artifacts: &[],
    };
    write_summary(host, context, log, &page, b"");
    let code = code.map_or("", |code| code.id).to_owned();
    write_outputs(host, context, log, vec![("status", Status::Failure.word().to_owned()), ("code", code)]);
    Saved::Finished.write(host, context);
}

/// What is odd but no problem, as annotations for the end and as lines for now.
pub fn warnings(log: &Log, warnings: &[Problem], own: Vec<String>) -> Vec<Annotation> {
    let mut found: Vec<_> = warnings
        .iter()
        .map(|warning| Annotation { level: Level::Warning, ..Annotation::of_problem(warning) })
        .collect();
    found.extend(own.into_iter().map(|text| Annotation::new(Level::Warning, codes::UNUSUAL.id, text)));
    for warning in &found {
        log.line(&format!("warning: {}", warning.message));
    }
    found
}

fn counted(problems: &[Problem]) -> String {
    match problems {
        [only] => only.to_string(),
        several => format!("{} problems in the inputs and the configuration", several.len()),
    }
}

fn signal_words(signal: Signal) -> &'static str {
    match signal {
        Signal::Interrupt => "the runner sent SIGINT",
        Signal::Terminate => "the runner sent SIGTERM",
        Signal::Kill => "the runner sent SIGKILL",
    }
}

fn write_summary(host: &dyn Host, context: &Context, log: &Log, page: &JobSummary, own: &[u8]) {
    if context.files.summary.is_empty() {
        return;
    }
    let page = log.with_masks(|masks| summary::page(page, own, masks));
    if let Err(error) = host.write(&context.files.summary, &page, Writing::Append) {
        log.line(&format!("the summary cannot be written: {error}"));
    }
}

fn write_outputs(host: &dyn Host, context: &Context, log: &Log, values: Vec<(&str, String)>) {
    if context.files.output.is_empty() {
        return;
    }
    let mut bytes = Vec::new();
    for (name, value) in values {
        match outputs::entry(name, &log.masked(&value), &mut || host.random()) {
            Ok(entry) => bytes.extend(entry),
            Err(refused) => log.line(&format!("the output `{name}` is not written: {refused}")),
        }
    }
    if let Err(error) = host.write(&context.files.output, &bytes, Writing::Append) {
        log.line(&format!("the outputs cannot be written: {error}"));
    }
}
