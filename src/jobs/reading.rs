//! Report files, as lint and test read them: found by their globs, read for
//! what they are, and placed on the files of the checkout.

use std::io::Read as _;
use std::time::Duration;

use super::capture::Capture;
use super::stale::Before;
use super::{Work, change};
use crate::child::{self, Ended};
use crate::codes;
use crate::config::Settings;
use crate::config::{Kind, Setting, Source};
use crate::glob;
use crate::host::{Command, FileError};
use crate::model::finding::{Report, Totals, Trouble};
use crate::model::forms::Wrong;
use crate::problem::Failure;
use crate::reports::baseline::{Known, mark};
use crate::reports::choose::{Annotate, Choice, choose};
use crate::reports::diff;
use crate::reports::locate::{Locator, Settings as Checkout};
use crate::reports::tracked::Tracked;
use crate::reports::{self, FileReport, Options};
use crate::secret::Secret;

/// The most of git's output that is read, in bytes.
const GIT_LIMIT: usize = 64 << 20;
/// How long git may take.
const GIT_PATIENCE: Duration = Duration::from_secs(60);
/// How many Go modules of a checkout are looked at.
const MOST_MODULES: usize = 200;
/// How much of a `go.mod` is read, in bytes; the module's path stands at its start.
const MODULE_LIMIT: u64 = 64 << 10;
/// How much of a source file is read to count columns in it, in bytes.
const SOURCE_LIMIT: u64 = 4 << 20;
/// How many files one job reads.
const MOST_FILES: usize = 5_000;

/// The reports of a job, decided.
#[derive(Clone, Debug)]
pub struct Reading {
    globs: Vec<String>,
    directory: String,
    format: Option<String>,
    annotate: Annotate,
    token: Option<Secret>,
    options: Options,
}

/// What the command printed.
pub struct Output {
    /// All of it, as far as it was kept.
    pub captured: Capture,
    /// Whether it ran tests and succeeded.
    pub of_green_tests: bool,
}

/// What the reports say.
#[derive(Debug, Default)]
pub struct Read {
    /// Everything that could be read, placed.
    pub report: Report,
    /// What shall be annotated, the best first.
    pub choice: Choice,
    /// What is wrong with the reports themselves: missing, broken.
    pub failures: Vec<Failure>,
    /// The counts of what is no part of the baseline; all counts where there is none.
    pub new: Totals,
}

impl Reading {
    /// The reports of the settings; without `reports` there is nothing to read.
    pub fn plan(settings: &Settings) -> Reading {
        Reading {
            globs: settings.list("reports").to_vec(),
            directory: settings.text("working-directory").unwrap_or(".").to_owned(),
            format: settings.text("report-format").map(str::to_owned),
            annotate: settings.choice("annotate").and_then(Annotate::from_word).unwrap_or_default(),
            token: settings.secret("github-token").cloned(),
            options: Options { keep_all: settings.boolean("report-all"), ..Options::default() },
        }
    }

    /// Whether any reports are to be read.
    pub fn is_wanted(&self) -> bool {
        !self.globs.is_empty()
    }

    /// Whether there is nothing to read: no reports are wanted, and the command printed nothing.
    pub fn has_nothing(&self, output: &Capture) -> bool {
        !self.is_wanted() && output.is_empty()
    }

    /// What would be read.
    pub fn step(&self) -> String {
        format!("read the reports `{}` in `{}`", self.globs.join("`, `"), self.directory)
    }

    /// What lies there before the command runs.
    pub fn look(&self, work: &Work<'_>) -> Before {
        Before::look(work, &work.context.in_workspace(&self.directory), &self.globs)
    }

