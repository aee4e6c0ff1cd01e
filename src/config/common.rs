//! The settings that every job type has.

use crate::model::Choice;
use crate::model::configuration::Environment;

use super::setting::{Kind, SecretForm, Setting, Source, Web};

/// The environments that there are.
pub const ENVIRONMENTS: &[&str] = Environment::WORDS;

/// The configuration file that is read where `config` names none and it exists.
pub const DEFAULT_FILE: &str = ".github/waybill.yml";

/// What `mode` may be.
pub const MODES: &[&str] = &["apply", "plan", "rollback"];

const fn setting(name: &'static str, kind: Kind, about: &'static str) -> Setting {
    Setting { name, kind, source: Source::Anywhere, default: None, about }
}

const fn with_default(name: &'static str, kind: Kind, default: &'static str, about: &'static str) -> Setting {
    Setting { name, kind, source: Source::Anywhere, default: Some(default), about }
}

const fn input(name: &'static str, kind: Kind, default: Option<&'static str>, about: &'static str) -> Setting {
    Setting { name, kind, source: Source::InputOnly, default, about }
}

const fn context(name: &'static str, kind: Kind, expression: &'static str, about: &'static str) -> Setting {
    Setting { name, kind, source: Source::Context(expression), default: None, about }
}

/// What every job type has, in the order of the documentation.
pub static COMMON: &[Setting] = &[
    input("job-type", Kind::JobType, None, "What the step does. Required"),
    input("environment", Kind::Choice(ENVIRONMENTS), Some("development"), "The environment that it is done for"),
    input(
        "mode",
        Kind::Choice(MODES),
        Some("apply"),
        "`apply` does it; `plan` changes nothing and shows what would change; `rollback` undoes what this deployment did in this job type",
    ),
    input("config", Kind::Path, None, "The configuration file; by default `.github/waybill.yml` where it exists"),
    with_default("working-directory", Kind::Path, ".", "The folder in which the command runs and paths begin"),
    setting("backend-url", Kind::HttpUrl(Web::HttpsInProduction), "Where the backend answers; `https` in production"),
    setting(
        "frontend-url",
        Kind::HttpUrl(Web::HttpsInProduction),
        "Where the frontend is served; `https` in production",
    ),
    setting("database-url", Kind::DatabaseUrl, "The Postgres database, as `postgresql://user:password@host/database`"),
    setting(
        "vector-database-url",
        Kind::HttpUrl(Web::MaySecret),
        "The Qdrant service; a secret when it holds a password",
    ),
    setting("cohere-api-key", Kind::Secret(SecretForm::Cohere), "The key of Cohere's API"),
    setting("vercel-token", Kind::Secret(SecretForm::Vercel), "The token of Vercel's API"),
    setting("qdrant-api-key", Kind::Secret(SecretForm::Any), "The key of the Qdrant service, where it wants one"),
    setting("run", Kind::Command, "The command of lint, test and the builds"),
    setting(
        "shell",
        Kind::Text,
        "What reads the command: `bash`, `sh`, `pwsh`, `powershell`, `cmd`, `python`, or a command with `{0}` for the script; by default `bash` with `-e -o pipefail`",
    ),
    setting("timeout", Kind::Duration, "How long the command may run before it is stopped and the job fails"),
    setting("pass-env", Kind::Lines, "Names of variables that the command may see besides its ordinary environment"),
    setting("reports", Kind::Globs, "The report files that lint and test read"),
    setting("path", Kind::Globs, "What a build packs, where migrations lie, what populate-embeddings reads"),
    setting(
        "artifact",
        Kind::Text,
        "What a deploy job takes: a name in the store, a path, or the JSON of a DeploymentArtifact from `needs`",
    ),
    input(
        "waybill",
        Kind::Checked(crate::model::forms::sha256),
        None,
        "The SHA-256 that the artifact's waybill must have; without it a deploy job refuses, except in `development`",
    ),
    input("commit", Kind::Commit, None, "The commit to deploy; by default the run's"),
    input("deployment-id", Kind::Text, None, "The deployment that a rollback started by hand undoes"),
    context("github-token", Kind::Secret(SecretForm::Any), "${{ github.token }}", "The token for GitHub's own API"),
    with_default(
        "store",
        Kind::Choice(&["auto", "directory", "actions"]),
        "auto",
        "Where artifacts and the ledger are kept: under `state-directory`, or in the workflow run's own artifact service; `auto` takes the latter where the runner offers it",
    ),
    with_default("state-directory", Kind::Path, ".waybill", "The folder of the directory store"),
    with_default(
        "comment",
        Kind::Boolean,
        "false",
        "`true` keeps one comment on the pull request, a section a job, updated in place",
    ),
    with_default(
        "deployment-report",
        Kind::Boolean,
        "false",
        "`true`, in the last job, puts the whole deployment into the summary",
    ),
    context("matrix", Kind::Text, "${{ toJSON(matrix) }}", "The leg of the matrix, which tells apart jobs of one name"),
    context("check-run-id", Kind::Text, "${{ job.check_run_id }}", "The job's own check run"),
];
