//! The messages of the run's artifact service: Twirp with JSON, as npm's
//! `@actions/artifact` speaks it. Keys go out in snake case and come back in
//! either; 64-bit numbers are texts.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::artifact::base64;
use crate::clients::Call;
use crate::clients::retry::Repeat;
use crate::codes;
use crate::http::{Body, Method, Reply, Request, SendError};
use crate::model::rules;
use crate::problem::Failure;
use crate::secret::Secret;

/// The largest block, in bytes.
pub const BLOCK: u64 = 8 << 20;
/// How long one message may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// How long one block, or a whole download, may take.
const BULK_TIMEOUT: Duration = Duration::from_secs(30 * 60);
/// The largest answer to a message, in bytes.
const LARGEST: u64 = 8 << 20;

/// The service of a run, and who we are to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    origin: String,
    token: Secret,
    /// The run's and the job's ids at the service.
    pub ids: [String; 2],
}

impl Service {
    /// From `ACTIONS_RESULTS_URL` and `ACTIONS_RUNTIME_TOKEN`; nothing where they
    /// cannot be those. The token is a JWT, whose claim `scp` names run and job.
    pub fn new(url: &str, token: &str) -> Option<Service> {
        let (scheme, rest) = url.split_once("://")?;
        let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty() && !host.contains('@'))?;
        let is_header = token.bytes().all(|byte| byte.is_ascii_graphic());
        if !matches!(scheme, "http" | "https") || !is_header {
            return None;
        }
        let claims: Value = serde_json::from_slice(&base64::decode(token.split('.').nth(1)?)?).ok()?;
        let scopes = claims["scp"].as_str()?;
        let ids = scopes.split(' ').find_map(|scope| scope.strip_prefix("Actions.Results:"))?;
        let (run, job) = ids.split_once(':')?;
        Some(Service {
            origin: format!("{scheme}://{host}"),
            token: Secret::new(token),
            ids: [run.to_owned(), job.to_owned()],
        })
    }

    fn call(&self, method: &str, more: Value, repeat: Repeat, ids: &[String; 2]) -> Call {
        let mut body = json!({"workflow_run_backend_id": ids[0], "workflow_job_run_backend_id": ids[1]});
        if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
            body.extend(more);
        }
        let header = |name: &str, value: String| (name.to_owned(), value);
        Call {
            request: Request {
                method: Method::Post,
                url: format!("{}/twirp/github.actions.results.api.v1.ArtifactService/{method}", self.origin),
                headers: vec![
                    header("Authorization", format!("Bearer {}", self.token.expose())),
                    header("Content-Type", "application/json".to_owned()),
                    header("Accept", "application/json".to_owned()),
                    header("User-Agent", "waybill".to_owned()),
                ],
                body: body.to_string().into_bytes().into(),
                timeout: TIMEOUT,
                limit: LARGEST,
                save: None,
            },
            repeat,
        }
    }

    /// Begins an upload. Version 4 is the zip that every reader takes.
    pub fn create(&self, name: &str, expires_at: DateTime<Utc>) -> Call {
        let body = json!({"name": name, "version": 4, "expires_at": rules::date_text(expires_at)});
        self.call("CreateArtifact", body, Repeat::IfUndone, &self.ids)
    }

    /// Ends an upload: from here on the artifact is there.
    pub fn finalize(&self, name: &str, size: u64, sha256: &str) -> Call {
        let body = json!({"name": name, "size": size.to_string(), "hash": format!("sha256:{sha256}")});
        self.call("FinalizeArtifact", body, Repeat::IfUndone, &self.ids)
    }

    /// The run's artifacts; with a name only those of it.
    pub fn list(&self, name: Option<&str>) -> Call {
        let body = name.map_or(json!({}), |name| json!({"name_filter": name}));
        self.call("ListArtifacts", body, Repeat::Always, &self.ids)
    }

    /// Where an artifact can be read, for a while.
    pub fn signed(&self, listed: &Listed) -> Call {
        self.call("GetSignedArtifactURL", json!({"name": listed.name}), Repeat::Always, &listed.ids)
    }

    /// Removes an artifact of this job.
    pub fn delete(&self, name: &str) -> Call {
        self.call("DeleteArtifact", json!({"name": name}), Repeat::Always, &self.ids)
    }

    /// Whether a URL that the service gave may be spoken to: with TLS, unless the service itself has none.
    pub fn may_send_to(&self, url: &str) -> bool {
        let tls = url.starts_with("https://");
        let plain = url.starts_with("http://") && self.origin.starts_with("http://");
        (tls || plain) && url.len() < 8192 && url.bytes().all(|byte| byte.is_ascii_graphic())
    }
}

