//! Walks the way of a deployment: each step as [`flow`](super::flow) says, done by
//! the files beside this one.

use std::cell::RefCell;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::content::Content;
use super::flow::{Ended, Ending, Next, Step, after};
use super::service::Service;
use super::settings::{Account, Options};
use crate::clients::vercel::{Deployment, Project, Served, Trouble};
use crate::codes;
use crate::jobs::Work;
use crate::jobs::health::Checked;
use crate::problem::Failure;
use crate::secret::Secret;

/// How long a rollback may take, however little of the deadline is left.
pub const ROLLBACK_TIME: TimeDelta = TimeDelta::minutes(10);

/// What is open at Vercel while the job runs, for whoever has to stop it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remote {
    /// The project's id.
    pub project: String,
    /// The note by which the deployment is found.
    pub key: String,
    /// When the creation was sent, in milliseconds since 1970; 0 before.
    pub since: i64,
    /// The deployment, once it is known.
    pub deployment: String,
    /// Whether it is ready or ended, so that there is nothing to cancel.
    pub settled: bool,
    /// Whether a switch of traffic was sent.
    pub switching: bool,
}

impl Remote {
    /// For `post`, which has no secret and needs none here.
    pub fn to_value(&self, options: &Options) -> Value {
        json!({
            "service": "vercel",
            "api": options.account.api,
            "team": options.account.team,
            "target": options.target,
            "project": self.project,
            "key": self.key,
            "since": self.since,
            "deployment": self.deployment,
            "settled": self.settled,
        })
    }

    /// What `main` left for `post`: the account but for its token, the target, and what is open.
    pub fn read(value: &Value) -> Option<(Account, String, Remote)> {
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        let account = Account {
            api: text("api")?,
            team: text("team")?,
            token: Secret::new(""),
            request_timeout: Duration::from_secs(10),
        };
        let remote = Remote {
            project: text("project")?,
            key: text("key")?,
            since: value["since"].as_i64()?,
            deployment: text("deployment")?,
            settled: value["settled"].as_bool()?,
            switching: false,
        };
        Some((account, text("target")?, remote))
    }
}

