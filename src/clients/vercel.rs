//! Vercel's REST API: requests and answers. Its documentation, its OpenAPI
//! description and its own command line are the sources of paths and fields.

mod answers;
mod limits;
mod state;
mod trouble;

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::Call;
use super::retry::Repeat;
use crate::http::{Body, Method, Request};
use crate::secret::Secret;

pub use answers::{AliasJob, Deployment, Listed, Project, Served, Token, created, listed, notices};
pub use limits::{MOST_FILES, PART, Upload, UploadFile};
pub use state::{Outcome, Switch, Wanted, outcome, switched};
pub use trouble::{Trouble, read};

/// The base of the API.
pub const API: &str = "https://api.vercel.com";

/// The largest answer that is read, in bytes: a list of deployments with all
/// that belongs to them.
const LARGEST: u64 = 32 << 20;

/// A file is uploaded at no less than this many bytes a second, or it is given up.
const SLOWEST: u64 = 50 * 1024;

/// An account at Vercel, and the token to speak with.
#[derive(Clone, Debug)]
pub struct Vercel {
    api: String,
    team: String,
    token: Secret,
    timeout: Duration,
}

/// What is created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// The project's id.
    pub project: String,
    /// The project's name.
    pub name: String,
    /// `production`, `staging`, the name of a custom environment, or empty for a preview.
    pub target: String,
    /// Whether the production domains are left where they are until a promote.
    pub without_domains: bool,
    /// Notes that stay with the deployment, by which it is found again.
    pub meta: Vec<(String, String)>,
    /// Where the source comes from.
    pub git: Option<Git>,
}

/// Where the source comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Git {
    /// The repository's page.
    pub remote: String,
    /// The branch or tag.
    pub reference: String,
    /// The commit.
    pub commit: String,
    /// Who started it.
    pub actor: String,
}

impl Vercel {
    /// With the API's base, a team (`team_…` or its slug; empty for a personal
    /// account) and how long a small request may take.
    pub fn new(api: &str, team: &str, token: &Secret, timeout: Duration) -> Self {
        let api = api.trim_end_matches('/').to_owned();
        Vercel { api, team: team.to_owned(), token: token.clone(), timeout }
    }

    /// `GET /v5/user/tokens/current`: until when the token is good.
    pub fn token(&self) -> Call {
        self.call(Method::Get, "/v5/user/tokens/current", &[], None)
    }

    /// `GET /v9/projects/{id}`, with the state of the newest switch of traffic.
    pub fn project(&self, id: &str) -> Call {
        self.call(Method::Get, &format!("/v9/projects/{}", segment(id)), &[("rollbackInfo", "true")], None)
    }

    /// `GET /v1/projects/{id}/rolling-release`.
    pub fn rolling_release(&self, project: &str) -> Call {
        self.call(Method::Get, &format!("/v1/projects/{}/rolling-release", segment(project)), &[], None)
    }

    /// `GET /v6/deployments` of a project, the newest first. `since` is in milliseconds since 1970.
    pub fn list(&self, project: &str, target: &str, since: Option<i64>) -> Call {
        let since = since.map(|since| since.to_string()).unwrap_or_default();
        let mut query = vec![("projectId", project), ("limit", "100")];
        if target == "production" {
            query.push(("target", target));
        }
        if !since.is_empty() {
            query.push(("since", &since));
        }
        self.call(Method::Get, "/v6/deployments", &query, None)
    }

    /// `POST /v13/deployments`. Its answer names the files that are missing,
    /// and then nothing was created.
    pub fn create(&self, create: &Create, files: &[UploadFile]) -> Call {
        let query = [("skipAutoDetectionConfirmation", "1"), ("prebuilt", "1")];
        self.call(Method::Post, "/v13/deployments", &query, Some(&body(create, files)))
    }

    /// `POST /v2/files`: a file's content, named by its SHA-1. Sent twice it is
    /// there once.
    pub fn upload(&self, sha1: &str, content: Body) -> Call {
        let size = content.size();
        let mut call = self.call(Method::Post, "/v2/files", &[], None);
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        call.request.headers.extend([
            header("Content-Type", "application/octet-stream"),
            header("x-vercel-digest", sha1),
            // What Vercel's own command line sends instead.
            header("x-now-digest", sha1),
            header("x-now-size", &size.to_string()),
        ]);
        call.request.timeout = self.timeout + Duration::from_secs(size / SLOWEST);
        call.request.body = content;
        Call { repeat: Repeat::Always, ..call }
    }

    /// `GET /v13/deployments/{id}`.
    pub fn deployment(&self, id: &str) -> Call {
        self.call(Method::Get, &format!("/v13/deployments/{}", segment(id)), &[], None)
    }

    /// `GET /v6/deployments/{id}/files`: the tree of its files, each with its SHA-1 as `uid`.
    pub fn tree(&self, id: &str) -> Call {
        self.call(Method::Get, &format!("/v6/deployments/{}/files", segment(id)), &[], None)
    }

