//! The comment on the pull request: one for all jobs, a section a job, updated
//! in place. Jobs that run at the same time share it, so each puts its section
//! into what is there, and looks afterwards whether it still is.

use serde_json::{Value, json};

use super::Client;
use super::github::{GitHub, Trouble, read};
use crate::http::Method;
use crate::model::id::sha256;
use crate::model::order;

/// The first line of our comment.
const MARKER: &str = "<!-- waybill:comment -->";

/// What stands above the sections.
const TITLE: &str = "### Deployment pipeline";

const START: &str = "<!-- waybill:section ";
const END: &str = "<!-- waybill:end -->";

/// How long a comment may be, in UTF-16 units: GitHub allows 65,536 characters.
const LONGEST: usize = 65_000;

/// What stands in a section that there was no room for.
const SHORTENED: &str = "… There is no more room here: the rest is in the job's summary.";

/// How many pages of a hundred comments are searched for ours.
const MOST_PAGES: usize = 10;

/// A job's part of the comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Which job's it is, as [`key`] makes it; sections are sorted by it.
    pub key: String,
    /// Greater is newer: an older run never replaces a newer one's section. As
    /// the run's number, a hundred times, plus the attempt.
    pub order: u64,
    /// Markdown, masked. The first paragraph stays where there is no more room.
    pub text: String,
}

/// The key of a job's section: its place in the pipeline, its type, its
/// environment and the leg of the matrix, as JSON or empty.
pub fn key(place: u8, job_type: &str, environment: &str, matrix: &str) -> String {
    let leg = sha256(matrix.as_bytes());
    format!("{place:02}-{job_type}-{environment}-{}", leg.get(..12).unwrap_or_default())
}

/// Puts the section into the comment of the pull request, making the comment
/// where there is none. What hinders is given as a note for the reader: a
/// comment is never worth a failed job.
pub async fn update(client: &Client<'_>, github: &GitHub, pull_request: u64, section: &Section) -> Result<(), String> {
    write(client, github, pull_request, section).await.map_err(|trouble| match trouble {
        Trouble::Denied(..) => format!(
            "the comment on the pull request is left out: {trouble}; the job needs the permission \
             `pull-requests: write`, which a pull request from a fork does not get"
        ),
        trouble => format!("the comment on the pull request is left out: {trouble}"),
    })
}

/// The comment's text with our section in it, in its place, and the others' as
/// they are. Where there is no more room, the longest sections lose all but
/// their first paragraph.
pub fn merge(body: &str, ours: &Section) -> String {
    let mut sections = sections(body);
    match sections.iter_mut().find(|section| section.key == ours.key) {
        Some(section) if section.order > ours.order => {}
        Some(section) => *section = ours.clone(),
        None => sections.push(ours.clone()),
    }
    order::sort(&mut sections, &|one, other| one.key.cmp(&other.key));
    for section in &mut sections {
        section.text = defused(&section.text);
    }
    let mut left_out = 0;
    loop {
        let body = render(&sections, left_out);
        if units(&body) <= LONGEST {
            return body;
        }
        let longest = (0..sections.len()).max_by_key(|&at| (!is_short(&sections[at].text), units(&sections[at].text)));
        match longest {
            Some(at) if !is_short(&sections[at].text) => {
                let first = sections[at].text.trim_start().split("\n\n").next().unwrap_or_default();
                sections[at].text = format!("{first}\n\n{SHORTENED}");
            }
            Some(at) => {
                sections.remove(at);
                left_out += 1;
            }
            None => return body,
        }
    }
}

/// A comment of ours, as it stands.
struct Found {
    id: u64,
    body: String,
}

