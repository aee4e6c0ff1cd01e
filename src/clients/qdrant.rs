//! Qdrant's REST API: collections, points and aliases. Its OpenAPI description
//! is the source of paths and fields.

use std::time::Duration;

use serde_json::{Value, json};

use super::Call;
use super::retry::Repeat;
use crate::codes;
use crate::http::{Method, Reply, Request, SendError};
use crate::problem::Failure;
use crate::secret::Secret;

/// The largest body that the service takes is 32 MiB; ours stay well below it.
pub const LARGEST_BODY: usize = 8 << 20;
/// The most points in one write.
pub const MOST_POINTS: usize = 256;
/// The points of one page of a scroll.
pub const PAGE: usize = 1_000;
/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(120);
/// The largest answer that is read, in bytes: a page of points with their vectors.
const LARGEST: u64 = 64 << 20;

/// The service, and the key to speak with where it wants one.
#[derive(Clone, Debug)]
pub struct Qdrant {
    base: String,
    key: Option<Secret>,
}

/// A point as it is stored, without its vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPoint {
    /// Its id.
    pub id: String,
    /// The file that it came from.
    pub path: String,
    /// SHA-256 of its text.
    pub text_hash: String,
    /// SHA-256 of all else that is stored with it.
    pub payload_hash: String,
    /// The run that wrote it.
    pub run: u64,
}

/// A collection as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    /// The size of its vectors; none where it has several kinds or no vector at all.
    pub dimension: Option<u64>,
    /// How vectors are compared, as `Cosine`.
    pub distance: String,
    /// What we wrote about it: our fingerprint; empty where it is not ours.
    pub fingerprint: String,
}

impl Qdrant {
    /// From the service's base and a key.
    pub fn new(base: &str, key: Option<&Secret>) -> Qdrant {
        Qdrant { base: base.trim_end_matches('/').to_owned(), key: key.cloned() }
    }

    fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Call {
        self.call_with(method, path, body.map(|body| body.to_string().into_bytes()).unwrap_or_default())
    }

