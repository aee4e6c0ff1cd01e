//! What Vercel answers, as far as it is needed. A project's answer holds
//! secrets as keys (`protectionBypass`), so none is kept or shown whole.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::trouble::{Trouble, short};
use crate::http::Reply;

/// The token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Token {
    /// Until when it is good; none for one without an end.
    pub expires: Option<DateTime<Utc>>,
    /// Whether Vercel has seen it in public.
    pub leaked: bool,
}

impl Token {
    /// Of the answer's `token`.
    pub fn read(value: &Value) -> Token {
        let token = if value["token"].is_object() { &value["token"] } else { value };
        let expires = token["expiresAt"].as_i64().and_then(DateTime::from_timestamp_millis);
        Token { expires, leaked: token["leakedAt"].is_number() }
    }
}

/// What serves production.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// The deployment.
    pub id: String,
    /// Its own host.
    pub url: String,
    /// The domains that lead to it.
    pub aliases: Vec<String>,
}

/// The newest switch of traffic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AliasJob {
    /// To which deployment.
    pub to: String,
    /// `promote` or `rollback`.
    pub kind: String,
    /// `succeeded`, `failed`, `skipped`, `pending` or `in-progress`.
    pub status: String,
    /// When it was asked for, in milliseconds since 1970.
    pub requested_at: i64,
}

/// A project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Project {
    /// Its id, `prj_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who owns it: `team_…` or a user.
    pub owner: String,
    /// What serves production.
    pub production: Option<Served>,
    /// The newest switch of traffic.
    pub newest_switch: Option<AliasJob>,
    /// Whether production stays where an earlier rollback put it.
    pub is_pinned: bool,
    /// Whether a promote goes in stages.
    pub has_rolling_release: bool,
    /// Which deployments want a log-in: empty for none.
    pub protection: String,
}

impl Project {
    /// Of the answer; without an id it is none.
    pub fn read(value: &Value) -> Result<Project, Trouble> {
        let text = |value: &Value| short(value.as_str().unwrap_or_default());
        let id = text(&value["id"]);
        if id.is_empty() {
            return Err(Trouble::Odd("a project without an id".to_owned()));
        }
        let production = &value["targets"]["production"];
        let served = Served {
            id: text(&production["id"]),
            url: text(&production["url"]),
            aliases: production["alias"].as_array().map(|all| all.iter().map(text).collect()).unwrap_or_default(),
        };
        let job = &value["lastAliasRequest"];
        let newest_switch = job.is_object().then(|| AliasJob {
            to: text(&job["toDeploymentId"]),
            kind: text(&job["type"]),
            status: text(&job["jobStatus"]),
            requested_at: job["requestedAt"].as_i64().unwrap_or_default(),
        });
        let rolled_back = newest_switch.as_ref().is_some_and(|job| job.kind == "rollback" && job.status == "succeeded");
        Ok(Project {
            id,
            name: text(&value["name"]),
            owner: text(&value["accountId"]),
            production: (!served.id.is_empty()).then_some(served),
            is_pinned: rolled_back || value["lastRollbackTarget"].is_object(),
            newest_switch,
            has_rolling_release: value["rollingRelease"].is_object(),
            protection: text(&value["ssoProtection"]["deploymentType"]),
        })
    }
}

/// A deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployment {
    /// Its id, `dpl_…`.
    pub id: String,
    /// Its own host, without a scheme.
    pub url: String,
    /// `production`, `staging`, or empty for a preview.
    pub target: String,
    /// `QUEUED`, `BUILDING`, `READY`, …
    pub state: String,
    /// Of a ready one: `STAGED`, `ROLLING`, `PROMOTED`, or empty.
    pub substate: String,
    /// Whether its domains lead to it.
    pub alias_assigned: bool,
    /// Why its domains do not.
    pub alias_error: Option<String>,
    /// What is odd about its domains.
    pub alias_warning: Option<String>,
    /// What went wrong in the build.
    pub error: String,
    /// How Vercel's own checks ended: empty, `failed`, …
    pub checks: String,
    /// Its domains.
    pub aliases: Vec<String>,
    /// Its notes.
    pub meta: Vec<(String, String)>,
    /// When it was created, in milliseconds since 1970.
    pub created_at: i64,
    /// The page about it.
    pub inspector: String,
    /// Whether it is removed and kept only for a while.
    pub is_deleted: bool,
}

impl Deployment {
    /// Of the answer; without an id it is none.
    pub fn read(value: &Value) -> Result<Deployment, Trouble> {
        let text = |value: &Value| short(value.as_str().unwrap_or_default());
        let id = [&value["id"], &value["uid"]].into_iter().map(text).find(|id| !id.is_empty());
        let Some(id) = id else { return Err(Trouble::Odd("a deployment without an id".to_owned())) };
        let said = |value: &Value| {
            let words = [text(&value["code"]), text(&value["message"])];
            value.is_object().then(|| words.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(": "))
        };
        let error = [&value["errorCode"], &value["errorStep"], &value["errorMessage"]].map(text);
        let state = [&value["readyState"], &value["status"], &value["state"]];
        let assigned = &value["aliasAssigned"];
        let v2_check = &value["checks"]["deployment-alias"]["state"];
        Ok(Deployment {
            id,
            url: text(&value["url"]),
            target: text(&value["target"]),
            state: state.into_iter().map(text).find(|state| !state.is_empty()).unwrap_or_default(),
            substate: text(&value["readySubstate"]),
            alias_assigned: assigned == true || assigned.as_i64().is_some_and(|at| at > 0),
            alias_error: said(&value["aliasError"]),
            alias_warning: said(&value["aliasWarning"]),
            error: error.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(": "),
            checks: if v2_check == "failed" { "failed".to_owned() } else { text(&value["checksConclusion"]) },
            aliases: value["alias"].as_array().map(|all| all.iter().map(text).collect()).unwrap_or_default(),
            meta: meta(&value["meta"]),
            created_at: value["createdAt"].as_i64().or_else(|| value["created"].as_i64()).unwrap_or_default(),
            inspector: text(&value["inspectorUrl"]),
            is_deleted: value["softDeletedByRetention"] == true || value["state"] == "DELETED",
        })
    }

    /// A note of it.
    pub fn note(&self, name: &str) -> Option<&str> {
        self.meta.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

fn meta(value: &Value) -> Vec<(String, String)> {
    let pairs = value.as_object().into_iter().flatten();
    pairs.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

/// A deployment that was just created.
pub fn created(value: &Value) -> Result<Deployment, Trouble> {
    Deployment::read(value)
}

/// A list of deployments, the newest first.
pub type Listed = Vec<Deployment>;

/// Of the answer; what is no deployment in it is left out.
pub fn listed(value: &Value) -> Result<Listed, Trouble> {
    let all = value["deployments"].as_array().ok_or_else(|| Trouble::Odd("no list of deployments".to_owned()))?;
    Ok(all.iter().filter_map(|one| Deployment::read(one).ok()).collect())
}

/// What the service wants its users to know, from an answer's headers.
pub fn notices(reply: &Reply) -> Vec<String> {
    const PREFIXES: [&str; 6] =
        ["x-vercel-warning-", "x-vercel-notice-", "x-vercel-tip-", "x-now-warning-", "x-now-notice-", "x-now-tip-"];
    let text = |(name, value): &(String, String)| {
        let id = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix))?;
        let link = reply.header(&format!("x-vercel-link-{id}")).map(|link| format!(" ({})", short(link)));
        Some(format!("{}{}", short(value), link.unwrap_or_default()))
    };
    reply.headers.iter().filter_map(text).collect()
}
