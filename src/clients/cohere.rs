//! Cohere's API, version 2: texts to vectors. Its OpenAPI description and the
//! page "Errors" are the source of fields, statuses and words.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::Call;
use super::retry::Repeat;
use crate::codes;
use crate::http::{Method, Reply, Request, SendError};
use crate::problem::Failure;
use crate::secret::Secret;

/// The most texts in one request.
pub const MOST_TEXTS: usize = 96;
/// The most estimated tokens in one request; the service has a limit for the whole as well.
pub const MOST_TOKENS: usize = 96_000;
/// How many texts a key of any kind may send in a minute ("Rate limits").
pub const TEXTS_A_MINUTE: u64 = 2_000;
/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(120);
/// The largest answer that is read, in bytes: 96 vectors of 1,536 numbers and the texts again.
const LARGEST: u64 = 32 << 20;

/// A model for embedding, as far as it makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    /// Its name in the API.
    pub name: &'static str,
    /// The dimensions that it can give, its own default first.
    pub dimensions: &'static [u64],
    /// The most tokens of one text.
    pub most_tokens: usize,
    /// US cents for a million tokens, as last published.
    pub cents: u64,
}

/// The models that can embed documents. Those of version 2 were retired.
pub static MODELS: &[Model] = &[
    Model { name: "embed-v4.0", dimensions: &[1536, 1024, 512, 256], most_tokens: 128_000, cents: 12 },
    Model { name: "embed-english-v3.0", dimensions: &[1024], most_tokens: 512, cents: 10 },
    Model { name: "embed-multilingual-v3.0", dimensions: &[1024], most_tokens: 512, cents: 10 },
    Model { name: "embed-english-light-v3.0", dimensions: &[384], most_tokens: 512, cents: 10 },
    Model { name: "embed-multilingual-light-v3.0", dimensions: &[384], most_tokens: 512, cents: 10 },
];

/// The service, and the key to speak with.
#[derive(Clone, Debug)]
pub struct Cohere {
    base: String,
    key: Secret,
}

impl Cohere {
    /// From the API's base and a key.
    pub fn new(base: &str, key: &Secret) -> Cohere {
        let base = base.trim_end_matches('/').trim_end_matches("/v1").trim_end_matches("/v2");
        Cohere { base: base.to_owned(), key: key.clone() }
    }

    /// A request for the vectors of these texts. Over-long texts are refused
    /// rather than cut: a cut would lose words in silence.
    pub fn embed(&self, model: &Model, dimension: u64, texts: &[&str]) -> Call {
        let mut body = json!({
            "model": model.name,
            "input_type": "search_document",
            "texts": texts,
            "embedding_types": ["float"],
            "truncate": "NONE",
        });
        if model.dimensions.len() > 1 {
            body["output_dimension"] = dimension.into();
        }
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = vec![
            header("Authorization", &format!("Bearer {}", self.key.expose().trim())),
            header("Content-Type", "application/json"),
            header("Accept", "application/json"),
            header("X-Client-Name", "waybill"),
        ];
        let request = Request {
            method: Method::Post,
            url: format!("{}/v2/embed", self.base),
            headers,
            body: body.to_string().into_bytes().into(),
            timeout: TIMEOUT,
            limit: LARGEST,
            save: None,
        };
        // The same texts give the same vectors: asking twice costs, but harms nothing.
        Call { request, repeat: Repeat::Always }
    }
}

/// Vectors, in the order of the texts.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedded {
    /// One a text, each as long as the dimension.
    pub vectors: Vec<Vec<f32>>,
    /// The tokens that are billed.
    pub tokens: u64,
    /// What the service warns of.
    pub warnings: Vec<String>,
}

/// Why there are no vectors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Too many requests: wait, and ask less often. The seconds, where the service says them.
    Busy(Option<u64>, String),
    /// A text, or all of them together, are too long: ask for fewer at once.
    TooLong(String),
    /// A text holds what the service does not take.
    Denied(String),
    /// It will not work again without a person.
    Final(Failure),
}

#[derive(Deserialize)]
struct Answer {
    embeddings: Vectors,
    meta: Option<Meta>,
}

#[derive(Deserialize)]
struct Vectors {
    float: Vec<Vec<f32>>,
}

#[derive(Deserialize)]
struct Meta {
    billed_units: Option<Billed>,
    #[serde(default)]
    warnings: Vec<String>,
}

#[derive(Deserialize)]
struct Billed {
    #[serde(default)]
    input_tokens: f64,
}

