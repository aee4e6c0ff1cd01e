//! An event: a major change of state, as the ledger, the annotations and the
//! reports tell it.

use std::ops::Deref;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::configuration::Environment;
use super::job::{JobType, Status};
use super::table::{Field, Reading, Rule, Shape, date, object, text};
use super::{Broken, Choice, Note, id, rules};

/// By how many seconds the clocks of two runners may differ.
pub const SKEW: i64 = 5 * 60;

/// The fields of a [`DeploymentEvent`].
pub static SHAPE: Shape = Shape {
    name: "DeploymentEvent",
    file: "deployment-event",
    doc: "A major change of state in a deployment.",
    fields: &[
        Field {
            name: "id",
            rule: Rule::Sha256,
            required: true,
            doc: "The event's id: SHA-256 of deployment, job and type, so the same event written twice is one event.",
        },
        Field { name: "eventType", rule: Rule::OneOf(EventType::WORDS), required: true, doc: "What happened." },
        Field { name: "timestamp", rule: Rule::Date, required: true, doc: "When it happened." },
        Field {
            name: "message",
            rule: Rule::Text(rules::LONGEST_MESSAGE),
            required: true,
            doc: "What happened, for a person.",
        },
        Field {
            name: "metadata",
            rule: Rule::Metadata,
            required: true,
            doc: "Context, never a secret; always the id of the configuration.",
        },
        Field { name: "jobId", rule: Rule::Sha256, required: false, doc: "The job that it belongs to." },
        Field {
            name: "deploymentId",
            rule: Rule::DeploymentId,
            required: false,
            doc: "The deployment that it belongs to.",
        },
    ],
    between: Vec::new,
};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventType {
    /// The first job of a deployment started.
    PipelineStarted,
    /// A job started.
    JobStarted,
    /// A job succeeded.
    JobCompleted,
    /// A job failed or was cancelled.
    JobFailed,
    /// A deploy job put something into service.
    DeploymentSuccess,
    /// A deploy job could not.
    DeploymentFailure,
    /// A rollback began.
    RollbackInitiated,
    /// A rollback is done.
    RollbackCompleted,
}

impl Choice for EventType {
    const ALL: &'static [Self] = &[
        EventType::PipelineStarted,
        EventType::JobStarted,
        EventType::JobCompleted,
        EventType::JobFailed,
        EventType::DeploymentSuccess,
        EventType::DeploymentFailure,
        EventType::RollbackInitiated,
        EventType::RollbackCompleted,
    ];
    const WORDS: &'static [&'static str] = &[
        "pipeline-started",
        "job-started",
        "job-completed",
        "job-failed",
        "deployment-success",
        "deployment-failure",
        "rollback-initiated",
        "rollback-completed",
    ];
}

/// How loudly an event is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// As an error.
    Error,
    /// As a warning.
    Warning,
    /// As a notice.
    Notice,
}

/// The fields of a record, for reading.
#[derive(Clone, Debug, PartialEq)]
pub struct EventFields {
    /// The id, as [`id::event`] makes it.
    pub id: String,
    /// What happened.
    pub event_type: EventType,
    /// When.
    pub timestamp: DateTime<Utc>,
    /// What happened, for a person.
    pub message: String,
    /// Context, with `configurationId`.
    pub metadata: Map<String, Value>,
    /// The job that it belongs to.
    pub job_id: Option<String>,
    /// The deployment that it belongs to.
    pub deployment_id: Option<String>,
}

/// A major change of state: a record whose rules hold.
#[derive(Clone, Debug, PartialEq)]
pub struct DeploymentEvent(EventFields);

/// Where a job's events come from. Its functions build the events of that job,
/// each with the metadata `configurationId`, `environment` and `jobType`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The deployment.
    pub deployment_id: String,
    /// The configuration.
    pub configuration_id: String,
    /// The environment.
    pub environment: Environment,
    /// The job.
    pub job_id: String,
    /// What the job does.
    pub job_type: JobType,
}

