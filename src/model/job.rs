//! A job: one step of a pipeline, from its creation to its end.

use std::ops::Deref;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::table::{Field, Reading, Rule, Shape, date, object, text};
use super::{Broken, Choice, IllegalMove, rules, schema};

/// The fields of a [`DeploymentJob`].
pub static SHAPE: Shape = Shape {
    name: "DeploymentJob",
    file: "deployment-job",
    doc: "One step of a deployment pipeline, from its creation to its end.",
    fields: &[
        Field {
            name: "id",
            rule: Rule::Sha256,
            required: true,
            doc: "The job's id: SHA-256 of repository, run, attempt, workflow job, step and matrix leg.",
        },
        Field { name: "jobType", rule: Rule::OneOf(JobType::WORDS), required: true, doc: "What the job does." },
        Field { name: "status", rule: Rule::OneOf(Status::WORDS), required: true, doc: "How far the job is." },
        Field {
            name: "startTime",
            rule: Rule::Date,
            required: true,
            doc: "When the job started; while it is pending, when it was created.",
        },
        Field {
            name: "endTime",
            rule: Rule::Date,
            required: false,
            doc: "When the job ended, at least 1 ms after `startTime`; only and always there once it has.",
        },
        Field {
            name: "logs",
            rule: Rule::Logs,
            required: true,
            doc: "The newest 64 KiB of the output, secrets masked; says so when cut.",
        },
        Field { name: "commitHash", rule: Rule::CommitHash, required: true, doc: "The commit that the job worked on." },
        Field {
            name: "branch",
            rule: Rule::Text(rules::LONGEST_LINE),
            required: true,
            doc: "The branch or tag that the job ran for.",
        },
        Field {
            name: "triggeredBy",
            rule: Rule::Text(rules::LONGEST_LINE),
            required: true,
            doc: "Who or what started the run.",
        },
    ],
    between: || vec![schema::there_exactly_if("endTime", "status", &Status::WORDS[2..])],
};

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum JobType {
    /// Runs the linter and reads its report.
    Lint,
    /// Runs the tests and reads their reports.
    Test,
    /// Builds and packs the frontend.
    BuildFrontend,
    /// Builds the backend's image.
    BuildBackend,
    /// Deploys the frontend.
    DeployFrontend,
    /// Deploys the backend.
    DeployBackend,
    /// Applies SQL migrations.
    MigrateDb,
    /// Brings the vectors up to date.
    PopulateEmbeddings,
}

impl JobType {
    /// Whether `deployment-success` and `deployment-failure` are its events, and
    /// its success counts when a configuration is to become active.
    pub fn deploys(self) -> bool {
        matches!(self, JobType::DeployFrontend | JobType::DeployBackend)
    }
}

impl Choice for JobType {
    const ALL: &'static [Self] = &[
        JobType::Lint,
        JobType::Test,
        JobType::BuildFrontend,
        JobType::BuildBackend,
        JobType::DeployFrontend,
        JobType::DeployBackend,
        JobType::MigrateDb,
        JobType::PopulateEmbeddings,
    ];
    const WORDS: &'static [&'static str] = &[
        "lint",
        "test",
        "build-frontend",
        "build-backend",
        "deploy-frontend",
        "deploy-backend",
        "migrate-db",
        "populate-embeddings",
    ];
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Created, not started.
    Pending,
    /// At work.
    Running,
    /// Ended: all is done.
    Success,
    /// Ended: something went wrong, or the configuration has a problem.
    Failure,
    /// Ended: somebody stopped it.
    Cancelled,
}

impl Choice for Status {
    const ALL: &'static [Self] =
        &[Status::Pending, Status::Running, Status::Success, Status::Failure, Status::Cancelled];
    const WORDS: &'static [&'static str] = &["pending", "running", "success", "failure", "cancelled"];
}

/// What moves a job from one [`Status`] to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// It begins.
    Start,
    /// All is done.
    Succeed,
    /// Something went wrong.
    Fail,
    /// Somebody stops it.
    Cancel,
}

impl Status {
    /// The status after a signal.
    pub fn after(self, signal: Signal) -> Result<Status, IllegalMove<Status, Signal>> {
        match (self, signal) {
            (Status::Pending, Signal::Start) => Ok(Status::Running),
            (Status::Running, Signal::Succeed) => Ok(Status::Success),
            (Status::Running, Signal::Fail) => Ok(Status::Failure),
            (Status::Running, Signal::Cancel) => Ok(Status::Cancelled),
            (from, signal) => Err(IllegalMove { from, signal }),
        }
    }

    /// Whether nothing moves it any more.
    pub fn has_ended(self) -> bool {
        matches!(self, Status::Success | Status::Failure | Status::Cancelled)
    }
}

