//! What can be said of migrations before any database is asked.

use super::super::{Done, End, Work};
use super::files::Files;
use crate::config::{Kind, Setting, Settings, Source};
use crate::migrations::Layout;
use crate::problem::Problem;

/// The setting `lint-rules`.
pub static LINT_RULES: Setting = Setting {
    name: "lint-rules",
    kind: Kind::Map,
    source: Source::Anywhere,
    default: None,
    about: "The level of each rule that shall have another one: `error`, `warning`, `notice` or `off`",
};

/// The setting `lint-scope`.
pub static LINT_SCOPE: Setting = Setting {
    name: "lint-scope",
    kind: Kind::Choice(&["new", "all", "none"]),
    source: Source::Anywhere,
    default: Some("new"),
    about: "Which migrations are checked: `new`, those that the base of the change does not have, where that is known; `all`; `none`",
};

/// The setting `lint-postgres`.
pub static LINT_POSTGRES: Setting = Setting {
    name: "lint-postgres",
    kind: Kind::Count(10, 99),
    source: Source::Anywhere,
    default: Some("15"),
    about: "The major version of the server that the migrations are checked for",
};

/// The check, decided.
#[derive(Clone, Debug)]
pub struct Check {
    is_on: bool,
}

impl Check {
    /// Of the settings.
    pub fn plan(settings: &Settings) -> Result<Check, Vec<Problem>> {
        Ok(Check { is_on: settings.choice("lint-scope") != Some("none") })
    }

    /// What is done.
    pub fn step(&self) -> String {
        "check the migrations".to_owned()
    }

    /// Checks them.
    pub async fn check(&self, _work: &Work<'_>, layout: &Layout, _files: &Files, _any_order: bool) -> Done {
        let steps = layout.migrations.iter().map(|migration| format!("`{}`", migration.up.path)).collect();
        Done { steps, ..Done::of(End::Succeeded) }
    }
}
