//! GitHub's REST API: requests and answers. Its documentation is the source of
//! paths, fields and statuses.

use std::time::Duration;

use serde_json::Value;

use super::Call;
use super::retry::{Repeat, Rules, is_limited};
use crate::codes;
use crate::http::{Method, Reply, Request, SendError};
use crate::problem::Failure;
use crate::secret::Secret;

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The largest answer that is read, in bytes: a page of a hundred comments,
/// each as long as GitHub allows.
const LARGEST: u64 = 32 << 20;

/// The repository at GitHub, and the token to speak with.
#[derive(Clone, Debug)]
pub struct GitHub {
    api: String,
    repository: String,
    token: Secret,
}

impl GitHub {
    /// From the API's base, as `https://api.github.com`, `owner/name` and a
    /// token; nothing where one of them cannot be one.
    pub fn new(api: &str, repository: &str, token: &Secret) -> Option<Self> {
        let is_name = |name: &str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            !name.is_empty() && name.chars().all(plain) && !name.chars().all(|c| c == '.')
        };
        let (owner, name) = repository.split_once('/')?;
        let is_api = api.starts_with("https://") || api.starts_with("http://");
        let token_fits = !token.expose().is_empty() && token.expose().bytes().all(|b| b.is_ascii_graphic());
        (is_api && is_name(owner) && is_name(name) && token_fits).then(|| GitHub {
            api: api.trim_end_matches('/').to_owned(),
            repository: repository.to_owned(),
            token: token.clone(),
        })
    }

    /// A call below the repository, as `issues/1/comments`. All but a creation
    /// may be repeated.
    pub fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Call {
        self.call_at(method, &format!("repos/{}/{path}", self.repository), body)
    }

    /// A call below the API's base, as `user`.
    pub fn call_at(&self, method: Method, path: &str, body: Option<&Value>) -> Call {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut headers = vec![
            header("Accept", "application/vnd.github+json"),
            header("Authorization", &format!("Bearer {}", self.token.expose())),
            header("User-Agent", "waybill"),
            header("X-GitHub-Api-Version", "2022-11-28"),
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
        let repeat = if method == Method::Post { Repeat::IfUndone } else { Repeat::Always };
        Call { request, repeat }
    }
}

/// Why GitHub did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The token may not, or it is not there: 401, 403 or 404, with GitHub's words.
    Denied(u16, String),
    /// Too many requests, for longer than there is time.
    Limited,
    /// No whole answer came.
    Unreachable(String),
    /// The answer is another than was expected.
    Odd(String),
}

impl Trouble {
    /// The failure of a job that cannot do without.
    pub fn failure(&self) -> Failure {
        let code = match self {
            Trouble::Denied(..) => &codes::GITHUB_DENIED,
            Trouble::Limited => &codes::GITHUB_LIMITED,
            Trouble::Unreachable(_) => &codes::GITHUB_UNREACHABLE,
            Trouble::Odd(_) => &codes::GITHUB_ANSWER,
        };
        Failure::new(code, self.to_string())
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::Denied(status, words) if words.is_empty() => write!(f, "GitHub refused with {status}"),
            Trouble::Denied(status, words) => write!(f, "GitHub refused with {status}, `{words}`"),
            Trouble::Limited => f.write_str("GitHub has had too many requests"),
            Trouble::Unreachable(reason) => write!(f, "GitHub cannot be reached: {reason}"),
            Trouble::Odd(reason) => write!(f, "GitHub's answer was not understood: {reason}"),
        }
    }
}

