//! `lint`: runs the linter, reads what it reports.

use super::checking::{Checking, MAX_FAILURES_SHOWN, SARIF_OUTPUT};
use super::history::BASELINE;
use super::reading::{ANNOTATE, REPORT_FORMAT};
use super::verdict::FAIL_ON;
use super::{Job, Planned};
use crate::config::Setting;
use crate::config::Settings;
use crate::context::Context;
use crate::model::finding::Totals;
use crate::model::job::JobType;
use crate::problem::Problem;

static SETTINGS: &[&Setting] = &[&REPORT_FORMAT, &FAIL_ON, &ANNOTATE, &BASELINE, &SARIF_OUTPUT, &MAX_FAILURES_SHOWN];

/// See the module.
pub struct Lint;

impl Job for Lint {
    fn job_type(&self) -> JobType {
        JobType::Lint
    }

    fn about(&self) -> &'static str {
        "runs the linter, reads its report in any common format, annotates the findings"
    }

    fn settings(&self) -> &'static [&'static Setting] {
        SETTINGS
    }

    fn plan(&self, settings: &Settings, context: &Context) -> Result<Box<dyn Planned>, Vec<Problem>> {
        Ok(Box::new(Checking::plan(settings, context, outputs)?))
    }
}

fn outputs(totals: &Totals) -> Vec<(&'static str, u64)> {
    let Totals { findings, error, warning, notice, .. } = *totals;
    vec![("findings", findings), ("errors", error), ("warnings", warning), ("notices", notice)]
}
