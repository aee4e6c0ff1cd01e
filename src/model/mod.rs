//! The data model: four entities, their rules and their states. A record is
//! made or read only through its rules, which one table an entity holds
//! ([`table`]); the JSON Schemas come from the same tables ([`schema`]).

pub mod artifact;
pub mod configuration;
pub mod event;
pub mod finding;
pub mod forms;
pub mod id;
pub mod job;
pub mod order;
pub mod rules;
pub mod schema;
pub mod table;
pub mod tail;

pub use artifact::DeploymentArtifact;
pub use configuration::DeploymentConfiguration;
pub use event::DeploymentEvent;
pub use job::DeploymentJob;

use crate::codes::{self, Code};
use crate::problem::{Failure, Place, Problem};
use table::Shape;

/// Every entity, in the order of the data model.
pub static ENTITIES: &[&Shape] = &[&configuration::SHAPE, &job::SHAPE, &artifact::SHAPE, &event::SHAPE];

/// A rule of a record that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The field, as `startTime`; the entity's name where the record as a whole is wrong.
    pub field: String,
    /// What was wanted there.
    pub wanted: String,
    /// What was found, never a secret.
    pub found: String,
    /// What might help.
    pub hint: Option<String>,
}

impl Broken {
    /// A broken rule with nothing to add.
    pub fn new(field: &str, wanted: impl Into<String>, found: impl Into<String>) -> Self {
        Broken { field: field.to_owned(), wanted: wanted.into(), found: found.into(), hint: None }
    }

    /// As a problem of a record that the user gave.
    pub fn problem(self, code: &'static Code) -> Problem {
        Problem { code, place: Place::Field(self.field), wanted: self.wanted, found: self.found, hint: self.hint }
    }
}

/// As a failure: a record of this kind that the world gave, or that cannot be
/// made, with all its broken rules.
pub fn failure(shape: &Shape, broken: &[Broken]) -> Failure {
    let rules: Vec<String> = broken.iter().map(ToString::to_string).collect();
    Failure::new(&codes::RECORD_BROKEN, format!("a {} breaks rules: {}", shape.name, rules.join("; ")))
}

impl std::fmt::Display for Broken {
    /// ``endTime: wanted a date after `startTime`, found `2026-11-22T10:00:00.000Z` ``
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: wanted {}, found {}", self.field, self.wanted, self.found)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

/// Something about a record that is allowed and yet worth saying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The field, as `timestamp`.
    pub field: &'static str,
    /// What is odd about it, in words; never a secret.
    pub text: String,
}

/// A signal that a state does not allow. It is a defect of whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IllegalMove<State, Signal> {
    /// The state that the record was in, and stays in.
    pub from: State,
    /// The signal that it got.
    pub signal: Signal,
}

impl<State: std::fmt::Debug, Signal: std::fmt::Debug> std::fmt::Display for IllegalMove<State, Signal> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the state {:?} does not allow the signal {:?}", self.from, self.signal)
    }
}

/// An enumeration whose values have a word each, in JSON, inputs and messages.
pub trait Choice: Copy + PartialEq + 'static {
    /// Every value, in the order of the data model.
    const ALL: &'static [Self];
    /// The word of each value, in the same order.
    const WORDS: &'static [&'static str];

    /// The value's word.
    fn word(self) -> &'static str {
        Self::ALL
            .iter()
            .position(|&value| value == self)
            .and_then(|at| Self::WORDS.get(at))
            .copied()
            .unwrap_or_default()
    }

    /// The value of a word; exactly that word.
    fn of(word: &str) -> Option<Self> {
        Self::WORDS.iter().position(|&known| known == word).and_then(|at| Self::ALL.get(at)).copied()
    }
}

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