/// An artifact in the service's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its number; a higher one is newer.
    pub number: u64,
    /// `sha256:…` of the zip; empty where the service does not say.
    pub digest: String,
    /// Size of the zip in bytes, as the service has it.
    pub size: u64,
    /// The ids of the run and the job that made it.
    pub ids: [String; 2],
}

/// The list in an answer.
pub fn read_list(answer: &Value, own: &[String; 2]) -> Result<Vec<Listed>, Failure> {
    let artifacts = match field(answer, "artifacts") {
        Value::Null => return Ok(Vec::new()),
        Value::Array(artifacts) => artifacts,
        _ => return Err(odd("ListArtifacts", "`artifacts` is no list")),
    };
    let text = |value: &Value, name: &str| field(value, name).as_str().map(str::to_owned);
    let id = |value: &Value, name: &str, own: &String| {
        text(value, name).filter(|id| !id.is_empty()).unwrap_or_else(|| own.clone())
    };
    let one = |value: &Value| {
        Some(Listed {
            name: text(value, "name")?,
            number: number(field(value, "databaseId")).unwrap_or_default(),
            digest: text(value, "digest").unwrap_or_default(),
            size: number(field(value, "size")).unwrap_or_default(),
            ids: [id(value, "workflowRunBackendId", &own[0]), id(value, "workflowJobRunBackendId", &own[1])],
        })
    };
    artifacts.iter().map(|value| one(value).ok_or_else(|| odd("ListArtifacts", "an artifact has no name"))).collect()
}

/// The URL in an answer.
pub fn read_url(service: &Service, method: &str, answer: &Value, name: &str) -> Result<String, Failure> {
    match field(answer, name).as_str() {
        Some(url) if service.may_send_to(url) => Ok(url.to_owned()),
        Some(_) => Err(odd(method, "its URL is none that may be spoken to")),
        None => Err(odd(method, "it has no URL")),
    }
}

/// Whether an answer says that all is well.
pub fn is_ok(answer: &Value) -> bool {
    field(answer, "ok") == &Value::Bool(true)
}

/// Writes a block of a blob.
pub fn block(url: &str, index: usize, body: Body) -> Call {
    let id = base64::encode(block_id(index).as_bytes()).replace('=', "%3D").replace('+', "%2B").replace('/', "%2F");
    put(joined(url, &format!("comp=block&blockid={id}")), body, "application/octet-stream")
}

/// Makes the blob of so many blocks, in order.
pub fn block_list(url: &str, count: usize) -> Call {
    let mut list = "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>".to_owned();
    for index in 0..count {
        list.push_str(&format!("<Latest>{}</Latest>", base64::encode(block_id(index).as_bytes())));
    }
    list.push_str("</BlockList>");
    let mut call = put(joined(url, "comp=blocklist"), list.into_bytes().into(), "application/xml");
    // The blob's own type: by it npm's client knows that what it reads is a zip file.
    call.request.headers.push(("x-ms-blob-content-type".to_owned(), "application/zip".to_owned()));
    call
}

