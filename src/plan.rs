//! The chosen job, planned.

use crate::codes;
use crate::config::Setting;
use crate::config::Settings;
use crate::context::Context;
use crate::jobs::{self, Planned};
use crate::model::Choice;
use crate::model::job::JobType;
use crate::problem::{Place, Problem};

/// Each job type with its own settings, for the configuration; one that is not
/// built yet has none.
pub fn catalogue() -> Vec<(&'static str, &'static [&'static Setting])> {
    let own = |job_type: JobType| jobs::find(job_type).map_or(&[][..], |job| job.settings());
    JobType::ALL.iter().map(|job_type| (job_type.word(), own(*job_type))).collect()
}

/// The job, planned, or everything that is wrong.
pub fn plan(job_type: JobType, settings: &Settings, context: &Context) -> Result<Box<dyn Planned>, Vec<Problem>> {
    let Some(job) = jobs::find(job_type) else {
        let built: Vec<_> = jobs::JOBS.iter().map(|job| format!("`{}`", job.job_type().word())).collect();
        return Err(vec![Problem {
            code: &codes::NOT_BUILT,
            place: Place::Input("job-type".to_owned()),
            wanted: format!("one of {}", built.join(", ")),
            found: format!("`{}`", job_type.word()),
            hint: None,
        }]);
    };
    let mut problems = Vec::new();
    if settings.choice("mode") == Some("rollback") && !job.can_roll_back() {
        problems.push(Problem {
            code: &codes::NO_ROLLBACK,
            place: settings.place("mode"),
            wanted: format!("`apply` or `plan`: a `{}` job changes nothing that could be undone", job_type.word()),
            found: "`rollback`".to_owned(),
            hint: None,
        });
    }
    match job.plan(settings, context) {
        Ok(planned) if problems.is_empty() => Ok(planned),
        Ok(_) => Err(problems),
        Err(found) => {
            problems.extend(found);
            Err(problems)
        }
    }
}
