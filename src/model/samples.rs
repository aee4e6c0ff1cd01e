//! Records of every shape that the rules allow, and values that they refuse,
//! for property tests.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::artifact::ArtifactType;
use super::configuration::{Environment, Values};
use super::event::EventType;
use super::job::{JobType, Status};
use super::table::Rule;
use super::{Choice, DeploymentConfiguration, id, rules, tail};
use crate::secret::Secret;

/// Any value of an enumeration.
pub fn choice<T: Choice + std::fmt::Debug>() -> impl Strategy<Value = T> {
    proptest::sample::select(T::ALL.to_vec())
}

/// Any date that a record can hold.
pub fn date() -> impl Strategy<Value = DateTime<Utc>> {
    // From the year 0 to a year before the end of 9999.
    (-62_167_219_200_000_i64..253_370_764_800_000).prop_map(|at| DateTime::from_timestamp_millis(at).unwrap())
}

fn sha256() -> impl Strategy<Value = String> {
    "[0-9a-f]{64}"
}

fn text() -> impl Strategy<Value = String> {
    "\\PC{0,20}[a-z\u{e4}\u{1f600}]\\PC{0,20}"
}

fn later(date: DateTime<Utc>, by: i64) -> Value {
    json!(rules::date_text(date + TimeDelta::milliseconds(by)))
}

/// URLs with and without credentials, a port, a path, a query.
const URL: &str = "https?://([a-z]{1,8}:[a-z]{1,8}@)?[a-z]{1,10}\\.example(:80)?(/[a-z]{0,9}(\\?k=[a-z]{3})?)?";
const HTTPS_URL: &str = "https://[a-z]{1,10}\\.example(:443)?(/[a-z]{0,9})?";

/// A configuration's values in the open.
pub fn values() -> impl Strategy<Value = Values> {
    let database = "postgres(ql)?://[a-z]{1,8}:[a-z]{8}@[a-z]{1,8}\\.example(:5432)?/[a-z]{1,8}(\\?sslmode=require)?";
    let secret = |form: &'static str| proptest::option::of(form.prop_map(Secret::new));
    let open = |form: &'static str| proptest::option::of(form);
    let (key, token) = ("[!-~]{20,256}", "(vc[pia]_)?[A-Za-z0-9]{20,40}");
    let secrets = (secret(database), secret(URL), secret(key), secret(token));
    let urls = (open(URL), open(URL), open(HTTPS_URL), open(HTTPS_URL));
    (choice::<Environment>(), urls, secrets).prop_map(|(environment, urls, secrets)| {
        let production = environment == Environment::Production;
        let (backend, frontend, secure_backend, secure_frontend) = urls;
        let (database_url, vector_database_url, cohere_api_key, vercel_token) = secrets;
        Values {
            environment,
            backend_url: if production { secure_backend } else { backend },
            frontend_url: if production { secure_frontend } else { frontend },
            database_url,
            vector_database_url,
            cohere_api_key,
            vercel_token,
        }
    })
}

/// A configuration as a record.
pub fn configuration() -> impl Strategy<Value = Value> {
    (values(), date(), 0..1_000_000_i64).prop_map(|(values, now, later)| {
        let (configuration, _) = DeploymentConfiguration::new(&values, "1-staging", now).unwrap();
        configuration.updated(now + TimeDelta::milliseconds(later)).to_value()
    })
}

/// A job as a record.
pub fn job() -> impl Strategy<Value = Value> {
    let names = (sha256(), choice::<JobType>(), choice::<Status>(), "([0-9a-f]{40}|[0-9a-fA-F]{64})", text(), text());
    (names, date(), 1..1_000_000_i64, "\\PC{0,200}").prop_map(|(names, start, later_by, logs)| {
        let (id, job_type, status, commit, branch, actor) = names;
        let mut job = json!({
            "id": id, "jobType": job_type.word(), "status": status.word(), "startTime": later(start, 0),
            "logs": logs, "commitHash": commit, "branch": branch, "triggeredBy": actor,
        });
        if status.has_ended() {
            job["endTime"] = later(start, later_by);
        }
        job
    })
}

/// An artifact as a record.
pub fn artifact() -> impl Strategy<Value = Value> {
    let path = "[a-z][a-zA-Z0-9 _.-]{0,12}[a-z](/[a-z]{1,8}\\.tar){0,3}";
    let parts = (sha256(), choice::<ArtifactType>(), path, 0..=rules::LARGEST_NUMBER, sha256(), sha256());
    (parts, date(), 1..10_000_000_000_i64).prop_map(|(parts, created, later_by)| {
        let (id, artifact_type, path, size, checksum, job) = parts;
        json!({
            "id": id, "artifactType": artifact_type.word(), "storagePath": path, "size": size, "checksum": checksum,
            "createdAt": later(created, 0), "expiresAt": later(created, later_by), "jobId": job,
        })
    })
}

/// Any JSON that metadata may hold.
fn metadata() -> impl Strategy<Value = Map<String, Value>> {
    let largest = rules::LARGEST_NUMBER as i64;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-largest..=largest).prop_map(|number| json!(number)),
        any::<String>().prop_map(Value::String),
    ];
    let value = leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    (proptest::collection::btree_map(any::<String>(), value, 0..4), sha256())
        .prop_map(|(map, id)| map.into_iter().chain([("configurationId".to_owned(), Value::String(id))]).collect())
}

