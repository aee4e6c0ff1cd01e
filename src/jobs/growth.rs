//! How large the last image of a branch was, kept in the state directory, so
//! that one that grew of a sudden is noticed.
//!
//! ```text
//! .waybill/images/<branch>/<environment>-<job>.json
//! ```

use serde_json::json;

use super::Work;
use super::history;
use crate::config::{Kind, Setting, Settings, Source};
use crate::context::Context;
use crate::host::Writing;
use crate::model::id::{self, JobIdentity};

/// The setting `growth-limit`.
pub static GROWTH_LIMIT: Setting = Setting {
    name: "growth-limit",
    kind: Kind::Count(0, 100_000),
    source: Source::Anywhere,
    default: Some("25"),
    about: "By how many percent the image may be larger than the last one of the base branch before it is warned about",
};

/// Where the sizes are, decided.
#[derive(Clone, Debug)]
pub struct Growth {
    limit: u64,
    environment: String,
    job: String,
}

impl Growth {
    /// Of the settings.
    pub fn plan(settings: &Settings, context: &Context) -> Growth {
        // The same step in every run.
        let identity = id::job(JobIdentity {
            repository_id: &context.repository_id,
            run_id: "",
            attempt: "",
            job: &context.job,
            action: &context.action,
            matrix_leg: settings.text("matrix").unwrap_or_default(),
        });
        Growth {
            limit: settings.count(GROWTH_LIMIT.name).unwrap_or(u64::MAX),
            environment: settings.text("environment").unwrap_or_default().to_owned(),
            job: identity[..12].to_owned(),
        }
    }

    /// The size of the last image, in bytes. To be read before the command could
    /// write one for itself; a record that the repository brings along says nothing.
    pub async fn last(&self, work: &Work<'_>) -> Option<u64> {
        let branch = history::base_branch(work);
        let record = match branch.is_empty() {
            true => return None,
            false => history::read(work, &self.path(work, &branch)).ok()?,
        };
        if history::is_tracked(work).await { None } else { record["size"].as_u64() }
    }

    /// What is to be said of an image of `now` bytes after one of `last`.
    pub fn warning(&self, last: Option<u64>, now: u64) -> Option<String> {
        let last = last.filter(|last| *last > 0)?;
        let percent = (u128::from(now.saturating_sub(last)) * 100 / u128::from(last)) as u64;
        (percent > self.limit).then(|| {
            format!("the image grew by {percent} percent, from {last} to {now} bytes; allowed are {}", self.limit)
        })
    }

    /// Keeps the size as the branch's last one.
    pub fn keep(&self, work: &Work<'_>, size: u64, digest: &str) {
        if !history::is_of_branch(work) {
            return;
        }
        let record = json!({"version": 1, "commit": work.context.commit, "size": size, "image": digest});
        let path = self.path(work, &work.context.branch);
        if let Err(error) = work.host.write(&path, record.to_string().as_bytes(), Writing::Replace) {
            work.log.line(&format!("the image's size cannot be kept in `{path}`: {error}"));
        }
    }

    fn path(&self, work: &Work<'_>, branch: &str) -> String {
        format!("{}/images/{}/{}-{}.json", work.state_directory, history::folder(branch), self.environment, self.job)
    }
}
