//! An artifact: something that a job made and a later job takes.

use std::ops::Deref;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::event::SKEW;
use super::table::{Field, Reading, Rule, Shape, date, object, text};
use super::{Broken, Choice, id, rules};

/// The fields of a [`DeploymentArtifact`].
pub static SHAPE: Shape = Shape {
    name: "DeploymentArtifact",
    file: "deployment-artifact",
    doc: "Something that a job made and a later job takes.",
    fields: &[
        Field {
            name: "id",
            rule: Rule::Sha256,
            required: true,
            doc: "The artifact's id: SHA-256 of the job, the type and the checksum.",
        },
        Field {
            name: "artifactType",
            rule: Rule::OneOf(ArtifactType::WORDS),
            required: true,
            doc: "What the artifact is.",
        },
        Field {
            name: "storagePath",
            rule: Rule::StorePath,
            required: true,
            doc: "Where it lies: a relative path inside its store.",
        },
        Field { name: "size", rule: Rule::Size, required: true, doc: "The size of what is stored, in bytes." },
        Field { name: "checksum", rule: Rule::Sha256, required: true, doc: "The SHA-256 of what is stored." },
        Field { name: "createdAt", rule: Rule::Date, required: true, doc: "When it was made." },
        Field {
            name: "expiresAt",
            rule: Rule::Date,
            required: true,
            doc: "From when on it may not be used; after `createdAt`.",
        },
        Field { name: "jobId", rule: Rule::Sha256, required: true, doc: "The job that made it." },
    ],
    between: Vec::new,
};

/// What an artifact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ArtifactType {
    /// A built frontend, packed.
    FrontendBuild,
    /// A backend's image.
    BackendContainer,
    /// Vectors with their texts.
    EmbeddingsData,
}

impl Choice for ArtifactType {
    const ALL: &'static [Self] =
        &[ArtifactType::FrontendBuild, ArtifactType::BackendContainer, ArtifactType::EmbeddingsData];
    const WORDS: &'static [&'static str] = &["frontend-build", "backend-container", "embeddings-data"];
}

/// The fields of a record, for reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArtifactFields {
    /// The id, as [`id::artifact`] makes it.
    pub id: String,
    /// What it is.
    pub artifact_type: ArtifactType,
    /// Where it lies, inside its store.
    pub storage_path: String,
    /// The size of what is stored, in bytes.
    pub size: u64,
    /// The SHA-256 of what is stored.
    pub checksum: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it may not be used.
    pub expires_at: DateTime<Utc>,
    /// The job that made it.
    pub job_id: String,
}

/// Something that a job made and a later job takes: a record whose rules hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentArtifact(ArtifactFields);

/// What an artifact is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewArtifact<'a> {
    /// What it is.
    pub artifact_type: ArtifactType,
    /// Where it lies, inside its store.
    pub storage_path: &'a str,
    /// The size of what is stored, in bytes.
    pub size: u64,
    /// The SHA-256 of what is stored.
    pub checksum: &'a str,
    /// From when on it may not be used.
    pub expires_at: DateTime<Utc>,
    /// The job that makes it.
    pub job_id: &'a str,
}

impl DeploymentArtifact {
    /// Makes the record of an artifact, now. Reports every rule that a value breaks.
    pub fn new(artifact: NewArtifact, now: DateTime<Utc>) -> Result<Self, Vec<Broken>> {
        let fields = ArtifactFields {
            id: id::artifact(artifact.job_id, artifact.artifact_type, artifact.checksum),
            artifact_type: artifact.artifact_type,
            storage_path: artifact.storage_path.to_owned(),
            size: artifact.size,
            checksum: artifact.checksum.to_owned(),
            created_at: rules::whole_milliseconds(now),
            expires_at: rules::whole_milliseconds(artifact.expires_at),
            job_id: artifact.job_id.to_owned(),
        };
        // Reading holds `expiresAt` against `createdAt`, which is now.
        Self::read(&DeploymentArtifact(fields).to_value())
    }

    /// Reads a record, whatever the time. Reports every broken rule.
    pub fn read(value: &Value) -> Result<Self, Vec<Broken>> {
        let mut reading = Reading::of(&SHAPE, value);
        let (created_at, expires_at) = (reading.date("createdAt"), reading.date("expiresAt"));
        if let (Some(created_at), Some(expires_at)) = (created_at, expires_at)
            && expires_at <= created_at
        {
            reading.broken("expiresAt", "a date after `createdAt`", format!("`{}`", rules::date_text(expires_at)));
        }
        let record = (|| {
            Some(DeploymentArtifact(ArtifactFields {
                id: reading.text("id")?,
                artifact_type: reading.choice("artifactType")?,
                storage_path: reading.text("storagePath")?,
                size: reading.size("size")?,
                checksum: reading.text("checksum")?,
                created_at: created_at?,
                expires_at: expires_at?,
                job_id: reading.text("jobId")?,
            }))
        })();
        reading.finish(record)
    }

    /// Whether the artifact may be used now: made by now (but for the skew between
    /// two runners' clocks) and not expired.
    pub fn check_use(&self, now: DateTime<Utc>) -> Result<(), Vec<Broken>> {
        let mut broken = Vec::new();
        if self.created_at > now + TimeDelta::seconds(SKEW) {
            broken.push(Broken::new(
                "createdAt",
                "a date in the past",
                format!("`{}`", rules::date_text(self.created_at)),
            ));
        }
        if self.expires_at <= now {
            broken.push(Broken::new(
                "expiresAt",
                "a date in the future",
                format!("`{}`", rules::date_text(self.expires_at)),
            ));
        }
        if broken.is_empty() { Ok(()) } else { Err(broken) }
    }

    /// The record's JSON.
    pub fn to_value(&self) -> Value {
        object([
            ("id", text(&self.id)),
            ("artifactType", text(self.artifact_type.word())),
            ("storagePath", text(&self.storage_path)),
            ("size", Some(json!(self.size))),
            ("checksum", text(&self.checksum)),
            ("createdAt", date(self.created_at)),
            ("expiresAt", date(self.expires_at)),
            ("jobId", text(&self.job_id)),
        ])
    }
}

impl Deref for DeploymentArtifact {
    type Target = ArtifactFields;

    fn deref(&self) -> &ArtifactFields {
        &self.0
    }
}

impl Serialize for DeploymentArtifact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}
