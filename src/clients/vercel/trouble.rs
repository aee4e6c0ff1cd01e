//! Why Vercel did not do what was asked.

use serde_json::Value;

use crate::codes::{self, Code};
use crate::http::{Reply, SendError};
use crate::problem::Failure;

/// Why Vercel did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The token is not accepted, or may not: 401 or 403, with Vercel's words.
    Denied(u16, String),
    /// It is not there, with Vercel's words.
    Missing(String),
    /// The account owes something, or its plan does not hold it: 402.
    Unpaid(String),
    /// Something else stands in the way: 409, with Vercel's words.
    Conflict(String),
    /// These files are not uploaded yet, by SHA-1.
    MissingFiles(Vec<String>),
    /// Too many requests or uploads, for longer than there is time.
    Limited(String),
    /// The request itself is refused, with its code and words.
    Refused(u16, String, String),
    /// It never came to the service.
    NotSent(String),
    /// Nobody knows whether it was done: no whole answer came, or one of an error of the service's own.
    Unknown(String),
    /// The answer is another than was expected; it was done all the same.
    Odd(String),
}

impl Trouble {
    /// Whether it may have been done all the same, so that it must be looked up.
    pub fn is_ambiguous(&self) -> bool {
        matches!(self, Trouble::Unknown(_) | Trouble::Odd(_))
    }

    /// The failure of a job that cannot do without.
    pub fn failure(&self, doing: &str) -> Failure {
        Failure::new(self.code(), format!("{doing}: {self}"))
    }

    fn code(&self) -> &'static Code {
        match self {
            Trouble::Denied(..) => &codes::VERCEL_DENIED,
            Trouble::Missing(_) => &codes::VERCEL_MISSING,
            Trouble::Limited(_) => &codes::VERCEL_LIMITED,
            Trouble::NotSent(_) | Trouble::Unknown(_) => &codes::VERCEL_UNREACHABLE,
            Trouble::Odd(_) => &codes::VERCEL_ANSWER,
            Trouble::Unpaid(_) | Trouble::Conflict(_) | Trouble::MissingFiles(_) | Trouble::Refused(..) => {
                &codes::VERCEL_REFUSED
            }
        }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::Denied(status, words) => write!(f, "Vercel refused with {status}{}", quoted(words)),
            Trouble::Missing(words) => write!(f, "Vercel does not find it{}", quoted(words)),
            Trouble::Unpaid(words) => write!(f, "the account's plan does not allow it{}", quoted(words)),
            Trouble::Conflict(words) => write!(f, "it conflicts with what is there{}", quoted(words)),
            Trouble::MissingFiles(files) => write!(f, "{} files are missing although they were uploaded", files.len()),
            Trouble::Limited(words) => write!(f, "Vercel has had too many requests{}", quoted(words)),
            Trouble::Refused(status, code, words) => {
                let code = if code.is_empty() { String::new() } else { format!(" `{code}`") };
                write!(f, "Vercel refused with {status}{code}{}", quoted(words))
            }
            Trouble::NotSent(reason) => write!(f, "Vercel cannot be reached: {reason}"),
            Trouble::Unknown(reason) => write!(f, "Vercel gave no whole answer: {reason}"),
            Trouble::Odd(reason) => write!(f, "Vercel's answer was not understood: {reason}"),
        }
    }
}

fn quoted(words: &str) -> String {
    if words.is_empty() { String::new() } else { format!(", `{words}`") }
}

/// The JSON of an answer with a status of success; null where it has no body.
pub fn read(answer: Result<Reply, SendError>) -> Result<Value, Trouble> {
    let reply = match answer {
        Ok(reply) => reply,
        Err(SendError::NotSent(reason)) => return Err(Trouble::NotSent(short(&reason))),
        Err(SendError::TimedOut) => return Err(Trouble::Unknown("it took too long".to_owned())),
        Err(SendError::TooLarge) => return Err(Trouble::Odd("it is too large".to_owned())),
        Err(SendError::Unknown(reason) | SendError::NotSaved(reason)) => return Err(Trouble::Unknown(short(&reason))),
    };
    if (200..300).contains(&reply.status) {
        return match reply.body.as_slice() {
            [] => Ok(Value::Null),
            body => {
                serde_json::from_slice(body).map_err(|error| Trouble::Odd(format!("no JSON: {error}{}", trace(&reply))))
            }
        };
    }
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    // Most errors are in `error`, some in `err`, a few are the body itself.
    let error = [&body["error"], &body["err"], &body].into_iter().find(|error| error.is_object()).unwrap_or(&body);
    let code = short(error["code"].as_str().unwrap_or_default());
    let words = words(error, &reply);
    if code == "missing_files" {
        let missing: Vec<_> = error["missing"].as_array().map(Vec::as_slice).unwrap_or_default().iter().collect();
        let hashes: Vec<String> = missing.iter().filter_map(|sha| sha.as_str().map(str::to_owned)).collect();
        return Err(match hashes.is_empty() {
            true => Trouble::Odd("it misses files and names none".to_owned()),
            false => Trouble::MissingFiles(hashes),
        });
    }
    Err(match reply.status {
        status @ (401 | 403) => Trouble::Denied(status, words),
        402 => Trouble::Unpaid(words),
        404 => Trouble::Missing(words),
        409 => Trouble::Conflict(words),
        429 => Trouble::Limited(words),
        status @ 500..=599 => Trouble::Unknown(format!("status {status}{}", quoted(&words))),
        status @ 300..=399 => Trouble::Odd(format!("it redirects with {status}")),
        status => Trouble::Refused(status, code, words),
    })
}

/// What Vercel says of an error, with the id by which it finds the request.
fn words(error: &Value, reply: &Reply) -> String {
    let mut words = short(error["message"].as_str().unwrap_or_default());
    if error["saml"] == true {
        words.push_str(" (the team wants a log-in by SAML: make a new token after it)");
    }
    words + &trace(reply)
}

fn trace(reply: &Reply) -> String {
    reply.header("x-vercel-id").map(|id| format!(" (request {})", short(id))).unwrap_or_default()
}

/// A stranger's text, cut short.
pub fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && *c != '`').take(300).collect()
}