    fn call_with(&self, method: Method, path: &str, body: Vec<u8>) -> Call {
        let mut headers = vec![("Accept".to_owned(), "application/json".to_owned())];
        if let Some(key) = &self.key {
            headers.push(("api-key".to_owned(), key.expose().trim().to_owned()));
        }
        if !body.is_empty() {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        let url = format!("{}/{path}", self.base);
        let request = Request { method, url, headers, body: body.into(), timeout: TIMEOUT, limit: LARGEST, save: None };
        // Every write here names ids or replaces as a whole: twice is once.
        Call { request, repeat: Repeat::Always }
    }

    /// All aliases.
    pub fn aliases(&self) -> Call {
        self.call(Method::Get, "aliases", None)
    }

    /// All collections' names.
    pub fn collections(&self) -> Call {
        self.call(Method::Get, "collections", None)
    }

    /// A collection's configuration.
    pub fn collection(&self, name: &str) -> Call {
        self.call(Method::Get, &format!("collections/{name}"), None)
    }

    /// Makes a collection.
    pub fn create(&self, name: &str, dimension: u64, distance: &str, metadata: &Value) -> Call {
        let body = json!({ "vectors": { "size": dimension, "distance": distance }, "metadata": metadata });
        self.call(Method::Put, &format!("collections/{name}"), Some(&body))
    }

    /// Removes a collection.
    pub fn drop(&self, name: &str) -> Call {
        self.call(Method::Delete, &format!("collections/{name}"), None)
    }

    /// Makes an index over a field of the payload; twice is once. Without it a
    /// service in strict mode refuses to filter.
    pub fn index(&self, name: &str, field: &str, schema: &str) -> Call {
        let body = json!({ "field_name": field, "field_schema": schema });
        self.call(Method::Put, &format!("collections/{name}/index?wait=true"), Some(&body))
    }

    /// A page of a source's points.
    pub fn scroll(&self, name: &str, source: &str, offset: Option<&str>) -> Call {
        let mut body = json!({
            "filter": of_source(source),
            "limit": PAGE,
            "with_payload": ["path", "text_hash", "payload_hash", "run"],
            "with_vector": false,
        });
        if let Some(offset) = offset {
            body["offset"] = offset.into();
        }
        self.call(Method::Post, &format!("collections/{name}/points/scroll"), Some(&body))
    }

    /// These points with their vectors.
    pub fn points(&self, name: &str, ids: &[&str]) -> Call {
        let body = json!({ "ids": ids, "with_payload": false, "with_vector": true });
        self.call(Method::Post, &format!("collections/{name}/points"), Some(&body))
    }

    /// Writes points whose JSON is given; one that a later run has written stays.
    pub fn upsert(&self, name: &str, points: &[String], run: u64) -> Call {
        let mut body = String::from("{\"points\":[");
        body.push_str(&points.join(","));
        let guard = json!({ "must": [{ "key": "run", "range": { "lte": run } }] });
        body.push_str(&format!("],\"update_filter\":{guard}}}"));
        self.call_with(Method::Put, &format!("collections/{name}/points?wait=true"), body.into_bytes())
    }

    /// Replaces the payload of one point.
    pub fn overwrite(&self, name: &str, payloads: &[(&str, Value)]) -> Call {
        let one =
            |(id, payload): &(&str, Value)| json!({ "overwrite_payload": { "payload": payload, "points": [id] } });
        let body = json!({ "operations": payloads.iter().map(one).collect::<Vec<_>>() });
        self.call(Method::Post, &format!("collections/{name}/points/batch?wait=true"), Some(&body))
    }

    /// Removes points by id. `ids` is never empty: an empty filter would remove all.
    pub fn delete(&self, name: &str, ids: &[&str]) -> Call {
        assert!(!ids.is_empty(), "nothing to delete is no request");
        self.call(Method::Post, &format!("collections/{name}/points/delete?wait=true"), Some(&json!({ "points": ids })))
    }

    /// How many points a source has; of all sources for none.
    pub fn count(&self, name: &str, source: Option<&str>) -> Call {
        let mut body = json!({ "exact": true });
        if let Some(source) = source {
            body["filter"] = of_source(source);
        }
        self.call(Method::Post, &format!("collections/{name}/points/count"), Some(&body))
    }

    /// The point nearest to a vector among a source's.
    pub fn nearest(&self, name: &str, source: &str, vector: &[f32]) -> Call {
        let body = json!({ "query": vector, "filter": of_source(source), "limit": 3, "with_payload": ["text_hash"] });
        self.call(Method::Post, &format!("collections/{name}/points/query"), Some(&body))
    }

    /// Points an alias at a collection. One action alone is atomic; two are not.
    pub fn point_alias(&self, alias: &str, collection: &str) -> Call {
        let create = json!({ "create_alias": { "collection_name": collection, "alias_name": alias } });
        self.call(Method::Post, "collections/aliases", Some(&json!({ "actions": [create] })))
    }
}

fn of_source(source: &str) -> Value {
    json!({ "must": [{ "key": "source", "match": { "value": source } }] })
}

/// The `result` of an answer; none for a 404.
pub fn read(answer: Result<Reply, SendError>, what: &str) -> Result<Option<Value>, Failure> {
    let unreachable = |reason: &str| {
        Err(Failure::new(&codes::QDRANT_UNREACHABLE, format!("Qdrant cannot be reached to {what}: {reason}")))
    };
    let reply = match answer {
        Ok(reply) => reply,
        Err(SendError::TimedOut) => return unreachable("no whole answer in time"),
        Err(SendError::TooLarge) => {
            return Err(Failure::new(&codes::QDRANT_REFUSED, format!("Qdrant's answer is too large, to {what}")));
        }
        Err(SendError::NotSent(reason) | SendError::Unknown(reason) | SendError::NotSaved(reason)) => {
            return unreachable(&reason);
        }
    };
    match reply.status {
        200 => match serde_json::from_slice::<Value>(&reply.body) {
            Ok(mut body) => Ok(Some(body["result"].take())),
            Err(error) => {
                Err(Failure::new(&codes::QDRANT_REFUSED, format!("Qdrant's answer is no JSON, to {what}: {error}")))
            }
        },
        404 => Ok(None),
        401 | 403 => Err(Failure::new(
            &codes::QDRANT_DENIED,
            format!("Qdrant does not allow to {what}: `{}`", words(&reply.body)),
        )),
        500..=599 => unreachable(&format!("status {} `{}`", reply.status, words(&reply.body))),
        status => Err(Failure::new(
            &codes::QDRANT_REFUSED,
            format!("Qdrant refuses to {what} with {status}: `{}`", words(&reply.body)),
        )),
    }
}

/// The points of a page, and where the next one begins.
pub fn read_page(result: &Value) -> (Vec<StoredPoint>, Option<String>) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let point = |point: &Value| StoredPoint {
        id: id_of(&point["id"]),
        path: text(&point["payload"]["path"]),
        text_hash: text(&point["payload"]["text_hash"]),
        payload_hash: text(&point["payload"]["payload_hash"]),
        run: point["payload"]["run"].as_u64().unwrap_or(0),
    };
    let points = result["points"].as_array().map(|points| points.iter().map(point).collect()).unwrap_or_default();
    let next = &result["next_page_offset"];
    (points, (!next.is_null()).then(|| id_of(next)))
}

/// Ids and vectors of points that were asked for.
pub fn read_vectors(result: &Value) -> Vec<(String, Vec<f32>)> {
    let vector = |point: &Value| {
        let numbers = point["vector"].as_array()?.iter().map(|number| number.as_f64().map(|number| number as f32));
        Some((id_of(&point["id"]), numbers.collect::<Option<Vec<f32>>>()?))
    };
    result.as_array().map(|points| points.iter().filter_map(vector).collect()).unwrap_or_default()
}

/// A collection's configuration.
pub fn read_collection(result: &Value) -> Collection {
    let params = &result["config"]["params"]["vectors"];
    let metadata = &result["config"]["metadata"];
    Collection {
        dimension: params["size"].as_u64(),
        distance: params["distance"].as_str().unwrap_or_default().to_owned(),
        fingerprint: metadata["waybill"]["fingerprint"].as_str().unwrap_or_default().to_owned(),
    }
}

/// The collection that an alias points at.
pub fn target<'v>(aliases: &'v Value, alias: &str) -> Option<&'v str> {
    let aliases = aliases["aliases"].as_array()?;
    aliases.iter().find(|entry| entry["alias_name"] == alias).and_then(|entry| entry["collection_name"].as_str())
}

fn id_of(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

/// The service's own words: its errors are JSON, or plain text.
fn words(body: &[u8]) -> String {
    let json: Value = serde_json::from_slice(&body[..body.len().min(64 << 10)]).unwrap_or_default();
    let text = json["status"]["error"]
        .as_str()
        .map_or_else(|| String::from_utf8_lossy(&body[..body.len().min(300)]).into_owned(), str::to_owned);
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|c| *c != '`').take(300).collect()
}
