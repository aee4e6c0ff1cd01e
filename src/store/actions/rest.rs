//! The artifacts of another run of the repository, by GitHub's REST API
//! ("List workflow run artifacts", "Download an artifact").

use chrono::TimeDelta;
use serde_json::Value;

use crate::clients::Client;
use crate::clients::github::{GitHub, read};
use crate::clients::retry::Rules;
use crate::codes;
use crate::host::Host;
use crate::http::Method;
use crate::model::order;
use crate::problem::Failure;
use crate::store::artifacts::Found;

/// How long GitHub is asked.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);
/// How many pages of a hundred artifacts are read.
const MOST_PAGES: u32 = 50;

/// Other runs of the repository.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    /// The repository.
    pub github: GitHub,
}

/// What is known of a run before anything of it is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// The repository whose run it is, as `owner/name`.
    pub repository: String,
    /// The repository that its commit comes from: a fork's is another one.
    pub head_repository: String,
    /// What started it.
    pub event: String,
    /// Its commit.
    pub commit: String,
}

impl Elsewhere {
    /// What a run is.
    pub async fn run(&self, host: &dyn Host, run: &str) -> Result<Run, Failure> {
        let client = Client::new(host, Rules::GitHub, host.now() + PATIENCE);
        let call = self.github.call(Method::Get, &format!("actions/runs/{}", number(run)?), None);
        let answer = read(client.send(&call).await).map_err(|trouble| trouble.failure())?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(Run {
            repository: text(&answer["repository"]["full_name"]),
            head_repository: text(&answer["head_repository"]["full_name"]),
            event: text(&answer["event"]),
            commit: text(&answer["head_sha"]),
        })
    }

    /// The artifacts of a run, the newest of each name, without those that have expired.
    pub async fn list(&self, host: &dyn Host, run: &str, name: Option<&str>) -> Result<Vec<Found>, Failure> {
        let client = Client::new(host, Rules::GitHub, host.now() + PATIENCE);
        let run = number(run)?;
        let mut all: Vec<(u64, Found)> = Vec::new();
        for page in 1..=MOST_PAGES {
            let filter =
                name.map_or(String::new(), |name| format!("&name={}", name.replace(' ', "%20").replace('+', "%2B")));
            let path = format!("actions/runs/{run}/artifacts?per_page=100&page={page}{filter}");
            let call = self.github.call(Method::Get, &path, None);
            let answer = read(client.send(&call).await).map_err(|trouble| trouble.failure())?;
            let Some(artifacts) = answer["artifacts"].as_array() else {
                return Err(Failure::new(&codes::GITHUB_ANSWER, "a list of artifacts has no `artifacts`"));
            };
            for artifact in artifacts.iter().filter(|artifact| artifact["expired"] != true) {
                let (Some(id), Some(name)) = (artifact["id"].as_u64(), artifact["name"].as_str()) else { continue };
                let digest = artifact["digest"].as_str().unwrap_or_default().to_owned();
                let size = artifact["size_in_bytes"].as_u64().unwrap_or_default();
                let (name, key) = (name.to_owned(), id.to_string());
                all.push((id, Found { name, run: run.to_string(), key, digest, size }));
            }
            if artifacts.len() < 100 {
                break;
            }
        }
        order::sort(&mut all, &|(one, found), (other, next)| (&found.name, other).cmp(&(&next.name, one)));
        let mut found: Vec<Found> = all.into_iter().map(|(_, found)| found).collect();
        found.dedup_by(|later, kept| later.name == kept.name);
        Ok(found)
    }

    /// Where an artifact can be read, for a minute. The token does not go along.
    pub async fn url(&self, host: &dyn Host, found: &Found) -> Result<String, Failure> {
        let client = Client::new(host, Rules::GitHub, host.now() + PATIENCE);
        let call = self.github.call(Method::Get, &format!("actions/artifacts/{}/zip", number(&found.key)?), None);
        let plain = call.request.url.starts_with("http://");
        let reply = match client.send(&call).await {
            Ok(reply) if reply.status == 302 => reply,
            other => {
                let trouble = read(other).map(|_| ()).map_err(|trouble| trouble.failure());
                let odd = || Failure::new(&codes::GITHUB_ANSWER, "the download of an artifact was not redirected");
                return Err(trouble.err().unwrap_or_else(odd));
            }
        };
        match reply.header("location") {
            Some(url) if url.starts_with("https://") || (plain && url.starts_with("http://")) => Ok(url.to_owned()),
            _ => Err(Failure::new(&codes::GITHUB_ANSWER, "the download of an artifact leads nowhere")),
        }
    }
}

fn number(text: &str) -> Result<u64, Failure> {
    let wrong = || {
        Failure::new(&codes::ARTIFACT_MISSING, format!("{} is no number of a run", crate::model::forms::shown(text)))
    };
    text.parse().map_err(|_| wrong())
}
