//! The settings of migrate-db, and what they decide.

use std::time::Duration;

use super::super::checking::{MAX_FAILURES_SHOWN, SARIF_OUTPUT};
use super::super::reading::ANNOTATE;
use super::super::verdict::FAIL_ON;
use super::check::{LINT_POSTGRES, LINT_RULES, LINT_SCOPE};
use super::files::FORMAT;
use crate::config::{Kind, SecretForm, Setting, Settings, Source, Web};
use crate::migrations::Format;
use crate::problem::Problem;
use crate::secret::Secret;

const fn anywhere(name: &'static str, kind: Kind, default: Option<&'static str>, about: &'static str) -> Setting {
    Setting { name, kind, source: Source::Anywhere, default, about }
}

/// The tools whose history can be taken over.
const TOOLS: &[&str] = &["sqlx", "dbmate", "golang-migrate", "refinery", "flyway", "prisma", "node-pg-migrate"];

static SCHEMA: Setting =
    anywhere("schema", Kind::Text, Some("public"), "The schema of the table that keeps the history of migrations");

static TABLE: Setting =
    anywhere("table", Kind::Text, Some("waybill_migrations"), "The table that keeps the history of migrations");

static ADOPT: Setting = anywhere(
    "adopt",
    Kind::Choice(TOOLS),
    None,
    "The tool whose history the database holds, to be read, verified and gone on with in a history of our own",
);

static LOCK_TIMEOUT: Setting = anywhere(
    "lock-timeout",
    Kind::Duration,
    Some("5s"),
    "How long a statement may wait for a lock, and everybody else behind it, before it is tried again later",
);

static LOCK_WAIT: Setting = anywhere(
    "lock-wait",
    Kind::Duration,
    Some("15m"),
    "How long to wait for another run that migrates the same database",
);

static STATEMENT_TIMEOUT: Setting = anywhere(
    "statement-timeout",
    Kind::Duration,
    None,
    "How long one statement may take; by default as long as it likes",
);

static RETRIES: Setting = anywhere(
    "retries",
    Kind::Count(0, 100),
    Some("10"),
    "How often a file is tried again that did not get a lock in time",
);

static ALLOW_OUT_OF_ORDER: Setting = anywhere(
    "allow-out-of-order",
    Kind::Boolean,
    Some("false"),
    "Whether a new migration may sort before one that is applied, or merged, already",
);

static BACKUP_BRANCH: Setting = anywhere(
    "backup-branch",
    Kind::Boolean,
    Some("false"),
    "Whether a branch of the Neon database is made before the first statement, to go back to by hand",
);

static NEON_API_KEY: Setting =
    anywhere("neon-api-key", Kind::Secret(SecretForm::Any), None, "The key of Neon's API, for `backup-branch`");

static NEON_API_URL: Setting = Setting {
    name: "neon-api-url",
    kind: Kind::HttpUrl(Web::Any),
    source: Source::InputOnly,
    default: Some("https://console.neon.tech/api/v2"),
    about: "The base of Neon's API",
};

static POSTGRES_TLS: Setting = anywhere(
    "postgres-tls",
    Kind::Choice(&["verified", "unverified"]),
    Some("verified"),
    "`unverified` takes a server's certificate without looking at it, where `sslmode` in the URL allows that",
);

static POSTGRES_CA: Setting = anywhere(
    "postgres-ca",
    Kind::Text,
    None,
    "The certificates, in PEM, of those whom the server's certificate may come from, besides the usual ones",
);

/// Every setting of the job type.
pub static SETTINGS: &[&Setting] = &[
    &FORMAT,
    &SCHEMA,
    &TABLE,
    &ADOPT,
    &LOCK_WAIT,
    &LOCK_TIMEOUT,
    &STATEMENT_TIMEOUT,
    &RETRIES,
    &ALLOW_OUT_OF_ORDER,
    &LINT_RULES,
    &LINT_SCOPE,
    &LINT_POSTGRES,
    &FAIL_ON,
    &ANNOTATE,
    &SARIF_OUTPUT,
    &MAX_FAILURES_SHOWN,
    &BACKUP_BRANCH,
    &NEON_API_KEY,
    &NEON_API_URL,
    &POSTGRES_TLS,
    &POSTGRES_CA,
];

/// What the settings say of the database's side.
#[derive(Clone, Debug)]
pub struct Options {
    /// The mode: `apply`, `plan` or `rollback`.
    pub mode: String,
    /// The database.
    pub database: Option<Secret>,
    /// The schema of the history's table.
    pub schema: String,
    /// The history's table.
    pub table: String,
    /// Whose history is taken over.
    pub adopt: Option<Format>,
    /// How long another run is waited for.
    pub lock_wait: Duration,
    /// How long a statement may wait for a lock.
    pub lock_timeout: Duration,
    /// How long a statement may take.
    pub statement_timeout: Option<Duration>,
    /// How often a file is tried again.
    pub retries: u32,
    /// Whether order does not matter.
    pub allow_out_of_order: bool,
    /// Whether a branch is made before.
    pub backup_branch: bool,
    /// Neon's key.
    pub neon_api_key: Option<Secret>,
    /// Neon's API.
    pub neon_api_url: String,
    /// Whether a server's certificate is taken unseen.
    pub is_unverified: bool,
    /// Certificates of authorities, in PEM.
    pub ca: Option<String>,
    /// The deployment that a rollback by hand undoes.
    pub deployment: Option<String>,
}

impl Options {
    /// Of the settings, or everything that is wrong with them.
    pub fn plan(settings: &Settings) -> Result<Options, Vec<Problem>> {
        let text = |name: &str| settings.text(name).map(str::to_owned);
        let mut problems = Vec::new();
        let needs = |is_needed: bool, name: &str, wanted: &str| {
            let is_missing = is_needed && settings.secret(name).is_none();
            is_missing.then(|| settings.missing(name, wanted, true))
        };
        problems.extend(needs(settings.boolean("backup-branch"), "neon-api-key", "a key for `backup-branch`"));
        let options = Options {
            mode: text("mode").unwrap_or_default(),
            database: settings.secret("database-url").cloned(),
            schema: text("schema").unwrap_or_default(),
            table: text("table").unwrap_or_default(),
            adopt: settings.choice("adopt").and_then(Format::of),
            lock_wait: settings.duration("lock-wait").unwrap_or_default(),
            lock_timeout: settings.duration("lock-timeout").unwrap_or_default(),
            statement_timeout: settings.duration("statement-timeout"),
            retries: settings.count("retries").unwrap_or_default() as u32,
            allow_out_of_order: settings.boolean("allow-out-of-order"),
            backup_branch: settings.boolean("backup-branch"),
            neon_api_key: settings.secret("neon-api-key").cloned(),
            neon_api_url: text("neon-api-url").unwrap_or_default(),
            is_unverified: settings.choice("postgres-tls") == Some("unverified"),
            ca: text("postgres-ca"),
            deployment: text("deployment-id"),
        };
        if problems.is_empty() { Ok(options) } else { Err(problems) }
    }
}
