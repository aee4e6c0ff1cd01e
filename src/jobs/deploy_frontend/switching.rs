//! Gives the traffic to a deployment, and gives it back. Each switch re-reads
//! what serves before it writes, and is sent once.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Map, json};

use super::drive::{Drive, ROLLBACK_TIME};
use super::flow::Ended;
use super::service::{Service, serving};
use crate::clients::vercel::{Switch, Trouble, switched};
use crate::codes;
use crate::model::event::EventType;
use crate::problem::Failure;

/// How long a switch may take, as Vercel's own command line waits for it.
const SWITCH_TIME: TimeDelta = TimeDelta::minutes(3);

/// How often the state of a switch is asked for.
const POLL: Duration = Duration::from_millis(500);

/// How long a switch whose outcome is unknown is looked for.
const UNKNOWN_TIME: TimeDelta = TimeDelta::seconds(10);

/// How a switch came out.
enum Moved {
    Yes,
    /// Certainly not.
    Not(Failure),
    /// Perhaps, or in part.
    Unsure(Failure),
}

impl Drive<'_> {
    /// Production is promoted; of another target the domains are assigned.
    pub(super) async fn switch(&mut self) -> Ended {
        if !self.options.is_production() {
            return self.assign().await;
        }
        let project = match self.service.project(&self.project.id).await {
            Ok(project) => project,
            Err(trouble) => {
                self.trouble("what serves before the promote", &trouble);
                return Ended::Untouched;
            }
        };
        let (serves, _) = serving(&project);
        let (before, _) = serving(&self.project);
        if serves == self.deployment.id {
            self.note(format!("`{}` serves production already", self.deployment.id));
            self.keep(|remote| remote.switching = true);
            return Ended::Done;
        }
        if serves != before {
            let message = format!("production was served by `{before}` when this job began, and is by `{serves}` now");
            self.fail(Failure::new(&codes::SERVED_CHANGED, message));
            return Ended::Untouched;
        }
        self.keep(|remote| remote.switching = true);
        self.work.log.line(&format!("promoting `{}`", self.deployment.id));
        let since = self.work.host.now().timestamp_millis();
        let sent = self.service.promote(&self.project.id, &self.deployment.id).await;
        match self.follow(&self.service, sent, &self.deployment.id.clone(), "promote", since).await {
            Moved::Yes => Ended::Done,
            Moved::Not(failure) => {
                self.fail(failure);
                Ended::Untouched
            }
            Moved::Unsure(failure) => self.fail(failure),
        }
    }

    /// The traffic goes back to what served before.
    pub(super) async fn roll_back(&mut self) -> Ended {
        let Some(previous) = self.previous().cloned() else {
            return self.fail(Failure::new(&codes::NOTHING_TO_ROLL_BACK, "nothing served before"));
        };
        let reason = self.failure.as_ref().map(|failure| failure.message.clone()).unwrap_or_default();
        let more = json!({ "from": self.deployment.id, "to": previous.id });
        if let Err(failure) =
            self.tell(EventType::RollbackInitiated, &format!("rolls back to `{}`: {reason}", previous.id), more)
        {
            // The ledger must not keep production down: it is said, and gone on.
            self.note(failure.message);
        }
        let service = Service::new(self.work.host, &self.options.account, self.work.host.now() + ROLLBACK_TIME);
        match service.deployment(&previous.id).await {
            Ok(deployment) if deployment.is_deleted || deployment.state != "READY" => {
                let message = format!("`{}`, which served before, cannot serve any more", previous.id);
                return self.fail(Failure::new(&codes::NOTHING_TO_ROLL_BACK, message));
            }
            Err(trouble @ Trouble::Missing(_)) => {
                return self.trouble(&format!("`{}`, which served before", previous.id), &trouble);
            }
            // That it cannot be asked is no reason not to try.
            _ => {}
        }
        let since = self.work.host.now().timestamp_millis();
        let sent = service.roll_back(&self.project.id, &previous.id, "the deployment is not healthy").await;
        match self.follow(&service, sent, &previous.id, "rollback", since).await {
            Moved::Yes => Ended::Done,
            Moved::Not(failure) | Moved::Unsure(failure) => self.fail(failure),
        }
    }

    /// An event of the job's, with where it belongs at Vercel.
    pub(super) fn tell(&self, what: EventType, message: &str, more: serde_json::Value) -> Result<(), Failure> {
        let mut facts = self.facts.clone();
        facts.extend(more.as_object().cloned().unwrap_or_else(Map::new));
        let name = format!("deploy-frontend ({})", self.options.target_word());
        self.work.telling.tell(what, &format!("{name} {message}"), facts)
    }

    /// Follows a switch to its end. What was sent is never sent again: an
    /// answer that is missing is made up for by looking.
    async fn follow(
        &self,
        service: &Service<'_>,
        sent: Result<(), Trouble>,
        to: &str,
        kind: &str,
        since: i64,
    ) -> Moved {
        let patience = match &sent {
            Ok(()) | Err(Trouble::Conflict(_)) => SWITCH_TIME,
            Err(trouble) if trouble.is_ambiguous() => {
                self.work.log.line(&format!("the outcome of the {kind} is unknown ({trouble}); it is looked up"));
                UNKNOWN_TIME
            }
            Err(trouble) => return Moved::Not(trouble.failure(&format!("the {kind} of `{to}`"))),
        };
        let begun = self.work.host.now();
        let mut last = String::new();
        loop {
            let patience = match service.project(&self.project.id).await {
                Ok(project) => {
                    let (serves, newest) = serving(&project);
                    match switched(newest, serves, to, kind, since) {
                        Switch::Done => return Moved::Yes,
                        Switch::Failed => {
                            let left = service.failed_aliases(&self.project.id).await;
                            let left = if left.is_empty() {
                                String::new()
                            } else {
                                format!("; not moved: `{}`", left.join("`, `"))
                            };
                            let message = format!("Vercel could not {kind} to `{to}`{left}");
                            return Moved::Unsure(Failure::new(&codes::SWITCH_FAILED, message));
                        }
                        // A conflict with nothing under way is a plain no.
                        Switch::Pending if newest.is_none_or(|job| job.to != to) => match &sent {
                            Err(trouble @ Trouble::Conflict(_)) => {
                                return Moved::Not(trouble.failure(&format!("the {kind} of `{to}`")));
                            }
                            _ => patience,
                        },
                        Switch::Pending => SWITCH_TIME,
                        Switch::Odd(state) => {
                            last = format!(", its state is not known: `{state}`");
                            patience.min(UNKNOWN_TIME)
                        }
                    }
                }
                Err(trouble) => {
                    last = format!(", {trouble}");
                    patience.min(UNKNOWN_TIME)
                }
            };
            if self.work.host.now() - begun >= patience {
                let message = match &sent {
                    Err(trouble) => format!("whether the {kind} to `{to}` was done is not known: {trouble}{last}"),
                    Ok(()) => format!("the {kind} to `{to}` did not come to an end{last}"),
                };
                return Moved::Unsure(Failure::new(&codes::SWITCH_FAILED, message));
            }
            self.work.host.sleep(POLL).await;
        }
    }

    /// The domains of a preview or a custom environment lead to it.
    async fn assign(&mut self) -> Ended {
        for (at, domain) in self.options.domains.iter().enumerate() {
            if self.deployment.aliases.contains(domain) {
                continue;
            }
            match self.service.alias(&self.deployment.id, domain).await {
                Ok(()) => self.work.log.line(&format!("`{domain}` leads to `{}`", self.deployment.id)),
                Err(trouble) => {
                    let untouched = at == 0 && !trouble.is_ambiguous();
                    self.trouble(&format!("the domain `{domain}`"), &trouble);
                    return if untouched { Ended::Untouched } else { Ended::Failed };
                }
            }
        }
        self.deployment.aliases.extend(self.options.domains.iter().cloned());
        Ended::Done
    }
}
