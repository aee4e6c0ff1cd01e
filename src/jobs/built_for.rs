//! The setting `built-for`, which both builds have.

use crate::codes;
use crate::config::{Kind, Setting, Settings, Source};
use crate::model::Choice;
use crate::model::configuration::Environment;
use crate::problem::Problem;

/// The setting `built-for`.
pub static BUILT_FOR: Setting = Setting {
    name: "built-for",
    kind: Kind::Lines,
    source: Source::Anywhere,
    default: None,
    about: "The environments that the build is good for besides the job's own, one a line",
};

/// The environments of the setting, or what is no environment.
pub fn built_for(settings: &Settings) -> Result<Vec<Environment>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut environments = Vec::new();
    for word in settings.list(BUILT_FOR.name) {
        match Environment::of(word) {
            Some(environment) => environments.push(environment),
            None => problems.push(Problem {
                code: &codes::CHOICE,
                place: settings.place(BUILT_FOR.name),
                wanted: format!("environments among `{}`", Environment::WORDS.join("`, `")),
                found: format!("`{word}`"),
                hint: None,
            }),
        }
    }
    if problems.is_empty() { Ok(environments) } else { Err(problems) }
}