/// Reads a blob into a file.
pub fn download(url: &str, path: &str, limit: u64) -> Call {
    let request = Request {
        method: Method::Get,
        url: url.to_owned(),
        headers: vec![("User-Agent".to_owned(), "waybill".to_owned())],
        body: Vec::new().into(),
        timeout: BULK_TIMEOUT,
        limit,
        save: Some(path.to_owned()),
    };
    Call { request, repeat: Repeat::Always }
}

/// All ids of a blob's blocks must have one length.
fn block_id(index: usize) -> String {
    format!("waybill-{index:010}")
}

fn put(url: String, body: Body, kind: &str) -> Call {
    let headers = [("Content-Type", kind), ("x-ms-version", "2021-12-02"), ("User-Agent", "waybill")];
    let request = Request {
        method: Method::Put,
        url,
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        body,
        timeout: BULK_TIMEOUT,
        limit: LARGEST,
        save: None,
    };
    Call { request, repeat: Repeat::Always }
}

/// The URL with more parameters. As it came: a signed URL that is parsed and
/// written anew may be another one.
fn joined(url: &str, parameters: &str) -> String {
    let sign = if url.contains('?') { '&' } else { '?' };
    format!("{url}{sign}{parameters}")
}

/// What came of a message: its JSON, or why there is none.
pub fn read(method: &str, answer: Result<Reply, SendError>) -> Result<Value, Failure> {
    let reply = reached(method, answer)?;
    if reply.status / 100 != 2 {
        return Err(refused(method, &reply));
    }
    serde_json::from_slice(&reply.body).map_err(|error| odd(method, &format!("it is no JSON: {error}")))
}

/// What came of a blob's request.
pub fn read_blob(what: &str, answer: Result<Reply, SendError>) -> Result<Reply, Failure> {
    let reply = reached(what, answer)?;
    if reply.status / 100 == 2 { Ok(reply) } else { Err(refused(what, &reply)) }
}

fn reached(what: &str, answer: Result<Reply, SendError>) -> Result<Reply, Failure> {
    let reason = match answer {
        Ok(reply) => return Ok(reply),
        Err(SendError::TooLarge) => return Err(odd(what, "it is too large")),
        Err(SendError::TimedOut) => "it took too long".to_owned(),
        Err(SendError::NotSaved(reason)) => reason,
        Err(SendError::NotSent(reason) | SendError::Unknown(reason)) => short(&reason),
    };
    Err(Failure::new(&codes::STORE_UNAVAILABLE, format!("the artifact service, {what}: {reason}")))
}

fn refused(what: &str, reply: &Reply) -> Failure {
    let words = words(&reply.body);
    let shown = if words.is_empty() { String::new() } else { format!(", `{words}`") };
    let is_full = words.to_ascii_lowercase().contains("insufficient usage") || reply.status == 507;
    let code = match reply.status {
        409 => &codes::ARTIFACT_EXISTS,
        404 => &codes::ARTIFACT_MISSING,
        _ if is_full => &codes::STORE_FULL,
        _ => &codes::STORE_UNAVAILABLE,
    };
    Failure::new(code, format!("the artifact service refused {what} with {}{shown}", reply.status))
}

/// An answer that is another than was expected.
pub fn odd(what: &str, wrong: &str) -> Failure {
    Failure::new(&codes::STORE_ANSWER, format!("the artifact service's answer to {what} was not understood: {wrong}"))
}

/// A field by its name in camel case or in snake case.
pub fn field<'v>(value: &'v Value, name: &str) -> &'v Value {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    value.get(name).or_else(|| value.get(&snake)).unwrap_or(&Value::Null)
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// What the service says of an error, cut short: Twirp's `msg`, or XML's `Message`.
fn words(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(4096)]).into_owned();
    match serde_json::from_str::<Value>(&text) {
        Ok(value) => short(value["msg"].as_str().or(value["message"].as_str()).unwrap_or_default()),
        Err(_) => {
            let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
            short(code.map_or("", |(code, _)| code))
        }
    }
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && *c != '`').take(200).collect()
}