impl Origin {
    /// `pipeline-started`. Every job may build it: it is one event a deployment.
    pub fn pipeline_started(&self, now: DateTime<Utc>) -> Result<DeploymentEvent, Vec<Broken>> {
        let message = format!("deployment {} started", self.deployment_id);
        self.event(EventType::PipelineStarted, &message, Map::new(), now)
    }

    /// `job-started`.
    pub fn job_started(&self, now: DateTime<Utc>) -> Result<DeploymentEvent, Vec<Broken>> {
        self.event(EventType::JobStarted, &format!("{} started", self.name()), Map::new(), now)
    }

    /// `job-completed`, with what the job has to tell beside its success.
    pub fn job_completed(&self, more: Map<String, Value>, now: DateTime<Utc>) -> Result<DeploymentEvent, Vec<Broken>> {
        let more = with(more, "status", Status::Success.word());
        self.event(EventType::JobCompleted, &format!("{} succeeded", self.name()), more, now)
    }

    /// `job-failed`, with the stable code of what went wrong.
    pub fn job_failed(&self, code: &str, reason: &str, now: DateTime<Utc>) -> Result<DeploymentEvent, Vec<Broken>> {
        let more = with(with(Map::new(), "status", Status::Failure.word()), "code", code);
        self.event(EventType::JobFailed, &format!("{} failed: {reason}", self.name()), more, now)
    }

    /// `job-failed` of a job that somebody stopped: a warning, not an error.
    pub fn job_cancelled(&self, reason: &str, now: DateTime<Utc>) -> Result<DeploymentEvent, Vec<Broken>> {
        let more = with(Map::new(), "status", Status::Cancelled.word());
        self.event(EventType::JobFailed, &format!("{} was cancelled: {reason}", self.name()), more, now)
    }

    /// `deployment-success`, with where it serves. Of deploy jobs only.
    pub fn deployment_success(&self, url: &str, now: DateTime<Utc>) -> Result<DeploymentEvent, Vec<Broken>> {
        let more = with(Map::new(), "url", url);
        self.event(EventType::DeploymentSuccess, &format!("{} serves {url}", self.name()), more, now)
    }