/// Reads an answer to [`Cohere::embed`] for this many texts.
pub fn read(answer: Result<Reply, SendError>, texts: usize, dimension: u64) -> Result<Embedded, Trouble> {
    let failed = |code, message: String| Err(Trouble::Final(Failure::new(code, message)));
    let reply = match answer {
        Ok(reply) => reply,
        Err(SendError::TimedOut) => {
            return failed(&codes::COHERE_UNREACHABLE, "Cohere gave no whole answer in time".to_owned());
        }
        Err(SendError::TooLarge) => {
            return failed(&codes::COHERE_ANSWER, "Cohere's answer is larger than it can be".to_owned());
        }
        Err(SendError::NotSent(reason) | SendError::Unknown(reason) | SendError::NotSaved(reason)) => {
            return failed(&codes::COHERE_UNREACHABLE, format!("Cohere cannot be reached: {reason}"));
        }
    };
    let words = words(&reply.body);
    let lower = words.to_ascii_lowercase();
    match reply.status {
        200 => vectors(&reply.body, texts, dimension),
        401 => failed(&codes::COHERE_DENIED, format!("Cohere does not take the key: `{words}`")),
        402 => failed(&codes::COHERE_BILLING, format!("Cohere wants to be paid first: `{words}`")),
        429 => {
            let asked = reply.header("retry-after").and_then(|seconds| seconds.trim().parse().ok());
            Err(Trouble::Busy(asked, words))
        }
        400 if ["too many tokens", "too long", "at most 96", "maximum"].iter().any(|word| lower.contains(word)) => {
            Err(Trouble::TooLong(words))
        }
        413 => Err(Trouble::TooLong(words)),
        498 => Err(Trouble::Denied(words)),
        403 | 404 => failed(&codes::COHERE_DENIED, format!("Cohere refuses with {}: `{words}`", reply.status)),
        400 | 422 => failed(&codes::COHERE_ANSWER, format!("Cohere refuses the request: `{words}`")),
        status => failed(&codes::COHERE_UNREACHABLE, format!("Cohere answers {status}: `{words}`")),
    }
}

fn vectors(body: &[u8], texts: usize, dimension: u64) -> Result<Embedded, Trouble> {
    let odd = |reason: String| {
        Trouble::Final(Failure::new(&codes::COHERE_ANSWER, format!("Cohere's answer is not understood: {reason}")))
    };
    let answer: Answer = serde_json::from_slice(body).map_err(|error| odd(error.to_string()))?;
    let vectors = answer.embeddings.float;
    if vectors.len() != texts {
        return Err(odd(format!("{} vectors for {texts} texts", vectors.len())));
    }
    let wrong = vectors.iter().find(|vector| vector.len() as u64 != dimension);
    if let Some(vector) = wrong {
        return Err(odd(format!("a vector of {} numbers where {dimension} were asked for", vector.len())));
    }
    if vectors.iter().any(|vector| vector.iter().all(|number| *number == 0.0) || vector.iter().any(|n| !n.is_finite()))
    {
        return Err(odd("a vector without a direction".to_owned()));
    }
    let tokens =
        answer.meta.as_ref().and_then(|meta| meta.billed_units.as_ref()).map_or(0.0, |billed| billed.input_tokens);
    let warnings = answer.meta.map(|meta| meta.warnings).unwrap_or_default();
    Ok(Embedded { vectors, tokens: tokens as u64, warnings })
}

/// The service's own words, as far as they are worth showing.
fn words(body: &[u8]) -> String {
    let json: serde_json::Value = serde_json::from_slice(&body[..body.len().min(64 << 10)]).unwrap_or_default();
    let text = json["message"]
        .as_str()
        .map_or_else(|| String::from_utf8_lossy(&body[..body.len().min(300)]).into_owned(), str::to_owned);
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|c| *c != '`').take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Result<Reply, SendError> {
        Ok(Reply { status, body: body.into(), ..Reply::default() })
    }

    #[test]
    fn an_answer_is_held_against_what_was_asked() {
        let good = r#"{"id":"x","embeddings":{"float":[[0.5,0.25],[1,0]]},"texts":["a","b"],"meta":{"billed_units":{"input_tokens":7.0},"warnings":["old"]}}"#;
        let embedded =
            Embedded { vectors: vec![vec![0.5, 0.25], vec![1.0, 0.0]], tokens: 7, warnings: vec!["old".to_owned()] };
        assert_eq!(read(reply(200, good), 2, 2), Ok(embedded));
        for (texts, dimension, body) in
            [(1, 2, good), (2, 3, good), (1, 2, r#"{"embeddings":{"float":[[0,0]]}}"#), (1, 2, "{")]
        {
            let found = read(reply(200, body), texts, dimension);
            assert!(
                matches!(&found, Err(Trouble::Final(failure)) if failure.code.id == codes::COHERE_ANSWER.id),
                "{found:?}"
            );
        }
    }

    #[test]
    fn every_refusal_has_its_own_consequence() {
        let code = |status, body: &str| match read(reply(status, body), 1, 2) {
            Err(Trouble::Final(failure)) => failure.code.id,
            Err(Trouble::Busy(..)) => "busy",
            Err(Trouble::TooLong(_)) => "too long",
            Err(Trouble::Denied(_)) => "denied",
            Ok(_) => "fine",
        };
        assert_eq!(code(401, r#"{"message":"invalid api token"}"#), codes::COHERE_DENIED.id);
        assert_eq!(code(402, ""), codes::COHERE_BILLING.id);
        assert_eq!(code(429, r#"{"message":"You are past the per minute request limit"}"#), "busy");
        assert_eq!(
            code(400, r#"{"message":"invalid request: total number of texts must be at most 96 - received 104"}"#),
            "too long"
        );
        assert_eq!(
            code(400, r#"{"message":"invalid request: valid input_type must be provided"}"#),
            codes::COHERE_ANSWER.id
        );
        assert_eq!(code(498, "{}"), "denied");
        assert_eq!(code(500, "<html>"), codes::COHERE_UNREACHABLE.id);
    }
}
