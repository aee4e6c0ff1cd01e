//! `build-backend`: builds the image, verifies it to the last byte, writes the
//! waybill and stores it.

use std::collections::BTreeMap;

use serde_json::{Map, json};

use super::built_for::{BUILT_FOR, built_for};
use super::command::{Ran, Run, needless_secrets};
use super::growth::{GROWTH_LIMIT, Growth};
use super::image::{self, Stopped, Verified};
use super::storing::{EXPIRES_AFTER, NAME, SIGNING_KEY, Storing};
use super::{Done, End, Job, Planned, Work};
use crate::artifact::oci_layout::{Platform, platform_form, warn};
use crate::artifact::{Image, Made, PlatformImage};
use crate::codes::{self, Code};
use crate::config::{Kind, Setting, Settings, Source};
use crate::context::Context;
use crate::host::Task;
use crate::model::artifact::ArtifactType;
use crate::model::configuration::Environment;
use crate::model::job::JobType;
use crate::problem::{Failure, Problem};
use crate::reporters::annotations::{Annotation, Level};

/// The setting `platform`.
static PLATFORM: Setting = Setting {
    name: "platform",
    kind: Kind::Checked(platform_form),
    source: Source::Anywhere,
    default: Some("linux/amd64"),
    about: "The platform that the image must be for, as `linux/amd64` or `linux/arm64/v8`; an image for several platforms is kept whole, and each of them is verified",
};

static SETTINGS: &[&Setting] = &[&PLATFORM, &BUILT_FOR, &GROWTH_LIMIT, &NAME, &EXPIRES_AFTER, &SIGNING_KEY];

/// How many blobs that nothing refers to are named.
const NAMED: usize = 5;

/// See the module.
pub struct BuildBackend;

impl Job for BuildBackend {
    fn job_type(&self) -> JobType {
        JobType::BuildBackend
    }

    fn about(&self) -> &'static str {
        "builds the image, verifies the OCI archive to the last layer, writes the waybill, stores it"
    }

    fn settings(&self) -> &'static [&'static Setting] {
        SETTINGS
    }

    fn plan(&self, settings: &Settings, context: &Context) -> Result<Box<dyn Planned>, Vec<Problem>> {
        let mut problems = Vec::new();
        let run = Run::plan(settings, context).unwrap_or_else(|found| {
            problems.extend(found);
            None
        });
        let built_for = built_for(settings).unwrap_or_else(|found| {
            problems.extend(found);
            Vec::new()
        });
        let storing = Storing::plan(settings, context).map_err(|found| problems.extend(found)).ok();
        let path = match settings.list("path") {
            [path] => path.clone(),
            [] => {
                problems.push(settings.missing(
                    "path",
                    "the image: an OCI archive or layout, or a `docker save` tar",
                    true,
                ));
                String::new()
            }
            several => {
                problems.push(Problem {
                    code: &codes::PATH,
                    place: settings.place("path"),
                    wanted: "one path: an image is one archive or one folder".to_owned(),
                    found: format!("{} paths", several.len()),
                    hint: None,
                });
                String::new()
            }
        };
        let platform = settings.text(PLATFORM.name).and_then(Platform::of).unwrap_or_default();
        match (storing, problems.is_empty()) {
            (Some(storing), true) => {
                let directory = context.in_workspace(settings.text("working-directory").unwrap_or("."));
                let path = match crate::context::is_absolute(&path) {
                    true => path,
                    false => format!("{}/{}", directory.trim_end_matches('/'), path.trim_start_matches("./")),
                };
                let path = path.trim_end_matches('/').to_owned();
                let growth = Growth::plan(settings, context);
                Ok(Box::new(Building { run, path, platform, built_for, growth, storing }))
            }
            _ => Err(problems),
        }
    }
}

/// A build, decided.
struct Building {
    run: Option<Run>,
    path: String,
    platform: Platform,
    built_for: Vec<Environment>,
    growth: Growth,
    storing: Storing,
}

impl Building {
    async fn build(&self, work: &Work<'_>) -> Done {
        // Before the command could change any of it.
        let output = work.context.relative(&self.path).to_owned();
        let source = self.storing.source(work, &[output]).await;
        let last = self.growth.last(work).await;
        let before = image::stamp(work.host, &self.path);
        let ran = match &self.run {
            Some(run) => run.run(work, None).await,
            None => Ran { end: End::Succeeded, summary: Vec::new() },
        };
        if ran.end != End::Succeeded {
            return Done { summary: ran.summary, ..Done::of(ran.end) };
        }
        if self.run.is_some() && before.is_some() && before == image::stamp(work.host, &self.path) {
            let path = work.context.relative(&self.path);
            let message = format!("the image at `{path}` lay there before the command, which did not write it");
            return Done { summary: ran.summary, ..Done::of(End::Failed(Failure::new(&codes::IMAGE_STALE, message))) };
        }
        let draft = image::draft(work, "image.tar");
        let verified = match image::as_archive(work.host, &self.path, &draft, &self.platform).await {
            Ok((path, how)) => image::verify(work.host, &path, &self.platform).await.map(|verified| (verified, how)),
            Err(stopped) => Err(stopped),
        };
        let mut done = match verified {
            Ok((verified, how)) => {
                let mut done = self.told(work, &verified, how, last);
                match self.storing.store(work, &self.made(work, &verified), source).await {
                    Ok(stored) => {
                        self.growth.keep(work, size(&verified), &verified.layout.image.digest);
                        done.artifacts.push(stored.artifact);
                        done.outputs.extend(stored.outputs);
                        done.metadata.extend(stored.metadata);
                        done.notes.extend(stored.notes);
                    }
                    Err(failure) => done.end = End::Failed(failure),
                }
                done
            }
            Err(Stopped::Cancelled(signal)) => Done::of(End::Cancelled(signal)),
            Err(Stopped::Refused(failures)) => Done::of(End::Failed(together(failures))),
        };
        done.summary = ran.summary;
        let _ = work.host.remove(draft.trim_end_matches("/image.tar"));
        done
    }

