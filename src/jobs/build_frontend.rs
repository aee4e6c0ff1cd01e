//! `build-frontend`: builds, packs deterministically, writes the waybill, stores it.

use std::collections::BTreeMap;

use futures_util::future::{Either, select};
use serde_json::json;

use super::built_for::{BUILT_FOR, built_for};
use super::command::{Ran, Run, needless_secrets};
use super::gather::{self, Gathered, Wanted};
use super::storing::{EXPIRES_AFTER, NAME, SIGNING_KEY, Storing};
use super::tree::{EXCLUDE, Exclude, join};
use super::{Done, End, Job, Planned, Work};
use crate::artifact::vercel_output::Serving;
use crate::artifact::{Made, PackedFile};
use crate::codes;
use crate::config::{Kind, Setting, Settings, Source};
use crate::context::Context;
use crate::host::Task;
use crate::model::Choice;
use crate::model::artifact::ArtifactType;
use crate::model::configuration::Environment;
use crate::model::job::JobType;
use crate::problem::{Failure, Problem};
use crate::reporters::annotations::{Annotation, Level};
use crate::store::archive::{self, Archive};

/// The setting `allow-secret-files`.
static ALLOW_SECRET_FILES: Setting = Setting {
    name: "allow-secret-files",
    kind: Kind::Lines,
    source: Source::Anywhere,
    default: None,
    about: "Files that are packed although they look like secrets, written as in `exclude`",
};

/// The setting `baked-urls`.
static BAKED_URLS: Setting = Setting {
    name: "baked-urls",
    kind: Kind::Map,
    source: Source::Anywhere,
    default: None,
    about: "The public URLs that the build writes into the page, by setting, as `backend-url: https://api.example.com`; each must be the environment's own",
};

/// The setting `clean-urls`.
static CLEAN_URLS: Setting = Setting {
    name: "clean-urls",
    kind: Kind::Boolean,
    source: Source::Anywhere,
    default: Some("false"),
    about: "Static files: `about.html` is served as `/about`",
};

/// The setting `single-page`.
static SINGLE_PAGE: Setting = Setting {
    name: "single-page",
    kind: Kind::Boolean,
    source: Source::Anywhere,
    default: Some("false"),
    about: "Static files: what is not there is answered by `index.html`",
};

static SETTINGS: &[&Setting] = &[
    &EXCLUDE,
    &ALLOW_SECRET_FILES,
    &BUILT_FOR,
    &BAKED_URLS,
    &CLEAN_URLS,
    &SINGLE_PAGE,
    &NAME,
    &EXPIRES_AFTER,
    &SIGNING_KEY,
];

/// The settings whose URLs a page may hold.
const BAKEABLE: [&str; 3] = ["backend-url", "frontend-url", "vector-database-url"];

/// How many things that are wrong are told one by one.
const MOST_TOLD: usize = 50;

/// How many of the largest files are named.
const NAMED: usize = 5;

/// See the module.
pub struct BuildFrontend;

impl Job for BuildFrontend {
    fn job_type(&self) -> JobType {
        JobType::BuildFrontend
    }

    fn about(&self) -> &'static str {
        "builds, packs deterministically, writes the waybill, stores it"
    }

    fn settings(&self) -> &'static [&'static Setting] {
        SETTINGS
    }

    fn plan(&self, settings: &Settings, context: &Context) -> Result<Box<dyn Planned>, Vec<Problem>> {
        let mut problems = Vec::new();
        let run = Run::plan(settings, context).map_err(|found| problems.extend(found)).ok();
        let built_for = built_for(settings).map_err(|found| problems.extend(found)).ok();
        let storing = Storing::plan(settings, context).map_err(|found| problems.extend(found)).ok();
        let path = folder(settings, context).map_err(|problem| problems.push(problem)).ok();
        let baked_urls = baked_urls(settings).map_err(|found| problems.extend(found)).ok();
        let environment = settings.choice("environment").and_then(Environment::of).unwrap_or(Environment::Development);
        match (run, built_for, storing, path, baked_urls) {
            (Some(run), Some(mut built_for), Some(storing), Some(path), Some(baked_urls)) => {
                if !built_for.contains(&environment) {
                    built_for.insert(0, environment);
                }
                let serving = Serving {
                    clean_urls: settings.boolean(CLEAN_URLS.name),
                    single_page: settings.boolean(SINGLE_PAGE.name),
                };
                let exclude = Exclude::new(settings.list(EXCLUDE.name));
                let allowed = Exclude::new(settings.list(ALLOW_SECRET_FILES.name));
                let wanted = Wanted { path, exclude, allowed, serving, built_for };
                Ok(Box::new(Building { run, wanted, storing, baked_urls }))
            }
            _ => Err(problems),
        }
    }
}

