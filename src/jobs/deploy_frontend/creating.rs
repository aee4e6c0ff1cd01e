//! Finds the deployment of the same artifact, or uploads what is missing and creates it.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::drive::Drive;
use super::flow::Ended;
use crate::clients::vercel::{Create, Deployment, Git, Trouble, Upload};
use crate::codes;
use crate::problem::Failure;

/// How often Vercel may miss files anew: what it forgets in between is uploaded again.
const MOST_ROUNDS: u32 = 3;

/// How often, and after how long, a creation whose outcome is unknown is looked for.
const LOOKS: [Duration; 4] =
    [Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// The note that tells an artifact.
const ARTIFACT: &str = "waybillArtifact";
/// The note that tells a commit.
const COMMIT: &str = "waybillCommit";
/// The note that tells a target.
const TARGET: &str = "waybillTarget";
/// The note that tells one creation from every other.
pub const KEY: &str = "waybillKey";
/// The note that tells the deployment of the pipeline.
pub const DEPLOYMENT: &str = "waybillDeployment";
/// The note that tells what served when it was created.
pub const PREVIOUS: &str = "waybillPrevious";
/// The note that tells the pull request.
pub const PULL_REQUEST: &str = "waybillPullRequest";

impl Drive<'_> {
    /// The deployment is found or created.
    pub(super) async fn deploy(&mut self) -> Ended {
        match self.find().await {
            Ok(Some(deployment)) => {
                self.note(format!(
                    "`{}` was deployed from the same artifact before, and is not created again",
                    deployment.id
                ));
                self.found = true;
                return self.take(deployment);
            }
            Ok(None) => {}
            Err(trouble) => return self.trouble("the deployments of the project", &trouble),
        }
        let upload = match self.upload_set().await {
            Ok(upload) => upload,
            Err(failure) => return self.fail(failure),
        };
        let create = self.create();
        let mut rounds = 0;
        loop {
            let now = self.work.host.now().timestamp_millis();
            self.keep(|remote| {
                remote.key =
                    create.meta.iter().find(|(name, _)| name == KEY).map(|(_, key)| key.clone()).unwrap_or_default();
                remote.since = if remote.since == 0 { now } else { remote.since };
            });
            match self.service.create(&create, &upload.files).await {
                Ok(deployment) => return self.take(deployment),
                Err(Trouble::MissingFiles(hashes)) if rounds < MOST_ROUNDS => {
                    rounds += 1;
                    if let Err(failure) = self.send(&upload, &hashes).await {
                        return self.nothing_created(failure);
                    }
                }
                Err(trouble) if trouble.is_ambiguous() => return self.look_up(&create, &trouble).await,
                Err(trouble) => return self.nothing_created(trouble.failure("the deployment")),
            }
        }
    }

    fn nothing_created(&mut self, failure: Failure) -> Ended {
        self.keep(|remote| remote.settled = true);
        self.fail(failure)
    }

    fn take(&mut self, deployment: Deployment) -> Ended {
        self.work.log.line(&format!("deployment `{}` at {}", deployment.id, deployment.url));
        let (id, now) = (deployment.id.clone(), self.work.host.now().timestamp_millis());
        self.deployment = deployment;
        self.facts.insert("vercelDeployment".to_owned(), id.clone().into());
        self.keep(|remote| {
            remote.deployment = id;
            remote.since = if remote.since == 0 { now } else { remote.since };
        });
        Ended::Done
    }

    /// A deployment of the same artifact, commit and target that has not failed.
    pub(super) async fn find(&self) -> Result<Option<Deployment>, Trouble> {
        let listed = self.service.list(&self.project.id, &self.options.target, None).await?;
        let (digest, commit, target) = (&self.content.digest, &self.content.commit, self.options.target_word());
        let is_same = |deployment: &&Deployment| {
            deployment.note(ARTIFACT) == Some(digest.as_str())
                && deployment.note(COMMIT) == Some(commit.as_str())
                && deployment.note(TARGET) == Some(target)
                && !deployment.is_deleted
                && !matches!(deployment.state.as_str(), "ERROR" | "CANCELED")
        };
        Ok(listed.iter().find(is_same).cloned())
    }

    /// Looks for what may have been created; it is never sent twice.
    async fn look_up(&mut self, create: &Create, trouble: &Trouble) -> Ended {
        self.work.log.line(&format!("the creation's outcome is unknown ({trouble}); it is looked up"));
        let key = create.meta.iter().find(|(name, _)| name == KEY).map(|(_, key)| key.as_str());
        let mut last = None;
        for wait in LOOKS {
            self.work.host.sleep(wait).await;
            match self.service.list(&self.project.id, &self.options.target, None).await {
                Ok(listed) => {
                    if let Some(deployment) = listed.into_iter().find(|deployment| deployment.note(KEY) == key) {
                        return self.take(deployment);
                    }
                    last = None;
                }
                Err(trouble) => last = Some(trouble),
            }
        }
        match last {
            Some(_) => self.trouble("whether the deployment was created is not known", trouble),
            None => self.trouble("the deployment was not created", trouble),
        }
    }

    fn create(&self) -> Create {
        let context = self.work.context;
        let note = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let key: String = self.work.host.random().iter().map(|byte| format!("{byte:02x}")).collect();
        let (owner, repository) = context.repository.split_once('/').unwrap_or_default();
        let mut meta = vec![
            note(DEPLOYMENT, &self.work.origin.deployment_id),
            note(COMMIT, &self.content.commit),
            note(ARTIFACT, &self.content.digest),
            note(TARGET, self.options.target_word()),
            note("waybillRun", &format!("{}/{}", context.run_id, context.attempt)),
            note(KEY, &key),
            note("githubCommitSha", &self.content.commit),
            note("githubCommitRef", &context.branch),
            note("githubOrg", owner),
            note("githubRepo", repository),
        ];
        if let Some(served) = self.project.production.as_ref().filter(|_| self.options.is_production()) {
            meta.push(note(PREVIOUS, &served.id));
        }
        if let Some(pull_request) = context.pull_request {
            meta.push(note(PULL_REQUEST, &pull_request.number.to_string()));
        }
        meta.retain(|(_, value)| !value.is_empty());
        Create {
            project: self.project.id.clone(),
            name: if self.project.name.is_empty() { self.options.project.clone() } else { self.project.name.clone() },
            target: self.options.target.clone(),
            without_domains: self.options.is_production(),
            meta,
            git: (!context.repository.is_empty()).then(|| Git {
                remote: format!("{}/{}", context.server_url, context.repository),
                reference: context.branch.clone(),
                commit: self.content.commit.clone(),
                actor: context.actor.clone(),
            }),
        }
    }

    /// What is uploaded and in which form, decided before the first byte.
    async fn upload_set(&mut self) -> Result<Upload, Failure> {
        let archived = match self.options.upload.as_str() {
            "archive" => true,
            "files" => false,
            _ => Upload::needs_archive(self.content.files.len()),
        };
        let upload = match archived {
            false => self.content.upload()?,
            true => {
                let folder = format!("{}/waybill-upload-{}", self.work.context.temporary, self.work.job.id);
                let upload = self.content.archive(self.work.host, &folder).await?;
                self.note(format!(
                    "{} files go as an archive in {} parts",
                    self.content.files.len(),
                    upload.files.len()
                ));
                upload
            }
        };
        self.facts.insert("files".to_owned(), self.content.files.len().into());
        Ok(upload)
    }

    /// Uploads what is missing, several at once. The first that fails ends it.
    async fn send(&mut self, upload: &Upload, hashes: &[String]) -> Result<(), Failure> {
        let files = upload.of(hashes);
        let distinct: std::collections::BTreeSet<&String> = hashes.iter().collect();
        if files.len() < distinct.len() {
            let message = "Vercel misses files that the artifact does not hold";
            return Err(Failure::new(&codes::VERCEL_ANSWER, message));
        }
        let bytes: u64 = files.iter().map(|file| file.size).sum();
        self.work.log.line(&format!("uploading {} files, {bytes} bytes", files.len()));
        self.facts.insert("uploaded".to_owned(), files.len().into());
        let mut waiting = files.into_iter();
        let mut running = FuturesUnordered::new();
        let service = &self.service;
        let begin = |file| async move { service.upload(file).await.map_err(|trouble| (file, trouble)) };
        running.extend(waiting.by_ref().take(self.options.parallel).map(&begin));
        while let Some(sent) = running.next().await {
            if let Err((file, trouble)) = sent {
                return Err(trouble.failure(&format!("uploading `{}`", file.path)));
            }
            running.extend(waiting.next().map(&begin));
        }
        Ok(())
    }
}