/// A deployment under way.
pub struct Drive<'a> {
    pub(super) work: &'a Work<'a>,
    pub(super) options: &'a Options,
    pub(super) content: Content,
    pub(super) service: Service<'a>,
    pub(super) deadline: DateTime<Utc>,
    pub(super) remote: &'a RefCell<Remote>,
    /// The project, as it was in the preflight.
    pub(super) project: Project,
    /// Whether what served before is healthy; nothing where nobody asked.
    pub(super) previous_healthy: Option<bool>,
    /// The deployment.
    pub(super) deployment: Deployment,
    /// Whether it was there already.
    pub(super) found: bool,
    /// What went wrong first.
    pub(super) failure: Option<Failure>,
    /// What went wrong on the way back.
    pub(super) second: Option<Failure>,
    /// What the gates saw.
    pub(super) checks: Vec<(&'static str, Checked)>,
    /// What is worth a line in the summary.
    pub(super) notes: Vec<String>,
    /// What is odd.
    pub(super) warnings: Vec<(&'static crate::codes::Code, String)>,
    /// What the last event tells.
    pub(super) facts: Map<String, Value>,
}

impl<'a> Drive<'a> {
    /// At the beginning of the way.
    pub fn new(work: &'a Work<'a>, options: &'a Options, content: Content, remote: &'a RefCell<Remote>) -> Self {
        let deadline = work.host.now() + TimeDelta::from_std(options.deadline).unwrap_or(TimeDelta::hours(1));
        Drive {
            work,
            options,
            content,
            service: Service::new(work.host, &options.account, deadline),
            deadline,
            remote,
            project: Project::default(),
            previous_healthy: None,
            deployment: Deployment::default(),
            found: false,
            failure: None,
            second: None,
            checks: Vec::new(),
            notes: Vec::new(),
            warnings: Vec::new(),
            facts: Map::new(),
        }
    }

    /// Goes all the way.
    pub async fn run(&mut self) -> Ending {
        let mut step = Step::Preflight;
        loop {
            let ended = match step {
                Step::Preflight => self.preflight().await,
                Step::Deploy => self.deploy().await,
                Step::Await => self.wait().await,
                Step::GateNew => self.gate_new().await,
                Step::Switch => self.switch().await,
                Step::GatePublic => self.gate_public().await,
                Step::RollBack => self.roll_back().await,
                Step::GateOld => self.gate_old().await,
            };
            match after(step, ended, self.can_roll_back()) {
                Next::Go(next) => step = next,
                Next::End(ending) => {
                    self.settle(ending).await;
                    return ending;
                }
            }
        }
    }

    /// What served production before.
    pub(super) fn previous(&self) -> Option<&Served> {
        self.project.production.as_ref().filter(|served| served.id != self.deployment.id)
    }

    fn can_roll_back(&self) -> bool {
        let healthy = self.previous_healthy.unwrap_or(self.options.gate.is_none());
        self.options.rolls_back && self.options.is_production() && healthy && self.previous().is_some()
    }

    /// Notes the first failure, or on the way back the second.
    pub(super) fn fail(&mut self, failure: Failure) -> Ended {
        self.work.log.line(&failure.message);
        if self.failure.is_none() {
            self.failure = Some(failure);
        } else {
            self.second = Some(failure);
        }
        Ended::Failed
    }

    /// The same for what Vercel says.
    pub(super) fn trouble(&mut self, doing: &str, trouble: &Trouble) -> Ended {
        self.fail(trouble.failure(doing))
    }

    /// A line in the log and in the summary.
    pub(super) fn note(&mut self, text: String) {
        self.work.log.line(&text);
        self.notes.push(text);
    }

    /// Keeps what must be stopped if this process is.
    pub(super) fn keep(&self, change: impl FnOnce(&mut Remote)) {
        let mut remote = self.remote.borrow_mut();
        change(&mut remote);
        self.work.telling.leave(&remote.to_value(self.options));
    }

    /// Looks at the token, the project and what serves, before anything is written.
    async fn preflight(&mut self) -> Ended {
        match self.service.token().await {
            Ok(token) => {
                if token.leaked {
                    self.warnings.push((
                        &codes::VERCEL_TOKEN_ENDS,
                        "Vercel has seen this token in public: revoke it".to_owned(),
                    ));
                }
                let left = token.expires.map(|expires| expires - self.work.host.now());
                match left {
                    Some(left) if left <= TimeDelta::zero() => {
                        let message = "the Vercel token has ended";
                        return self.fail(Failure::new(&codes::VERCEL_TOKEN_ENDS, message));
                    }
                    Some(left) if left < TimeDelta::days(7) => {
                        let message = format!("the Vercel token ends in {} hours", left.num_hours());
                        self.warnings.push((&codes::VERCEL_TOKEN_ENDS, message));
                    }
                    _ => {}
                }
            }
            // A token of one project may not ask for itself; what it may, the project says.
            Err(Trouble::Denied(..) | Trouble::Missing(_)) => {}
            Err(trouble) => self.note(format!("when the token ends is not known: {trouble}")),
        }
        self.project = match self.service.project(&self.options.project).await {
            Ok(project) => project,
            Err(trouble) => return self.trouble(&format!("the project `{}`", self.options.project), &trouble),
        };
        let project = self.project.id.clone();
        self.keep(|remote| remote.project = project.clone());
        if !self.options.is_production() {
            return Ended::Done;
        }
        if self.project.has_rolling_release {
            match self.service.rolling_release(&project).await {
                Ok(state) if state == "ACTIVE" => {
                    let message = "a rolling release of this project is active";
                    return self.fail(Failure::new(&codes::ROLLING_RELEASE, message));
                }
                Ok(_) | Err(Trouble::Missing(_)) => {
                    let message = "this project promotes by rolling releases, in shares of the traffic that no gate can judge; \
                                   turn them off to deploy with a gate";
                    return self.fail(Failure::new(&codes::ROLLING_RELEASE, message));
                }
                Err(trouble) => return self.trouble("the rolling release", &trouble),
            }
        }
        if self.project.is_pinned {
            self.note("production was held where a rollback put it; promoting this deployment ends that".to_owned());
        }
        if let Some(served) = self.project.production.clone() {
            self.work.log.line(&format!("production is served by `{}` ({})", served.id, served.url));
            self.previous_healthy = self.is_healthy_now().await;
            if self.previous_healthy == Some(false) {
                let message = "what serves production now is not healthy, so there is nothing to roll back to";
                self.warnings.push((&codes::UNUSUAL, message.to_owned()));
            }
        }
        Ended::Done
    }

    /// Leaves nothing running that nobody wants.
    async fn settle(&mut self, ending: Ending) {
        let remote = self.remote.borrow().clone();
        if ending == Ending::Unchanged && !remote.settled && remote.since > 0 {
            let message =
                super::stopping::stop(self.work.host, &self.options.account, &self.options.target, &remote).await;
            self.note(message);
        }
        self.work.telling.leave(&Value::Null);
    }
}
