//! What a deploy job does before it changes anything: it finds the artifact,
//! brings it here, and holds it and its waybill against what it knows.
//!
//! ```text
//! Verifying::plan → take(work) → Taken: a path, whose bytes are those of the waybill
//! ```

use std::io::Read;

use crate::artifact::signature;
use crate::artifact::verify::{self, Expected};
use crate::artifact::waybill::{self, Waybill};
use crate::clients::github::GitHub;
use crate::codes;
use crate::config::{Kind, Setting, Settings, Source};
use crate::context::Context;
use crate::host::{FileError, Host, Piece, StreamError, Wanted};
use crate::model::artifact::ArtifactType;
use crate::model::configuration::Environment;
use crate::model::forms::{self, shown};
use crate::model::{Choice, DeploymentArtifact};
use crate::problem::{Failure, Place, Problem};
use crate::secret::Secret;
use crate::store::actions::Elsewhere;
use crate::store::artifacts::{self, Store, read_place};
use crate::store::{self, archive};

use super::Work;
use super::storing::opening;

/// The setting `verify-key`.
pub static VERIFY_KEY: Setting = Setting {
    name: "verify-key",
    kind: Kind::Checked(signature::check_public),
    source: Source::Anywhere,
    default: None,
    about: "The ed25519 public key that belongs to the build's `signing-key`: a PEM file's text, OpenSSH's line, or 32 bytes in base64 or hex",
};

/// The setting `require-signature`.
pub static REQUIRE_SIGNATURE: Setting = Setting {
    name: "require-signature",
    kind: Kind::Boolean,
    source: Source::Anywhere,
    default: Some("false"),
    about: "`true` takes only artifacts whose waybill is signed; those of another run always have to be",
};

/// The setting `run-id`.
pub static RUN_ID: Setting = Setting {
    name: "run-id",
    kind: Kind::Checked(check_run_id),
    source: Source::InputOnly,
    default: None,
    about: "The workflow run that stored the artifact, where it is another one of this repository",
};

/// The events whose runs may hand an artifact to another run.
const TRUSTED_EVENTS: [&str; 3] = ["push", "workflow_dispatch", "schedule"];

/// How an artifact is found and verified, decided.
#[derive(Clone, Debug)]
pub struct Verifying {
    artifact_type: ArtifactType,
    environment: Environment,
    asked: Asked,
    digest: Option<String>,
    urls: Vec<(&'static str, String)>,
    key: Option<signature::Key>,
    signed: bool,
    run: Option<String>,
    store: String,
    token: Option<Secret>,
}

/// What `artifact` names.
#[derive(Clone, Debug, PartialEq)]
enum Asked {
    /// Nothing: the only one of the type that was built for the environment.
    Only,
    /// A path in the workspace, or a name in the store.
    Named(String),
    /// A record from another job's outputs.
    Record(Box<DeploymentArtifact>),
}

/// An artifact that may be deployed.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Where its file lies here.
    pub path: String,
    /// Its waybill.
    pub waybill: Waybill,
}

/// Where an artifact lies, before anything of it is believed.
struct Here {
    name: String,
    path: String,
    run: Option<String>,
}

impl Verifying {
    /// Decides, or says everything that is wrong.
    pub fn plan(settings: &Settings, artifact_type: ArtifactType) -> Result<Verifying, Vec<Problem>> {
        let environment = settings.choice("environment").and_then(Environment::of).unwrap_or(Environment::Development);
        let asked = match settings.text("artifact").map(str::trim).filter(|text| !text.is_empty()) {
            None => Asked::Only,
            Some(text) if text.starts_with(['{', '[']) => match read_record(text, artifact_type) {
                Ok(record) => Asked::Record(Box::new(record)),
                Err((wanted, found)) => {
                    let place = settings.place("artifact");
                    return Err(vec![Problem { code: &codes::RECORD_BROKEN, place, wanted, found, hint: None }]);
                }
            },
            Some(text) => Asked::Named(text.to_owned()),
        };
        let signed = settings.boolean(REQUIRE_SIGNATURE.name);
        let key = settings.text(VERIFY_KEY.name).and_then(signature::public_key);
        if signed && key.is_none() {
            return Err(vec![Problem {
                code: &codes::MISSING,
                place: Place::Input(VERIFY_KEY.name.to_owned()),
                wanted: "the key that a required signature is verified with".to_owned(),
                found: "nothing".to_owned(),
                hint: None,
            }]);
        }
        let url = |name: &'static str| settings.text(name).map(|url| (name, url.to_owned()));
        Ok(Verifying {
            artifact_type,
            environment,
            asked,
            digest: settings.text("waybill").map(str::to_owned),
            urls: ["backend-url", "frontend-url"].into_iter().filter_map(url).collect(),
            key,
            signed,
            run: settings.text(RUN_ID.name).map(str::to_owned),
            store: settings.choice("store").unwrap_or("auto").to_owned(),
            token: settings.secret("github-token").cloned(),
        })
    }

