//! Waits until a deployment is ready: READY alone is not live.

use std::time::Duration;

use super::drive::Drive;
use super::flow::Ended;
use crate::clients::vercel::{Outcome, Trouble, Wanted, outcome};
use crate::codes;
use crate::problem::Failure;

/// How many answers in a row may be odd, or missing, before nobody believes in a good one.
const MOST_ODD: u32 = 4;

/// How long to wait before the next look: often at first, since a prebuilt
/// output is ready soon, then ever more seldom, as Vercel's own client does.
pub fn poll_wait(elapsed: Duration) -> Duration {
    match elapsed.as_millis() {
        0..2000 => Duration::from_millis(250),
        2000..15_000 => Duration::from_secs(1),
        15_000..60_000 => Duration::from_secs(5),
        _ => Duration::from_secs(15),
    }
}

impl Drive<'_> {
    /// The deployment becomes ready, staged or with its domains.
    pub(super) async fn wait(&mut self) -> Ended {
        let wanted = if self.options.is_production() { Wanted::Staged } else { Wanted::Live };
        let begun = self.work.host.now();
        let (mut told, mut odd, mut logged) = (String::new(), 0, 0);
        loop {
            // What could not be read says nothing; it is asked again.
            let found = outcome(&self.deployment, wanted, &self.options.target);
            match &found {
                Outcome::Reached => {
                    self.keep(|remote| remote.settled = true);
                    if let Some(warning) = self.deployment.alias_warning.clone() {
                        self.warnings.push((&codes::UNUSUAL, format!("Vercel warns of the domains: {warning}")));
                    }
                    return Ended::Done;
                }
                Outcome::Pending(state) => {
                    if *state != told {
                        self.work.log.line(&format!("`{}` is {state}", self.deployment.id));
                        told.clone_from(state);
                    }
                }
                Outcome::Odd(state) if odd < MOST_ODD => {
                    odd += 1;
                    self.work.log.line(&format!("`{}` is in a state that is not known: `{state}`", self.deployment.id));
                }
                over => {
                    let failure = self.not_ready(over);
                    return self.fail(failure);
                }
            }
            if self.options.build_logs {
                logged = self.print_log(logged).await;
            }
            let now = self.work.host.now();
            let left = (self.deadline - now).to_std().unwrap_or_default();
            let wait = poll_wait((now - begun).to_std().unwrap_or_default());
            if wait >= left {
                let message = format!("`{}` was not ready before the deadline; it is cancelled", self.deployment.id);
                return self.fail(Failure::new(&codes::DEADLINE, message));
            }
            self.work.host.sleep(wait).await;
            match self.service.deployment(&self.deployment.id).await {
                Ok(deployment) => {
                    let is_known = !matches!(outcome(&deployment, wanted, &self.options.target), Outcome::Odd(_));
                    odd = if is_known { 0 } else { odd };
                    self.deployment = deployment;
                }
                Err(trouble) if odd < MOST_ODD && !matches!(trouble, Trouble::Denied(..) | Trouble::Missing(_)) => {
                    // A request that had no answer was tried several times already.
                    odd += if matches!(trouble, Trouble::Odd(_)) { 1 } else { MOST_ODD };
                    self.work.log.line(&format!("the state of `{}` is not known: {trouble}", self.deployment.id));
                }
                Err(trouble) => return self.trouble(&format!("the state of `{}`", self.deployment.id), &trouble),
            }
        }
    }

    /// What ended the wait without success.
    fn not_ready(&self, outcome: &Outcome) -> Failure {
        let id = &self.deployment.id;
        let (code, message) = match outcome {
            Outcome::Cancelled => (&codes::DEPLOYMENT_FAILED, format!("somebody cancelled `{id}`")),
            Outcome::Failed(why) => (&codes::DEPLOYMENT_FAILED, format!("`{id}` failed: {why}")),
            Outcome::NotAssigned(why) => {
                (&codes::DEPLOYMENT_FAILED, format!("`{id}` is ready, but its domains do not lead to it: {why}"))
            }
            Outcome::BecameProduction => {
                (&codes::BECAME_PRODUCTION, format!("`{id}` should be a preview and became production"))
            }
            Outcome::Odd(state) => {
                (&codes::VERCEL_ANSWER, format!("`{id}` stays in a state that is not known: `{state}`"))
            }
            Outcome::Reached | Outcome::Pending(_) => (&codes::DEPLOYMENT_FAILED, format!("`{id}` is not ready")),
        };
        let page = if self.deployment.inspector.is_empty() {
            String::new()
        } else {
            format!("; see {}", self.deployment.inspector)
        };
        Failure::new(code, message + &page)
    }

    /// The new lines of the build log; gives the time of the last one. The log is an aid, never the judge.
    async fn print_log(&self, since: i64) -> i64 {
        let Ok(lines) = self.service.events(&self.deployment.id, since + 1).await else { return since };
        for (_, line) in &lines {
            self.work.log.line(&format!("vercel: {}", line.trim_end()));
        }
        lines.iter().map(|(time, _)| *time).max().unwrap_or(since).max(since)
    }
}
