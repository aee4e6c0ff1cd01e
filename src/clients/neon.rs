//! Neon's API: finding the branch that a connection URL leads to, and making a
//! copy of it (Neon's API reference, "Branch" and "Project").

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::Call;
use super::retry::Repeat;
use crate::http::{Method, Reply, Request, SendError};
use crate::secret::Secret;

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The largest answer that is read, in bytes: a page of 400 projects.
const LARGEST: u64 = 16 << 20;

/// The API, and the key to speak with.
#[derive(Clone, Debug)]
pub struct Neon {
    api: String,
    key: Secret,
}

impl Neon {
    /// From the API's base and a key; nothing where the key cannot be one.
    pub fn new(api: &str, key: &Secret) -> Option<Neon> {
        let fits = !key.expose().is_empty() && key.expose().bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Neon { api: api.trim_end_matches('/').to_owned(), key: key.clone() })
    }

    /// A page of the projects.
    pub fn projects(&self, cursor: Option<&str>) -> Call {
        let cursor = cursor.filter(|cursor| is_id(cursor)).map(|cursor| format!("&cursor={cursor}"));
        self.call(Method::Get, &format!("projects?limit=400{}", cursor.unwrap_or_default()), None)
    }

    /// The endpoints of a project.
    pub fn endpoints(&self, project: &str) -> Call {
        self.call(Method::Get, &format!("projects/{project}/endpoints"), None)
    }

    /// The branches of a project.
    pub fn branches(&self, project: &str) -> Call {
        self.call(Method::Get, &format!("projects/{project}/branches"), None)
    }

    /// Makes a branch of a branch, which Neon removes by itself after a time.
    pub fn copy(&self, project: &str, parent: &str, name: &str, expires: DateTime<Utc>) -> Call {
        let expires = expires.to_rfc3339_opts(SecondsFormat::Secs, true);
        let branch = json!({ "branch": { "name": name, "parent_id": parent, "expires_at": expires } });
        self.call(Method::Post, &format!("projects/{project}/branches"), Some(&branch))
    }

    /// How far an operation is.
    pub fn operation(&self, project: &str, operation: &str) -> Call {
        self.call(Method::Get, &format!("projects/{project}/operations/{operation}"), None)
    }

    fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Call {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut headers = vec![
            header("Accept", "application/json"),
            header("Authorization", &format!("Bearer {}", self.key.expose())),
            header("User-Agent", "waybill"),
        ];
        if body.is_some() {
            headers.push(header("Content-Type", "application/json"));
        }
        let request = Request {
            method,
            url: format!("{}/{path}", self.api),
            headers,
            body: body.map(|body| body.to_string().into_bytes()).unwrap_or_default().into(),
            timeout: TIMEOUT,
            limit: LARGEST,
            save: None,
        };
        // Made twice, a branch would be there twice, or the second attempt fail by its name.
        let repeat = if method == Method::Get { Repeat::Always } else { Repeat::IfUndone };
        Call { request, repeat }
    }
}

/// Whether a text of an answer may stand in a path.
pub fn is_id(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    !text.is_empty() && text.len() <= 128 && text.chars().all(plain)
}

/// An answer as JSON; or what is wrong, in Neon's words.
pub fn read(answer: Result<Reply, SendError>) -> Result<Value, String> {
    let reply = answer.map_err(|error| format!("no answer: {error:?}"))?;
    let value: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    match reply.status {
        200..=299 => Ok(value),
        status => {
            let message: String = value["message"].as_str().unwrap_or_default().chars().take(300).collect();
            Err(format!("status {status} {message}").trim_end().to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_name_what_they_are_about() {
        let neon = Neon::new("https://neon.example/api/v2/", &Secret::new("key")).unwrap();
        let url = |call: Call| call.request.url;
        assert_eq!(url(neon.projects(Some("a-1"))), "https://neon.example/api/v2/projects?limit=400&cursor=a-1");
        assert_eq!(url(neon.projects(Some("a&b"))), "https://neon.example/api/v2/projects?limit=400");
        assert_eq!(neon.copy("p", "b", "n", DateTime::UNIX_EPOCH).repeat, Repeat::IfUndone);
        assert!(Neon::new("https://neon.example", &Secret::new("a key")).is_none());
    }
}
