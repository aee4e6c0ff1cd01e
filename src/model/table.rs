//! Records as tables: an entity is a [`Shape`], a row for each field. Reading
//! checks a JSON value against the table and collects every broken rule;
//! [`schema`](super::schema) writes the same table as a JSON Schema.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::forms::{self, Wrong, shown};
use super::{Broken, Choice, rules, tail};
use crate::secret::{HIDDEN, Secret};

/// How many unknown fields are named one by one.
const UNKNOWN_NAMED: usize = 20;

/// An entity of the data model.
#[derive(Debug)]
pub struct Shape {
    /// Its name, as `DeploymentJob`.
    pub name: &'static str,
    /// The name of its schema's file, without the ending.
    pub file: &'static str,
    /// What it is, in a sentence.
    pub doc: &'static str,
    /// Its fields, in the order of the data model.
    pub fields: &'static [Field],
    /// The rules between fields, as the members of the schema's `allOf`. The
    /// entity's `read` holds the same rules in code.
    pub between: fn() -> Vec<Value>,
}

/// A row of a [`Shape`].
#[derive(Debug)]
pub struct Field {
    /// The name in JSON.
    pub name: &'static str,
    /// What the value must be.
    pub rule: Rule,
    /// Whether the field must be there.
    pub required: bool,
    /// What it means, in a sentence.
    pub doc: &'static str,
}

/// What a field's value must be, by itself.
#[derive(Debug)]
pub enum Rule {
    /// 64 lower-case hex digits.
    Sha256,
    /// 40 or 64 hex digits.
    CommitHash,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A date, as [`rules::date`] reads it.
    Date,
    /// A text that is not empty, of at most this many characters.
    Text(usize),
    /// The end of an output, as [`tail::Tail`] keeps it; may be empty.
    Logs,
    /// Bytes: a whole number from 0.
    Size,
    /// A path inside a store.
    StorePath,
    /// `<run id>-<environment>`.
    DeploymentId,
    /// Context of an event: an object with a `configurationId`.
    Metadata,
    /// An `http` or `https` URL; hidden where it holds credentials.
    Url,
    /// A Postgres connection URL, hidden.
    DatabaseUrl,
    /// A Cohere API key, hidden.
    CohereKey,
    /// A Vercel token, hidden.
    VercelToken,
}

impl Rule {
    /// Checks a value as a record holds it, where a secret may be hidden.
    pub fn check(&self, value: &Value) -> Result<(), Wrong> {
        match (self, value) {
            (Rule::Size, Value::Number(number))
                if number.as_u64().is_some_and(|size| size <= rules::LARGEST_NUMBER) =>
            {
                Ok(())
            }
            (Rule::Size, Value::Number(number)) => Err(Wrong::new("a size in bytes", format!("`{number}`"))),
            (Rule::Size, _) => Err(Wrong::new("a size in bytes", kind(value))),
            (Rule::Metadata, Value::Object(map)) => {
                let id = map.get("configurationId").ok_or_else(|| Wrong::new("a `configurationId`", "none"))?;
                let id = id.as_str().ok_or_else(|| Wrong::new("a `configurationId` that is a text", kind(id)))?;
                rules::sha256(id).map_err(|wrong| Wrong {
                    wanted: format!("a `configurationId` that is {}", wrong.wanted),
                    ..wrong
                })?;
                rules::metadata(value)
            }
            (Rule::Metadata, _) => Err(Wrong::new("an object", kind(value))),
            (_, Value::String(text)) if self.may_be_hidden() && text == HIDDEN => Ok(()),
            (_, Value::String(text)) => self.check_text(text).map(|_| ()),
            _ => Err(Wrong::new("a text", kind(value))),
        }
    }

