use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::*;
use crate::artifact::{PackedFile, PackedKind};
use crate::config::Value as Setting;
use crate::host::Host;
use crate::host::fake::{Fake, block_on};
use crate::jobs::Telling;
use crate::log::Log;
use crate::model::DeploymentJob;
use crate::model::event::{EventType, Origin};
use crate::model::id;
use crate::model::job::{JobType, NewJob};

/// Nobody listens: a build tells nothing while it runs.
struct Silent;

impl Telling for Silent {
    fn tell(&self, what: EventType, _: &str, _: Map<String, Value>) -> Result<(), Failure> {
        panic!("a build told {what:?}")
    }

    fn leave(&self, open: &Value) {
        panic!("a build left {open}")
    }
}

pub const TAR: &str = "the bytes of a tar";

pub fn made(name: &str) -> Made {
    Made {
        artifact_type: ArtifactType::FrontendBuild,
        name: name.to_owned(),
        path: "/t/made.tar".to_owned(),
        size: TAR.len() as u64,
        sha256: id::sha256(TAR.as_bytes()),
        files: vec![PackedFile {
            path: "index.html".to_owned(),
            kind: PackedKind::Plain,
            size: 1,
            sha256: id::sha256(b"x"),
            sha1: "a".repeat(40),
        }],
        image: None,
        built_for: vec![Environment::Production],
        baked_urls: BTreeMap::new(),
    }
}

pub fn fake() -> Fake {
    Fake::new().file("/t/made.tar", TAR)
}

/// Settings that are texts and secrets, by the names of their tables.
pub fn settings(given: &[(&'static str, &str)]) -> Settings {
    let mut settings = Settings::default();
    for (name, text) in given {
        let value = match *name {
            "signing-key" => Setting::Secret(Secret::new(*text)),
            "require-signature" => Setting::Boolean(*text == "true"),
            _ => Setting::Text((*text).to_owned()),
        };
        settings.set(name, value, crate::problem::Place::Input((*name).to_owned()), true);
    }
    settings
}

/// Runs with what a job has.
pub fn with_work<T>(fake: &Fake, run: impl FnOnce(&Work, &Storing) -> T) -> T {
    let environment: BTreeMap<String, String> = [
        ("GITHUB_WORKSPACE", "/w"),
        ("GITHUB_REPOSITORY", "octo/shop"),
        ("GITHUB_REPOSITORY_ID", "42"),
        ("GITHUB_RUN_ID", "7"),
        ("GITHUB_REF_NAME", "main"),
        ("GITHUB_EVENT_NAME", "push"),
        ("GITHUB_ARTIFACTS", "/r/artifacts"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let context = Context::read(&environment, None);
    let job_id = "d".repeat(64);
    let commit = "e".repeat(40);
    let new = NewJob {
        id: &job_id,
        job_type: JobType::BuildFrontend,
        commit_hash: &commit,
        branch: "main",
        triggered_by: "octo",
    };
    let job = DeploymentJob::new(new, fake.now()).unwrap();
    let log = Log::new(fake);
    let origin = Origin {
        deployment_id: "7-production".to_owned(),
        configuration_id: "c".repeat(64),
        environment: Environment::Production,
        job_id: job_id.clone(),
        job_type: JobType::BuildFrontend,
    };
    let work = Work {
        host: fake,
        context: &context,
        environment: &environment,
        log: &log,
        job: &job,
        origin: &origin,
        telling: &Silent,
        state_directory: "/w/.waybill",
    };
    run(&work, &Storing::plan(&settings(&[]), &context).unwrap())
}

fn is_clean(fake: &Fake) -> bool {
    with_work(fake, |work, storing| block_on(storing.source(work, &["dist/".to_owned()]))).clean
}

#[test]
fn only_a_commit_and_nothing_else_is_clean() {
    let status =
        "git status --porcelain --untracked-files=normal -- . :(exclude,literal)dist :(exclude,literal).waybill";
    let head = || Fake::new().child("git rev-parse HEAD", format!("{}\n", "e".repeat(40)), 0);
    assert!(is_clean(&head().child(status, "", 0)));
    assert!(!is_clean(&head().child(status, " M src/a.js\n", 0)));
    assert!(!is_clean(&head().child(status, "", 128)));
    assert!(!is_clean(&Fake::new().child("git rev-parse HEAD", "f".repeat(40), 0)));
    assert!(!is_clean(&Fake::new().child("git rev-parse HEAD", "", 128)));
}

#[test]
fn an_artifact_lies_in_the_store_with_its_waybill() {
    let fake = fake();
    let name = format!("frontend-build-development-{}", "d".repeat(64));
    let stored = with_work(&fake, |work, storing| {
        let made = made(&storing.name(ArtifactType::FrontendBuild, &work.job.id));
        block_on(storing.store(work, &made, Source { clean: true, ..Source::default() }))
    })
    .unwrap();
    let folder = format!("/w/.waybill/artifacts/7/1/{name}");
    let text = fake.bytes(&format!("{folder}/{name}.tar.waybill.json")).unwrap();
    let waybill = waybill::read(&text).unwrap();
    assert_eq!(waybill.artifact, stored.artifact);
    assert_eq!(stored.artifact.storage_path, format!("artifacts/7/1/{name}/{name}.tar"));
    assert_eq!((stored.artifact.expires_at - stored.artifact.created_at).num_days(), 7);
    assert_eq!(waybill.target.environments, [Environment::Development, Environment::Production]);
    assert_eq!(fake.text(&format!("{folder}/{name}.tar")).as_deref(), Some(TAR));
    let digest = id::sha256(&text);
    let expected = [
        ("artifact", name.clone()),
        ("artifact-path", format!(".waybill/artifacts/7/1/{name}/{name}.tar")),
        ("checksum", id::sha256(TAR.as_bytes())),
        ("waybill", digest.clone()),
        ("waybill-development", digest),
    ];
    assert_eq!(stored.outputs, expected);
    assert_eq!(fake.text("/r/artifacts").as_deref(), Some(format!("{folder}/{name}.tar\n").as_str()));
    assert!(stored.notes.is_empty());
}

#[test]
fn what_changed_since_it_was_made_is_not_stored() {
    let fake = fake().file("/t/made.tar", "other bytes, other");
    let failure =
        with_work(&fake, |work, storing| block_on(storing.store(work, &made("shop"), Source::default()))).unwrap_err();
    assert_eq!(failure.to_string(), "`/t/made.tar` changed while it was stored");
    assert_eq!(fake.paths().iter().filter(|path| path.contains("/artifacts/")).count(), 0);
}