async fn write(client: &Client<'_>, github: &GitHub, pull_request: u64, section: &Section) -> Result<(), Trouble> {
    let comments = format!("issues/{pull_request}/comments");
    let mut found = find(client, github, &comments).await?;
    if found.is_none() {
        let body = json!({ "body": merge("", section) });
        let made = read(client.send(&github.call(Method::Post, &comments, Some(&body))).await);
        let made = match made {
            // It may be there all the same: that is looked up, not tried again.
            Err(Trouble::Unreachable(_)) => None,
            made => made?["id"].as_u64(),
        };
        // Another job may have made one at the same moment: the first one stays.
        found = find(client, github, &comments).await?;
        match (&found, made) {
            (Some(first), Some(made)) if first.id == made => return Ok(()),
            (Some(_), Some(made)) => {
                let path = format!("issues/comments/{made}");
                // One too many looks odd, but is no reason to leave the section out.
                let _ = client.send(&github.call(Method::Delete, &path, None)).await;
            }
            (Some(_), None) => {}
            (None, _) => return Err(Trouble::Unreachable("the new comment is not there".to_owned())),
        }
    }
    let Some(mut found) = found else { return Ok(()) };
    let path = format!("issues/comments/{}", found.id);
    // Another job may write between our reading and our writing: once more, then.
    for _ in 0..2 {
        let body = merge(&found.body, section);
        if body == normal(&found.body) {
            return Ok(());
        }
        read(client.send(&github.call(Method::Patch, &path, Some(&json!({ "body": body })))).await)?;
        let now = read(client.send(&github.call(Method::Get, &path, None)).await)?;
        found.body = text(&now["body"]);
    }
    Ok(())
}

/// Our comment, the oldest if there are several. Anybody may write a comment
/// that looks like it; only an app's, or one of the token's own user, is ours.
async fn find(client: &Client<'_>, github: &GitHub, comments: &str) -> Result<Option<Found>, Trouble> {
    let mut own_name: Option<String> = None;
    for page in 1..=MOST_PAGES {
        let path = format!("{comments}?per_page=100&page={page}");
        let listed = read(client.send(&github.call(Method::Get, &path, None)).await)?;
        let listed = listed.as_array().map(Vec::as_slice).unwrap_or_default();
        for comment in listed {
            let body = text(&comment["body"]);
            let Some(id) = comment["id"].as_u64().filter(|_| normal(&body).starts_with(MARKER)) else { continue };
            if comment["user"]["type"] != "Bot" {
                if own_name.is_none() {
                    // A workflow's own token has no user, and is refused here.
                    let user = read(client.send(&github.call_at(Method::Get, "user", None)).await);
                    own_name = Some(user.map(|user| text(&user["login"])).unwrap_or_default());
                }
                let writer = text(&comment["user"]["login"]);
                if writer.is_empty() || own_name.as_deref() != Some(&writer) {
                    continue;
                }
            }
            return Ok(Some(Found { id, body }));
        }
        if listed.len() < 100 {
            return Ok(None);
        }
    }
    Err(Trouble::Odd("the pull request has too many comments".to_owned()))
}

/// The sections of a comment of ours; none of another text.
fn sections(body: &str) -> Vec<Section> {
    let body = normal(body);
    let mut sections: Vec<Section> = Vec::new();
    let Some(rest) = body.strip_prefix(MARKER) else { return sections };
    let mut inside = false;
    for line in rest.lines() {
        let start = line.strip_prefix(START).and_then(|line| line.strip_suffix(" -->")?.split_once(' '));
        if let Some((key, order)) = start {
            sections.push(Section { key: key.to_owned(), order: order.parse().unwrap_or(0), text: String::new() });
            inside = true;
        } else if line == END {
            inside = false;
        } else if let Some(section) = sections.last_mut().filter(|_| inside) {
            section.text.push_str(line);
            section.text.push('\n');
        }
    }
    sections
}

fn render(sections: &[Section], left_out: usize) -> String {
    let mut body = format!("{MARKER}\n{TITLE}\n");
    for section in sections {
        body.push_str(&format!("\n{START}{} {} -->\n{}\n{END}\n", section.key, section.order, section.text.trim_end()));
    }
    if left_out > 0 {
        body.push_str(&format!("\n… and {left_out} more, which did not fit here.\n"));
    }
    // GitHub trims the ends of what it stores.
    body.truncate(body.trim_end().len());
    body
}

/// The text with nothing in it that could be taken for the bounds of a section.
fn defused(text: &str) -> String {
    normal(text).replace("<!-- waybill:", "<!- - waybill:")
}

/// Whether a section has nothing more to lose.
fn is_short(text: &str) -> bool {
    let text = text.trim();
    text.ends_with(SHORTENED) || !text.contains("\n\n")
}

/// With LF, as it was written: GitHub's editor puts CR before each.
fn normal(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