    /// Checks a text in the open, with what is worth a warning.
    pub fn check_text(&self, text: &str) -> Result<Vec<String>, Wrong> {
        let plain = |checked: Result<(), Wrong>| checked.map(|()| Vec::new());
        match self {
            Rule::Sha256 => plain(rules::sha256(text)),
            Rule::CommitHash => plain(forms::commit_hash(text)),
            Rule::OneOf(words) if words.contains(&text) => Ok(Vec::new()),
            Rule::OneOf(words) => {
                let wrong = Wrong::new(format!("one of `{}`", words.join("`, `")), shown(text));
                Err(match forms::nearest(text, words.iter().copied()) {
                    Some(word) => wrong.hint(format!("did you mean `{word}`?")),
                    None => wrong,
                })
            }
            Rule::Date => plain(rules::date(text).map(|_| ())),
            Rule::Text(longest) => plain(rules::text(text, *longest)),
            Rule::Logs if text.len() <= tail::LARGEST => Ok(Vec::new()),
            Rule::Logs => Err(Wrong::new("at most 64 KiB", format!("{} bytes", text.len()))),
            Rule::StorePath => plain(rules::store_path(text)),
            Rule::DeploymentId => plain(rules::deployment_id(text, super::configuration::Environment::WORDS)),
            Rule::Url => forms::http_url(text, false),
            Rule::DatabaseUrl => forms::database_url(text),
            Rule::CohereKey => forms::cohere_key(text),
            Rule::VercelToken => forms::vercel_token(text),
            Rule::Size | Rule::Metadata => Err(Wrong::new("no text", "a text")),
        }
    }

    /// Whether a record may hold [`HIDDEN`] in place of the value.
    pub fn may_be_hidden(&self) -> bool {
        matches!(self, Rule::Url | Rule::DatabaseUrl | Rule::CohereKey | Rule::VercelToken)
    }
}

/// A value that is being read: what its table says of it, and its sound fields.
/// Every getter gives `None` for a field that is missing or broken.
pub struct Reading<'a> {
    shape: &'static Shape,
    map: Option<&'a Map<String, Value>>,
    broken: Vec<Broken>,
}

impl<'a> Reading<'a> {
    /// Checks the value by the table: its fields' presence, types and forms, and
    /// that there are no others.
    pub fn of(shape: &'static Shape, value: &'a Value) -> Self {
        let mut reading = Reading { shape, map: value.as_object(), broken: Vec::new() };
        let Some(map) = reading.map else {
            reading.broken.push(Broken::new(shape.name, "an object", kind(value)));
            return reading;
        };
        for field in shape.fields {
            match map.get(field.name) {
                Some(value) => {
                    if let Err(wrong) = field.rule.check(value) {
                        reading.wrong(field.name, wrong);
                    }
                }
                None if field.required => reading.broken(field.name, "a value", "nothing"),
                None => {}
            }
        }
        reading.refuse_unknown(map);
        reading
    }

    fn refuse_unknown(&mut self, map: &Map<String, Value>) {
        let known = |name: &str| self.shape.fields.iter().any(|field| field.name == name);
        let unknown: Vec<_> = map.iter().filter(|(name, _)| !known(name)).collect();
        for (name, value) in unknown.iter().take(UNKNOWN_NAMED) {
            // The value may be a secret under a mistyped name, so only its kind is told.
            let mut broken = Broken::new(&cut(name), "no field of this name", kind(value));
            let nearest = forms::nearest(name, self.shape.fields.iter().map(|field| field.name));
            broken.hint = nearest.map(|name| format!("did you mean `{name}`?"));
            self.broken.push(broken);
        }
        if unknown.len() > UNKNOWN_NAMED {
            let found = format!("{} unknown fields more", unknown.len() - UNKNOWN_NAMED);
            self.broken(self.shape.name, "no other fields", found);
        }
    }

    /// Records that a rule does not hold.
    pub fn broken(&mut self, field: &str, wanted: impl Into<String>, found: impl Into<String>) {
        self.broken.push(Broken::new(field, wanted, found));
    }

    /// Records that a field has not the wanted form.
    pub fn wrong(&mut self, field: &str, wrong: Wrong) {
        let Wrong { wanted, found, hint } = wrong;
        self.broken.push(Broken { field: field.to_owned(), wanted, found, hint });
    }

    /// Whether the record has the field, sound or not.
    pub fn has(&self, name: &str) -> bool {
        self.map.is_some_and(|map| map.contains_key(name))
    }

