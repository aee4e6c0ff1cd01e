//! What lint and test have in common: a command, reports, and one verdict on both.

use std::collections::BTreeMap;

use serde_json::{Map, json};

use super::capture::Capture;
use super::command::{Ran, Run, needless_secrets};
use super::history::History;
use super::reading::{Output, Read, Reading};
use super::stale::Before;
use super::verdict::Rules;
use super::{Done, End, Planned, Work};
use crate::codes;
use crate::config::{Kind, Setting, Settings, Source};
use crate::context::Context;
use crate::host::{Task, Writing};
use crate::model::finding::{Report, Totals};
use crate::model::job::JobType;
use crate::problem::{Place, Problem};
use crate::reporters::findings::{self, Shown};
use crate::reporters::sarif;

/// The setting `max-failures-shown`.
pub static MAX_FAILURES_SHOWN: Setting = Setting {
    name: "max-failures-shown",
    kind: Kind::Count(0, 10_000),
    source: Source::Anywhere,
    default: Some("200"),
    about: "How many failing tests, and how many findings, the summary lists; it counts the others",
};

/// The setting `slow-threshold`.
pub static SLOW_THRESHOLD: Setting = Setting {
    name: "slow-threshold",
    kind: Kind::Duration,
    source: Source::Anywhere,
    default: Some("1s"),
    about: "From which time on a test may stand in the summary's list of the ten slowest",
};

/// The setting `sarif-output`.
pub static SARIF_OUTPUT: Setting = Setting {
    name: "sarif-output",
    kind: Kind::Path,
    source: Source::Anywhere,
    default: None,
    about: "A file, from the workspace's root, that all findings are written to as SARIF, for code scanning",
};

/// A lint or a test job, decided.
pub struct Checking {
    run: Option<Run>,
    reading: Reading,
    rules: Rules,
    history: History,
    shown: Shown,
    sarif: Option<String>,
    outputs: fn(&Totals) -> Vec<(&'static str, u64)>,
}

impl Checking {
    /// Decides, or says everything that is wrong.
    pub fn plan(
        settings: &Settings,
        context: &Context,
        outputs: fn(&Totals) -> Vec<(&'static str, u64)>,
    ) -> Result<Checking, Vec<Problem>> {
        let mut problems = Vec::new();
        let run = Run::plan(settings, context).unwrap_or_else(|found| {
            problems.extend(found);
            None
        });
        let reading = Reading::plan(settings);
        if settings.text("run").is_none() && !reading.is_wanted() {
            problems.push(Problem {
                code: &codes::MISSING,
                place: Place::Input("run".to_owned()),
                wanted: "a command in `run`, report files in `reports`, or both".to_owned(),
                found: "neither".to_owned(),
                hint: None,
            });
        }
        match problems.is_empty() {
            true => Ok(Checking {
                run,
                reading,
                rules: Rules::plan(settings),
                history: History::plan(settings, context),
                shown: Shown::plan(settings.count("max-failures-shown"), settings.duration("slow-threshold")),
                sarif: settings.text("sarif-output").map(|path| context.in_workspace(path)),
                outputs,
            }),
            false => Err(problems),
        }
    }

    /// Looks at what an earlier run left, runs the command, reads the reports.
    async fn check(&self, work: &Work<'_>) -> Done {
        // Before the command could write one for itself.
        let former = self.history.read(work).await;
        let mut notes = former.notes.clone();
        let mut output = Capture::default();
        // Only where it may be the report.
        let capture = (!self.reading.is_wanted()).then_some(&mut output);
        let mut before = Before::default();
        let ran = match &self.run {
            Some(run) => {
                before = self.reading.look(work);
                run.run(work, capture).await
            }
            None => Ran { end: End::Succeeded, summary: Vec::new() },
        };
        let of_green_tests = work.job.job_type == JobType::Test && ran.end == End::Succeeded;
        let is_cancelled = matches!(ran.end, End::Cancelled(_));
        let read = match is_cancelled || self.reading.has_nothing(&output) {
            true => Read::default(),
            false => {
                let output = Output { captured: output, of_green_tests };
                let reading: Task<Read> = Box::pin(self.reading.read(work, output, &before, former.known.as_ref()));
                reading.await
            }
        };
        let rules = Rules {
            has_baseline: former.known.is_some(),
            min_tests: self.rules.min_tests.filter(|_| self.reading.is_wanted()),
            ..self.rules
        };
        let end = rules.verdict(ran.end, &read);
        let totals = &read.report.totals;
        let mut outputs: Vec<_> =
            (self.outputs)(totals).into_iter().map(|(name, count)| (name, count.to_string())).collect();
        let mut metadata = Map::new();
        for (name, count) in (self.outputs)(totals) {
            metadata.insert(name.to_owned(), json!(count));
        }
        if let Some(path) = write_report(work, &read.report) {
            outputs.push(("report", path));
        }
        if read.failures.is_empty() && !read.report.files.is_empty() {
            self.history.keep(work, &former, &read.report, read.new.findings > 0);
        }
        if let Some(path) = self.sarif.as_ref().filter(|_| !is_cancelled) {
            notes.extend(write_sarif(work, &read.report, path));
        }
        notes.iter().for_each(|note| work.log.line(note));
        let annotations = findings::annotations(&read.choice);
        Done {
            annotations,
            outputs,
            metadata,
            summary: ran.summary,
            notes,
            shown: Shown { base: former.base, ..self.shown.clone() },
            report: Some(read.report),
            ..Done::of(end)
        }
    }
}

impl Planned for Checking {
    fn steps(&self) -> Vec<String> {
        let run = self.run.iter().map(Run::step);
        let read = self.reading.is_wanted().then(|| self.reading.step());
        run.chain(read).collect()
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
        Box::pin(self.check(work))
    }
}

/// The machine-readable report; its path from the workspace's root, unless it cannot be written.
fn write_report(work: &Work<'_>, report: &Report) -> Option<String> {
    let path = format!("{}/reports/{}.json", work.state_directory, work.job.id);
    let text = serde_json::to_string(report).ok()?;
    match work.host.write(&path, work.log.masked(&text).as_bytes(), Writing::Replace) {
        Ok(()) => Some(work.context.relative(&path).to_owned()),
        Err(error) => {
            work.log.line(&format!("the report cannot be written to `{path}`: {error}"));
            None
        }
    }
}

/// Writes the findings as SARIF; what is odd about it, for the summary.
#[inline(never)]
pub fn write_sarif(work: &Work<'_>, report: &Report, path: &str) -> Option<String> {
    let sarif = sarif::sarif(report);
    let shown = work.context.relative(path);
    match work.host.write(path, work.log.masked(&sarif.text).as_bytes(), Writing::Replace) {
        Err(error) => Some(format!("the findings cannot be written to `{shown}`: {error}")),
        Ok(()) if sarif.left_out > 0 => {
            Some(format!("`{shown}` has no room for {} of the findings, the least grave ones", sarif.left_out))
        }
        Ok(()) => None,
    }
}
