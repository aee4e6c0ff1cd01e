//! The check run for the annotations that a step has no room for: one a job,
//! found again when the job is run again, never made twice.
//!
//! GitHub puts it under some workflow of the commit, not always this one, so
//! its name says by itself what it is. Its annotations can only be added to:
//! what stands there already is looked up and not written again.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::github::{GitHub, Trouble, read};
use super::retry::Repeat;
use super::{Call, Client};
use crate::http::Method;
use crate::model::finding::Level;

/// How many annotations GitHub takes in one request.
const SLICE: usize = 50;

/// How many annotations a check run gets: ten slices.
pub const MOST: usize = 10 * SLICE;

/// The longest title, and the longest message, in characters; GitHub takes
/// 64 KB of a message.
const LONGEST: (usize, usize) = (255, 16_000);

/// What the check run says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRun {
    /// Its name, one of its own for each job of the commit.
    pub name: String,
    /// The job, the same in every attempt.
    pub external_id: String,
    /// The commit.
    pub commit: String,
    /// Whether the job failed; else the check run is neutral.
    pub failed: bool,
    /// The run's page.
    pub url: String,
    /// Its heading.
    pub title: String,
    /// Markdown.
    pub summary: String,
    /// The most important first; the first [`MOST`] are taken.
    pub remarks: Vec<Remark>,
}

/// An annotation of a check run. Texts are masked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remark {
    /// How grave it is.
    pub level: Level,
    /// The file, relative to the repository's root.
    pub path: String,
    /// The first line, from 1; where only the file is known, its first.
    pub line: Option<u32>,
    /// The last line.
    pub end_line: Option<u32>,
    /// The first column.
    pub column: Option<u32>,
    /// The last column.
    pub end_column: Option<u32>,
    /// In a few words.
    pub title: String,
    /// What is wrong.
    pub message: String,
}

/// Makes the check run, or updates the one of an earlier attempt; with
/// `update_only` it is not made. What hinders is given as a note for the reader:
/// a check run is never worth a failed job.
pub async fn publish(client: &Client<'_>, github: &GitHub, run: &CheckRun, update_only: bool) -> Result<(), String> {
    let mut tried = write(client, github, run, update_only).await;
    if let Err(Trouble::Unreachable(_)) = tried {
        // It may be done or not: it is looked up.
        tried = write(client, github, run, update_only).await;
    }
    tried.map_err(|trouble| match trouble {
        Trouble::Denied(..) => format!(
            "the annotations that the step has no room for are left out: {trouble}; a check run needs the permission \
             `checks: write`, which a pull request from a fork does not get"
        ),
        trouble => format!("the annotations that the step has no room for are left out: {trouble}"),
    })
}

async fn write(client: &Client<'_>, github: &GitHub, run: &CheckRun, update_only: bool) -> Result<(), Trouble> {
    let mut left: Vec<Value> = run.remarks.iter().take(MOST).map(annotation).collect();
    let id = match find(client, github, run).await? {
        Some(id) => {
            let there = annotations(client, github, id).await?;
            left.retain(|annotation| !there.contains(&key(annotation)));
            left.truncate(MOST.saturating_sub(there.len()));
            if left.is_empty() {
                send(client, &patch(github, id, run, &[])).await?;
            }
            id
        }
        None if update_only => return Ok(()),
        None => {
            let rest = left.split_off(left.len().min(SLICE));
            let mut body = content(run, &left);
            body["name"] = json!(run.name);
            body["head_sha"] = json!(run.commit);
            body["external_id"] = json!(run.external_id);
            let made = send(client, &github.call(Method::Post, "check-runs", Some(&body))).await?;
            left = rest;
            made["id"].as_u64().ok_or_else(|| Trouble::Odd("the check run has no id".to_owned()))?
        }
    };
    for slice in left.chunks(SLICE) {
        send(client, &patch(github, id, run, slice)).await?;
    }
    Ok(())
}

/// Our check run of an earlier attempt, or of a request whose answer got lost.
async fn find(client: &Client<'_>, github: &GitHub, run: &CheckRun) -> Result<Option<u64>, Trouble> {
    let name = encoded(&run.name);
    let path = format!("commits/{}/check-runs?check_name={name}&filter=latest&per_page=100", run.commit);
    let listed = send(client, &github.call(Method::Get, &path, None)).await?;
    let listed = listed["check_runs"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ours = listed.iter().find(|one| one["external_id"] == run.external_id.as_str());
    Ok(ours.and_then(|one| one["id"].as_u64()))
}

/// What is annotated already.
async fn annotations(client: &Client<'_>, github: &GitHub, id: u64) -> Result<BTreeSet<String>, Trouble> {
    let mut found = BTreeSet::new();
    for page in 1..=MOST / 100 {
        let path = format!("check-runs/{id}/annotations?per_page=100&page={page}");
        let listed = send(client, &github.call(Method::Get, &path, None)).await?;
        let listed = listed.as_array().map(Vec::as_slice).unwrap_or_default();
        found.extend(listed.iter().map(key));
        if listed.len() < 100 {
            break;
        }
    }
    Ok(found)
}

/// A write is not repeated by itself: annotations would stand there twice.
async fn send(client: &Client<'_>, call: &Call) -> Result<Value, Trouble> {
    let repeat = if call.request.method == Method::Get { Repeat::Always } else { Repeat::IfUndone };
    read(client.send(&Call { request: call.request.clone(), repeat }).await)
}

fn patch(github: &GitHub, id: u64, run: &CheckRun, slice: &[Value]) -> Call {
    github.call(Method::Patch, &format!("check-runs/{id}"), Some(&content(run, slice)))
}

fn content(run: &CheckRun, slice: &[Value]) -> Value {
    let mut content = json!({
        "status": "completed",
        "conclusion": if run.failed { "failure" } else { "neutral" },
        "output": { "title": run.title, "summary": run.summary, "annotations": slice },
    });
    if !run.url.is_empty() {
        content["details_url"] = json!(run.url);
    }
    content
}

fn annotation(remark: &Remark) -> Value {
    let line = remark.line.filter(|line| *line > 0).unwrap_or(1);
    let end_line = remark.end_line.filter(|end| *end >= line).unwrap_or(line);
    let level = match remark.level {
        Level::Notice => "notice",
        Level::Warning => "warning",
        Level::Error => "failure",
    };
    let message = if remark.message.trim().is_empty() { "no message" } else { &remark.message };
    let mut annotation = json!({
        "path": remark.path,
        "start_line": line,
        "end_line": end_line,
        "annotation_level": level,
        "message": message.chars().take(LONGEST.1).collect::<String>(),
    });
    if !remark.title.trim().is_empty() {
        annotation["title"] = json!(remark.title.chars().take(LONGEST.0).collect::<String>());
    }
    // GitHub takes columns within one line only.
    if let Some(column) = remark.column.filter(|column| *column > 0 && end_line == line && remark.line.is_some()) {
        annotation["start_column"] = json!(column);
        annotation["end_column"] = json!(remark.end_column.filter(|end| *end >= column).unwrap_or(column));
    }
    annotation
}

/// What makes an annotation the same one.
fn key(annotation: &Value) -> String {
    let text = |name: &str| annotation[name].as_str().unwrap_or_default().trim().replace("\r\n", "\n");
    let line = annotation["start_line"].as_u64().unwrap_or_default();
    let column = annotation["start_column"].as_u64().unwrap_or_default();
    format!("{}\0{line}\0{column}\0{}\0{}\0{}", text("path"), text("annotation_level"), text("title"), text("message"))
}

/// For a query.
fn encoded(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    text.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests;
