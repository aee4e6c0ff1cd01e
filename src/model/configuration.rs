//! What a deployment is configured with, and which configuration is active.

use std::ops::Deref;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::forms::{self, Wrong};
use super::job::{JobType, Status};
use super::table::{Field, Reading, Rule, Setting, Shape, date, object, text};
use super::{Broken, Choice, IllegalMove, Note, id, rules, schema};
use crate::secret::Secret;

/// The fields of a [`DeploymentConfiguration`].
pub static SHAPE: Shape = Shape {
    name: "DeploymentConfiguration",
    file: "deployment-configuration",
    doc: "What a deployment is configured with. Secrets read `***`.",
    fields: &[
        Field {
            name: "id",
            rule: Rule::Sha256,
            required: true,
            doc: "The record's id: SHA-256 of the content, without secrets, and of the deployment that first used it.",
        },
        Field {
            name: "environment",
            rule: Rule::OneOf(Environment::WORDS),
            required: true,
            doc: "The environment that it is for.",
        },
        Field {
            name: "backendUrl",
            rule: Rule::Url,
            required: false,
            doc: "Where the backend answers; https in production.",
        },
        Field {
            name: "frontendUrl",
            rule: Rule::Url,
            required: false,
            doc: "Where the frontend answers; https in production.",
        },
        Field {
            name: "databaseUrl",
            rule: Rule::DatabaseUrl,
            required: false,
            doc: "The Postgres connection URL; a secret.",
        },
        Field {
            name: "vectorDatabaseUrl",
            rule: Rule::Url,
            required: false,
            doc: "Where Qdrant answers; a secret if it holds credentials.",
        },
        Field { name: "cohereApiKey", rule: Rule::CohereKey, required: false, doc: "The Cohere API key; a secret." },
        Field { name: "vercelToken", rule: Rule::VercelToken, required: false, doc: "The Vercel token; a secret." },
        Field { name: "createdAt", rule: Rule::Date, required: true, doc: "When the record was made." },
        Field {
            name: "updatedAt",
            rule: Rule::Date,
            required: true,
            doc: "When the record last changed; not before `createdAt`.",
        },
    ],
    between: || vec![schema::https_in_production(HTTPS_IN_PRODUCTION)],
};

/// Where a deployment goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Environment {
    /// For whoever develops.
    Development,
    /// As production, for trying.
    Staging,
    /// What users see.
    Production,
}

impl Choice for Environment {
    const ALL: &'static [Self] = &[Environment::Development, Environment::Staging, Environment::Production];
    const WORDS: &'static [&'static str] = &["development", "staging", "production"];
}

/// A configuration's values before they are a record. A job gives those that it
/// was handed; which ones it needs is the job's own rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values {
    /// The environment.
    pub environment: Environment,
    /// Where the backend answers.
    pub backend_url: Option<String>,
    /// Where the frontend answers.
    pub frontend_url: Option<String>,
    /// The Postgres connection URL.
    pub database_url: Option<Secret>,
    /// Where Qdrant answers.
    pub vector_database_url: Option<Secret>,
    /// The Cohere API key.
    pub cohere_api_key: Option<Secret>,
    /// The Vercel token.
    pub vercel_token: Option<Secret>,
}

/// The fields of a record, for reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationFields {
    /// The record's id, as [`id::configuration`] makes it.
    pub id: String,
    /// The environment.
    pub environment: Environment,
    /// Where the backend answers.
    pub backend_url: Option<Setting>,
    /// Where the frontend answers.
    pub frontend_url: Option<Setting>,
    /// The Postgres connection URL.
    pub database_url: Option<Setting>,
    /// Where Qdrant answers.
    pub vector_database_url: Option<Setting>,
    /// The Cohere API key.
    pub cohere_api_key: Option<Setting>,
    /// The Vercel token.
    pub vercel_token: Option<Setting>,
    /// When the record was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// What a deployment is configured with: a record whose rules hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentConfiguration(ConfigurationFields);

