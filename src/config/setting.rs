//! What a setting is: a row of the tables that inputs, file, schema and
//! documentation are made from.

use crate::codes::{self, Code};
use crate::model::forms::Wrong;

/// One setting, known by the same name everywhere.
#[derive(Debug)]
pub struct Setting {
    /// The name in kebab-case: input, key, documentation and messages.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Where it may be given.
    pub source: Source,
    /// What holds when it is not given, as it would be written.
    pub default: Option<&'static str>,
    /// What it means, for the documentation: a phrase or two in Markdown.
    pub about: &'static str,
}

/// Where a setting may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// As an input or in the file.
    Anywhere,
    /// As an input only: it decides what this run does, or where secrets go.
    InputOnly,
    /// As an input with this expression as its default in `action.yml`; nobody
    /// needs to give it.
    Context(&'static str),
}

/// What a setting holds.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// One of the job types of the catalogue.
    JobType,
    /// Any text.
    Text,
    /// A text with a form of its own.
    Checked(fn(&str) -> Result<(), Wrong>),
    /// A command, in which `${NAME}` is the shell's.
    Command,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Boolean,
    /// As `1h30m`.
    Duration,
    /// Bytes, as `64KiB`.
    Size,
    /// A whole number from the first to the second, both included.
    Count(u64, u64),
    /// Texts, one a line; in the file also a list.
    Lines,
    /// As [`Kind::Lines`], each a glob for paths inside the workspace.
    Globs,
    /// A map in YAML.
    Map,
    /// A path inside the workspace.
    Path,
    /// A whole git hash.
    Commit,
    /// An `http` or `https` URL.
    HttpUrl(Web),
    /// A Postgres URL; a secret.
    DatabaseUrl,
    /// A secret.
    Secret(SecretForm),
}

/// What an `http` URL is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Web {
    /// Nothing special.
    Any,
    /// What users meet: only `https` in production.
    HttpsInProduction,
    /// It may hold a password, and is a secret then.
    MaySecret,
}

/// The form of a secret.
#[derive(Clone, Copy, Debug)]
pub enum SecretForm {
    /// Anything.
    Any,
    /// A Vercel token.
    Vercel,
    /// A Cohere API key.
    Cohere,
    /// A form of the job's own. What it complains of must not show the secret.
    Own(fn(&str) -> Result<Vec<String>, Wrong>),
}

impl Kind {
    /// Whether it is taken from the environment by `${NAME}` in the file.
    pub fn takes_variable(self) -> bool {
        matches!(self, Kind::Secret(_) | Kind::DatabaseUrl | Kind::HttpUrl(Web::MaySecret))
    }

    /// Whether each value of it is a secret.
    pub fn is_secret(self) -> bool {
        matches!(self, Kind::Secret(_) | Kind::DatabaseUrl)
    }

    /// What is wanted, in words.
    pub fn noun(self) -> String {
        match self {
            Kind::JobType => "a job type".to_owned(),
            Kind::Text | Kind::Checked(_) => "a text".to_owned(),
            Kind::Command => "a command".to_owned(),
            Kind::Choice(words) => format!("one of {}", quoted(words)),
            Kind::Boolean => "`true` or `false`".to_owned(),
            Kind::Duration => "a duration as `90s`, `5m` or `1h30m`".to_owned(),
            Kind::Size => "a size as `64KiB` or `10MB`".to_owned(),
            Kind::Count(least, u64::MAX) => format!("a whole number from {least}"),
            Kind::Count(least, most) => format!("a whole number from {least} to {most}"),
            Kind::Lines => "texts, one a line".to_owned(),
            Kind::Globs => "paths or patterns, one a line".to_owned(),
            Kind::Map => "a map".to_owned(),
            Kind::Path => "a path inside the workspace".to_owned(),
            Kind::Commit => "a whole git hash of 40 or 64 hex digits".to_owned(),
            Kind::HttpUrl(_) => "an http or https URL".to_owned(),
            Kind::DatabaseUrl => "a Postgres URL".to_owned(),
            Kind::Secret(SecretForm::Vercel) => "a Vercel token".to_owned(),
            Kind::Secret(SecretForm::Cohere) => "a Cohere API key".to_owned(),
            Kind::Secret(_) => "a secret".to_owned(),
        }
    }

    /// The code of a value that is none.
    pub fn code(self) -> &'static Code {
        match self {
            Kind::JobType => &codes::JOB_TYPE,
            Kind::Text | Kind::Checked(_) | Kind::Command | Kind::Lines => &codes::TEXT,
            Kind::Choice(_) => &codes::CHOICE,
            Kind::Boolean => &codes::BOOLEAN,
            Kind::Duration => &codes::DURATION,
            Kind::Size => &codes::SIZE,
            Kind::Count(..) => &codes::COUNT,
            Kind::Map => &codes::SHAPE,
            Kind::Globs | Kind::Path => &codes::PATH,
            Kind::Commit => &codes::COMMIT,
            Kind::HttpUrl(_) => &codes::HTTP_URL,
            Kind::DatabaseUrl => &codes::DATABASE_URL,
            Kind::Secret(SecretForm::Vercel) => &codes::VERCEL_TOKEN,
            Kind::Secret(SecretForm::Cohere) => &codes::COHERE_KEY,
            Kind::Secret(_) => &codes::TEXT,
        }
    }
}

/// Words in backticks, with commas and an `or`.
pub fn quoted(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => format!("`{only}`"),
        [most @ .., last] => format!("`{}` or `{last}`", most.join("`, `")),
    }
}

/// Every setting that there is.
#[derive(Clone, Copy, Debug)]
pub struct Catalogue<'a> {
    /// Those that every job type has.
    pub common: &'a [Setting],
    /// Each job type with its own. A setting of several job types is one static.
    pub jobs: &'a [(&'static str, &'a [&'static Setting])],
}

impl<'a> Catalogue<'a> {
    /// A common setting.
    pub fn common(&self, name: &str) -> Option<&'a Setting> {
        self.common.iter().find(|setting| setting.name == name)
    }

    /// A job type's own settings; none for a job type that there is not.
    pub fn own(&self, job_type: &str) -> &'a [&'static Setting] {
        self.jobs.iter().find(|(name, _)| *name == job_type).map_or(&[], |(_, settings)| settings)
    }

    /// The setting of this name, of any job type, and which job types have it
    /// (none for a common one).
    pub fn find(&self, name: &str) -> Option<(&'a Setting, Vec<&'static str>)> {
        if let Some(setting) = self.common(name) {
            return Some((setting, Vec::new()));
        }
        let mut found: Option<&'a Setting> = None;
        let mut jobs = Vec::new();
        for (job, settings) in self.jobs {
            if let Some(setting) = settings.iter().find(|setting| setting.name == name) {
                found = found.or(Some(setting));
                jobs.push(*job);
            }
        }
        found.map(|setting| (setting, jobs))
    }

    /// The job types.
    pub fn job_types(&self) -> Vec<&'static str> {
        self.jobs.iter().map(|(name, _)| *name).collect()
    }

    /// Every setting once: the common ones, then those of the job types.
    pub fn all(&self) -> Vec<&'a Setting> {
        let mut all: Vec<&'a Setting> = self.common.iter().collect();
        for (_, settings) in self.jobs {
            for setting in *settings {
                if !all.iter().any(|known| known.name == setting.name) {
                    all.push(setting);
                }
            }
        }
        all
    }
}
