//! Where the ledger and the artifacts are kept: what a ledger is ([`ledger`]),
//! what a store of artifacts is ([`artifacts`]), the store in a directory
//! ([`directory`]) and the one in the workflow run's own service ([`actions`]).

use std::collections::BTreeMap;

use crate::clients::github::GitHub;
use crate::codes;
use crate::host::Host;
use crate::problem::Failure;
use actions::wire::Service;
use actions::{Actions, Elsewhere};
use artifacts::Store;
use directory::Directory;

pub mod actions;
pub mod archive;
pub mod artifacts;
#[cfg(test)]
mod contract;
pub mod directory;
pub mod ledger;
pub mod zip;

/// What decides which store is used, and what that one needs.
#[derive(Clone, Copy)]
pub struct Opening<'a> {
    /// The setting `store`.
    pub choice: &'a str,
    /// The folder of the directory store.
    pub state_directory: &'a str,
    /// The environment of the process.
    pub environment: &'a BTreeMap<String, String>,
    /// The run's number.
    pub run: &'a str,
    /// A folder for what is on its way.
    pub temporary: &'a str,
    /// The base of GitHub's pages.
    pub server_url: &'a str,
    /// The repository at GitHub, for what other runs have stored.
    pub github: Option<&'a GitHub>,
    /// Takes what must not be shown.
    pub mask: &'a dyn Fn(&str),
}

/// The store of artifacts that the setting asks for: with `auto` the run's own
/// artifact service, where the runner offers it.
pub fn open<'h>(host: &'h dyn Host, opening: &Opening<'h>) -> Result<Box<dyn Store + 'h>, Failure> {
    let variable = |name: &str| opening.environment.get(name).map(String::as_str).unwrap_or_default();
    let (url, token) = (variable("ACTIONS_RESULTS_URL"), variable("ACTIONS_RUNTIME_TOKEN"));
    let offered = !url.is_empty() && !token.is_empty() && has_service(opening.server_url);
    let service = if offered && opening.choice != "directory" { Service::new(url, token) } else { None };
    if let Some(service) = service {
        (opening.mask)(token);
        return Ok(Box::new(Actions {
            host,
            service,
            run: opening.run.to_owned(),
            temporary: opening.temporary.to_owned(),
            most_days: variable("GITHUB_RETENTION_DAYS").parse().ok().filter(|days| *days > 0),
            elsewhere: opening.github.map(|github| Elsewhere { github: github.clone() }),
            mask: opening.mask,
        }));
    }
    if opening.choice == "actions" {
        let message = match offered {
            true => "`ACTIONS_RESULTS_URL` and `ACTIONS_RUNTIME_TOKEN` are not those of an artifact service",
            false => "the runner names none, or its server has none of this version",
        };
        return Err(Failure::new(&codes::STORE_NOT_OFFERED, message));
    }
    Ok(Box::new(Directory::new(host, opening.state_directory)))
}

/// Whether the server has the service: GitHub's own, also for enterprises, but
/// not a GitHub Enterprise Server. npm's `@actions/artifact` tells them apart the same way.
fn has_service(server_url: &str) -> bool {
    let host = server_url.split("://").nth(1).unwrap_or(server_url);
    let host = host.split(['/', ':']).next().unwrap_or_default().to_ascii_lowercase();
    host.is_empty() || host == "github.com" || host.ends_with(".ghe.com") || host.ends_with(".localhost")
}
