//! From what is written to what it means, one kind of setting at a time.

use std::time::Duration;

use serde_json::Map;

use super::paths;
use super::setting::{Kind, SecretForm, Web, quoted};
use super::units;
use super::yaml::{self, At, Content, Node};
use crate::codes::{self, Code};
use crate::model::forms::{self, Wrong, nearest, shown};
use crate::secret::{HIDDEN, Secret};

/// What a setting holds, by its [`Kind`].
#[derive(Clone, PartialEq)]
pub enum Value {
    /// Texts, choices, commands, paths, hashes and `http` URLs.
    Text(String),
    /// Secrets and database URLs.
    Secret(Secret),
    /// A boolean.
    Boolean(bool),
    /// A duration.
    Duration(Duration),
    /// A count, or a size in bytes.
    Number(u64),
    /// Lines and globs.
    Lines(Vec<String>),
    /// A map.
    Map(Map<String, serde_json::Value>),
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Text(text) if forms::has_credentials(text) => f.write_str(HIDDEN),
            Value::Text(text) => write!(f, "{text:?}"),
            Value::Secret(_) => f.write_str(HIDDEN),
            Value::Boolean(value) => write!(f, "{value}"),
            Value::Duration(time) => f.write_str(&units::duration_text(*time)),
            Value::Number(number) => write!(f, "{number}"),
            Value::Lines(lines) => write!(f, "{lines:?}"),
            Value::Map(map) => write!(f, "{map:?}"),
        }
    }
}

/// What is wrong with a value, or odd about it.
#[derive(Debug, PartialEq)]
pub struct Complaint {
    /// Where in the file, if it is not the setting as a whole.
    pub at: Option<At>,
    /// Which part of the value, as `[2]`; empty for the whole.
    pub under: String,
    /// The code.
    pub code: &'static Code,
    /// What is wrong.
    pub wrong: Wrong,
}

/// What a value's meaning depends on besides itself.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// The workspace, absolute, for paths that are.
    pub workspace: &'a str,
    /// Whether the value is for production.
    pub production: bool,
}

