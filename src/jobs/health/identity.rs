//! Who answers: the deployed commit or digest, shown in a header or in a JSON
//! body. Without it an old version that still serves looks healthy.

use serde_json::Value;

use super::seen::Ailment;
use crate::http::Reply;

/// The shortest abbreviation of a git hash that is taken for it; git's own default.
const SHORTEST_HASH: usize = 7;

/// The longest value that a message quotes, in characters.
const LONGEST_SHOWN: usize = 80;

/// One place that must show what is deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// This header has this value.
    Header(String, String),
    /// The JSON body has this value there (RFC 6901).
    Pointer(String, String),
}

impl Identity {
    /// What is wrong with the answer; nothing where it shows what is deployed.
    pub fn check(&self, reply: &Reply) -> Option<Ailment> {
        let (found, wanted) = match self {
            Identity::Header(name, wanted) => match reply.header(name) {
                Some(found) => (found.trim().to_owned(), wanted),
                None => return Some(Ailment::NoIdentity(format!("no header `{name}`"))),
            },
            Identity::Pointer(pointer, wanted) => {
                let Ok(body) = serde_json::from_slice::<Value>(&reply.body) else { return Some(Ailment::NotJson) };
                match body.pointer(pointer) {
                    Some(Value::String(found)) => (found.trim().to_owned(), wanted),
                    Some(value @ (Value::Number(_) | Value::Bool(_))) => (value.to_string(), wanted),
                    _ => return Some(Ailment::NoIdentity(format!("no text at `{pointer}`"))),
                }
            }
        };
        (!is_same(&found, wanted)).then(|| Ailment::Other(shown(&found)))
    }
}

/// Equal, or an abbreviation of the wanted git hash.
fn is_same(found: &str, wanted: &str) -> bool {
    let is_hash = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let abbreviates = || {
        matches!(wanted.len(), 40 | 64) && found.len() >= SHORTEST_HASH && is_hash(wanted) && wanted.starts_with(found)
    };
    found == wanted || abbreviates()
}

/// A stranger's text, cut short for a message.
pub fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && *c != '`').take(LONGEST_SHOWN).collect()
}
