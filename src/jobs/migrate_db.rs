//! `migrate-db`: plans, checks, applies and undoes SQL migrations.

mod check;
mod files;
mod settings;

use self::check::Check;
use self::files::Files;
use self::settings::{Options, SETTINGS};
use super::{Done, End, Job, Planned, Work};
use crate::codes;
use crate::config::Setting;
use crate::config::Settings;
use crate::context::Context;
use crate::host::Task;
use crate::model::job::JobType;
use crate::problem::{Failure, Problem};

/// See the module.
pub struct MigrateDb;

impl Job for MigrateDb {
    fn job_type(&self) -> JobType {
        JobType::MigrateDb
    }

    fn about(&self) -> &'static str {
        "plans, checks and applies SQL migrations to Postgres over its own wire protocol; rolls back"
    }

    fn settings(&self) -> &'static [&'static Setting] {
        SETTINGS
    }

    fn can_roll_back(&self) -> bool {
        true
    }

    fn plan(&self, settings: &Settings, context: &Context) -> Result<Box<dyn Planned>, Vec<Problem>> {
        let options = Options::plan(settings);
        let check = Check::plan(settings);
        let files = Files::plan(settings, context);
        match (options, check, files) {
            (Ok(options), Ok(check), Ok(files)) => Ok(Box::new(Migrate { options, check, files })),
            (options, check, files) => {
                let problems = [options.err(), check.err(), files.err()];
                Err(problems.into_iter().flatten().flatten().collect())
            }
        }
    }
}

/// The job, decided.
struct Migrate {
    options: Options,
    check: Check,
    files: Files,
}

impl Migrate {
    /// Reads and checks the files, and shows what is new in them: no database is asked.
    async fn plan(&self, work: &Work<'_>) -> Done {
        let layout = match self.files.read(work) {
            Ok(layout) => layout,
            Err(done) => return *done,
        };
        self.check.check(work, &layout, &self.files, self.options.allow_out_of_order).await
    }

    async fn apply(&self, _work: &Work<'_>) -> Done {
        let message = "`migrate-db` has only `mode: plan` in this version";
        Done::of(End::Failed(Failure::new(&codes::NOT_BUILT, message)))
    }
}

impl Planned for Migrate {
    fn steps(&self) -> Vec<String> {
        vec![self.files.step(), self.check.step()]
    }

    fn preview<'a>(&'a self, work: &'a Work<'a>) -> Option<Task<'a, Done>> {
        Some(Box::pin(self.plan(work)))
    }

    fn run<'a>(&'a self, work: &'a Work<'a>) -> Task<'a, Done> {
        Box::pin(self.apply(work))
    }
}