/// An event as a record.
pub fn event() -> impl Strategy<Value = Value> {
    let deployment = "[0-9]{1,12}-(development|staging|production)";
    let names = (choice::<EventType>(), proptest::option::of(sha256()), proptest::option::of(deployment));
    (names, date(), text(), metadata()).prop_map(|((event_type, job, deployment), at, message, metadata)| {
        let mut event = json!({
            "id": id::event(deployment.as_deref(), job.as_deref(), event_type), "eventType": event_type.word(),
            "timestamp": later(at, 0), "message": message, "metadata": metadata,
        });
        for (name, value) in [("jobId", job), ("deploymentId", deployment)] {
            if let Some(value) = value {
                event[name] = Value::String(value);
            }
        }
        event
    })
}

/// Values of the right type that a field's rule refuses.
pub fn wrong_forms(rule: &Rule) -> Vec<Value> {
    let texts = |texts: &[&str]| texts.iter().map(|text| json!(text)).collect::<Vec<_>>();
    let of = |unit: &str, count: usize| json!(unit.repeat(count));
    match rule {
        Rule::Sha256 => vec![of("a", 63), of("a", 65), of("A", 64), of("g", 64), json!("")],
        Rule::CommitHash => vec![of("a", 39), of("a", 41), of("g", 40), json!("HEAD"), json!(""), of("b", 7)],
        Rule::OneOf(words) => [texts(&["", "lint ", "Lint", "***"]), vec![json!(words[0].to_uppercase())]].concat(),
        Rule::Date => texts(&[
            "",
            "yesterday",
            "2026-11-22",
            "2026-11-22T10:00:00Z",
            "2026-11-22T10:00:00.0000Z",
            "2026-11-22T10:00:00.000+00:00",
            "2026-11-22t10:00:00.000z",
            "2026-02-30T10:00:00.000Z",
            "2026-13-01T10:00:00.000Z",
            "2026-11-22T24:00:00.000Z",
            "2026-12-31T23:59:60.000Z",
            " 2026-11-22T10:00:00.000Z",
            "2026-11-22T10:00:00.000Z\n",
            "2026-11-22 10:00:00.000Z",
        ]),
        Rule::Text(longest) => {
            vec![json!(""), json!(" \t\n"), json!("\u{feff}"), json!("\u{a0}\u{85}"), of("x", longest + 1)]
        }
        Rule::Logs => vec![of("x", tail::LARGEST + 1)],
        Rule::Size => vec![json!(-1), json!(1.5), json!(rules::LARGEST_NUMBER + 1), json!("1")],
        Rule::StorePath => texts(&[
            "",
            "/etc/passwd",
            "../secret",
            "a/../../b",
            "a/..",
            "./a",
            "a//b",
            "a/",
            "C:\\x",
            "c:x",
            "a\\..\\b",
            "a\0b",
            "a\nb",
            ".. /x",
            "a/. ",
            "...",
        ]),
        Rule::DeploymentId => texts(&[
            "",
            "1",
            "-staging",
            "1-Staging",
            "1-test",
            "../1-staging",
            "1/2-staging",
            "A-staging",
            "1-staging ",
        ]),
        Rule::Metadata => vec![
            json!({}),
            json!({ "configurationId": 1 }),
            json!({ "configurationId": "x" }),
            json!({ "configurationId": "a".repeat(64), "share": 0.5 }),
            json!({ "configurationId": "a".repeat(64), "big": u64::MAX }),
            json!({ "configurationId": "a".repeat(64), "long": "x".repeat(70_000) }),
            (0..12).fold(
                json!({ "configurationId": "a".repeat(64) }),
                |inner, _| json!({ "configurationId": "a".repeat(64), "in": inner }),
            ),
        ],
        Rule::Url => texts(&[
            "",
            "api.example.com",
            "ftp://example.com",
            "http://",
            "https:// example.com",
            "https://exa mple.com",
            "javascript:alert(1)",
            "https://a:b:c/",
        ]),
        Rule::DatabaseUrl => texts(&["", "mysql://u:p@h/d", "postgresql:/h", "h=1", "jdbc:postgresql://h/d", "****"]),
        Rule::CohereKey => vec![
            json!(""),
            of("x", 19),
            of("x", 257),
            json!(format!("{} {}", "x".repeat(20), "x".repeat(19))),
            of("\u{e4}", 40),
        ],
        Rule::VercelToken => vec![json!(""), of("x", 19), of("x-", 12), json!(format!("{}\n", "x".repeat(24)))],
    }
}

/// Values of the wrong type for every rule.
pub fn wrong_types(rule: &Rule) -> Vec<Value> {
    let all = [json!(null), json!(true), json!(["x"]), json!({ "x": 1 }), json!(1), json!("x")];
    let fits = |value: &Value| match rule {
        Rule::Size => value.is_number(),
        Rule::Metadata => value.is_object(),
        _ => value.is_string(),
    };
    all.into_iter().filter(|value| !fits(value)).collect()
}
