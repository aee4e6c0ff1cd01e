//! The settings that hold for one job, and where each came from.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Map;

use super::value::Value;
use crate::codes::{self, Code};
use crate::model::forms::Wrong;
use crate::problem::{Place, Problem};
use crate::secret::Secret;

/// The settings of one job: what was given, and the defaults of what was not.
/// Asking for a setting by another kind than its table says is a defect.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    held: BTreeMap<&'static str, Held>,
    home: Option<Place>,
}

/// A value and its origin.
#[derive(Clone, Debug, PartialEq)]
struct Held {
    value: Value,
    place: Place,
    given: bool,
}

impl Settings {
    /// Settings of a job whose environment's part of the file begins there.
    pub fn new(home: Option<Place>) -> Self {
        Settings { held: BTreeMap::new(), home }
    }

    /// Sets a value that was given at a place, or that is a default.
    pub fn set(&mut self, name: &'static str, value: Value, place: Place, given: bool) {
        self.held.insert(name, Held { value, place, given });
    }

    /// A text, choice, command, path, hash or `http` URL.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.value(name)? {
            Value::Text(text) => Some(text),
            other => wrong_kind(name, other),
        }
    }

    /// A choice: the same as [`Settings::text`], named for the reader.
    pub fn choice(&self, name: &str) -> Option<&str> {
        self.text(name)
    }

    /// A secret or a database URL.
    pub fn secret(&self, name: &str) -> Option<&Secret> {
        match self.value(name)? {
            Value::Secret(secret) => Some(secret),
            other => wrong_kind(name, other),
        }
    }

    /// A boolean; false when it is neither given nor has a default.
    pub fn boolean(&self, name: &str) -> bool {
        match self.value(name) {
            Some(Value::Boolean(value)) => *value,
            Some(other) => wrong_kind(name, other),
            None => false,
        }
    }

    /// A duration.
    pub fn duration(&self, name: &str) -> Option<Duration> {
        match self.value(name)? {
            Value::Duration(time) => Some(*time),
            other => wrong_kind(name, other),
        }
    }

    /// A size, in bytes.
    pub fn size(&self, name: &str) -> Option<u64> {
        self.count(name)
    }

    /// A count.
    pub fn count(&self, name: &str) -> Option<u64> {
        match self.value(name)? {
            Value::Number(number) => Some(*number),
            other => wrong_kind(name, other),
        }
    }

    /// Lines or globs; empty when they are not given.
    pub fn list(&self, name: &str) -> &[String] {
        match self.value(name) {
            Some(Value::Lines(lines)) => lines,
            Some(other) => wrong_kind(name, other),
            None => &[],
        }
    }

    /// Sets lines anew, where they are held.
    pub fn set_list(&mut self, name: &str, lines: Vec<String>) {
        if let Some(held) = self.held.get_mut(name) {
            held.value = Value::Lines(lines);
        }
    }

    /// A map.
    pub fn map(&self, name: &str) -> Option<&Map<String, serde_json::Value>> {
        match self.value(name)? {
            Value::Map(map) => Some(map),
            other => wrong_kind(name, other),
        }
    }

    /// Whether the setting was given, as an input or in the file.
    pub fn given(&self, name: &str) -> bool {
        self.held.get(name).is_some_and(|held| held.given)
    }

    /// Where the value came from; for one that was not given, the input.
    pub fn place(&self, name: &str) -> Place {
        match self.held.get(name) {
            Some(held) => held.place.clone(),
            None => Place::Input(name.to_owned()),
        }
    }

    /// A problem with a setting, at the place that it came from.
    pub fn problem(&self, name: &str, code: &'static Code, wrong: Wrong) -> Problem {
        Problem { code, place: self.place(name), wanted: wrong.wanted, found: wrong.found, hint: wrong.hint }
    }

    /// The problem of a setting that is not given though the job needs it: in
    /// the file where the environment has its part of it, else at the input.
    pub fn missing(&self, name: &str, wanted: impl Into<String>, in_file: bool) -> Problem {
        let input = || Place::Input(name.to_owned());
        let place = match &self.home {
            Some(Place::File { path, line, column, key }) if in_file => {
                Place::File { path: path.clone(), line: *line, column: *column, key: format!("{key}.{name}") }
            }
            _ => input(),
        };
        let hint = matches!(place, Place::File { .. }).then(|| format!("here, or as the input `{name}`"));
        Problem { code: &codes::MISSING, place, wanted: wanted.into(), found: "nothing".to_owned(), hint }
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.held.get(name).map(|held| &held.value)
    }
}

/// Only our own tables decide kinds, so this is a defect of ours.
fn wrong_kind(name: &str, value: &Value) -> ! {
    panic!("the setting {name} is asked for by another kind than its table says: {value:?}")
}
