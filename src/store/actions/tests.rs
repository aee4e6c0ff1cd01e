//! The artifact service as the tests have it: strict, in memory, beside a fake host.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::ready;
use std::io::Read;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::artifact::base64;
use crate::host::fake::{Fake, block_on};
use crate::host::{Child, Command, Entry, FileError, Platform, Signal, StartError, StreamError, Streamed};
use crate::http::{Method, Reply, Request, Saved, SendError};
use crate::model::id;
use crate::store::artifacts::Part;

pub const RUN: &str = "7";
const ORIGIN: &str = "https://results.example.com";

pub fn token() -> String {
    let claims = json!({"scp": "Actions.GenericRead Actions.Results:run-1:job-1"}).to_string();
    format!("e30.{}.c2ln", base64::encode(claims.as_bytes()).trim_end_matches('=').replace('+', "-").replace('/', "_"))
}

pub fn service() -> Service {
    Service::new(&format!("{ORIGIN}/some/path/"), &token()).unwrap()
}

/// The blocks of a blob, by id.
type Blocks = Vec<(String, Vec<u8>)>;
/// Changes an answer.
type Twist = dyn Fn(&Request, Reply) -> Reply;

/// A fake host whose requests a service answers.
pub struct Serving {
    fake: Fake,
    masks: RefCell<Vec<String>>,
    blobs: RefCell<BTreeMap<String, Blocks>>,
    stored: RefCell<BTreeMap<String, (Vec<u8>, bool)>>,
    /// Changes what is answered: the request, and the answer that it would get.
    twist: Box<Twist>,
}

impl Serving {
    pub fn honest() -> Serving {
        Serving::twisted(|_, reply| reply)
    }

    pub fn twisted(twist: impl Fn(&Request, Reply) -> Reply + 'static) -> Serving {
        Serving {
            fake: Fake::new(),
            masks: RefCell::default(),
            blobs: RefCell::default(),
            stored: RefCell::default(),
            twist: Box::new(twist),
        }
    }

    pub fn file(mut self, path: &str, content: &[u8]) -> Serving {
        self.fake = self.fake.file(path, content);
        self
    }

    pub fn bytes(&self, path: &str) -> Vec<u8> {
        self.fake.bytes(path).unwrap_or_else(|| panic!("no file {path}"))
    }

    pub fn masked(&self, secret: &str) {
        self.masks.borrow_mut().push(secret.to_owned());
    }

    pub fn files_left(&self, start: &str) -> usize {
        self.fake.paths().iter().filter(|path| path.starts_with(start)).count()
    }

    fn body(&self, body: &Body) -> Vec<u8> {
        match body {
            Body::Bytes(bytes) => bytes.clone(),
            Body::File { path, from, length } => self.bytes(path)[*from as usize..(*from + *length) as usize].to_vec(),
        }
    }

