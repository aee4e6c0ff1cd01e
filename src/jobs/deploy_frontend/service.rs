//! Vercel, as the job speaks to it: each call sent and read.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::settings::Account;
use crate::clients::retry::Rules;
use crate::clients::vercel::{
    AliasJob, Create, Deployment, Listed, Project, Token, Trouble, UploadFile, Vercel, created, listed, notices, read,
};
use crate::clients::{Call, Client};
use crate::host::Host;
use crate::http::Body;

/// A client of Vercel for one job, until a deadline.
pub struct Service<'h> {
    client: Client<'h>,
    vercel: Vercel,
    /// What the service wants its users to know.
    notices: RefCell<BTreeSet<String>>,
}

impl<'h> Service<'h> {
    /// For an account.
    pub fn new(host: &'h dyn Host, account: &Account, deadline: DateTime<Utc>) -> Self {
        Service {
            client: Client::new(host, Rules::Vercel, deadline),
            vercel: Vercel::new(&account.api, &account.team, &account.token, account.request_timeout),
            notices: RefCell::default(),
        }
    }

    /// What the service wanted its users to know so far, each once.
    pub fn notices(&self) -> Vec<String> {
        self.notices.borrow().iter().cloned().collect()
    }

    async fn ask(&self, call: Call) -> Result<Value, Trouble> {
        let answer = self.client.send(&call).await;
        if let Ok(reply) = &answer {
            let mut known = self.notices.borrow_mut();
            // A service that says something new each time shall not fill the memory.
            known.extend(notices(reply).into_iter().take(20));
            while known.len() > 100 {
                known.pop_last();
            }
        }
        read(answer)
    }

    /// The token.
    pub async fn token(&self) -> Result<Token, Trouble> {
        self.ask(self.vercel.token()).await.map(|value| Token::read(&value))
    }

    /// A project by id or name.
    pub async fn project(&self, id: &str) -> Result<Project, Trouble> {
        Project::read(&self.ask(self.vercel.project(id)).await?)
    }

    /// The state of the rolling release, as `ACTIVE`; empty for none.
    pub async fn rolling_release(&self, project: &str) -> Result<String, Trouble> {
        let value = self.ask(self.vercel.rolling_release(project)).await?;
        Ok(value["rollingRelease"]["state"].as_str().unwrap_or_default().to_owned())
    }

    /// The newest deployments of a project.
    pub async fn list(&self, project: &str, target: &str, since: Option<i64>) -> Result<Listed, Trouble> {
        listed(&self.ask(self.vercel.list(project, target, since)).await?)
    }

    /// Creates, or says which files are missing.
    pub async fn create(&self, create: &Create, files: &[UploadFile]) -> Result<Deployment, Trouble> {
        created(&self.ask(self.vercel.create(create, files)).await?)
    }

    /// Uploads one content.
    pub async fn upload(&self, file: &UploadFile) -> Result<(), Trouble> {
        let content = Body::File { path: file.source.clone(), from: file.from, length: file.size };
        let content = if file.size == 0 { Body::Bytes(Vec::new()) } else { content };
        self.ask(self.vercel.upload(&file.sha1, content)).await.map(|_| ())
    }

    /// A deployment.
    pub async fn deployment(&self, id: &str) -> Result<Deployment, Trouble> {
        Deployment::read(&self.ask(self.vercel.deployment(id)).await?)
    }

    /// The files of a deployment, path and SHA-1.
    pub async fn tree(&self, id: &str) -> Result<BTreeMap<String, String>, Trouble> {
        let mut found = BTreeMap::new();
        add_tree(&self.ask(self.vercel.tree(id)).await?, "", 0, &mut found);
        Ok(found)
    }

    /// The lines of the build log since a time in milliseconds, each with its own time.
    pub async fn events(&self, id: &str, since: i64) -> Result<Vec<(i64, String)>, Trouble> {
        let value = self.ask(self.vercel.events(id, since)).await?;
        let line = |event: &Value| {
            let text = [&event["text"], &event["payload"]["text"]].into_iter().find_map(Value::as_str)?;
            let time = [&event["created"], &event["date"]].into_iter().find_map(Value::as_i64)?;
            Some((time, text.to_owned()))
        };
        Ok(value.as_array().map(|events| events.iter().filter_map(line).collect()).unwrap_or_default())
    }

    /// Gives production to a deployment.
    pub async fn promote(&self, project: &str, deployment: &str) -> Result<(), Trouble> {
        self.ask(self.vercel.promote(project, deployment)).await.map(|_| ())
    }

    /// Gives production back to a deployment.
    pub async fn roll_back(&self, project: &str, deployment: &str, reason: &str) -> Result<(), Trouble> {
        self.ask(self.vercel.roll_back(project, deployment, reason)).await.map(|_| ())
    }

    /// The domains that the newest switch could not move.
    pub async fn failed_aliases(&self, project: &str) -> Vec<String> {
        let value = self.ask(self.vercel.failed_aliases(project)).await.unwrap_or_default();
        let aliases = value["aliases"].as_array().map(Vec::as_slice).unwrap_or_default();
        aliases.iter().filter_map(|alias| alias["alias"].as_str().map(str::to_owned)).take(20).collect()
    }

    /// Has a domain lead to a deployment.
    pub async fn alias(&self, deployment: &str, alias: &str) -> Result<(), Trouble> {
        self.ask(self.vercel.alias(deployment, alias)).await.map(|_| ())
    }

    /// Cancels a deployment that is not ready.
    pub async fn cancel(&self, deployment: &str) -> Result<(), Trouble> {
        self.ask(self.vercel.cancel(deployment)).await.map(|_| ())
    }

    /// Removes a deployment.
    pub async fn delete(&self, deployment: &str) -> Result<(), Trouble> {
        self.ask(self.vercel.delete(deployment)).await.map(|_| ())
    }
}

/// What serves production, and the newest switch.
pub fn serving(project: &Project) -> (&str, Option<&AliasJob>) {
    (project.production.as_ref().map_or("", |served| served.id.as_str()), project.newest_switch.as_ref())
}

/// The files of a tree with their whole paths. Deeper than any real tree it is not read.
fn add_tree(level: &Value, folder: &str, depth: u32, found: &mut BTreeMap<String, String>) {
    for entry in level.as_array().map(Vec::as_slice).unwrap_or_default() {
        let path = format!("{folder}{}", entry["name"].as_str().unwrap_or_default());
        match (&entry["children"], entry["uid"].as_str()) {
            (Value::Array(_), _) if depth < 64 => add_tree(&entry["children"], &format!("{path}/"), depth + 1, found),
            (_, Some(sha1)) => {
                found.insert(path, sha1.to_owned());
            }
            _ => {}
        }
    }
}
