//! How the way ended, told: events, annotations, outputs and notes.

use serde_json::{Map, Value, json};

use super::drive::Drive;
use super::flow::Ending;
use crate::codes;
use crate::jobs::{Done, End};
use crate::model::event::EventType;
use crate::problem::Failure;
use crate::reporters::annotations::{Annotation, Level};

/// What the user must know of production after a rollback.
const PINNED: &str = "production is pinned to it: Vercel assigns no domain to new deployments until one is promoted, \
                      which the next apply of this job does";

impl Drive<'_> {
    /// The job's end.
    pub fn done(mut self, ending: Ending) -> Done {
        for notice in self.service.notices() {
            self.warnings.push((&codes::UNUSUAL, format!("Vercel says: {notice}")));
        }
        let gates: Vec<Value> = self
            .checks
            .iter()
            .map(|(what, checked)| {
                let ailment = checked.ailment.as_ref().map_or("healthy", |ailment| ailment.word());
                json!({ "what": what, "url": checked.url, "tries": checked.tries, "result": ailment })
            })
            .collect();
        self.facts.insert("gates".to_owned(), gates.into());
        self.facts.insert("target".to_owned(), self.options.target_word().into());
        self.facts.insert("reused".to_owned(), self.found.into());
        let url = self.url();
        let (end, outputs) = match ending {
            Ending::Live => {
                let told = self.tell(EventType::DeploymentSuccess, &format!("serves {url}"), json!({ "url": url }));
                self.notes.insert(0, format!("{} serves {url}", self.options.target_word()));
                match told {
                    Ok(()) => (End::Succeeded, vec![("url", url)]),
                    Err(failure) => (End::Failed(failure), vec![("url", url)]),
                }
            }
            ending => (End::Failed(self.failed(ending)), Vec::new()),
        };
        let annotations =
            self.warnings.iter().map(|(code, text)| Annotation::new(Level::Warning, code.id, text.clone())).collect();
        Done { annotations, outputs, metadata: self.facts.clone(), notes: self.notes, ..Done::of(end) }
    }

    /// The failure of the job, after its event was told.
    fn failed(&mut self, ending: Ending) -> Failure {
        let first = self.failure.clone().unwrap_or_else(|| Failure::new(&codes::DEFECT, "it failed without a reason"));
        let second = self.second.as_ref().map(|failure| failure.message.clone()).unwrap_or_default();
        let before = self.previous().map(|served| format!("`{}` ({})", served.id, served.url));
        let (event, code, message) = match ending {
            Ending::RolledBack => {
                let again = before.unwrap_or_default();
                let message = format!("{}; rolled back: {again} serves again and is healthy; {PINNED}", first.message);
                self.notes.push(format!("{again} serves again; {PINNED}"));
                (EventType::RollbackCompleted, &codes::ROLLED_BACK, message)
            }
            Ending::RollbackFailed => {
                let message = format!("{}; the rollback failed, still down: {second}", first.message);
                (EventType::DeploymentFailure, &codes::ROLLBACK_FAILED, message)
            }
            Ending::Broken => {
                let why = match (self.options.is_production(), self.options.rolls_back, before) {
                    (true, false, _) => "`on-failure: keep` leaves it in service",
                    (true, true, None) => "nothing served before, so there is nothing to roll back to",
                    (true, true, Some(_)) => "what served before was not healthy, so nothing was rolled back",
                    (false, ..) => "it stays as it is",
                };
                (EventType::DeploymentFailure, first.code, format!("{}; {why}", first.message))
            }
            Ending::Unchanged | Ending::Live => {
                let serves = match (self.options.is_production(), before) {
                    (true, Some(before)) => format!("; {before} serves production as before"),
                    (true, None) => "; nothing serves production".to_owned(),
                    (false, _) => String::new(),
                };
                (EventType::DeploymentFailure, first.code, format!("{}{serves}", first.message))
            }
        };
        let told = match event {
            EventType::RollbackCompleted => "rolled back".to_owned(),
            _ => format!("could not deploy: {message}"),
        };
        let more: Map<String, Value> = [("code".to_owned(), Value::from(code.id))].into_iter().collect();
        match self.tell(event, &told, Value::Object(more)) {
            Ok(()) => Failure::new(code, message),
            Err(failure) => Failure::new(code, format!("{message}; {failure}")),
        }
    }

    /// Where it is served.
    pub(super) fn url(&self) -> String {
        let scheme = self.options.scheme;
        let first = self.options.domains.first().map(|domain| format!("{scheme}://{domain}"));
        if self.options.is_production() {
            let named = self.project.production.iter().flat_map(|served| &served.aliases).next();
            let given = self.options.frontend_url.clone().or(first);
            if let Some(url) = given.or(named.map(|domain| format!("{scheme}://{domain}"))) {
                return url;
            }
        } else if let Some(url) = first {
            return url;
        }
        format!("{scheme}://{}", self.deployment.url)
    }
}