impl Reader<'_> {
    /// Reads a text: an input, a variable, or a scalar of the file.
    pub fn text(&self, kind: Kind, text: &str, warnings: &mut Vec<Complaint>) -> Result<Value, Vec<Complaint>> {
        let whole = |code, wrong| vec![Complaint { at: None, under: String::new(), code, wrong }];
        if text.contains('\0') {
            return Err(whole(&codes::TEXT, Wrong::new(kind.noun(), "a zero character")));
        }
        if let Kind::Lines | Kind::Globs = kind {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| (None, line));
            return self.lines(kind, lines);
        }
        if let Kind::Map = kind {
            return map(text);
        }
        match self.scalar(kind, text) {
            Ok((value, odd)) => {
                for found in odd {
                    let wrong = Wrong::new(kind.noun(), found);
                    warnings.push(Complaint { at: None, under: String::new(), code: &codes::UNUSUAL, wrong });
                }
                Ok(value)
            }
            Err((code, wrong)) => Err(whole(code, wrong)),
        }
    }

    /// Reads a value of the file.
    pub fn node(&self, kind: Kind, node: &Node, warnings: &mut Vec<Complaint>) -> Result<Value, Vec<Complaint>> {
        let shape = |node: &Node, under: String, wanted: String| Complaint {
            at: (!under.is_empty()).then_some(node.at),
            under,
            code: &codes::SHAPE,
            wrong: Wrong::new(wanted, node.kind()),
        };
        match (&node.content, kind) {
            (Content::Scalar(text, _), _) => self.text(kind, text.trim(), warnings),
            (Content::Map(_), Kind::Map) => match node.to_json() {
                serde_json::Value::Object(map) => Ok(Value::Map(map)),
                _ => Ok(Value::Map(Map::new())),
            },
            (Content::List(items), Kind::Lines | Kind::Globs) => {
                let mut lines = Vec::new();
                let mut complaints = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    match &item.content {
                        Content::Scalar(text, _)
                            if !text.trim().is_empty() && !text.contains('\0') && !item.is_null() =>
                        {
                            lines.push((Some((index, item.at)), text.trim()));
                        }
                        Content::Scalar(..) => {
                            let wrong = Wrong::new("a text", "nothing");
                            let under = format!("[{index}]");
                            complaints.push(Complaint { at: Some(item.at), under, code: &codes::SHAPE, wrong });
                        }
                        _ => complaints.push(shape(item, format!("[{index}]"), "a text".to_owned())),
                    }
                }
                match self.lines(kind, lines.into_iter()) {
                    Ok(value) if complaints.is_empty() => Ok(value),
                    Ok(_) => Err(complaints),
                    Err(more) => Err(complaints.into_iter().chain(more).collect()),
                }
            }
            _ => Err(vec![shape(node, String::new(), kind.noun())]),
        }
    }

    /// Reads lines, each with its number and place where it stands in a list.
    fn lines<'t>(
        &self,
        kind: Kind,
        lines: impl Iterator<Item = (Option<(usize, At)>, &'t str)>,
    ) -> Result<Value, Vec<Complaint>> {
        let mut values = Vec::new();
        let mut complaints = Vec::new();
        for (count, (place, line)) in lines.enumerate() {
            let read =
                if let Kind::Globs = kind { paths::glob_inside(line, self.workspace) } else { Ok(line.to_owned()) };
            match read {
                Ok(value) => values.push(value),
                Err(wrong) => {
                    let index = place.map_or(count, |(index, _)| index);
                    let at = place.map(|(_, at)| at);
                    complaints.push(Complaint { at, under: format!("[{index}]"), code: kind.code(), wrong });
                }
            }
        }
        if complaints.is_empty() { Ok(Value::Lines(values)) } else { Err(complaints) }
    }

    /// Reads a kind that is one text; with it comes what is odd about it.
    fn scalar(&self, kind: Kind, text: &str) -> Result<(Value, Vec<String>), (&'static Code, Wrong)> {
        let wrong = || (kind.code(), Wrong::new(kind.noun(), shown(text)));
        let coded = |wrong| (kind.code(), wrong);
        let plain = |value| Ok((value, Vec::new()));
        match kind {
            Kind::JobType | Kind::Text | Kind::Command | Kind::Lines | Kind::Globs | Kind::Map => {
                plain(Value::Text(text.to_owned()))
            }
            Kind::Checked(check) => check(text).map_err(coded).map(|()| (Value::Text(text.to_owned()), Vec::new())),
            Kind::Choice(words) if words.contains(&text) => plain(Value::Text(text.to_owned())),
            Kind::Choice(words) => Err(coded(not_one_of(words, text))),
            Kind::Boolean => match (units::boolean(text), text.to_ascii_lowercase().as_str()) {
                (Some(value), _) => plain(Value::Boolean(value)),
                (None, "yes" | "on" | "y" | "1") => Err(coded(wrong().1.hint("did you mean `true`?"))),
                (None, "no" | "off" | "n" | "0") => Err(coded(wrong().1.hint("did you mean `false`?"))),
                (None, _) => Err(wrong()),
            },
            Kind::Duration => match units::duration(text) {
                Some(time) => plain(Value::Duration(time)),
                None if units::whole(text).is_some() => Err(coded(wrong().1.hint("a number wants its unit"))),
                None => Err(wrong()),
            },
            Kind::Size => match units::size(text) {
                Some(bytes) => plain(Value::Number(bytes)),
                None if units::whole(text).is_some() => Err(coded(wrong().1.hint("a number wants its unit"))),
                None => Err(wrong()),
            },
            Kind::Count(least, most) => match units::whole(text) {
                Some(number) if (least..=most).contains(&number) => plain(Value::Number(number)),
                _ => Err(wrong()),
            },
            Kind::Path => {
                paths::inside(text, self.workspace).map_err(coded).map(|path| (Value::Text(path), Vec::new()))
            }
            Kind::Commit => {
                forms::commit_hash(text).map_err(coded).map(|()| (Value::Text(text.to_ascii_lowercase()), Vec::new()))
            }
            Kind::HttpUrl(web) => {
                let odd = forms::http_url(text, false).map_err(coded)?;
                if web == Web::HttpsInProduction && self.production {
                    forms::http_url(text, true).map_err(|wrong| (&codes::HTTPS_REQUIRED, wrong))?;
                }
                Ok((Value::Text(text.to_owned()), odd))
            }
            Kind::DatabaseUrl => secret(forms::database_url, text).map_err(coded),
            Kind::Secret(SecretForm::Any) => plain(Value::Secret(Secret::new(text))),
            Kind::Secret(SecretForm::Vercel) => secret(forms::vercel_token, text).map_err(coded),
            Kind::Secret(SecretForm::Cohere) => secret(forms::cohere_key, text).map_err(coded),
            Kind::Secret(SecretForm::Own(form)) => secret(form, text).map_err(coded),
        }
    }
}

/// A secret of this form.
fn secret(form: fn(&str) -> Result<Vec<String>, Wrong>, text: &str) -> Result<(Value, Vec<String>), Wrong> {
    form(text).map(|odd| (Value::Secret(Secret::new(text)), odd))
}

/// A word that is none of these, with the nearest one as a hint.
pub fn not_one_of(words: &[&str], text: &str) -> Wrong {
    let wrong = Wrong::new(format!("one of {}", quoted(words)), shown(text));
    match nearest(text, words.iter().copied()) {
        Some(word) => wrong.hint(format!("did you mean `{word}`?")),
        None => wrong,
    }
}

/// A map that is written as YAML in a text.
fn map(text: &str) -> Result<Value, Vec<Complaint>> {
    let (node, flaws) = yaml::read(text.as_bytes());
    if !flaws.is_empty() {
        let complaint = |flaw: yaml::Flaw| {
            let found = format!("{} at line {}, column {}", flaw.wrong.found, flaw.at.line, flaw.at.column);
            let under = if flaw.key.is_empty() { String::new() } else { format!(".{}", flaw.key) };
            Complaint { at: None, under, code: flaw.code, wrong: Wrong { found, ..flaw.wrong } }
        };
        return Err(flaws.into_iter().map(complaint).collect());
    }
    match node.to_json() {
        serde_json::Value::Object(map) => Ok(Value::Map(map)),
        _ => {
            let wrong = Wrong::new("a map", node.kind());
            Err(vec![Complaint { at: None, under: String::new(), code: &codes::SHAPE, wrong }])
        }
    }
}