    /// What would be done.
    pub fn step(&self) -> String {
        let what = match &self.asked {
            Asked::Only => {
                format!("the `{}` that was built for `{}`", self.artifact_type.word(), self.environment.word())
            }
            Asked::Named(name) => format!("the artifact `{name}`"),
            Asked::Record(record) => format!("the artifact `{}`", record.storage_path),
        };
        format!("take {what} and verify it against its waybill")
    }

    /// Brings the artifact here and verifies it; else every reason to refuse it, or why it cannot be had.
    pub async fn take(&self, work: &Work<'_>) -> Result<Taken, Vec<Failure>> {
        let github = self.token.as_ref();
        let github = github.and_then(|token| GitHub::new(&work.context.api_url, &work.context.repository, token));
        let mask = |secret: &str| work.log.mask(secret);
        let here = self.bring(work, github.as_ref(), &mask).await.map_err(|failure| vec![failure])?;
        let text = read_file(work.host, &format!("{}{}", here.path, waybill::ENDING), waybill::LARGEST)?;
        let signed = self.check_signature(work.host, &here, &text).await?;
        if self.digest.is_none() && !signed && self.environment != Environment::Development {
            let message = "`waybill` is not given: set it to the output of the build job".to_owned();
            return Err(vec![Failure::new(&codes::WAYBILL_REQUIRED, message)]);
        }
        let urls: Vec<(&str, &str)> = self.urls.iter().map(|(name, url)| (*name, url.as_str())).collect();
        let expected = Expected {
            now: work.host.now(),
            digest: self.digest.as_deref(),
            artifact_type: Some(self.artifact_type),
            environment: Some(self.environment),
            repository_id: Some(&work.context.repository_id),
            commit: Some(&work.job.commit_hash),
            urls: &urls,
            record: match &self.asked {
                Asked::Record(record) => Some(record),
                _ => None,
            },
        };
        let mut waybill = verify::waybill(&text, &expected);
        // Also what is refused by its waybill is held against it: all reasons are given.
        let parsed = waybill.as_ref().ok().cloned().or_else(|| waybill::read(&text).ok());
        if let Some(parsed) = parsed {
            let wrong = check_bytes(work.host, &parsed, &here.path).await?;
            if !wrong.is_empty() {
                let mut reasons = waybill.err().unwrap_or_default();
                reasons.extend(wrong);
                waybill = Err(reasons);
            }
        }
        let waybill = waybill?;
        let digest = crate::model::id::sha256(&text);
        work.log.line(&format!(
            "verified `{}`: SHA-256 {}, waybill {digest}{}",
            here.name,
            waybill.artifact.checksum,
            if signed { ", signed" } else { "" }
        ));
        Ok(Taken { path: here.path, waybill })
    }

    /// Where the artifact lies once it is here.
    async fn bring(&self, work: &Work<'_>, github: Option<&GitHub>, mask: &dyn Fn(&str)) -> Result<Here, Failure> {
        if let Asked::Named(text) = &self.asked
            && let Some(here) = self.in_workspace(work, text)?
        {
            return Ok(here);
        }
        let store = store::open(work.host, &opening(work, &self.store, github, mask))?;
        let (run, name) = match &self.asked {
            Asked::Record(record) => match read_place(&record.storage_path) {
                Some([run, _, name, _]) => (run.to_owned(), Some(name.to_owned())),
                None => return Err(missing(&format!("{} is no place in a store", shown(&record.storage_path)))),
            },
            Asked::Named(name) => (self.run(work), Some(name.clone())),
            Asked::Only => (self.run(work), None),
        };
        let found = match name {
            Some(name) => {
                let found = store.find(&run, &name).await?;
                found.ok_or_else(|| {
                    missing(&format!("the store `{}` has no {} of the run {}", store.word(), shown(&name), shown(&run)))
                })?
            }
            None => self.only(store.as_ref(), &run).await?,
        };
        if run != work.context.run_id && store.word() == "actions" {
            self.check_run(work.host, github, &run, work.context).await?;
        }
        let folder =
            format!("{}/waybill-in-{}", work.context.temporary, &crate::model::id::sha256(found.key.as_bytes())[..16]);
        let paths = store.fetch(&found, &folder).await?;
        let path = paths.iter().find(|path| paths.contains(&format!("{path}{}", waybill::ENDING)));
        let path = path.ok_or_else(|| missing(&format!("{} holds no artifact with a waybill", shown(&found.name))))?;
        let is_elsewhere = run != work.context.run_id;
        Ok(Here { name: found.name, path: path.clone(), run: is_elsewhere.then_some(run) })
    }