    fn answer(&self, request: &Request) -> Reply {
        let json = |value: Value| Reply { status: 200, body: value.to_string().into_bytes(), ..Reply::default() };
        let error = |status: u16, text: &str| Reply {
            status,
            body: json!({"code": "x", "msg": text}).to_string().into_bytes(),
            ..Reply::default()
        };
        if let Some(rest) = request.url.strip_prefix("https://blob.example.com/") {
            return self.blob(request, rest);
        }
        let method = request.url.strip_prefix(ORIGIN).and_then(|rest| rest.rsplit_once("ArtifactService/")).unwrap().1;
        let bearer = format!("Bearer {}", token());
        assert!(request.headers.contains(&("Authorization".to_owned(), bearer)) && request.method == Method::Post);
        let body: Value = serde_json::from_slice(&self.body(&request.body)).unwrap();
        assert_eq!(
            (&body["workflow_run_backend_id"], &body["workflow_job_run_backend_id"]),
            (&json!("run-1"), &json!("job-1"))
        );
        let name = body["name"].as_str().unwrap_or_default().to_owned();
        let mut stored = self.stored.borrow_mut();
        match method {
            "CreateArtifact" => {
                assert_eq!((&body["version"], &body["expires_at"]), (&json!(4), &json!("2026-12-02T10:00:00.000Z")));
                if stored.contains_key(&name) {
                    return error(409, "an artifact with this name already exists on the workflow run");
                }
                self.blobs.borrow_mut().insert(name.clone(), Vec::new());
                let url = format!("https://blob.example.com/{}?sig=s3cret%2Bsignature%3D", name.replace(' ', "%20"));
                json(json!({"ok": true, "signed_upload_url": url}))
            }
            "FinalizeArtifact" => match stored.get_mut(&name) {
                Some((bytes, finished)) => {
                    let hash = format!("sha256:{}", id::sha256(bytes));
                    assert_eq!((&body["size"], &body["hash"]), (&json!(bytes.len().to_string()), &json!(hash)));
                    *finished = true;
                    json(json!({"ok": true, "artifactId": "9"}))
                }
                None => error(404, "not found"),
            },
            "DeleteArtifact" => {
                stored.remove(&name);
                json(json!({"ok": true, "artifact_id": "9"}))
            }
            "ListArtifacts" => {
                let wanted = body["name_filter"].as_str();
                let whole = stored
                    .iter()
                    .filter(|(name, (_, finished))| *finished && wanted.is_none_or(|wanted| wanted == *name));
                let list: Vec<Value> = whole
                    .enumerate()
                    .map(|(at, (name, (bytes, _)))| {
                        let digest = format!("sha256:{}", id::sha256(bytes));
                        json!({"workflow_run_backend_id": "run-1", "workflowJobRunBackendId": "job-1",
                            "name": name, "database_id": at.to_string(), "size": "1", "digest": digest})
                    })
                    .collect();
                json(json!({"artifacts": list}))
            }
            "GetSignedArtifactURL" => json(
                json!({"signedUrl": format!("https://blob.example.com/{}?sig=other-s3cret", name.replace(' ', "%20"))}),
            ),
            other => panic!("no method {other}"),
        }
    }

    fn blob(&self, request: &Request, rest: &str) -> Reply {
        assert!(request.headers.iter().all(|(name, _)| name != "Authorization"));
        let (name, query) = rest.split_once('?').unwrap();
        let name = name.replace("%20", " ");
        let reply = |status: u16, body: Vec<u8>| Reply { status, body, ..Reply::default() };
        if request.method == Method::Get {
            assert_eq!(query, "sig=other-s3cret");
            return reply(200, self.stored.borrow()[&name].0.clone());
        }
        let body = self.body(&request.body);
        let parameters = query.strip_prefix("sig=s3cret%2Bsignature%3D&").unwrap();
        let mut blobs = self.blobs.borrow_mut();
        let blocks = blobs.get_mut(&name).unwrap();
        if let Some(id) = parameters.strip_prefix("comp=block&blockid=") {
            assert!(body.len() as u64 <= BLOCK && !body.is_empty());
            blocks.push((id.replace("%3D", "="), body));
            return reply(201, Vec::new());
        }
        assert_eq!(parameters, "comp=blocklist");
        let list: String = blocks.iter().map(|(id, _)| format!("<Latest>{id}</Latest>")).collect();
        let whole = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>{list}</BlockList>");
        assert_eq!(String::from_utf8(body).unwrap(), whole);
        let bytes = std::mem::take(blocks).into_iter().flat_map(|(_, bytes)| bytes).collect();
        self.stored.borrow_mut().insert(name, (bytes, false));
        reply(201, Vec::new())
    }
}

