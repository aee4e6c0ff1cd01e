//! `test`: runs the tests, reads their reports.

use super::checking::{Checking, MAX_FAILURES_SHOWN, SARIF_OUTPUT, SLOW_THRESHOLD};
use super::history::BASELINE;
use super::reading::{ANNOTATE, REPORT_ALL, REPORT_FORMAT};
use super::verdict::{FAIL_ON, FAIL_ON_FLAKY, MIN_TESTS};
use super::{Job, Planned};
use crate::config::{Setting, Settings};
use crate::context::Context;
use crate::model::finding::Totals;
use crate::model::job::JobType;
use crate::problem::Problem;

static SETTINGS: &[&Setting] = &[
    &REPORT_FORMAT,
    &FAIL_ON,
    &FAIL_ON_FLAKY,
    &MIN_TESTS,
    &ANNOTATE,
    &BASELINE,
    &SARIF_OUTPUT,
    &MAX_FAILURES_SHOWN,
    &SLOW_THRESHOLD,
    &REPORT_ALL,
];

/// See the module.
pub struct Test;

impl Job for Test {
    fn job_type(&self) -> JobType {
        JobType::Test
    }

    fn about(&self) -> &'static str {
        "runs the tests, reads their reports, annotates failures at file and line"
    }

    fn settings(&self) -> &'static [&'static Setting] {
        SETTINGS
    }

    fn plan(&self, settings: &Settings, context: &Context) -> Result<Box<dyn Planned>, Vec<Problem>> {
        Ok(Box::new(Checking::plan(settings, context, outputs)?))
    }
}

/// A case with an error failed too: the action's output knows one kind.
fn outputs(totals: &Totals) -> Vec<(&'static str, u64)> {
    let Totals { tests, passed, failed, errors, skipped, .. } = *totals;
    vec![("tests", tests), ("passed", passed), ("failed", failed + errors), ("skipped", skipped)]
}