    /// `deployment-failure`, with the stable code of what went wrong. Of deploy jobs only.
    pub fn deployment_failure(
        &self,
        code: &str,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<DeploymentEvent, Vec<Broken>> {
        let more = with(Map::new(), "code", code);
        self.event(EventType::DeploymentFailure, &format!("{} could not deploy: {reason}", self.name()), more, now)
    }

    /// `rollback-initiated`.
    pub fn rollback_initiated(&self, reason: &str, now: DateTime<Utc>) -> Result<DeploymentEvent, Vec<Broken>> {
        self.event(EventType::RollbackInitiated, &format!("{} rolls back: {reason}", self.name()), Map::new(), now)
    }

    /// `rollback-completed`, with what serves again.
    pub fn rollback_completed(&self, result: &str, now: DateTime<Utc>) -> Result<DeploymentEvent, Vec<Broken>> {
        self.event(EventType::RollbackCompleted, &format!("{} rolled back: {result}", self.name()), Map::new(), now)
    }

    /// An event of any type, now. A message that is too long loses its end; the
    /// origin's own metadata wins over `more`.
    pub fn event(
        &self,
        event_type: EventType,
        message: &str,
        more: Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<DeploymentEvent, Vec<Broken>> {
        if matches!(event_type, EventType::DeploymentSuccess | EventType::DeploymentFailure) && !self.job_type.deploys()
        {
            let found = format!("`{}` from a `{}` job", event_type.word(), self.job_type.word());
            return Err(vec![Broken::new("eventType", "an event of this job type", found)]);
        }
        let metadata = with(more, "configurationId", &self.configuration_id);
        let metadata = with(metadata, "environment", self.environment.word());
        let fields = EventFields {
            id: id::event(Some(&self.deployment_id), Some(&self.job_id), event_type),
            event_type,
            timestamp: rules::whole_milliseconds(now),
            message: cut(message),
            metadata: with(metadata, "jobType", self.job_type.word()),
            job_id: Some(self.job_id.clone()),
            deployment_id: Some(self.deployment_id.clone()),
        };
        DeploymentEvent::read(&DeploymentEvent(fields).to_value())
    }

    fn name(&self) -> String {
        format!("{} ({})", self.job_type.word(), self.environment.word())
    }
}

impl DeploymentEvent {
    /// Reads a record, whatever the time. Reports every broken rule.
    pub fn read(value: &Value) -> Result<Self, Vec<Broken>> {
        let mut reading = Reading::of(&SHAPE, value);
        let event_type = reading.choice("eventType");
        let (id, job_id, deployment_id) = (reading.text("id"), reading.text("jobId"), reading.text("deploymentId"));
        // Where a part of the id is broken, that is the news, and not that the id does not fit.
        let parts_sound =
            job_id.is_some() == reading.has("jobId") && deployment_id.is_some() == reading.has("deploymentId");
        if let (Some(event_type), Some(found), true) = (event_type, &id, parts_sound) {
            let wanted = id::event(deployment_id.as_deref(), job_id.as_deref(), event_type);
            if *found != wanted {
                let wanted = format!("`{wanted}`, the SHA-256 of its deployment, job and type");
                reading.broken("id", wanted, format!("`{found}`"));
            }
        }
        let record = (|| {
            Some(DeploymentEvent(EventFields {
                id: id?,
                event_type: event_type?,
                timestamp: reading.date("timestamp")?,
                message: reading.text("message")?,
                metadata: reading.object("metadata")?,
                job_id,
                deployment_id,
            }))
        })();
        reading.finish(record)
    }

    /// Whether the event may be used now: it is not of the future. A clock that
    /// is ahead by at most [`SKEW`] seconds is allowed, and noted.
    pub fn check_use(&self, now: DateTime<Utc>) -> Result<Option<Note>, Vec<Broken>> {
        let ahead = self.timestamp - now;
        if ahead > TimeDelta::seconds(SKEW) {
            let found = format!("`{}`", rules::date_text(self.timestamp));
            return Err(vec![Broken::new("timestamp", "a date that is not in the future", found)]);
        }
        let text =
            || format!("the clock of the runner that wrote it is {} ms ahead of this one's", ahead.num_milliseconds());
        Ok((ahead.num_milliseconds() > 0).then(|| Note { field: "timestamp", text: text() }))
    }

    /// How loudly it is told.
    pub fn level(&self) -> Level {
        let cancelled = self.metadata.get("status").and_then(Value::as_str) == Some(Status::Cancelled.word());
        match self.event_type {
            EventType::JobFailed if cancelled => Level::Warning,
            EventType::JobFailed | EventType::DeploymentFailure => Level::Error,
            EventType::RollbackInitiated => Level::Warning,
            _ => Level::Notice,
        }
    }

    /// The record's JSON.
    pub fn to_value(&self) -> Value {
        object([
            ("id", text(&self.id)),
            ("eventType", text(self.event_type.word())),
            ("timestamp", date(self.timestamp)),
            ("message", text(&self.message)),
            ("metadata", Some(Value::Object(self.metadata.clone()))),
            ("jobId", self.job_id.as_deref().and_then(text)),
            ("deploymentId", self.deployment_id.as_deref().and_then(text)),
        ])
    }
}

impl Deref for DeploymentEvent {
    type Target = EventFields;

    fn deref(&self) -> &EventFields {
        &self.0
    }
}

impl Serialize for DeploymentEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

fn with(mut map: Map<String, Value>, name: &str, value: &str) -> Map<String, Value> {
    map.insert(name.to_owned(), Value::String(value.to_owned()));
    map
}

fn cut(message: &str) -> String {
    if message.chars().count() <= rules::LONGEST_MESSAGE {
        return message.to_owned();
    }
    message.chars().take(rules::LONGEST_MESSAGE - 1).chain(['…']).collect()
}