/// The one folder of `path`, as the host knows it.
fn folder(settings: &Settings, context: &Context) -> Result<String, Problem> {
    let wanted = "the folder that is packed: a project with `.vercel/output`, or static files";
    let directory = context.in_workspace(settings.text("working-directory").unwrap_or("."));
    let paths = settings.list("path");
    let [path] = paths else {
        let code = if paths.is_empty() { &codes::MISSING } else { &codes::PATH };
        return Err(match paths.is_empty() {
            true => settings.missing("path", wanted, true),
            false => Problem {
                code,
                place: settings.place("path"),
                wanted: "one folder".to_owned(),
                found: format!("{} paths", paths.len()),
                hint: Some("build several frontends by several jobs".to_owned()),
            },
        });
    };
    if path.starts_with('!') || path.contains(['*', '?', '[', '{']) {
        return Err(Problem {
            code: &codes::PATH,
            place: settings.place("path"),
            wanted: "one folder, not a pattern".to_owned(),
            found: format!("`{path}`"),
            hint: Some("`exclude` takes patterns".to_owned()),
        });
    }
    let path = path.trim_start_matches("./").trim_end_matches('/');
    Ok(match path {
        "" | "." => directory,
        path if crate::context::is_absolute(path) => path.to_owned(),
        path => join(&directory, path),
    })
}

/// The URLs of `baked-urls`, each held against the environment's own.
fn baked_urls(settings: &Settings) -> Result<BTreeMap<String, String>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut urls = BTreeMap::new();
    let Some(map) = settings.map(BAKED_URLS.name) else { return Ok(urls) };
    let mut wrong = |wanted: String, found: String, hint: Option<String>| {
        let place = settings.place(BAKED_URLS.name);
        problems.push(Problem { code: &codes::BAKED_URL, place, wanted, found, hint });
    };
    for (name, value) in map {
        let Some(url) = value.as_str() else {
            wrong(format!("a URL for `{name}`"), format!("`{value}`"), None);
            continue;
        };
        if !BAKEABLE.contains(&name.as_str()) {
            let wanted = format!("one of `{}`", BAKEABLE.join("`, `"));
            wrong(wanted, format!("`{name}`"), Some("by the name of the setting that has the URL".to_owned()));
            continue;
        }
        let tidy = |url: &str| url.trim_end_matches('/').to_owned();
        match settings.text(name) {
            Some(own) if tidy(own) == tidy(url) => {
                urls.insert(name.clone(), url.to_owned());
            }
            Some(own) => wrong(format!("the environment's `{name}`, `{own}`"), format!("`{url}`"), None),
            None => wrong(format!("the environment's `{name}`"), format!("`{url}`, and no `{name}` is set"), None),
        }
    }
    if problems.is_empty() { Ok(urls) } else { Err(problems) }
}

/// A build, decided.
struct Building {
    run: Option<Run>,
    wanted: Wanted,
    storing: Storing,
    baked_urls: BTreeMap<String, String>,
}

impl Building {
    async fn build(&self, work: &Work<'_>) -> Done {
        let source = self.storing.source(work, &[self.output(work)]).await;
        let ran = match &self.run {
            Some(run) => run.run(work, None).await,
            None => Ran { end: End::Succeeded, summary: Vec::new() },
        };
        if ran.end != End::Succeeded {
            return Done { summary: ran.summary, ..Done::of(ran.end) };
        }
        let into = format!("{}/waybill-build-{}/frontend.tar", work.context.temporary, &work.job.id);
        let packing = Box::pin(self.pack(work, &into));
        let packed = match select(packing, work.host.cancelled()).await {
            Either::Left((packed, _)) => packed,
            Either::Right((signal, _)) => return Done { summary: ran.summary, ..Done::of(End::Cancelled(signal)) },
        };
        let mut done = match packed {
            Err(wrong) => refused(wrong),
            Ok((gathered, archive)) => {
                let mut done = told(work, &gathered, &archive);
                match self.storing.store(work, &self.made(work, archive, &into), source).await {
                    Ok(stored) => {
                        done.artifacts.push(stored.artifact);
                        done.outputs.extend(stored.outputs);
                        done.metadata.extend(stored.metadata);
                        done.notes.extend(stored.notes);
                    }
                    Err(failure) => done.end = End::Failed(failure),
                }
                done
            }
        };
        done.summary = ran.summary;
        let is_elsewhere = !done.outputs.iter().any(|(_, value)| value == work.context.relative(&into));
        if is_elsewhere {
            // The store has it; the folder is the runner's temporary one anyway.
            let _ = work.host.remove(into.trim_end_matches("/frontend.tar"));
        }
        done
    }

