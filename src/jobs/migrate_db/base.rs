//! What the change under test does to the folder of migrations: by git where the checkout is deep
//! enough, else by GitHub's API.

use std::time::Duration;

use chrono::TimeDelta;
use serde::Deserialize;

use super::super::Work;
use super::super::reading::git;
use crate::clients::Client;
use crate::clients::github::{GitHub, read};
use crate::clients::retry::Rules;
use crate::http::Method;
use crate::migrations::drift::{Change, How};
use crate::secret::Secret;

/// How long GitHub is asked.
const PATIENCE: Duration = Duration::from_secs(20);
/// How many pages of a hundred files are read; GitHub gives no more than 3,000 files.
const MOST_PAGES: u32 = 30;
/// Of how many changed files the former text is looked up.
const MOST_TEXTS: usize = 50;

/// The changes below these folders since the event's base.
pub async fn changes(work: &Work<'_>, folders: &[String], token: Option<&Secret>) -> Base {
    let base = work.context.base.as_str();
    if base.is_empty() || base.bytes().all(|byte| byte == b'0') {
        return Base::None;
    }
    // A base comes from the event's file: never take it for an option.
    if !base.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Base::Unknown;
    }
    match by_git(work, base, folders).await {
        Some(changes) => Base::Known(changes),
        None => match by_github(work, base, folders, token).await {
            Some(changes) => Base::Known(changes),
            None => Base::Unknown,
        },
    }
}

/// What is known of the base.
#[derive(Debug, PartialEq, Eq)]
pub enum Base {
    /// The event has none: a run by hand, the first push of a branch.
    None,
    /// There is one, and neither git nor GitHub could tell what it has.
    Unknown,
    /// What changed since.
    Known(Vec<Change>),
}

async fn by_git(work: &Work<'_>, base: &str, folders: &[String]) -> Option<Vec<Change>> {
    let range = format!("{base}...HEAD");
    let mut arguments =
        vec!["diff", "--name-status", "-z", "--find-renames", "--no-ext-diff", "--no-color", &range, "--"];
    let pathspecs: Vec<_> = folders.iter().map(|folder| format!(":(top,literal){}", fixed(folder))).collect();
    arguments.extend(pathspecs.iter().map(String::as_str).filter(|one| !one.ends_with(')')));
    let listed = git(work, &arguments).await?;
    let listed = String::from_utf8_lossy(&listed);
    let mut changes = parse(&listed);
    let texts = changes.iter_mut().filter(|change| matches!(change.how, How::Modified | How::Renamed(_)));
    for change in texts.take(MOST_TEXTS) {
        let former = if let How::Renamed(from) = &change.how { from } else { &change.path };
        let text = git(work, &["show", "--no-textconv", &format!("{base}:{former}")]).await;
        change.before = text.and_then(|text| String::from_utf8(text).ok());
    }
    Some(changes)
}

/// The output of `git diff --name-status -z`: a letter, a path, for `R` and `C` two.
fn parse(listed: &str) -> Vec<Change> {
    let mut fields = listed.split('\0');
    let mut changes = Vec::new();
    while let (Some(letter), Some(path)) = (fields.next().filter(|letter| !letter.is_empty()), fields.next()) {
        let (path, how) = match letter.as_bytes()[0] {
            b'A' => (path, How::Added),
            b'D' => (path, How::Removed),
            b'R' => (fields.next().unwrap_or_default(), How::Renamed(path.to_owned())),
            b'C' => (fields.next().unwrap_or_default(), How::Added),
            _ => (path, How::Modified),
        };
        changes.push(Change { path: path.to_owned(), how, before: None });
    }
    changes
}

async fn by_github(work: &Work<'_>, base: &str, folders: &[String], token: Option<&Secret>) -> Option<Vec<Change>> {
    let context = work.context;
    let github = GitHub::new(&context.api_url, &context.repository, token?)?;
    let deadline = work.host.now() + TimeDelta::from_std(PATIENCE).ok()?;
    let client = Client::new(work.host, Rules::GitHub, deadline);
    let mut changes = Vec::new();
    for page in 1..=MOST_PAGES {
        let path = match &context.pull_request {
            Some(pull_request) => format!("pulls/{}/files?per_page=100&page={page}", pull_request.number),
            None => format!("compare/{base}...{}?per_page=100&page={page}", context.commit),
        };
        let answer = read(client.send(&github.call(Method::Get, &path, None)).await).ok()?;
        let entries: Vec<Entry> = match serde_json::from_value(answer).ok()? {
            Page::List(entries) | Page::Comparison { files: entries } => entries,
        };
        let count = entries.len();
        changes.extend(entries.into_iter().map(Entry::change));
        if count < 100 {
            break;
        }
    }
    let is_below = |path: &str| {
        folders.iter().map(|folder| fixed(folder)).any(|folder| {
            folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    changes.retain(|change| is_below(&change.path) || matches!(&change.how, How::Renamed(from) if is_below(from)));
    Some(changes)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Page {
    List(Vec<Entry>),
    Comparison { files: Vec<Entry> },
}

#[derive(Deserialize)]
struct Entry {
    filename: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    previous_filename: Option<String>,
}

impl Entry {
    fn change(self) -> Change {
        let how = match (self.status.as_str(), self.previous_filename) {
            ("added" | "copied", _) => How::Added,
            ("removed", _) => How::Removed,
            ("renamed", Some(from)) => How::Renamed(from),
            _ => How::Modified,
        };
        Change { path: self.filename, how, before: None }
    }
}

/// The part of a path before its first pattern.
fn fixed(path: &str) -> &str {
    let wild = path.find(['*', '?', '[', '{']);
    let fixed = match wild {
        Some(at) => path[..at].rsplit_once('/').map_or("", |(folder, _)| folder),
        None => path,
    };
    if fixed == "." { "" } else { fixed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gits_list_is_read() {
        let changes = parse("A\0a b.sql\0M\0c\0R087\0old\0new\0D\0d\0");
        let told: Vec<_> = changes.iter().map(|change| format!("{} {:?}", change.path, change.how)).collect();
        assert_eq!(told, ["a b.sql Added", "c Modified", "new Renamed(\"old\")", "d Removed"]);
        assert_eq!(parse(""), []);
        assert_eq!((fixed("db/*/x"), fixed("*.sql"), fixed("db"), fixed(".")), ("db", "", "db", ""));
    }
}