    /// `GET /v3/deployments/{id}/events` since a time in milliseconds, as a list.
    pub fn events(&self, id: &str, since: i64) -> Call {
        let since = since.to_string();
        let query = [("direction", "forward"), ("limit", "-1"), ("builds", "1"), ("since", since.as_str())];
        self.call(Method::Get, &format!("/v3/deployments/{}/events", segment(id)), &query, None)
    }

    /// `POST /v10/projects/{id}/promote/{deployment}`.
    pub fn promote(&self, project: &str, deployment: &str) -> Call {
        let path = format!("/v10/projects/{}/promote/{}", segment(project), segment(deployment));
        self.call(Method::Post, &path, &[], Some(&json!({})))
    }

    /// `POST /v1/projects/{id}/rollback/{deployment}`, with the reason.
    pub fn roll_back(&self, project: &str, deployment: &str, reason: &str) -> Call {
        let path = format!("/v1/projects/{}/rollback/{}", segment(project), segment(deployment));
        let reason: String = reason.chars().take(200).collect();
        self.call(Method::Post, &path, &[("description", &reason)], Some(&json!({})))
    }

    /// `GET /v1/projects/{id}/promote/aliases`: the domains that the newest switch could not move.
    pub fn failed_aliases(&self, project: &str) -> Call {
        let path = format!("/v1/projects/{}/promote/aliases", segment(project));
        self.call(Method::Get, &path, &[("failedOnly", "true"), ("limit", "20")], None)
    }

    /// `POST /v2/deployments/{id}/aliases`. The same alias again is no change.
    pub fn alias(&self, deployment: &str, alias: &str) -> Call {
        let path = format!("/v2/deployments/{}/aliases", segment(deployment));
        let call = self.call(Method::Post, &path, &[], Some(&json!({ "alias": alias })));
        Call { repeat: Repeat::Always, ..call }
    }

    /// `PATCH /v12/deployments/{id}/cancel`.
    pub fn cancel(&self, deployment: &str) -> Call {
        self.call(Method::Patch, &format!("/v12/deployments/{}/cancel", segment(deployment)), &[], None)
    }

    /// `DELETE /v13/deployments/{id}`: it can never serve again.
    pub fn delete(&self, deployment: &str) -> Call {
        self.call(Method::Delete, &format!("/v13/deployments/{}", segment(deployment)), &[], None)
    }

    fn call(&self, method: Method, path: &str, query: &[(&str, &str)], body: Option<&Value>) -> Call {
        let mut url = format!("{}{path}", self.api);
        let scope = match self.team.as_str() {
            "" => None,
            team if team.starts_with("team_") => Some(("teamId", team)),
            slug => Some(("slug", slug)),
        };
        for (at, (name, value)) in query.iter().copied().chain(scope).enumerate() {
            url.push(if at == 0 { '?' } else { '&' });
            url.push_str(&format!("{name}={}", segment(value)));
        }
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut headers = vec![
            header("Accept", "application/json"),
            header("Authorization", &format!("Bearer {}", self.token.expose())),
            header("User-Agent", "waybill"),
        ];
        if body.is_some() {
            headers.push(header("Content-Type", "application/json"));
        }
        let request = Request {
            method,
            url,
            headers,
            body: body.map(|body| body.to_string().into_bytes()).unwrap_or_default().into(),
            timeout: self.timeout,
            limit: LARGEST,
            save: None,
        };
        let repeat = if method == Method::Post { Repeat::IfUndone } else { Repeat::Always };
        Call { request, repeat }
    }
}

/// What a creation says, as Vercel's own command line says it of a prebuilt output.
fn body(create: &Create, files: &[UploadFile]) -> Value {
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    put("name", json!(create.name));
    put("project", json!(create.project));
    match create.target.as_str() {
        "" => {}
        target @ ("production" | "staging") => {
            put("target", json!(target));
        }
        custom => {
            put("customEnvironmentSlugOrId", json!(custom));
        }
    }
    put("version", json!(2));
    put("source", json!("cli"));
    put("meta", Value::Object(create.meta.iter().map(|(name, value)| (name.clone(), json!(value))).collect()));
    put("projectSettings", json!({ "sourceFilesOutsideRootDirectory": true, "rootDirectory": null }));
    if create.without_domains {
        put("autoAssignCustomDomains", json!(false));
    }
    if let Some(git) = &create.git {
        put(
            "gitMetadata",
            json!({
                "remoteUrl": git.remote,
                "commitRef": git.reference,
                "commitSha": git.commit,
                "commitAuthorName": git.actor,
                "dirty": false,
            }),
        );
    }
    let file = |file: &UploadFile| json!({ "file": file.path, "sha": file.sha1, "size": file.size, "mode": file.mode });
    put("files", files.iter().map(file).collect());
    Value::Object(body)
}

/// A value as one segment of a path, or as a value in a query (RFC 3986).
fn segment(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { (byte as char).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests;
