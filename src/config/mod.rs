//! Inputs and the configuration file into settings, or every problem at once.
//! It knows no job: what there is to know about jobs comes in a [`Catalogue`].

use std::collections::BTreeMap;

pub mod common;
mod file;
pub mod interface;
pub mod paths;
pub mod published;
mod resolve;
mod secrets;
pub mod setting;
mod settings;
pub mod units;
mod value;
mod variables;
pub mod yaml;

pub use file::File;
pub use secrets::secrets;
pub use setting::{Catalogue, Kind, SecretForm, Setting, Source, Web};
pub use settings::Settings;
pub use value::Value;

use crate::codes::{self, Code};
use crate::inputs::Inputs;
use crate::model::configuration::Values;
use crate::model::forms::{Wrong, shown};
use crate::problem::{Place, Problem};
use common::DEFAULT_FILE;
use resolve::Resolving;
use setting::quoted;
use value::not_one_of;

/// Where settings come from.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The action's inputs.
    pub inputs: &'a Inputs,
    /// The configuration file, where there is one.
    pub file: Option<&'a File>,
    /// The step's environment.
    pub environment: &'a BTreeMap<String, String>,
    /// Whose code this is.
    pub trust: Trust,
    /// Every setting that there is.
    pub catalogue: &'a Catalogue<'a>,
}

/// Whose code a run meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The repository's own, or a fork's without the workflow's secrets.
    Own,
    /// A fork's head together with the workflow's secrets, as on
    /// `pull_request_target` and `workflow_run`.
    Foreign,
}

/// What holds for one job.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// The job type.
    pub job_type: &'static str,
    /// The common settings and the job type's own.
    pub settings: Settings,
    /// What goes into the deployment's configuration, as far as it is given.
    pub values: Values,
    /// What is odd but no problem.
    pub warnings: Vec<Problem>,
}

/// The job type that the inputs ask for. Without a known one there is no job.
pub fn job_type(inputs: &Inputs, catalogue: &Catalogue) -> Result<&'static str, Problem> {
    let known = catalogue.job_types();
    let asked = inputs.get("job-type").unwrap_or_default();
    match known.iter().find(|name| **name == asked) {
        Some(name) => Ok(name),
        None if asked.is_empty() => {
            Err(input_problem("job-type", &codes::MISSING, Wrong::new(format!("one of {}", quoted(&known)), "nothing")))
        }
        None => Err(input_problem("job-type", &codes::JOB_TYPE, not_one_of(&known, asked))),
    }
}

/// The configuration file to read, tidied, and whether it was asked for by name: one
/// that was must be there.
pub fn file_path(inputs: &Inputs, workspace: &str) -> Result<(String, bool), Problem> {
    match inputs.get("config") {
        Some(path) => match paths::inside(path, workspace) {
            Ok(path) => Ok((path, true)),
            Err(wrong) => Err(input_problem("config", &codes::PATH, wrong)),
        },
        None => Ok((DEFAULT_FILE.to_owned(), false)),
    }
}

/// The problem of a configuration file that was asked for and is not there.
pub fn file_missing(path: &str) -> Problem {
    let wrong = Wrong::new("a configuration file", format!("nothing at {}", shown(path)));
    input_problem("config", &codes::FILE_MISSING, wrong.hint("is the repository checked out before this step?"))
}

/// Everything that holds for the job that the inputs ask for, or everything that
/// is wrong with inputs and file. `required` are the settings without which the
/// job cannot do its work.
pub fn resolve(sources: &Sources, required: &[&str]) -> Result<Resolved, Vec<Problem>> {
    let mut resolving = Resolving::new(sources);
    resolving.inputs();
    if let Some(file) = sources.file {
        resolving.file(file);
    }
    resolving.defaults();
    resolving.globs();
    resolving.trust();
    resolving.required(required);
    resolving.finish()
}

/// A problem of an input.
fn input_problem(name: &str, code: &'static Code, wrong: Wrong) -> Problem {
    let place = Place::Input(name.to_owned());
    Problem { code, place, wanted: wrong.wanted, found: wrong.found, hint: wrong.hint }
}

#[cfg(test)]
mod tests;