    fn run(&self, work: &Work<'_>) -> String {
        self.run.clone().unwrap_or_else(|| work.context.run_id.clone())
    }

    /// A file of the workspace, if the text is the path of one.
    fn in_workspace(&self, work: &Work<'_>, text: &str) -> Result<Option<Here>, Failure> {
        let path = text.replace('\\', "/");
        let Ok(inside) = crate::config::paths::inside(&path, &work.context.workspace) else {
            return match path.contains('/') {
                true => Err(missing(&format!("{} lies outside of the workspace", shown(text)))),
                false => Ok(None),
            };
        };
        let path = work.context.in_workspace(&inside);
        match work.host.open(&path) {
            Ok(_) => Ok(Some(Here { name: text.to_owned(), path, run: None })),
            Err(FileError::Missing) if text.contains('/') => Err(missing(&format!("there is no file {}", shown(text)))),
            Err(_) => Ok(None),
        }
    }

    /// The only artifact of the type that was built for the environment.
    async fn only(&self, store: &dyn Store, run: &str) -> Result<artifacts::Found, Failure> {
        let start = artifacts::name_start(self.artifact_type, self.environment);
        let mut found = store.list(run, &start).await?;
        match (found.pop(), found.is_empty()) {
            (Some(only), true) => Ok(only),
            (Some(_), false) => {
                Err(missing(&format!("the run has several whose names begin with `{start}`: name one in `artifact`")))
            }
            (None, _) => {
                Err(missing(&format!("the run has none whose name begins with `{start}`: name one in `artifact`")))
            }
        }
    }

    /// Only a run of this repository's own commits, started by its own people, may hand over an artifact.
    async fn check_run(
        &self,
        host: &dyn Host,
        github: Option<&GitHub>,
        run: &str,
        context: &Context,
    ) -> Result<(), Failure> {
        let github =
            github.ok_or_else(|| Failure::new(&codes::GITHUB_DENIED, "another run is read with `github-token`"))?;
        let found = Elsewhere { github: github.clone() }.run(host, run).await?;
        let ours = |name: &str| name.eq_ignore_ascii_case(&context.repository);
        let refuse = |why: String| Err(Failure::new(&codes::WRONG_RUN, format!("the run {run} {why}")));
        if !ours(&found.repository) || !ours(&found.head_repository) {
            return refuse(format!("is of a commit of {}", shown(&found.head_repository)));
        }
        match TRUSTED_EVENTS.contains(&found.event.as_str()) {
            true => Ok(()),
            false => refuse(format!("was started by {}", shown(&found.event))),
        }
    }

    /// Whether a signature holds. None is needed within a run, unless it is asked for.
    async fn check_signature(&self, host: &dyn Host, here: &Here, text: &[u8]) -> Result<bool, Vec<Failure>> {
        let needed = self.signed || here.run.is_some();
        let unsigned = |why: &str| vec![Failure::new(&codes::UNSIGNED, why.to_owned())];
        let path = format!("{}{}", here.path, waybill::SIGNED_ENDING);
        let Some(key) = &self.key else {
            return match needed {
                true => Err(unsigned("an artifact of another run needs a signature, and there is no `verify-key`")),
                false => Ok(false),
            };
        };
        let envelope = match host.open(&path) {
            Ok(_) => read_file(host, &path, signature::LARGEST_ENVELOPE)?,
            Err(FileError::Missing) if needed => return Err(unsigned("there is no signature beside the waybill")),
            Err(FileError::Missing) => return Ok(false),
            Err(error) => return Err(vec![Failure::new(&codes::STORE_UNAVAILABLE, format!("`{path}`: {error}"))]),
        };
        let wrong = |why: &str| vec![Failure::new(&codes::WRONG_SIGNATURE, why.to_owned())];
        let (statement, signatures) =
            signature::read(&envelope).ok_or_else(|| wrong("the signed waybill is no DSSE envelope"))?;
        if statement != text {
            return Err(wrong("what is signed is another waybill than the one beside the artifact"));
        }
        let message = signature::to_be_signed(&statement);
        for signature in &signatures {
            if host.verify(key, &message, signature).await {
                return Ok(true);
            }
        }
        Err(wrong("no signature of it was made with the key that belongs to `verify-key`"))
    }
}

