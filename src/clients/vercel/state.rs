//! How far a deployment is, and how far a switch of traffic.

use super::answers::{AliasJob, Deployment};

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Ready, with its domains where they are: it is promoted later.
    Staged,
    /// Ready, and its domains lead to it.
    Live,
}

/// How far a deployment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As far as is wanted.
    Reached,
    /// Not yet: its state.
    Pending(String),
    /// It will never be: why.
    Failed(String),
    /// Somebody cancelled it.
    Cancelled,
    /// It is ready, but its domains do not lead to it: why.
    NotAssigned(String),
    /// It took over production although it should not.
    BecameProduction,
    /// A state that nobody knows.
    Odd(String),
}

/// How far a deployment is. READY alone is not live: its domains are assigned
/// after that, and may fail. `target` is what was asked for.
pub fn outcome(deployment: &Deployment, wanted: Wanted, target: &str) -> Outcome {
    if deployment.target == "production" && target != "production" {
        return Outcome::BecameProduction;
    }
    if deployment.is_deleted {
        return Outcome::Failed("it is removed".to_owned());
    }
    match (deployment.state.as_str(), wanted) {
        (state @ ("QUEUED" | "INITIALIZING" | "ANALYZING" | "BUILDING" | "DEPLOYING"), _) => {
            Outcome::Pending(state.to_owned())
        }
        ("CANCELED", _) => Outcome::Cancelled,
        ("READY", _) if deployment.checks == "failed" => Outcome::Failed("Vercel's checks failed".to_owned()),
        ("READY", Wanted::Staged) => Outcome::Reached,
        ("READY", Wanted::Live) => match &deployment.alias_error {
            Some(error) => Outcome::NotAssigned(error.clone()),
            None if deployment.alias_assigned => Outcome::Reached,
            None => Outcome::Pending("READY, its domains are being assigned".to_owned()),
        },
        (state, _) if state == "ERROR" || state.ends_with("_ERROR") => {
            Outcome::Failed(if deployment.error.is_empty() { state.to_owned() } else { deployment.error.clone() })
        }
        (state, _) => Outcome::Odd(state.to_owned()),
    }
}

/// How far a switch of traffic is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Switch {
    /// Not yet.
    Pending,
    /// Done.
    Done,
    /// It failed, in part or as a whole.
    Failed,
    /// A state that nobody knows.
    Odd(String),
}

/// How far the switch to a deployment is: `kind` is `promote` or `rollback`,
/// `serves` is what production names now, `since` when it was asked for, in
/// milliseconds since 1970, by Vercel's clock or a few minutes off.
pub fn switched(newest: Option<&AliasJob>, serves: &str, to: &str, kind: &str, since: i64) -> Switch {
    const SKEW: i64 = 3 * 60 * 1000;
    let ours = newest.filter(|job| job.to == to && job.kind == kind && job.requested_at >= since - SKEW);
    match ours.map(|job| job.status.as_str()) {
        Some("succeeded") => Switch::Done,
        Some("pending" | "in-progress") => Switch::Pending,
        Some("failed") => Switch::Failed,
        // Nothing was to be moved: then it serves already, or it never will.
        Some("skipped") | None if serves == to => Switch::Done,
        Some("skipped") => Switch::Failed,
        None => Switch::Pending,
        Some(other) => Switch::Odd(other.to_owned()),
    }
}