    /// What the build writes, from the workspace's root. A project holds its
    /// sources as well: of it only the output says nothing of them.
    fn output(&self, work: &Work<'_>) -> String {
        let path = &self.wanted.path;
        let has = |name: &str| work.host.list(path).is_ok_and(|found| found.iter().any(|entry| entry.name == name));
        let is_project = *path == work.context.workspace || [".git", ".vercel", "package.json"].into_iter().any(has);
        let output = if is_project { join(path, ".vercel") } else { path.clone() };
        work.context.relative(&output).to_owned()
    }

    /// Gathers, packs, and looks again whether anything changed meanwhile.
    async fn pack(&self, work: &Work<'_>, into: &str) -> Result<(Gathered, Archive), Vec<Failure>> {
        let gathered = gather::gather(work, &self.wanted).await;
        if !gathered.wrong.is_empty() {
            return Err(gathered.wrong);
        }
        let archive = archive::write(work.host, &gathered.members, into).await.map_err(|failure| vec![failure])?;
        let mut wrong = gathered.keys(work, &self.wanted, &archive.marked);
        wrong.extend(gathered.changed(work, &self.wanted));
        if wrong.is_empty() { Ok((gathered, archive)) } else { Err(wrong) }
    }

    fn made(&self, work: &Work<'_>, archive: Archive, path: &str) -> Made {
        Made {
            artifact_type: ArtifactType::FrontendBuild,
            name: self.storing.name(ArtifactType::FrontendBuild, &work.job.id),
            path: path.to_owned(),
            size: archive.size,
            sha256: archive.sha256,
            files: archive.files,
            image: None,
            built_for: self.wanted.built_for.clone(),
            baked_urls: self.baked_urls.clone(),
        }
    }
}

impl Planned for Building {
    fn steps(&self) -> Vec<String> {
        let run = self.run.iter().map(Run::step);
        let words: Vec<_> = self.wanted.built_for.iter().map(|environment| environment.word()).collect();
        let pack = format!("pack `{}` for {}", self.wanted.path, words.join(", "));
        run.chain([pack, "write its waybill and store both".to_owned()]).collect()
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

/// Everything that is wrong, each by itself; the first gives the job its code.
fn refused(wrong: Vec<Failure>) -> Done {
    let Some(first) = wrong.first() else { return Done::of(End::Succeeded) };
    let others = match wrong.len() - 1 {
        0 => String::new(),
        others => format!("; and {others} more"),
    };
    let end = End::Failed(Failure::new(first.code, format!("{}{others}", first.message)));
    let mut done = Done::of(end);
    if wrong.len() > 1 {
        let told = wrong.iter().take(MOST_TOLD);
        done.annotations = told.map(|one| Annotation::new(Level::Error, one.code.id, &one.message)).collect();
        done.notes = wrong.iter().take(MOST_TOLD).map(|one| one.message.clone()).collect();
    }
    done
}

/// What was packed, for the summary, the log and the event.
fn told(work: &Work<'_>, gathered: &Gathered, archive: &Archive) -> Done {
    let mut done = Done::of(End::Succeeded);
    let bytes: u64 = archive.files.iter().map(|file| file.size).sum();
    let kind = if gathered.is_prebuilt { "a prebuilt output" } else { "static files" };
    let mut largest: Vec<&PackedFile> = archive.files.iter().collect();
    largest.sort_by(|one, other| other.size.cmp(&one.size).then_with(|| one.path.cmp(&other.path)));
    let name = |file: &&PackedFile| format!("`{}` {}", gathered.shown(&file.path), size_text(file.size));
    let largest: Vec<_> = largest.iter().take(NAMED).map(name).collect();
    let count = archive.files.len();
    done.notes.push(format!("packed {kind}: {count} files, {}", size_text(bytes)));
    done.notes.push(format!("largest: {}", largest.join(", ")));
    done.notes.extend(gathered.notes.iter().cloned());
    done.notes.iter().for_each(|note| work.log.line(note));
    done.metadata.insert("files".to_owned(), json!(count));
    done.metadata.insert("bytes".to_owned(), json!(bytes));
    done
}

/// A size for a person: `812 B`, `3.4 MB`.
fn size_text(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["B", "kB", "MB", "GB"];
    let mut tenths = bytes.saturating_mul(10);
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths = (tenths + 500) / 1000;
        unit += 1;
    }
    match unit {
        0 => format!("{bytes} B"),
        _ => format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit]),
    }
}
