//! `migrate-db`: plans, checks, applies and undoes SQL migrations.

mod adopt;
mod apart;
mod backup;
mod base;
mod check;
mod database;
mod decide;
mod engine;
mod failed;
mod files;
mod history;
mod index;
mod item;
mod lock;
mod look;
mod settings;
mod stop;
mod together;
mod undo;
mod work;

use self::check::Check;
use self::files::Files;
use self::settings::{Options, SETTINGS};
use self::work::{Asked, Place};
use super::{Done, Job, Planned, Work};
use crate::config::Setting;
use crate::config::Settings;
use crate::context::Context;
use crate::host::Task;
use crate::model::job::JobType;
use crate::problem::Problem;

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
        let check = Check::plan(settings, context);
        let files = Files::plan(settings, context);
        let place = match &options {
            Ok(options) => Place::plan(settings, options),
            Err(_) => Ok(None),
        };
        match (options, check, files, place) {
            (Ok(options), Ok(check), Ok(files), Ok(place)) => Ok(Box::new(Migrate { options, check, files, place })),
            (options, check, files, place) => {
                let problems = [options.err(), check.err(), files.err(), place.err()];
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
    place: Option<Place>,
}

impl Migrate {
    /// Reads and checks the files, and shows what is new in them: no database is asked.
    async fn plan(&self, work: &Work<'_>) -> Done {
        let layout = match self.files.read(work) {
            Ok(layout) => layout,
            Err(done) => return *done,
        };
        let checked = self.check.check(work, &layout, &self.files, self.options.allow_out_of_order).await;
        // Somebody else's code may have set this off: its files are read, and nobody is asked about them.
        let done = match self.place.as_ref().filter(|_| !work.context.foreign_head) {
            Some(place) => look::look(work, &self.options, place, &layout, checked.done).await,
            None => checked.done,
        };
        for step in &done.steps {
            work.log.line(&format!("  {step}"));
        }
        done
    }

    /// Applies, or undoes.
    async fn apply(&self, work: &Work<'_>) -> Done {
        let layout = match self.files.read(work) {
            Ok(layout) => layout,
            Err(done) => return *done,
        };
        // Without a database there is nothing but a plan, which the settings have said already.
        let Some(place) = &self.place else { return self.plan(work).await };
        let asked = if self.options.mode == "rollback" { Asked::Undo } else { Asked::Apply };
        work::run(work, &self.options, place, &layout, asked).await
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
