//! What lint and test have in common: a command, reports, and one verdict on both.

use std::collections::BTreeMap;

use serde_json::{Map, json};

use super::command::{Ran, Run, needless_secrets};
use super::reading::{FailOn, Read, Reading};
use super::stale::Before;
use super::{Done, End, Planned, Work};
use crate::codes;
use crate::config::Settings;
use crate::context::Context;
use crate::host::{Task, Writing};
use crate::model::finding::{Report, Totals};
use crate::problem::{Failure, Place, Problem};
use crate::reporters::findings;

/// A lint or a test job, decided.
pub struct Checking {
    run: Option<Run>,
    reading: Reading,
    fail_on: FailOn,
    min_tests: Option<u64>,
    outputs: fn(&Totals) -> Vec<(&'static str, u64)>,
}

impl Checking {
    /// Decides, or says everything that is wrong. `min_tests` is how many tests
    /// there must be when reports are read; None where none are expected.
    pub fn plan(
        settings: &Settings,
        context: &Context,
        min_tests: Option<u64>,
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
            true => Ok(Checking { run, reading, fail_on: FailOn::plan(settings), min_tests, outputs }),
            false => Err(problems),
        }
    }

    /// Looks at what an earlier run left, runs the command, reads the reports.
    async fn check(&self, work: &Work<'_>) -> Done {
        let mut output = Vec::new();
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
        let is_cancelled = matches!(ran.end, End::Cancelled(_));
        let read = if is_cancelled { Read::default() } else { self.reading.read(work, output, &before).await };
        let end = verdict(ran.end, &read, self.fail_on, self.min_tests.filter(|_| self.reading.is_wanted()));
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
        let annotations = findings::annotations(&read.choice);
        Done { report: Some(read.report), annotations, outputs, metadata, summary: ran.summary, ..Done::of(end) }
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

/// The machine-readable report; its path, unless it cannot be written.
fn write_report(work: &Work<'_>, report: &Report) -> Option<String> {
    let path = format!("{}/reports/{}.json", work.state_directory, work.job.id);
    let text = serde_json::to_string(report).ok()?;
    match work.host.write(&path, work.log.masked(&text).as_bytes(), Writing::Replace) {
        Ok(()) => Some(path),
        Err(error) => {
            work.log.line(&format!("the report cannot be written to `{path}`: {error}"));
            None
        }
    }
}

/// Every reason for a failure is told; the code is the gravest one's. A command
/// that could not do its work comes first, then what the reports say, which is
/// mostly why the command failed, then the command alone, then the reports' own state.
fn verdict(ran: End, read: &Read, fail_on: FailOn, min_tests: Option<u64>) -> End {
    let command = match ran {
        End::Cancelled(signal) => return End::Cancelled(signal),
        End::Failed(failure) => Some(failure),
        End::Succeeded => None,
    };
    let totals = &read.report.totals;
    let is_plain = command.as_ref().is_some_and(|failure| failure.code == &codes::COMMAND_FAILED);
    let mut reasons = Vec::new();
    if !is_plain {
        reasons.extend(command.clone());
    }
    let red = totals.failed + totals.errors;
    if red > 0 {
        reasons.push(Failure::new(&codes::TESTS_FAILED, format!("{red} of {} tests failed", totals.tests)));
    }
    reasons.extend(fail_on.failure(&read.report));
    for red in &read.report.red {
        let place = if red.file.is_empty() { String::new() } else { format!("`{}`: ", red.file) };
        reasons.push(Failure::new(&codes::RUN_FAILED, format!("{place}{}", red.message)));
    }
    if is_plain {
        reasons.extend(command);
    }
    reasons.extend(read.failures.iter().cloned());
    if let Some(least) = min_tests
        && totals.tests < least
        && totals.findings == 0
        && read.failures.is_empty()
    {
        let message = format!("the reports hold {} tests, at least {least} were expected", totals.tests);
        reasons.push(Failure::new(&codes::TOO_FEW_TESTS, message));
    }
    let Some(first) = reasons.first() else { return End::Succeeded };
    let message = reasons.iter().map(|reason| reason.message.as_str()).collect::<Vec<_>>().join("; ");
    End::Failed(Failure::new(first.code, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Signal;

    fn check(ran: End, totals: Totals, failures: &[Failure], expected: &str) {
        let report = Report { totals, ..Report::default() };
        let read = Read { report, failures: failures.to_vec(), ..Read::default() };
        let end = match verdict(ran, &read, FailOn::default(), Some(1)) {
            End::Succeeded => "success".to_owned(),
            End::Cancelled(_) => "cancelled".to_owned(),
            End::Failed(failure) => format!("{} {}", failure.code.id, failure.message),
        };
        assert_eq!(end, expected);
    }

    #[test]
    fn every_reason_is_told_and_the_gravest_gives_the_code() {
        let failed = || End::Failed(Failure::new(&codes::COMMAND_FAILED, "the command ended with status 1"));
        let slow = || End::Failed(Failure::new(&codes::COMMAND_TIMED_OUT, "the command took longer than 5 seconds"));
        let none = Failure::new(&codes::REPORT_MISSING, "no report matches `x`");
        let green = Totals { tests: 3, passed: 3, ..Totals::default() };
        let red = Totals { tests: 3, passed: 1, failed: 1, errors: 1, ..Totals::default() };
        check(End::Succeeded, green, &[], "success");
        check(End::Cancelled(Signal::Interrupt), red, &[], "cancelled");
        check(End::Succeeded, red, &[], "WB3003 2 of 3 tests failed");
        check(failed(), red, &[], "WB3003 2 of 3 tests failed; the command ended with status 1");
        check(failed(), green, &[], "WB2001 the command ended with status 1");
        check(slow(), red, &[], "WB2002 the command took longer than 5 seconds; 2 of 3 tests failed");
        check(
            failed(),
            Totals::default(),
            std::slice::from_ref(&none),
            "WB2001 the command ended with status 1; no report matches `x`",
        );
        check(End::Succeeded, Totals::default(), &[none], "WB3001 no report matches `x`");
        check(End::Succeeded, Totals::default(), &[], "WB3006 the reports hold 0 tests, at least 1 were expected");
        check(End::Succeeded, Totals { findings: 1, error: 1, ..green }, &[], "WB3004 the linter reports 1 errors");
    }
}
