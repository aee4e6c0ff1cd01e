//! What the change under test touches: by git where the checkout is deep
//! enough, else by GitHub's API. Not knowing it is no failure: then everything
//! counts alike.

use std::time::Duration;

use chrono::TimeDelta;

use super::Work;
use super::reading::git;
use crate::clients::Client;
use crate::clients::github::{GitHub, read};
use crate::clients::retry::Rules;
use crate::http::Method;
use crate::reports::diff;
use crate::reports::locate::Changed;
use crate::secret::Secret;

/// How long GitHub is asked: annotations are not worth a long wait.
const PATIENCE: Duration = Duration::from_secs(8);
/// How many pages of a hundred files are read; GitHub gives no more than 3,000 files.
const MOST_PAGES: u32 = 30;

/// The changed lines, if they can be known.
pub async fn changed(work: &Work<'_>, token: Option<&Secret>) -> Option<Changed> {
    let base = work.context.base.as_str();
    if base.is_empty() || base.bytes().all(|byte| byte == b'0') {
        return None;
    }
    let mut arguments: Vec<&str> = diff::ARGUMENTS.to_vec();
    arguments.extend([base, "HEAD", "--"]);
    if let Some(text) = git(work, &arguments).await {
        return Some(diff::parse(&String::from_utf8_lossy(&text)));
    }
    let asked = ask(work, token?, base).await;
    if asked.is_none() {
        work.log.line("what the change touches is not known: neither git nor GitHub could tell");
    }
    asked
}

async fn ask(work: &Work<'_>, token: &Secret, base: &str) -> Option<Changed> {
    let context = work.context;
    let github = GitHub::new(&context.api_url, &context.repository, token)?;
    let deadline = work.host.now() + TimeDelta::from_std(PATIENCE).ok()?;
    let client = Client::new(work.host, Rules::GitHub, deadline);
    let mut changed = Changed::default();
    for page in 1..=MOST_PAGES {
        let path = match &context.pull_request {
            Some(pull_request) => format!("pulls/{}/files?per_page=100&page={page}", pull_request.number),
            None => format!("compare/{base}...{}?per_page=100&page={page}", context.commit),
        };
        let answer = read(client.send(&github.call(Method::Get, &path, None)).await).ok()?;
        let count = diff::add_page(&mut changed, &answer.to_string())?;
        if count < 100 {
            break;
        }
    }
    Some(changed)
}
