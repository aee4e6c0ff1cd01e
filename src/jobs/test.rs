//! `test`: runs the tests, reads their reports.

use super::checking::Checking;
use super::reading::{ANNOTATE, FAIL_ON, REPORT_FORMAT};
use super::{Job, Planned};
use crate::config::Settings;
use crate::config::{Kind, Setting, Source};
use crate::context::Context;
use crate::model::finding::Totals;
use crate::model::job::JobType;
use crate::problem::Problem;

/// How many tests there must be in the reports.
static MIN_TESTS: Setting = Setting {
    name: "min-tests",
    kind: Kind::Count(0, u32::MAX as u64),
    source: Source::Anywhere,
    default: Some("1"),
    about: "How many tests the reports must hold; fewer fail the job, so that a suite cannot vanish unnoticed",
};

static SETTINGS: &[&Setting] = &[&REPORT_FORMAT, &FAIL_ON, &ANNOTATE, &MIN_TESTS];

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
        let least = settings.count("min-tests").unwrap_or(1);
        Ok(Box::new(Checking::plan(settings, context, Some(least), outputs)?))
    }
}

/// A case with an error failed too: the action's output knows one kind.
fn outputs(totals: &Totals) -> Vec<(&'static str, u64)> {
    let Totals { tests, passed, failed, errors, skipped, .. } = *totals;
    vec![("tests", tests), ("passed", passed), ("failed", failed + errors), ("skipped", skipped)]
}