impl Host for Serving {
    fn arguments(&self) -> Vec<String> {
        Host::arguments(&self.fake)
    }
    fn environment(&self) -> BTreeMap<String, String> {
        self.fake.environment()
    }
    fn platform(&self) -> Platform {
        self.fake.platform()
    }
    fn now(&self) -> DateTime<Utc> {
        self.fake.now()
    }
    fn random(&self) -> [u8; 16] {
        self.fake.random()
    }
    fn sleep(&self, time: Duration) -> Task<'_, ()> {
        self.fake.sleep(time)
    }
    fn cancelled(&self) -> Task<'_, Signal> {
        self.fake.cancelled()
    }
    fn print(&self, bytes: &[u8]) {
        self.fake.print(bytes);
    }
    fn open(&self, path: &str) -> Result<Box<dyn Read>, FileError> {
        self.fake.open(path)
    }
    fn open_at(&self, path: &str, from: u64) -> Result<Box<dyn Read>, FileError> {
        self.fake.open_at(path, from)
    }
    fn read_link(&self, path: &str) -> Result<String, FileError> {
        self.fake.read_link(path)
    }
    fn stream<'a>(
        &'a self,
        pieces: &'a [Piece],
        into: Option<&'a str>,
        wanted: Wanted,
    ) -> Task<'a, Result<Streamed, StreamError>> {
        self.fake.stream(pieces, into, wanted)
    }
    fn write(&self, path: &str, bytes: &[u8], how: Writing) -> Result<(), FileError> {
        self.fake.write(path, bytes, how)
    }
    fn remove(&self, path: &str) -> Result<(), FileError> {
        self.fake.remove(path)
    }
    fn list(&self, path: &str) -> Result<Vec<Entry>, FileError> {
        self.fake.list(path)
    }
    fn real_path(&self, path: &str) -> Result<String, FileError> {
        self.fake.real_path(path)
    }
    fn start<'a>(&'a self, command: &'a Command) -> Task<'a, Result<Box<dyn Child>, StartError>> {
        self.fake.start(command)
    }
    fn network(&self) -> &dyn crate::host::socket::Network {
        self.fake.network()
    }
    fn sign<'a>(&'a self, seed: &'a [u8; 32], message: &'a [u8]) -> Task<'a, Option<([u8; 32], Vec<u8>)>> {
        self.fake.sign(seed, message)
    }
    fn verify<'a>(&'a self, public: &'a [u8; 32], message: &'a [u8], signature: &'a [u8]) -> Task<'a, bool> {
        self.fake.verify(public, message, signature)
    }
    fn send<'a>(&'a self, request: &'a Request) -> Task<'a, Result<Reply, SendError>> {
        let mut reply = (self.twist)(request, self.answer(request));
        if let Some(path) = request.save.as_ref().filter(|_| reply.status == 200) {
            let body = std::mem::take(&mut reply.body);
            reply.saved = Some(Saved { size: body.len() as u64, sha256: id::sha256(&body) });
            self.fake.write(path, &body, Writing::Replace).unwrap();
        }
        Box::pin(ready(Ok(reply)))
    }
}

/// Stores a small parcel and takes it again, with a twist in the answers: the
/// code and the message of what went wrong.
fn twisted(twist: impl Fn(&Request, Reply) -> Reply + 'static) -> (&'static str, String) {
    let host = Serving::twisted(twist);
    let mask = |secret: &str| host.masked(secret);
    let store = Actions {
        host: &host,
        service: service(),
        run: RUN.to_owned(),
        temporary: "/t".to_owned(),
        most_days: Some(10),
        elsewhere: None,
        mask: &mask,
    };
    let parcel = Parcel {
        run: RUN.to_owned(),
        attempt: "1".to_owned(),
        name: "shop".to_owned(),
        job_id: "a".repeat(64),
        parts: vec![Part { name: "shop.tar".to_owned(), content: Content::Bytes(b"content".repeat(100)) }],
        expires_at: host.now() + TimeDelta::days(30),
    };
    let outcome = block_on(async {
        store.put(&parcel).await?;
        let found = store.find(RUN, "shop").await?;
        let found = found.ok_or_else(|| Failure::new(&codes::ARTIFACT_MISSING, "nothing is listed"))?;
        store.fetch(&found, "/t/in").await
    });
    assert!(host.masks.borrow().iter().all(|mask| mask.ends_with("s3cret") || mask.ends_with("%3D")));
    assert_eq!(host.files_left("/t/waybill-"), 0);
    outcome.map_or_else(|failure| (failure.code.id, failure.message), |paths| ("", paths.join(" ")))
}

fn to(method: &'static str, change: impl Fn(Reply) -> Reply + 'static) -> (&'static str, String) {
    twisted(move |request, reply| if request.url.ends_with(method) { change(reply) } else { reply })
}

