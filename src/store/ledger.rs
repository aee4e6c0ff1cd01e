//! The ledger: append-only JSON Lines, one event a line, each line with the hash
//! of the line before it.
//!
//! ```text
//! {"sequence":1,"previous":"000…000","event":{…}}
//! {"sequence":2,"previous":"<SHA-256 of line 1, without its line break>","event":{…}}
//! ```
//!
//! The SHA-256 of the last line is the ledger's head.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::{Broken, DeploymentEvent, id};

/// The longest line that is read, in bytes, without its line break.
pub const LONGEST_LINE: usize = 1024 * 1024;
/// The largest ledger that is read, in bytes.
pub const LARGEST: usize = 16 * 1024 * 1024;
/// What the first line has for `previous`, and the head of an empty ledger.
pub const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A ledger whose chain holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Ledger {
    head: String,
    events: Vec<DeploymentEvent>,
    /// The ids of the events: a prepared ledger may hold very many.
    ids: BTreeSet<String>,
}

impl Default for Ledger {
    fn default() -> Self {
        Ledger { head: NOTHING.to_owned(), events: Vec::new(), ids: BTreeSet::new() }
    }
}

impl Ledger {
    /// An empty ledger.
    pub fn new() -> Self {
        Ledger::default()
    }

    /// The SHA-256 of the last line; [`NOTHING`] while it is empty.
    pub fn head(&self) -> &str {
        &self.head
    }

    /// How many lines it has.
    pub fn count(&self) -> u64 {
        self.events.len() as u64
    }

    /// Its events, in the order in which they were written.
    pub fn events(&self) -> &[DeploymentEvent] {
        &self.events
    }

    /// Adds an event and gives the line to be written, with its line break.
    /// `None` for an event that is there already: the first one stays.
    pub fn append(&mut self, event: &DeploymentEvent) -> Option<String> {
        if self.ids.contains(&event.id) {
            return None;
        }
        let mut line = format!("{}{}}}", self.next_start(), event.to_value());
        self.add(line.as_bytes(), event.clone());
        line.push('\n');
        Some(line)
    }

    fn add(&mut self, line: &[u8], event: DeploymentEvent) {
        self.head = id::sha256(line);
        self.ids.insert(event.id.clone());
        self.events.push(event);
    }

    /// How the next line begins, whatever its event: all that the chain decides.
    pub fn next_start(&self) -> String {
        format!(r#"{{"sequence":{},"previous":"{}","event":"#, self.count() + 1, self.head)
    }
}

/// What a job's outputs say of its ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Anchor<'a> {
    /// The head, from the output `ledger-head`.
    pub head: Option<&'a str>,
    /// How many lines there are, from the output `ledger-count`.
    pub count: Option<u64>,
}

/// A ledger that verifies, and how much that says.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    /// The ledger.
    pub ledger: Ledger,
    /// What can be relied on.
    pub assurance: Assurance,
}

/// How much a verified chain says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assurance {
    /// The head is the one that was recorded elsewhere: nothing was rewritten, cut or added.
    Anchored,
    /// No head to compare with: whoever rewrites the whole file goes unnoticed.
    AccidentsOnly,
}

impl std::fmt::Display for Assurance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Assurance::Anchored => "it is the ledger that the job wrote: nothing was rewritten, cut or added",
            Assurance::AccidentsOnly => {
                "without the head from the job's outputs this finds accidents only, not a ledger that was rewritten or cut"
            }
        })
    }
}

/// The first line that does not hold.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokenChain {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub reason: Reason,
}

impl std::fmt::Display for BrokenChain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {} does not hold: {}", self.line, self.reason)
    }
}

/// Why a line does not hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// The file ends within it.
    Cut,
    /// It is longer than [`LONGEST_LINE`], or the file than [`LARGEST`].
    TooLong,
    /// It is no JSON; with the parser's complaint.
    NotJson(String),
    /// It is JSON, but no object with exactly `sequence`, `previous` and `event`.
    NotAnEntry,
    /// It has not the next number.
    Sequence,
    /// It holds another hash than that of the line before it.
    Previous,
    /// Its event breaks rules.
    Event(Vec<Broken>),
    /// Its event stands in an earlier line.
    Repeated,
    /// It was recorded and is not there.
    Missing,
    /// It is there and was not when the head was recorded.
    Added,
    /// The chain holds, yet its head is another one than the recorded one.
    Rewritten,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Reason::NotJson(complaint) => return write!(f, "it is not JSON: {complaint}"),
            Reason::Event(broken) => {
                f.write_str("its event breaks rules")?;
                return broken.iter().try_for_each(|broken| write!(f, "; {broken}"));
            }
            Reason::Cut => "the file ends within it",
            Reason::TooLong => "the line or the file is too long",
            Reason::NotAnEntry => "it is not an object with exactly `sequence`, `previous` and `event`",
            Reason::Sequence => "its `sequence` is not the next one",
            Reason::Previous => "its `previous` is not the hash of the line before it",
            Reason::Repeated => "its event stands in an earlier line already",
            Reason::Missing => "it was recorded, and is not there",
            Reason::Added => "it was added after the head was recorded",
            Reason::Rewritten => {
                "up to here the chain holds, but it does not end in the recorded head: lines were rewritten or cut"
            }
        })
    }
}