    /// Reads them all. What is missing or broken is said, never passed over.
    /// Without `reports` a command's output may be one itself.
    /// Findings that the baseline knows are marked, and not annotated.
    pub async fn read(&self, work: &Work<'_>, output: Output, before: &Before, baseline: Option<&Known>) -> Read {
        let root = work.context.in_workspace(&self.directory);
        let mut read = Read::default();
        let mut paths: Vec<String> = Vec::new();
        for pattern in &self.globs {
            match glob::find(work.host, &root, pattern) {
                Ok(found) if found.is_empty() => {
                    let message = format!("no report matches `{pattern}` in `{}`", self.directory);
                    read.failures.push(Failure::new(&codes::REPORT_MISSING, message));
                }
                Ok(found) => paths.extend(found),
                Err(error) => {
                    let message = format!("cannot look for reports `{pattern}`: {error}");
                    read.failures.push(Failure::new(&codes::REPORT_MISSING, message));
                }
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        paths.retain(|path| seen.insert(path.clone()));
        if paths.len() > MOST_FILES {
            let message = format!("{} report files match, at most {MOST_FILES} are read", paths.len());
            read.failures.push(Failure::new(&codes::REPORT_BROKEN, message));
            paths.truncate(MOST_FILES);
        }
        for path in paths.iter().filter(|path| before.is_unchanged(work, &root, path)) {
            let message = format!("the report `{path}` lay there before the command, which did not write it");
            read.failures.push(Failure::new(&codes::REPORT_STALE, message));
        }
        let mut files: Vec<FileReport> =
            paths.iter().filter_map(|path| self.read_file(work, &root, path, &mut read)).collect();
        if !self.is_wanted() {
            let (kept, dropped) = output.captured.finish();
            let heard = reports::read_output(without_commands(&kept).into(), &self.options);
            // Tests that succeed may well print what looks like a finding.
            let heard = heard.filter(|file| file.totals.tests > 0 || !output.of_green_tests);
            files.extend(heard.map(|mut file| {
                if dropped > 0 {
                    let message = format!("the output is long: {dropped} bytes in the middle of it are not read");
                    file.problems.push(Trouble { file: String::new(), message, offset: None, grave: false });
                }
                file
            }));
        }
        let has_places = files.iter().any(|file| !file.cases.is_empty() || !file.findings.is_empty());
        let listed = if has_places { tracked_files(work).await } else { String::new() };
        let tracked = Tracked::new(&listed);
        let wants_change = has_places && (self.annotate != Annotate::None || baseline.is_some());
        let checkout = Checkout {
            modules: go_modules(work, &listed),
            changed: if wants_change { change::changed(work, self.token.as_ref()).await } else { None },
            ..self.checkout(work)
        };
        let mut source = |file: &str| {
            let mut text = String::new();
            let input = work.host.open(&format!("{}/{file}", work.context.workspace)).ok()?;
            input.take(SOURCE_LIMIT).read_to_string(&mut text).ok().map(|_| text)
        };
        read.report = Locator::new(&tracked, &checkout).report(files, self.options.slowest, &mut source);
        read.new = match baseline {
            Some(known) => mark(&mut read.report, known, checkout.changed.as_ref()),
            None => read.report.totals,
        };
        read.choice = choose(&read.report, checkout.changed.as_ref(), self.annotate);
        for trouble in read.report.problems.iter().filter(|trouble| trouble.grave) {
            let at = trouble.offset.map(|offset| format!(", at byte {offset}")).unwrap_or_default();
            let message = format!("the report `{}` is broken: {}{at}", trouble.file, trouble.message);
            read.failures.push(Failure::new(&codes::REPORT_BROKEN, message));
        }
        read
    }

    fn checkout(&self, work: &Work<'_>) -> Checkout {
        let repository = work.context.repository.rsplit('/').next().unwrap_or_default().to_owned();
        Checkout {
            workspace: work.context.workspace.clone(),
            directory: self.directory_in_checkout().to_owned(),
            repository,
            ..Checkout::default()
        }
    }

    /// The working directory relative to the checkout; empty for its root.
    fn directory_in_checkout(&self) -> &str {
        match self.directory.trim_start_matches("./").trim_end_matches('/') {
            "." => "",
            directory => directory,
        }
    }

    fn read_file(&self, work: &Work<'_>, root: &str, path: &str, read: &mut Read) -> Option<FileReport> {
        let full = if crate::context::is_absolute(path) { path.to_owned() } else { format!("{root}/{path}") };
        let shown = match self.directory_in_checkout() {
            "" => path.to_owned(),
            directory => format!("{directory}/{path}"),
        };
        match work.host.open(&full) {
            Ok(input) => {
                let survey = || Some(reports::survey(work.host.open(&full).ok()?, &self.options)?.name);
                let format = self.format.as_deref().or_else(survey);
                Some(reports::read(input, &shown, format, &self.options))
            }
            Err(error) => {
                let code = if error == FileError::Missing { &codes::REPORT_MISSING } else { &codes::REPORT_BROKEN };
                read.failures.push(Failure::new(code, format!("cannot read the report `{shown}`: {error}")));
                None
            }
        }
    }
}

/// A command's output without the lines that a runner would obey: nothing that
/// a child prints for the runner shall come back as an annotation of ours.
fn without_commands(output: &[u8]) -> Vec<u8> {
    let is_command =
        |line: &[u8]| line.trim_ascii_start().starts_with(b"::") || line.windows(3).any(|window| window == b"##[");
    output
        .split_inclusive(|byte| matches!(byte, b'\n' | b'\r'))
        .filter(|line| !is_command(line))
        .flatten()
        .copied()
        .collect()
}

/// What git prints, if it ends well; in the checkout, with its own environment.
pub async fn git(work: &Work<'_>, arguments: &[&str]) -> Option<Vec<u8>> {
    let command = Command {
        program: "git".to_owned(),
        arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
        directory: work.context.workspace.clone(),
        environment: work.environment.clone(),
    };
    let mut printed = Vec::new();
    let mut keep = |bytes: &[u8]| {
        if printed.len() < GIT_LIMIT {
            printed.extend_from_slice(bytes);
        }
    };
    match child::run(work.host, &command, Some(GIT_PATIENCE), &mut keep).await {
        Ok(Ended::Exited(status)) if status.is_success() => Some(printed),
        _ => None,
    }
}

/// The tracked files of the checkout, relative to it, each ended by a NUL;
/// without git, all files.
async fn tracked_files(work: &Work<'_>) -> String {
    match git(work, &["ls-files", "-z"]).await {
        Some(listed) => String::from_utf8_lossy(&listed).into_owned(),
        None => glob::find(work.host, &work.context.workspace, "**").unwrap_or_default().join("\0"),
    }
}

/// The Go modules of the checkout: a package's folder follows from its module's path.
fn go_modules(work: &Work<'_>, tracked: &str) -> Vec<(String, String)> {
    let files = tracked.split('\0').filter(|path| *path == "go.mod" || path.ends_with("/go.mod")).take(MOST_MODULES);
    let module = |path: &str| {
        let mut text = String::new();
        let file = work.host.open(&work.context.in_workspace(path)).ok()?;
        file.take(MODULE_LIMIT).read_to_string(&mut text).ok()?;
        Some((diff::go_module(&text)?, path.trim_end_matches("go.mod").trim_end_matches('/').to_owned()))
    };
    files.filter_map(module).collect()
}

/// The setting `report-format`.
pub static REPORT_FORMAT: Setting = Setting {
    name: "report-format",
    kind: Kind::Checked(known_format),
    source: Source::Anywhere,
    default: None,
    about: "The format of the reports, where it shall not be recognised by their content",
};

fn known_format(name: &str) -> Result<(), Wrong> {
    let names = reports::names();
    match names.contains(&name) {
        true => Ok(()),
        false => Err(Wrong::new(format!("one of `{}`", names.join("`, `")), format!("`{name}`"))),
    }
}

/// The setting `report-all`.
pub static REPORT_ALL: Setting = Setting {
    name: "report-all",
    kind: Kind::Boolean,
    source: Source::Anywhere,
    default: Some("false"),
    about: "Whether the machine-readable report lists every test case, not only those that failed or were flaky",
};

/// The setting `annotate`.
pub static ANNOTATE: Setting = Setting {
    name: "annotate",
    kind: Kind::Choice(&["all", "changed", "none"]),
    source: Source::Anywhere,
    default: Some("all"),
    about: "Which findings are annotated: `all`, the changed lines first; `changed`, of a linter's only those on changed lines; `none`",
};