/// Holds a file's bytes against a waybill. Fails where it cannot be read.
pub async fn check_bytes(host: &dyn Host, waybill: &Waybill, path: &str) -> Result<Vec<Failure>, Vec<Failure>> {
    let size = size_of(host, path)?;
    let pieces = [Piece::range(path, 0, size)];
    let wanted = Wanted { whole: true, ..Wanted::default() };
    match host.stream(&pieces, None, wanted).await {
        Ok(streamed) => {
            let mut reasons = verify::bytes(waybill, streamed.size, &streamed.sha256);
            if !reasons.is_empty() && waybill.artifact.artifact_type == ArtifactType::FrontendBuild {
                // What is still an archive tells which files are others.
                let read = archive::read(host, path).await;
                reasons.extend(read.map(|(_, archive)| verify::files(waybill, &archive.files)).unwrap_or_default());
            }
            Ok(reasons)
        }
        Err(StreamError::Short(_)) => Ok(verify::bytes(waybill, 0, "of a file that is being changed")),
        Err(error) => Err(vec![Failure::new(&codes::STORE_UNAVAILABLE, error.to_string())]),
    }
}

fn size_of(host: &dyn Host, path: &str) -> Result<u64, Vec<Failure>> {
    let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
    let entries = host.list(folder).unwrap_or_default();
    let found = entries.iter().find(|entry| entry.name == name).map(|entry| entry.size);
    found.ok_or_else(|| vec![missing(&format!("there is no file `{path}`"))])
}

/// A small file whole, within a limit.
fn read_file(host: &dyn Host, path: &str, limit: u64) -> Result<Vec<u8>, Vec<Failure>> {
    let failed = |code, reason: String| vec![Failure::new(code, format!("`{path}`: {reason}"))];
    let file = match host.open(path) {
        Ok(file) => file,
        Err(FileError::Missing) => return Err(failed(&codes::WAYBILL_BROKEN, "there is no such file".to_owned())),
        Err(error) => return Err(failed(&codes::STORE_UNAVAILABLE, error.to_string())),
    };
    let mut bytes = Vec::new();
    let read = file.take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|error| failed(&codes::STORE_UNAVAILABLE, error.to_string()))?;
    if bytes.len() as u64 > limit {
        Err(failed(&codes::WAYBILL_BROKEN, "it is too large".to_owned()))
    } else {
        Ok(bytes)
    }
}

/// The record of an input: an object, or a list in which one is of the type.
fn read_record(text: &str, artifact_type: ArtifactType) -> Result<DeploymentArtifact, (String, String)> {
    let value: serde_json::Value = serde_json::from_str(text)
        .map_err(|error| ("the JSON of a DeploymentArtifact".to_owned(), format!("no JSON: {error}")))?;
    let list = match &value {
        serde_json::Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let fits = |item: &&serde_json::Value| list.len() == 1 || item["artifactType"] == artifact_type.word();
    let fitting: Vec<_> = list.iter().filter(fits).collect();
    let [only] = fitting.as_slice() else {
        return Err((format!("one `{}`", artifact_type.word()), format!("{} of them", fitting.len())));
    };
    DeploymentArtifact::read(only).map_err(|broken| {
        let rules: Vec<String> = broken.iter().map(ToString::to_string).collect();
        ("a DeploymentArtifact".to_owned(), format!("one that breaks rules: {}", rules.join("; ")))
    })
}

fn missing(message: &str) -> Failure {
    Failure::new(&codes::ARTIFACT_MISSING, message)
}

/// Whether a text could be a run's number, for [`RUN_ID`].
pub fn check_run_id(text: &str) -> Result<(), forms::Wrong> {
    match artifacts::is_word(text) {
        true => Ok(()),
        false => Err(forms::Wrong::new("a run's number", shown(text))),
    }
}

#[cfg(test)]
mod tests;