impl DeploymentConfiguration {
    /// Makes the record of a deployment's configuration, with what is worth a
    /// warning. Reports every rule that a value breaks.
    pub fn new(values: &Values, deployment_id: &str, now: DateTime<Utc>) -> Result<(Self, Vec<Note>), Vec<Broken>> {
        let content = id::ConfigurationContent {
            environment: values.environment,
            backend_url: values.backend_url.as_deref(),
            frontend_url: values.frontend_url.as_deref(),
            vector_database_url: values.vector_database_url.as_ref().map(Secret::expose),
        };
        let now = rules::whole_milliseconds(now);
        let mut check = Check { environment: values.environment, notes: Vec::new(), broken: Vec::new() };
        let fields = ConfigurationFields {
            id: id::configuration(content, deployment_id),
            environment: values.environment,
            backend_url: check.setting("backendUrl", content.backend_url),
            frontend_url: check.setting("frontendUrl", content.frontend_url),
            database_url: check.setting("databaseUrl", values.database_url.as_ref().map(Secret::expose)),
            vector_database_url: check.setting("vectorDatabaseUrl", content.vector_database_url),
            cohere_api_key: check.setting("cohereApiKey", values.cohere_api_key.as_ref().map(Secret::expose)),
            vercel_token: check.setting("vercelToken", values.vercel_token.as_ref().map(Secret::expose)),
            created_at: now,
            updated_at: now,
        };
        match check.broken.is_empty() {
            true => Ok((DeploymentConfiguration(fields), check.notes)),
            false => Err(check.broken),
        }
    }

    /// Reads a record, whose secrets may be hidden. Reports every broken rule.
    pub fn read(value: &Value) -> Result<Self, Vec<Broken>> {
        let mut reading = Reading::of(&SHAPE, value);
        let environment = reading.choice("environment");
        for name in HTTPS_IN_PRODUCTION {
            let url = reading.setting(name);
            if let (Some(environment), Some(url)) = (environment, url.as_ref().and_then(Setting::expose))
                && let Err(wrong) = https_in_production(environment, url)
            {
                reading.wrong(name, wrong);
            }
        }
        let (created_at, updated_at) = (reading.date("createdAt"), reading.date("updatedAt"));
        if let (Some(created_at), Some(updated_at)) = (created_at, updated_at)
            && updated_at < created_at
        {
            reading.broken("updatedAt", "a date not before `createdAt`", format!("`{}`", rules::date_text(updated_at)));
        }
        let record = (|| {
            Some(DeploymentConfiguration(ConfigurationFields {
                id: reading.text("id")?,
                environment: environment?,
                backend_url: reading.setting("backendUrl"),
                frontend_url: reading.setting("frontendUrl"),
                database_url: reading.setting("databaseUrl"),
                vector_database_url: reading.setting("vectorDatabaseUrl"),
                cohere_api_key: reading.setting("cohereApiKey"),
                vercel_token: reading.setting("vercelToken"),
                created_at: created_at?,
                updated_at: updated_at?,
            }))
        })();
        reading.finish(record)
    }

    /// The record's JSON, its secrets hidden.
    pub fn to_value(&self) -> Value {
        let setting = |setting: &Option<Setting>| setting.as_ref().and_then(|setting| text(setting.shown()));
        object([
            ("id", text(&self.id)),
            ("environment", text(self.environment.word())),
            ("backendUrl", setting(&self.backend_url)),
            ("frontendUrl", setting(&self.frontend_url)),
            ("databaseUrl", setting(&self.database_url)),
            ("vectorDatabaseUrl", setting(&self.vector_database_url)),
            ("cohereApiKey", setting(&self.cohere_api_key)),
            ("vercelToken", setting(&self.vercel_token)),
            ("createdAt", date(self.created_at)),
            ("updatedAt", date(self.updated_at)),
        ])
    }

    /// The record as one that changed at this moment; a clock that went back
    /// leaves `updatedAt` where it was.
    pub fn updated(mut self, now: DateTime<Utc>) -> Self {
        self.0.updated_at = self.0.updated_at.max(rules::whole_milliseconds(now));
        self
    }
}

