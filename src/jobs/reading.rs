//! Report files, as lint and test read them: found by their globs, read for
//! what they are, and placed on the files of the checkout.

use super::Work;
use crate::child::{self, Ended};
use crate::codes;
use crate::config::Settings;
use crate::config::setting::{Kind, Setting, Source};
use crate::glob;
use crate::host::{Command, FileError};
use crate::model::finding::{Level, Report};
use crate::problem::Failure;
use crate::reports::locate::{Locator, Settings as Checkout};
use crate::reports::tracked::Tracked;
use crate::reports::{self, FileReport, Options};

/// The longest list of tracked files that is read, in bytes.
const TRACKED_LIMIT: usize = 64 << 20;
/// How many files one job reads.
const MOST_FILES: usize = 5_000;

/// The reports of a job, decided.
#[derive(Clone, Debug)]
pub struct Reading {
    globs: Vec<String>,
    directory: String,
    format: Option<String>,
    options: Options,
}

/// What the reports say.
#[derive(Debug, Default)]
pub struct Read {
    /// Everything that could be read, placed.
    pub report: Report,
    /// What is wrong with the reports themselves: missing, broken.
    pub failures: Vec<Failure>,
}

impl Reading {
    /// The reports of the settings; without `reports` there is nothing to read.
    pub fn plan(settings: &Settings) -> Reading {
        Reading {
            globs: settings.list("reports").to_vec(),
            directory: settings.text("working-directory").unwrap_or(".").to_owned(),
            format: settings.text("report-format").map(str::to_owned),
            options: Options::default(),
        }
    }

    /// Whether any reports are to be read.
    pub fn is_wanted(&self) -> bool {
        !self.globs.is_empty()
    }

    /// What would be read.
    pub fn step(&self) -> String {
        format!("read the reports `{}` in `{}`", self.globs.join("`, `"), self.directory)
    }

    /// Reads them all. What is missing or broken is said, never passed over.
    pub async fn read(&self, work: &Work<'_>) -> Read {
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
        let files: Vec<FileReport> =
            paths.iter().filter_map(|path| self.read_file(work, &root, path, &mut read)).collect();
        let has_places = files.iter().any(|file| !file.cases.is_empty() || !file.findings.is_empty());
        let tracked = Tracked::new(&if has_places { tracked_files(work).await } else { String::new() });
        let checkout = self.checkout(work);
        read.report = Locator::new(&tracked, &checkout).report(files, self.options.slowest);
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
            Ok(input) => Some(reports::read(input, &shown, self.format.as_deref(), &self.options)),
            Err(error) => {
                let code = if error == FileError::Missing { &codes::REPORT_MISSING } else { &codes::REPORT_BROKEN };
                read.failures.push(Failure::new(code, format!("cannot read the report `{shown}`: {error}")));
                None
            }
        }
    }
}

/// The tracked files of the checkout, relative to it, each ended by a NUL;
/// without git, all files.
async fn tracked_files(work: &Work<'_>) -> String {
    let command = Command {
        program: "git".to_owned(),
        arguments: ["ls-files", "-z"].map(str::to_owned).to_vec(),
        directory: work.context.workspace.clone(),
        environment: work.environment.clone(),
    };
    let mut listed = Vec::new();
    let mut keep = |bytes: &[u8]| {
        if listed.len() < TRACKED_LIMIT {
            listed.extend_from_slice(bytes);
        }
    };
    match child::run(work.host, &command, None, &mut keep).await {
        Ok(Ended::Exited(status)) if status.is_success() => String::from_utf8_lossy(&listed).into_owned(),
        _ => glob::find(work.host, &work.context.workspace, "**").unwrap_or_default().join("\0"),
    }
}

/// The setting of [`FailOn`].
pub static FAIL_ON: Setting = Setting {
    name: "fail-on",
    kind: Kind::Choice(&["error", "warning", "notice", "never"]),
    source: Source::Anywhere,
    default: Some("error"),
    about: "From which level on a finding fails the job",
};

/// From which level on a finding fails the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailOn(Option<Level>);

impl Default for FailOn {
    fn default() -> Self {
        FailOn(Some(Level::Error))
    }
}

impl FailOn {
    /// The setting's value.
    pub fn plan(settings: &Settings) -> FailOn {
        FailOn(match settings.text("fail-on") {
            Some("never") => None,
            Some("notice") => Some(Level::Notice),
            Some("warning") => Some(Level::Warning),
            _ => return FailOn::default(),
        })
    }

    /// The failure, if so many findings of these levels are one.
    pub fn failure(self, report: &Report) -> Option<Failure> {
        let totals = &report.totals;
        let (count, what) = match self.0? {
            Level::Error => (totals.error, "errors"),
            Level::Warning => (totals.error + totals.warning, "errors and warnings"),
            Level::Notice => (totals.findings, "findings"),
        };
        (count > 0).then(|| Failure::new(&codes::FINDINGS, format!("the linter reports {count} {what}")))
    }
}