/// Recomputes the chain of a ledger and says the first line that does not hold.
/// With the anchor it also finds a ledger that was rewritten as a whole or cut.
pub fn verify(bytes: &[u8], anchor: Anchor) -> Result<Verified, BrokenChain> {
    let mut ledger = Ledger::new();
    let mut heads = vec![ledger.head.clone()];
    let mut rest = bytes;
    while !rest.is_empty() {
        let line = ledger.count() + 1;
        let broken = |reason| BrokenChain { line, reason };
        let end = rest.iter().position(|&byte| byte == b'\n');
        let text = &rest[..end.unwrap_or(rest.len())];
        if text.len() > LONGEST_LINE || bytes.len() - rest.len() + text.len() > LARGEST {
            return Err(broken(Reason::TooLong));
        }
        let Some(end) = end else { return Err(broken(Reason::Cut)) };
        let event = entry(text, line, &ledger.head).map_err(broken)?;
        if ledger.ids.contains(&event.id) {
            return Err(broken(Reason::Repeated));
        }
        ledger.add(text, event);
        heads.push(ledger.head.clone());
        rest = &rest[end + 1..];
    }
    let assurance = check_anchor(&heads, anchor)?;
    Ok(Verified { ledger, assurance })
}

/// Reads the entry of a line and holds it against its place.
fn entry(text: &[u8], line: u64, head: &str) -> Result<DeploymentEvent, Reason> {
    let entry: Value = serde_json::from_slice(text).map_err(|error| Reason::NotJson(error.to_string()))?;
    let names = ["sequence", "previous", "event"];
    let exact = entry
        .as_object()
        .is_some_and(|map| map.len() == names.len() && names.iter().all(|name| map.contains_key(*name)));
    if !exact {
        return Err(Reason::NotAnEntry);
    }
    if entry["sequence"].as_u64() != Some(line) {
        return Err(Reason::Sequence);
    }
    if entry["previous"].as_str() != Some(head) {
        return Err(Reason::Previous);
    }
    DeploymentEvent::read(&entry["event"]).map_err(Reason::Event)
}

/// Holds the heads after each line, that of the empty ledger first, against the anchor.
fn check_anchor(heads: &[String], anchor: Anchor) -> Result<Assurance, BrokenChain> {
    let count = heads.len() as u64 - 1;
    let broken = |line, reason| Err(BrokenChain { line, reason });
    match anchor.count {
        Some(wanted) if count < wanted => return broken(count + 1, Reason::Missing),
        Some(wanted) if count > wanted => return broken(wanted + 1, Reason::Added),
        _ => {}
    }
    let Some(head) = anchor.head else { return Ok(Assurance::AccidentsOnly) };
    match heads.iter().position(|known| known == head) {
        Some(at) if at as u64 == count => Ok(Assurance::Anchored),
        Some(at) => broken(at as u64 + 1, Reason::Added),
        None => broken(count.max(1), Reason::Rewritten),
    }
}

/// Brings the events of several ledgers into one order, by time and then by id.
/// The same id is the same event: the earliest one stays.
pub fn merge(ledgers: impl IntoIterator<Item = Vec<DeploymentEvent>>) -> Vec<DeploymentEvent> {
    // The text decides between two writings of one event at one time, so that the order of the ledgers never does.
    let mut events: Vec<(String, DeploymentEvent)> =
        ledgers.into_iter().flatten().map(|event| (event.to_value().to_string(), event)).collect();
    crate::model::order::sort(&mut events, &|(text, one), (other_text, other)| {
        (one.timestamp, &one.id, text).cmp(&(other.timestamp, &other.id, other_text))
    });
    let mut seen = BTreeSet::new();
    events.into_iter().map(|(_, event)| event).filter(|event| seen.insert(event.id.clone())).collect()
}

#[cfg(test)]
pub(super) mod tests;
