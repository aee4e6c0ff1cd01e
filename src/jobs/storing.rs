//! What a build job does with what it made: the waybill is written, the
//! artifact is stored with it, and the outputs say so.
//!
//! A build calls [`Storing::source`] before its command runs and
//! [`Storing::store`] with what came of it.

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use super::Work;
use super::reading::git;
use crate::artifact::Made;
use crate::artifact::signature;
use crate::artifact::waybill::{self, Build, Source, Target, Waybill};
use crate::clients::github::GitHub;
use crate::codes;
use crate::config::{Kind, SecretForm, Setting, Settings, Source as From};
use crate::context::Context;
use crate::host::Writing;
use crate::model::artifact::{ArtifactType, NewArtifact, SHAPE};
use crate::model::configuration::Environment;
use crate::model::forms::shown;
use crate::model::{Choice, DeploymentArtifact};
use crate::problem::{Failure, Problem};
use crate::secret::Secret;
use crate::store::artifacts::{self, Content, LONGEST_DAYS, Parcel, Part, Store};
use crate::store::{self, Opening};

/// The setting `expires-after`.
pub static EXPIRES_AFTER: Setting = Setting {
    name: "expires-after",
    kind: Kind::Duration,
    source: From::Anywhere,
    default: None,
    about: "How long the artifact may be deployed; by default 7 days (`168h`) in development, 30 in staging, 90 in production",
};

/// The setting `name`.
pub static NAME: Setting = Setting {
    name: "name",
    kind: Kind::Checked(artifacts::check_name),
    source: From::Anywhere,
    default: None,
    about: "The artifact's name in the store, unique in the run; by default `<type>-<environment>-<job id>`",
};

/// The setting `signing-key`.
pub static SIGNING_KEY: Setting = Setting {
    name: "signing-key",
    kind: Kind::Secret(SecretForm::Own(signature::check_private)),
    source: From::Anywhere,
    default: None,
    about: "The ed25519 private key that signs the waybill: a PEM file's text (PKCS#8), or 32 bytes in base64 or hex",
};

/// How an artifact is stored, decided.
#[derive(Clone, Debug)]
pub struct Storing {
    environment: Environment,
    name: Option<String>,
    lifetime: TimeDelta,
    store: String,
    key: Option<Secret>,
}

/// What came of storing.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The record, for [`Done::artifacts`](super::Done::artifacts).
    pub artifact: DeploymentArtifact,
    /// The outputs of the action: `artifact`, `artifact-path`, `checksum`, `waybill`, `waybill-<environment>`.
    pub outputs: Vec<(&'static str, String)>,
    /// What the job's last event tells of it.
    pub metadata: Map<String, Value>,
    /// What is worth a line in the summary.
    pub notes: Vec<String>,
}

impl Storing {
    /// Decides, or says everything that is wrong.
    pub fn plan(settings: &Settings, _context: &Context) -> Result<Storing, Vec<Problem>> {
        let environment = settings.choice("environment").and_then(Environment::of).unwrap_or(Environment::Development);
        let days = match environment {
            Environment::Development => 7,
            Environment::Staging => 30,
            Environment::Production => 90,
        };
        let mut problems = Vec::new();
        let lifetime = match settings.duration(EXPIRES_AFTER.name) {
            None => TimeDelta::days(days),
            Some(asked) => match TimeDelta::from_std(asked) {
                Ok(asked) if asked > TimeDelta::zero() && asked <= TimeDelta::days(10 * 366) => asked,
                _ => {
                    problems.push(Problem {
                        code: &codes::DURATION,
                        place: settings.place(EXPIRES_AFTER.name),
                        wanted: "a time longer than nothing and not longer than ten years".to_owned(),
                        found: format!("`{}s`", asked.as_secs()),
                        hint: None,
                    });
                    TimeDelta::days(days)
                }
            },
        };
        let name = settings.text(NAME.name).map(str::to_owned);
        let store = settings.choice("store").unwrap_or("auto").to_owned();
        let key = settings.secret(SIGNING_KEY.name).cloned();
        if problems.is_empty() { Ok(Storing { environment, name, lifetime, store, key }) } else { Err(problems) }
    }

    /// The name that the artifact gets: the setting's, or one of its own.
    pub fn name(&self, artifact_type: ArtifactType, job_id: &str) -> String {
        let default = || artifacts::default_name(artifact_type, self.environment, job_id);
        self.name.clone().unwrap_or_else(default)
    }