    fn sound(&self, name: &str) -> Option<&'a Value> {
        let value = self.map?.get(name)?;
        (!self.broken.iter().any(|broken| broken.field == name)).then_some(value)
    }

    /// A text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.sound(name)?.as_str().map(str::to_owned)
    }

    /// A date.
    pub fn date(&self, name: &str) -> Option<DateTime<Utc>> {
        rules::date(self.sound(name)?.as_str()?).ok()
    }

    /// One of an enumeration's words.
    pub fn choice<T: Choice>(&self, name: &str) -> Option<T> {
        T::of(self.sound(name)?.as_str()?)
    }

    /// A size in bytes.
    pub fn size(&self, name: &str) -> Option<u64> {
        self.sound(name)?.as_u64()
    }

    /// An object.
    pub fn object(&self, name: &str) -> Option<Map<String, Value>> {
        self.sound(name)?.as_object().cloned()
    }

    /// A setting that may be a secret.
    pub fn setting(&self, name: &str) -> Option<Setting> {
        let text = self.sound(name)?.as_str()?;
        let rule = self.shape.fields.iter().find(|field| field.name == name).map(|field| &field.rule)?;
        Some(if text == HIDDEN { Setting::Hidden } else { Setting::new(rule, text) })
    }

    /// The record, unless a rule is broken. `record` is `None` where a getter
    /// that it needs was.
    pub fn finish<T>(self, record: Option<T>) -> Result<T, Vec<Broken>> {
        match record {
            Some(record) if self.broken.is_empty() => Ok(record),
            _ if !self.broken.is_empty() => Err(self.broken),
            _ => Err(vec![Broken::new(self.shape.name, "every required field", "a record without one")]),
        }
    }
}

/// A setting of a configuration, as a record holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// May be seen by anybody.
    Open(String),
    /// Known, and never shown.
    Secret(Secret),
    /// Read from a record that does not show it.
    Hidden,
}

impl Setting {
    /// A value by its field's rule: keys and connection URLs are secrets, and so
    /// is a URL with credentials or with a query, where keys are found too.
    pub fn new(rule: &Rule, text: &str) -> Self {
        let open = match rule {
            Rule::Url => !forms::has_credentials(text) && !text.contains('?'),
            _ => !rule.may_be_hidden(),
        };
        if open { Setting::Open(text.to_owned()) } else { Setting::Secret(Secret::new(text)) }
    }

    /// The value, where it is known; for the one place that needs it.
    pub fn expose(&self) -> Option<&str> {
        match self {
            Setting::Open(text) => Some(text),
            Setting::Secret(secret) => Some(secret.expose()),
            Setting::Hidden => None,
        }
    }

    /// What a record shows of it: the value, or [`HIDDEN`].
    pub fn shown(&self) -> &str {
        match self {
            Setting::Open(text) => text,
            Setting::Secret(_) | Setting::Hidden => HIDDEN,
        }
    }
}

/// Starts a record's JSON: the fields that are there, by name.
pub fn object(fields: impl IntoIterator<Item = (&'static str, Option<Value>)>) -> Value {
    collect(&mut fields.into_iter())
}

/// The work of [`object`], once for records of every length. One by one: to
/// collect a map makes a sort of its own for it first.
fn collect(fields: &mut dyn Iterator<Item = (&'static str, Option<Value>)>) -> Value {
    let mut map = Map::new();
    for (name, value) in fields {
        if let Some(value) = value {
            map.insert(name.to_owned(), value);
        }
    }
    Value::Object(map)
}

/// A text's JSON.
pub fn text(text: &str) -> Option<Value> {
    Some(Value::String(text.to_owned()))
}

/// A date's JSON.
pub fn date(date: DateTime<Utc>) -> Option<Value> {
    Some(Value::String(rules::date_text(date)))
}

/// What kind of JSON value it is, without showing it.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A field's name from outside, fit for a message.
fn cut(name: &str) -> String {
    name.chars().take(64).flat_map(char::escape_debug).collect()
}