/// The JSON of an answer with a status of success; null where it has no body.
pub fn read(answer: Result<Reply, SendError>) -> Result<Value, Trouble> {
    let reply = match answer {
        Ok(reply) => reply,
        Err(SendError::TooLarge) => return Err(Trouble::Odd("it is too large".to_owned())),
        Err(SendError::TimedOut) => return Err(Trouble::Unreachable("it took too long".to_owned())),
        Err(SendError::NotSent(reason) | SendError::Unknown(reason) | SendError::NotSaved(reason)) => {
            return Err(Trouble::Unreachable(short(&reason)));
        }
    };
    match reply.status {
        200..=299 if reply.body.is_empty() => Ok(Value::Null),
        200..=299 => serde_json::from_slice(&reply.body).map_err(|error| Trouble::Odd(format!("no JSON: {error}"))),
        _ if is_limited(Rules::GitHub, &reply) => Err(Trouble::Limited),
        status @ (401 | 403 | 404) => Err(Trouble::Denied(status, words(&reply))),
        502..=504 => Err(Trouble::Unreachable(format!("status {}", reply.status))),
        status => Err(Trouble::Odd(format!("status {status} {}", words(&reply)).trim_end().to_owned())),
    }
}

/// What GitHub says of an error, cut short: it is a stranger's text.
fn words(reply: &Reply) -> String {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    short(body["message"].as_str().unwrap_or_default())
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && *c != '`').take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, body: &str, expected: Result<Value, &str>) {
        let found = read(Ok(Reply { status, body: body.into(), ..Reply::default() }));
        assert_eq!(found.map_err(|trouble| trouble.to_string()), expected.map_err(str::to_owned));
    }

    #[test]
    fn a_call_has_githubs_headers() {
        let token = Secret::new("t0ken");
        let github = GitHub::new("https://api.github.com/", "octo/demo.js", &token).unwrap();
        let call = github.call(Method::Patch, "issues/comments/1", Some(&serde_json::json!({"body": "x"})));
        assert_eq!(call.repeat, Repeat::Always);
        assert_eq!(call.request.url, "https://api.github.com/repos/octo/demo.js/issues/comments/1");
        assert_eq!(call.request.body.bytes(), b"{\"body\":\"x\"}");
        let headers: Vec<_> = call.request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_eq!(
            headers,
            [
                "Accept: application/vnd.github+json",
                "Authorization: Bearer t0ken",
                "User-Agent: waybill",
                "X-GitHub-Api-Version: 2022-11-28",
                "Content-Type: application/json"
            ]
        );
        assert_eq!(github.call(Method::Post, "deployments", None).repeat, Repeat::IfUndone);
        assert_eq!(github.call_at(Method::Get, "user", None).request.url, "https://api.github.com/user");
    }

    #[test]
    fn what_cannot_be_a_repository_or_a_token_is_none() {
        for (api, repository, token) in [
            ("ftp://x", "a/b", "t"),
            ("https://x", "a", "t"),
            ("https://x", "a/b/c", "t"),
            ("https://x", "../b", "t"),
            ("https://x", "a/b", ""),
            ("https://x", "a/b", "t\r\nX: y"),
        ] {
            assert!(GitHub::new(api, repository, &Secret::new(token)).is_none(), "{api} {repository} {token:?}");
        }
    }

    #[test]
    fn answers_are_read_by_their_status() {
        check(200, "{\"id\":1}", Ok(serde_json::json!({"id": 1})));
        check(204, "", Ok(Value::Null));
        check(200, "<html>", Err("GitHub's answer was not understood: no JSON: expected value at line 1 column 1"));
        let message = "{\"message\":\"Resource not `accessible`\\n by integration\"}";
        check(403, message, Err("GitHub refused with 403, `Resource not accessible by integration`"));
        check(404, "", Err("GitHub refused with 404"));
        check(403, "{\"message\":\"API rate limit exceeded\"}", Err("GitHub has had too many requests"));
        check(503, "", Err("GitHub cannot be reached: status 503"));
        check(
            422,
            "{\"message\":\"Body is too long\"}",
            Err("GitHub's answer was not understood: status 422 Body is too long"),
        );
        check(301, "", Err("GitHub's answer was not understood: status 301"));
    }
}
