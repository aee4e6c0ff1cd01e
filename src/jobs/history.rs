//! What the last job of the same kind on a branch left in the store: its counts
//! and its findings. A pull request is compared with its base's.
//!
//! ```text
//! .waybill/reports/<branch>/<job type>-<environment>-<job>.json
//! ```

use std::io::Read as _;

use serde_json::{Value, json};

use super::Work;
use super::reading::git;
use crate::config::{Kind, Setting, Settings, Source};
use crate::context::Context;
use crate::host::{Task, Writing};
use crate::model::finding::{Report, Totals};
use crate::model::id::{self, JobIdentity};
use crate::reporters::findings::Base;
use crate::reports::baseline::Known;

/// The setting `baseline`.
pub static BASELINE: Setting = Setting {
    name: "baseline",
    kind: Kind::Path,
    source: Source::Anywhere,
    default: None,
    about: "A former report, from the workspace's root, or `store` for the last one of the base branch: findings that it has neither fail the job nor are annotated, and there may never be more of the same",
};

/// The word of `baseline` for the record of the base branch.
const STORE: &str = "store";

/// The most that is read of a former report, in bytes.
const LIMIT: u64 = 64 << 20;

/// The longest branch that names its folder in plain; a file's name has 255 bytes at most.
const LONGEST_BRANCH: usize = 120;

/// How many kinds of findings a record keeps.
const MOST_KNOWN: usize = 50_000;

/// Where to look, decided.
#[derive(Clone, Debug)]
pub struct History {
    baseline: Option<String>,
    environment: String,
    job: String,
}

/// What was found before the job began.
#[derive(Debug, Default)]
pub struct Former {
    /// The counts of the base branch.
    pub base: Option<Base>,
    /// The findings that do not count.
    pub known: Option<Known>,
    /// What is odd about it.
    pub notes: Vec<String>,
    /// What the base's record knows.
    recorded: Option<Known>,
}

impl History {
    /// Of the settings.
    pub fn plan(settings: &Settings, context: &Context) -> History {
        // The same step in every run.
        let identity = id::job(JobIdentity {
            repository_id: &context.repository_id,
            run_id: "",
            attempt: "",
            job: &context.job,
            action: &context.action,
            matrix_leg: settings.text("matrix").unwrap_or_default(),
        });
        History {
            baseline: settings.text("baseline").map(str::to_owned),
            environment: settings.text("environment").unwrap_or_default().to_owned(),
            job: identity[..12].to_owned(),
        }
    }

    /// Reads what is there. None of it is worth a failed job, but without its
    /// baseline every finding counts. A record that the change under test brings
    /// along says nothing.
    pub async fn read(&self, work: &Work<'_>) -> Former {
        let mut former = Former::default();
        let branch = base_branch(work);
        if !branch.is_empty() {
            let mut record = read(work, &self.path(work, &branch)).ok();
            if record.is_some() && is_tracked(work).await {
                record = None;
                let state = work.context.relative(work.state_directory);
                former.notes.push(format!("`{state}` is in the repository, so that nothing in it can be believed"));
            }
            former.base = record.as_ref().map(|record| Base { name: branch.clone(), totals: totals(record) });
            former.recorded = record.as_ref().and_then(Known::read);
        }
        match self.baseline.as_deref() {
            None => {}
            Some(STORE) => {
                former.known = former.recorded.clone();
                if former.known.is_none() {
                    former
                        .notes
                        .push("the store holds no report of the base branch yet: every finding counts".to_owned());
                }
            }
            Some(path) => match read(work, &work.context.in_workspace(path)).map(|value| Known::read(&value)) {
                Ok(Some(known)) => former.known = Some(known),
                Ok(None) => {
                    former.notes.push(format!("the baseline `{path}` is no report of Waybill's: every finding counts"));
                }
                Err(reason) => {
                    former.notes.push(format!("the baseline `{path}` cannot be read, {reason}: every finding counts"));
                }
            },
        }
        former
    }

    /// Keeps the job's counts and findings as the last of its branch. Where new
    /// findings failed the job, the known ones stay as they were: there may only
    /// be fewer.
    #[inline(never)]
    pub fn keep(&self, work: &Work<'_>, former: &Former, report: &Report, has_new: bool) {
        if !is_of_branch(work) {
            return;
        }
        let now = Known::of(report);
        let known = match &former.recorded {
            Some(recorded) if has_new && self.baseline.as_deref() == Some(STORE) => recorded,
            _ => &now,
        };
        let mut record = json!({"version": 1, "commit": work.context.commit, "totals": report.totals});
        if known.count() <= MOST_KNOWN {
            record["known"] = known.to_value();
        }
        let path = self.path(work, &work.context.branch);
        if let Err(error) = work.host.write(&path, record.to_string().as_bytes(), Writing::Replace) {
            work.log.line(&format!("the counts cannot be kept in `{path}`: {error}"));
        }
    }

    fn path(&self, work: &Work<'_>, branch: &str) -> String {
        let (kind, environment) = (crate::model::Choice::word(work.job.job_type), &self.environment);
        format!("{}/reports/{}/{kind}-{environment}-{}.json", work.state_directory, folder(branch), self.job)
    }
}

/// Whether the run is a branch's own, so that later ones are compared with it.
pub fn is_of_branch(work: &Work<'_>) -> bool {
    let is_branch = work.environment.get("GITHUB_REF_TYPE").is_some_and(|kind| kind == "branch");
    let own_runs = matches!(work.context.event.as_str(), "push" | "schedule" | "workflow_dispatch");
    is_branch && own_runs && !work.context.branch.is_empty()
}

/// The branch to compare with: a pull request's base, else the branch itself.
pub fn base_branch(work: &Work<'_>) -> String {
    let base = work.environment.get("GITHUB_BASE_REF").filter(|base| !base.is_empty());
    base.cloned().unwrap_or_else(|| work.context.branch.clone())
}

/// Whether anything of the state directory is part of the repository.
pub fn is_tracked<'w>(work: &'w Work<'w>) -> Task<'w, bool> {
    Box::pin(async {
        let state = work.context.relative(work.state_directory);
        git(work, &["ls-files", "-z", "--", state]).await.is_some_and(|listed| !listed.is_empty())
    })
}

/// A record, or why there is none.
pub fn read(work: &Work<'_>, path: &str) -> Result<Value, String> {
    let file = work.host.open(path).map_err(|error| error.to_string())?;
    let mut text = Vec::new();
    file.take(LIMIT + 1).read_to_end(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > LIMIT {
        return Err("it is too large".to_owned());
    }
    serde_json::from_slice(&text).map_err(|error| format!("it is no JSON: {error}"))
}

#[inline(never)]
fn totals(record: &Value) -> Totals {
    let count = |name: &str| record["totals"][name].as_u64().unwrap_or_default();
    Totals {
        tests: count("tests"),
        passed: count("passed"),
        failed: count("failed"),
        errors: count("errors"),
        skipped: count("skipped"),
        flaky: count("flaky"),
        findings: count("findings"),
        error: count("error"),
        warning: count("warning"),
        notice: count("notice"),
    }
}

/// A branch as the name of a folder, on every file system.
pub fn folder(branch: &str) -> String {
    let mut name = String::new();
    for byte in branch.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => name.push(char::from(byte)),
            b'.' if !name.is_empty() => name.push('.'),
            byte => name.push_str(&format!("%{byte:02x}")),
        }
    }
    if name.len() > LONGEST_BRANCH || name.ends_with('.') {
        name.truncate(LONGEST_BRANCH);
        name.push('-');
        name.push_str(&id::sha256(branch.as_bytes())[..12]);
    }
    name
}