fn with(status: u16, body: &str) -> Reply {
    Reply { status, body: body.as_bytes().to_vec(), ..Reply::default() }
}

#[test]
fn without_a_twist_all_is_well() {
    assert_eq!(twisted(|_, reply| reply), ("", "/t/in/shop.tar".to_owned()));
}

#[test]
fn an_odd_service_is_a_clear_failure() {
    let answer = "the artifact service's answer to";
    let check = |found: (&str, String), code: &Code, message: &str| {
        assert_eq!(found, (code.id, message.to_owned()));
    };
    use crate::codes::{self, Code};
    check(
        to("CreateArtifact", |_| with(200, "{\"ok\":false}")),
        &codes::STORE_ANSWER,
        &format!("{answer} CreateArtifact was not understood: it does not say `ok`"),
    );
    check(
        to("CreateArtifact", |_| with(200, "{\"ok\":true,\"signedUploadUrl\":\"file:///etc/passwd\"}")),
        &codes::STORE_ANSWER,
        &format!("{answer} CreateArtifact was not understood: its URL is none that may be spoken to"),
    );
    check(
        to("CreateArtifact", |_| with(403, "{\"msg\":\"insufficient usage to create artifact\"}")),
        &codes::STORE_FULL,
        "the artifact service refused CreateArtifact with 403, `insufficient usage to create artifact`",
    );
    check(
        to("comp=blocklist", |_| with(400, "<Error><Code>InvalidBlockList</Code></Error>")),
        &codes::STORE_UNAVAILABLE,
        "the artifact service refused the list of blocks with 400, `InvalidBlockList`",
    );
    check(
        to("FinalizeArtifact", |_| with(200, "<html>")),
        &codes::STORE_ANSWER,
        &format!("{answer} FinalizeArtifact was not understood: it is no JSON: expected value at line 1 column 1"),
    );
    check(to("ListArtifacts", |_| with(200, "{}")), &codes::ARTIFACT_MISSING, "nothing is listed");
    check(
        to("ListArtifacts", |_| with(200, "{\"artifacts\":[{}]}")),
        &codes::STORE_ANSWER,
        &format!("{answer} ListArtifacts was not understood: an artifact has no name"),
    );
    check(
        to("GetSignedArtifactURL", |_| with(401, "")),
        &codes::STORE_UNAVAILABLE,
        "the artifact service refused GetSignedArtifactURL with 401",
    );
}

#[test]
fn a_download_that_was_changed_is_refused() {
    let cut = to("sig=other-s3cret", |reply| Reply { body: reply.body[..reply.body.len() - 1].to_vec(), ..reply });
    assert_eq!(cut.0, codes::CHECKSUM.id);
    // Where the service says no digest, the zip file's own checksums are left.
    for at in 0..80 {
        let found = twisted(move |request, mut reply| {
            if request.url.ends_with("ListArtifacts") {
                reply.body = String::from_utf8(reply.body).unwrap().replace("sha256:", "").into_bytes();
                let mut value: Value = serde_json::from_slice(&reply.body).unwrap();
                value["artifacts"][0]["digest"] = Value::Null;
                reply.body = value.to_string().into_bytes();
            }
            if request.url.ends_with("sig=other-s3cret") {
                let data = 38 + at % (reply.body.len() - 38);
                reply.body[data] ^= 1;
            }
            reply
        });
        // A name and the fields that nobody reads have no checksum; the waybill knows the name.
        assert!(found.0 == codes::CHECKSUM.id || (found.0.is_empty() && found.1.starts_with("/t/in/")), "{found:?}");
    }
}

#[test]
fn a_token_that_names_no_run_is_none() {
    assert_eq!(service().ids, ["run-1", "job-1"]);
    for (url, token) in [
        (ORIGIN, "e30.e30.x"),
        (ORIGIN, "nothing"),
        (ORIGIN, "a b.c.d"),
        ("ftp://x", &token()),
        ("https://user@host", &token()),
        ("", &token()),
    ] {
        assert_eq!(Service::new(url, token), None, "{url} {token}");
    }
}