    /// What the checkout holds before the build begins. `outputs` are paths from
    /// the workspace's root that the build may have written earlier, and that
    /// therefore say nothing of the source.
    pub async fn source(&self, work: &Work<'_>, outputs: &[String]) -> Source {
        let context = work.context;
        Source {
            repository: context.repository.clone(),
            repository_id: context.repository_id.clone(),
            commit: work.job.commit_hash.clone(),
            reference: context.branch.clone(),
            clean: is_clean(work, outputs).await,
        }
    }

    /// Writes the waybill and stores the artifact with it: both or nothing.
    pub async fn store(&self, work: &Work<'_>, made: &Made, source: Source) -> Result<Stored, Failure> {
        let mask = |secret: &str| work.log.mask(secret);
        let store = store::open(work.host, &opening(work, &self.store, None, &mask))?;
        let waybill = self.waybill(work, made, source)?;
        let text = waybill.text();
        if text.len() as u64 > waybill::LARGEST {
            let message = format!("the waybill of `{}` would be larger than 48 MiB", made.name);
            return Err(Failure::new(&codes::STORE_UNAVAILABLE, message));
        }
        let digest = crate::model::id::sha256(text.as_bytes());
        let envelope = self.sign(work, &text).await?;
        let parcel = self.parcel(work, made, &waybill, text, envelope);
        store.put(&parcel).await?;
        let path = stored_path(work, store.as_ref(), &waybill, made);
        let mut notes = Vec::new();
        if !waybill.source.clean {
            notes.push(
                "the artifact is not of a clean commit: deploy jobs will refuse it; the log names what git sees"
                    .to_owned(),
            );
        }
        declare_subject(work, &path);
        let shown_path = work.context.relative(&path).to_owned();
        work.log.line(&format!(
            "stored `{}` in the store `{}`: {} bytes, SHA-256 {}, waybill {digest}",
            made.name,
            store.word(),
            made.size,
            made.sha256
        ));
        let artifact = waybill.artifact;
        Ok(Stored {
            outputs: vec![
                ("artifact", made.name.clone()),
                ("artifact-path", shown_path),
                ("checksum", made.sha256.clone()),
                ("waybill", digest.clone()),
                (waybill_output(self.environment), digest.clone()),
            ],
            metadata: json!({
                "artifact": {
                    "id": artifact.id, "name": made.name, "checksum": made.sha256, "size": made.size, "waybill": digest,
                },
            })
            .as_object()
            .cloned()
            .unwrap_or_default(),
            artifact,
            notes,
        })
    }

    fn waybill(&self, work: &Work<'_>, made: &Made, source: Source) -> Result<Waybill, Failure> {
        let Context { run_id, attempt, job, event, .. } = work.context;
        let file = file_name(made);
        let now = work.host.now();
        let new = NewArtifact {
            artifact_type: made.artifact_type,
            storage_path: &artifacts::place(run_id, attempt, &made.name, &file),
            size: made.size,
            checksum: &made.sha256,
            expires_at: now + self.lifetime,
            job_id: &work.job.id,
        };
        let artifact = DeploymentArtifact::new(new, now).map_err(|broken| crate::model::failure(&SHAPE, &broken))?;
        let mut environments: Vec<Environment> = Environment::ALL.to_vec();
        environments.retain(|one| *one == self.environment || made.built_for.contains(one));
        if made.files.len() > waybill::MOST_FILES {
            let message = format!("`{}` has more than {} files", made.name, waybill::MOST_FILES);
            return Err(Failure::new(&codes::STORE_UNAVAILABLE, message));
        }
        Ok(Waybill {
            name: file,
            artifact,
            source,
            build: Build { run: run_id.clone(), attempt: attempt.clone(), job: job.clone(), event: event.clone() },
            target: Target { environment: self.environment, environments, baked_urls: made.baked_urls.clone() },
            files: made.files.clone(),
            image: made.image.clone(),
        })
    }

    /// The signed waybill, where there is a key to sign it with.
    async fn sign(&self, work: &Work<'_>, text: &str) -> Result<Option<String>, Failure> {
        let Some(key) = &self.key else { return Ok(None) };
        let seed = signature::private_key(key.expose());
        let seed = seed.ok_or_else(|| Failure::new(&codes::KEY_UNUSABLE, "`signing-key` is no ed25519 key"))?;
        let signed = work.host.sign(&seed, &signature::to_be_signed(text.as_bytes())).await;
        let (public, signature) =
            signed.ok_or_else(|| Failure::new(&codes::KEY_UNUSABLE, "this Node cannot sign with ed25519"))?;
        Ok(Some(signature::envelope(text.as_bytes(), &public, &signature)))
    }