/// The fields of a record, for reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobFields {
    /// The id, as [`id::job`](super::id::job) makes it.
    pub id: String,
    /// What the job does.
    pub job_type: JobType,
    /// How far it is.
    pub status: Status,
    /// When it started, or was created.
    pub start_time: DateTime<Utc>,
    /// When it ended.
    pub end_time: Option<DateTime<Utc>>,
    /// The end of its output.
    pub logs: String,
    /// The commit that it works on.
    pub commit_hash: String,
    /// The branch or tag that it runs for.
    pub branch: String,
    /// Who or what started the run.
    pub triggered_by: String,
}

/// One step of a pipeline: a record whose rules hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentJob(JobFields);

/// What a job is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewJob<'a> {
    /// The id, as [`id::job`](super::id::job) makes it.
    pub id: &'a str,
    /// What the job does.
    pub job_type: JobType,
    /// The commit that it works on.
    pub commit_hash: &'a str,
    /// The branch or tag that it runs for.
    pub branch: &'a str,
    /// Who or what started the run.
    pub triggered_by: &'a str,
}

impl DeploymentJob {
    /// Makes a pending job. Reports every rule that a value breaks.
    pub fn new(job: NewJob, now: DateTime<Utc>) -> Result<Self, Vec<Broken>> {
        let fields = JobFields {
            id: job.id.to_owned(),
            job_type: job.job_type,
            status: Status::Pending,
            start_time: rules::whole_milliseconds(now),
            end_time: None,
            logs: String::new(),
            commit_hash: job.commit_hash.to_owned(),
            branch: job.branch.to_owned(),
            triggered_by: job.triggered_by.to_owned(),
        };
        Self::read(&DeploymentJob(fields).to_value())
    }

    /// The job, started now. A clock that went back leaves the time as it is.
    pub fn start(mut self, now: DateTime<Utc>) -> Result<Self, IllegalMove<Status, Signal>> {
        self.0.status = self.0.status.after(Signal::Start)?;
        self.0.start_time = self.0.start_time.max(rules::whole_milliseconds(now));
        Ok(self)
    }

    /// The job, ended now by any signal but [`Signal::Start`], with the text of a
    /// [`Tail`](super::tail::Tail). `endTime` is at least 1 ms after `startTime`,
    /// whatever the clock says. Longer logs lose their beginning here too.
    pub fn end(mut self, signal: Signal, logs: &str, now: DateTime<Utc>) -> Result<Self, IllegalMove<Status, Signal>> {
        let status = self.0.status.after(signal)?;
        if !status.has_ended() {
            return Err(IllegalMove { from: self.0.status, signal });
        }
        let earliest = self.0.start_time + TimeDelta::milliseconds(1);
        let mut tail = super::tail::Tail::new();
        tail.push(logs.as_bytes());
        self.0 = JobFields {
            status,
            end_time: Some(earliest.max(rules::whole_milliseconds(now))),
            logs: tail.text(),
            ..self.0
        };
        Ok(self)
    }

    /// Reads a record. Reports every broken rule.
    pub fn read(value: &Value) -> Result<Self, Vec<Broken>> {
        let mut reading = Reading::of(&SHAPE, value);
        let status: Option<Status> = reading.choice("status");
        let (start_time, end_time) = (reading.date("startTime"), reading.date("endTime"));
        match (status, reading.has("endTime")) {
            (Some(status), false) if status.has_ended() => {
                reading.broken("endTime", format!("a date, since the status is `{}`", status.word()), "nothing");
            }
            (Some(status), true) if !status.has_ended() => {
                reading.broken("endTime", format!("nothing, since the status is `{}`", status.word()), "a value");
            }
            _ => {}
        }
        if let (Some(start_time), Some(end_time)) = (start_time, end_time)
            && end_time <= start_time
        {
            reading.broken("endTime", "a date after `startTime`", format!("`{}`", rules::date_text(end_time)));
        }
        let record = (|| {
            Some(DeploymentJob(JobFields {
                id: reading.text("id")?,
                job_type: reading.choice("jobType")?,
                status: status?,
                start_time: start_time?,
                end_time,
                logs: reading.text("logs")?,
                commit_hash: reading.text("commitHash")?,
                branch: reading.text("branch")?,
                triggered_by: reading.text("triggeredBy")?,
            }))
        })();
        reading.finish(record)
    }

    /// The record's JSON.
    pub fn to_value(&self) -> Value {
        object([
            ("id", text(&self.id)),
            ("jobType", text(self.job_type.word())),
            ("status", text(self.status.word())),
            ("startTime", date(self.start_time)),
            ("endTime", self.end_time.and_then(date)),
            ("logs", text(&self.logs)),
            ("commitHash", text(&self.commit_hash)),
            ("branch", text(&self.branch)),
            ("triggeredBy", text(&self.triggered_by)),
        ])
    }

    /// The record with `logs` empty, as the output `job` holds it.
    pub fn without_logs(&self) -> Self {
        DeploymentJob(JobFields { logs: String::new(), ..self.0.clone() })
    }
}

impl Deref for DeploymentJob {
    type Target = JobFields;

    fn deref(&self) -> &JobFields {
        &self.0
    }
}

impl Serialize for DeploymentJob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}