    /// Everything that is worth telling of an image that holds.
    fn told(&self, work: &Work<'_>, verified: &Verified, how: Option<&'static str>, last: Option<u64>) -> Done {
        let layout = &verified.layout;
        let mut done = Done::of(End::Succeeded);
        let mut annotate = |level, code: &'static Code, message: String| {
            done.annotations.push(Annotation::new(level, code.id, message));
        };
        for warning in warn::warnings(layout, &work.job.commit_hash) {
            annotate(Level::Warning, warning.code, warning.message);
        }
        if let Some(message) = self.growth.warning(last, size(verified)) {
            annotate(Level::Warning, &codes::IMAGE_GREW, message);
        }
        if !layout.unreferenced.is_empty() {
            let named: Vec<_> = layout.unreferenced.iter().take(NAMED).map(|digest| format!("`{digest}`")).collect();
            let more = if layout.unreferenced.len() > NAMED { " and others" } else { "" };
            let (count, named) = (layout.unreferenced.len(), named.join(", "));
            let message =
                format!("nothing refers to {count} blobs of the archive, which are not pushed: {named}{more}");
            annotate(Level::Notice, &codes::IMAGE_UNREFERENCED, message);
        }
        done.notes = notes(&layout.image);
        done.notes.extend(how.map(|how| format!("{how} was written as an OCI archive")));
        done.notes.iter().for_each(|note| work.log.line(note));
        done.metadata = metadata(&layout.image);
        done
    }

    fn made(&self, work: &Work<'_>, verified: &Verified) -> Made {
        Made {
            artifact_type: ArtifactType::BackendContainer,
            name: self.storing.name(ArtifactType::BackendContainer, &work.job.id),
            path: verified.path.clone(),
            size: verified.size,
            sha256: verified.sha256.clone(),
            // Every byte that counts has its digest in the image.
            files: Vec::new(),
            image: Some(verified.layout.image.clone()),
            built_for: self.built_for.clone(),
            baked_urls: BTreeMap::new(),
        }
    }
}

impl Planned for Building {
    fn steps(&self) -> Vec<String> {
        let run = self.run.iter().map(Run::step);
        let verify = format!("verify the image at `{}` for `{}`", self.path, self.platform);
        run.chain([verify, "write its waybill and store both".to_owned()]).collect()
    }

    fn warnings(&self, environment: &BTreeMap<String, String>) -> Vec<String> {
        let secrets = if self.run.is_some() { needless_secrets(environment) } else { Vec::new() };
        if secrets.is_empty() {
            return Vec::new();
        }
        let names = secrets.join("`, `");
        vec![format!(
            "the command could read `{names}` from the memory of this process; give a job that runs a command no secrets of a deployment"
        )]
    }

    fn run<'a>(&'a self, work: &'a Work<'a>) -> Task<'a, Done> {
        Box::pin(self.build(work))
    }
}

/// All reasons in one; the first gives the code.
fn together(failures: Vec<Failure>) -> Failure {
    let code = failures.first().map_or(&codes::DEFECT, |failure| failure.code);
    let messages: Vec<_> = failures.iter().map(|failure| failure.message.as_str()).collect();
    Failure::new(code, messages.join("; "))
}

/// What is pulled for the wanted platform, in bytes.
fn size(verified: &Verified) -> u64 {
    verified.layout.image.platforms.get(verified.layout.wanted).map_or(0, layers_size)
}

fn layers_size(platform: &PlatformImage) -> u64 {
    platform.layers.iter().fold(0, |sum: u64, layer| sum.saturating_add(layer.size))
}

fn notes(image: &Image) -> Vec<String> {
    let mut notes = vec![format!("image {} ({})", image.digest, image.media_type)];
    for platform in &image.platforms {
        let PlatformImage { platform: name, manifest, config, layers } = platform;
        let (count, size) = (layers.len(), layers_size(platform));
        notes.push(format!("{name}: {count} layers of {size} bytes, manifest {manifest}, configuration {config}"));
    }
    notes
}

fn metadata(image: &Image) -> Map<String, serde_json::Value> {
    let platforms: Vec<_> = image.platforms.iter().map(|platform| platform.platform.as_str()).collect();
    let value = json!({"image": {"digest": image.digest, "platforms": platforms}});
    value.as_object().cloned().unwrap_or_default()
}