    fn parcel(
        &self,
        work: &Work<'_>,
        made: &Made,
        waybill: &Waybill,
        text: String,
        envelope: Option<String>,
    ) -> Parcel {
        let content = Content::File { path: made.path.clone(), size: made.size, sha256: made.sha256.clone() };
        let beside = |ending: &str, text: String| Part {
            name: format!("{}{ending}", waybill.name),
            content: Content::Bytes(text.into_bytes()),
        };
        let mut parts = vec![Part { name: waybill.name.clone(), content }, beside(waybill::ENDING, text)];
        parts.extend(envelope.map(|envelope| beside(waybill::SIGNED_ENDING, envelope)));
        // The store keeps it no longer than stores do, however long it is good for.
        let longest = work.host.now() + TimeDelta::days(LONGEST_DAYS as i64);
        Parcel {
            run: work.context.run_id.clone(),
            attempt: work.context.attempt.clone(),
            name: made.name.clone(),
            job_id: work.job.id.clone(),
            parts,
            expires_at: waybill.artifact.expires_at.min(longest),
        }
    }
}

/// What opens the store that the setting asks for.
pub fn opening<'a>(
    work: &'a Work<'a>,
    choice: &'a str,
    github: Option<&'a GitHub>,
    mask: &'a dyn Fn(&str),
) -> Opening<'a> {
    Opening {
        choice,
        state_directory: work.state_directory,
        environment: work.environment,
        run: &work.context.run_id,
        temporary: &work.context.temporary,
        server_url: &work.context.server_url,
        github,
        mask,
    }
}

/// The artifact's file name: its name with the ending of the file that was made.
fn file_name(made: &Made) -> String {
    let file = made.path.rsplit('/').next().unwrap_or_default();
    let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending.len() {
        1..=8 if ending.bytes().all(|byte| byte.is_ascii_alphanumeric()) => format!("{}.{ending}", made.name),
        _ => made.name.clone(),
    }
}

/// Where the artifact can be read in this job: in the store, where it is a folder, else where it was made.
fn stored_path(work: &Work<'_>, store: &dyn Store, waybill: &Waybill, made: &Made) -> String {
    match store.word() {
        "directory" => format!("{}/{}", work.state_directory, waybill.artifact.storage_path),
        _ => made.path.clone(),
    }
}

fn waybill_output(environment: Environment) -> &'static str {
    match environment {
        Environment::Development => "waybill-development",
        Environment::Staging => "waybill-staging",
        Environment::Production => "waybill-production",
    }
}

/// Names the artifact in the runner's file of subjects, where it has one: one
/// path a line. The runner takes a line with `=` for a mistake and one with `#`
/// at its start for a comment.
fn declare_subject(work: &Work<'_>, path: &str) {
    let Some(file) = work.environment.get("GITHUB_ARTIFACTS").filter(|file| !file.is_empty()) else { return };
    let path = work.context.in_workspace(path);
    if path.contains(['=', '\n', '\r']) || path.starts_with('#') {
        return;
    }
    if let Err(error) = work.host.write(file, format!("{path}\n").as_bytes(), Writing::Append) {
        work.log.line(&format!("the artifact cannot be named in `GITHUB_ARTIFACTS`: {error}"));
    }
}

/// How many of git's lines the log shows.
const MOST_SHOWN: usize = 10;

/// Whether the checkout is the job's commit, or the merge commit of the run,
/// with nothing changed and nothing added that git does not ignore.
async fn is_clean(work: &Work<'_>, outputs: &[String]) -> bool {
    let Some(head) = git(work, &["rev-parse", "HEAD"]).await else {
        work.log.line("the artifact counts as built from changed files: git cannot say what the checkout holds");
        return false;
    };
    let head = String::from_utf8_lossy(&head).trim().to_owned();
    let own = work.environment.get("GITHUB_SHA").map(String::as_str).unwrap_or_default();
    if head != work.job.commit_hash && head != own {
        work.log.line(&format!("the checkout is of another commit than the job: {}", shown(&head)));
        return false;
    }
    let own_files = work.context.relative(work.state_directory);
    let left_out: Vec<String> = outputs.iter().map(String::as_str).chain([own_files]).map(exclude).collect();
    let mut arguments = vec!["status", "--porcelain", "--untracked-files=normal", "--", "."];
    arguments.extend(left_out.iter().map(String::as_str));
    let Some(status) = git(work, &arguments).await else {
        work.log.line("the artifact counts as built from changed files: `git status` failed");
        return false;
    };
    let status = String::from_utf8_lossy(&status);
    for line in status.lines().take(MOST_SHOWN) {
        work.log.line(&format!("git sees a change: {line}"));
    }
    status.trim().is_empty()
}

/// A path that `git status` leaves out, as it stands and with all below.
fn exclude(path: &str) -> String {
    format!(":(exclude,literal){}", path.trim_start_matches("./").trim_end_matches('/'))
}

#[cfg(test)]
pub mod tests;