impl Deref for DeploymentConfiguration {
    type Target = ConfigurationFields;

    fn deref(&self) -> &ConfigurationFields {
        &self.0
    }
}

impl Serialize for DeploymentConfiguration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

/// The fields that users reach, and never without encryption in production.
const HTTPS_IN_PRODUCTION: &[&str] = &["backendUrl", "frontendUrl"];

fn https_in_production(environment: Environment, url: &str) -> Result<(), Wrong> {
    match environment {
        Environment::Production => forms::http_url(url, true).map(|_| ()),
        _ => Ok(()),
    }
}

/// Values in the open on their way into a record.
struct Check {
    environment: Environment,
    notes: Vec<Note>,
    broken: Vec<Broken>,
}

impl Check {
    fn setting(&mut self, name: &str, value: Option<&str>) -> Option<Setting> {
        let (field, value) = (SHAPE.fields.iter().find(|field| field.name == name)?, value?);
        let checked = field.rule.check_text(value).and_then(|warnings| {
            let https =
                if HTTPS_IN_PRODUCTION.contains(&name) { https_in_production(self.environment, value) } else { Ok(()) };
            https.map(|()| warnings)
        });
        match checked {
            Ok(warnings) => self.notes.extend(warnings.into_iter().map(|text| Note { field: field.name, text })),
            Err(Wrong { wanted, found, hint }) => {
                self.broken.push(Broken { field: name.to_owned(), wanted, found, hint })
            }
        }
        Some(Setting::new(&field.rule, value))
    }
}

/// Whether a configuration is in use. It is kept beside the record, not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Made, and not yet everywhere where it should be.
    Created,
    /// What its environment runs on.
    Active,
    /// What its environment ran on before.
    Deprecated,
}

/// What moves a configuration from one [`State`] to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Every deploy job of its deployment has succeeded.
    Activate,
    /// Another configuration became active in its environment.
    Deprecate,
}

impl State {
    /// The state after a signal.
    pub fn after(self, signal: Signal) -> Result<State, IllegalMove<State, Signal>> {
        match (self, signal) {
            (State::Created, Signal::Activate) => Ok(State::Active),
            (State::Active, Signal::Deprecate) => Ok(State::Deprecated),
            (from, signal) => Err(IllegalMove { from, signal }),
        }
    }
}

impl Choice for State {
    const ALL: &'static [Self] = &[State::Created, State::Active, State::Deprecated];
    const WORDS: &'static [&'static str] = &["created", "active", "deprecated"];
}

/// A configuration with its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The record.
    pub configuration: DeploymentConfiguration,
    /// Its state.
    pub state: State,
}

/// Whether a deployment's jobs let its configuration become active: there are
/// deploy jobs and all have succeeded. Of a job that ran again, only the last
/// attempt counts; the caller gives that one.
pub fn may_activate(jobs: &[(JobType, Status)]) -> bool {
    let mut deploys = jobs.iter().filter(|(job_type, _)| job_type.deploys()).peekable();
    deploys.peek().is_some() && deploys.all(|(_, status)| *status == Status::Success)
}

/// Makes a configuration active, and at the same moment deprecated whichever was
/// active in its environment. Where the move is illegal, or no configuration has
/// the id (`None`), nothing changes.
pub fn activate(held: &mut [Held], id: &str, now: DateTime<Utc>) -> Option<Result<(), IllegalMove<State, Signal>>> {
    let chosen = held.iter().position(|held| held.configuration.id == id)?;
    let active = match held[chosen].state.after(Signal::Activate) {
        Ok(active) => active,
        Err(illegal) => return Some(Err(illegal)),
    };
    let environment = held[chosen].configuration.environment;
    for (at, other) in held.iter_mut().enumerate() {
        let next = if at == chosen { Some(active) } else { other.state.after(Signal::Deprecate).ok() };
        if let Some(next) = next.filter(|_| other.configuration.environment == environment) {
            *other = Held { configuration: other.configuration.clone().updated(now), state: next };
        }
    }
    Some(Ok(()))
}
