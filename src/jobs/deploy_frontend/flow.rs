//! The way of a deployment, as one state machine: what follows on each step.

/// A step of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Looks at token, project and what serves.
    Preflight,
    /// Finds the deployment of the same artifact, or uploads and creates it.
    Deploy,
    /// Waits until it is ready.
    Await,
    /// The gate on its own URL, which nobody else uses.
    GateNew,
    /// Gives it the traffic: promotes it, or assigns the domains.
    Switch,
    /// The gate on the public URLs.
    GatePublic,
    /// Gives the traffic back to what served before.
    RollBack,
    /// The gate on the public URLs, for what serves again.
    GateOld,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// As it should.
    Done,
    /// It failed, and it is certain that it changed nothing.
    Untouched,
    /// It failed.
    Failed,
}

/// How the way ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It serves, healthy.
    Live,
    /// It does not serve, and what served before serves on.
    Unchanged,
    /// It served, unhealthy; what served before serves again, healthy.
    RolledBack,
    /// It serves, unhealthy, and there is no way back.
    Broken,
    /// The way back failed.
    RollbackFailed,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// This step.
    Go(Step),
    /// Nothing: it is over.
    End(Ending),
}

/// What follows on a step. `can_roll_back`: a rollback is wanted, and what
/// served before was healthy and still exists.
pub fn after(step: Step, ended: Ended, can_roll_back: bool) -> Next {
    match (step, ended) {
        (Step::Preflight, Ended::Done) => Next::Go(Step::Deploy),
        (Step::Deploy, Ended::Done) => Next::Go(Step::Await),
        (Step::Await, Ended::Done) => Next::Go(Step::GateNew),
        (Step::GateNew, Ended::Done) => Next::Go(Step::Switch),
        (Step::Switch, Ended::Done) => Next::Go(Step::GatePublic),
        (Step::GatePublic, Ended::Done) => Next::End(Ending::Live),
        (Step::RollBack, Ended::Done) => Next::Go(Step::GateOld),
        (Step::GateOld, Ended::Done) => Next::End(Ending::RolledBack),
        (Step::Preflight | Step::Deploy | Step::Await | Step::GateNew, _) => Next::End(Ending::Unchanged),
        (Step::Switch, Ended::Untouched) => Next::End(Ending::Unchanged),
        (Step::Switch | Step::GatePublic, _) if can_roll_back => Next::Go(Step::RollBack),
        (Step::Switch | Step::GatePublic, _) => Next::End(Ending::Broken),
        (Step::RollBack | Step::GateOld, _) => Next::End(Ending::RollbackFailed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Step; 8] = [
        Step::Preflight,
        Step::Deploy,
        Step::Await,
        Step::GateNew,
        Step::Switch,
        Step::GatePublic,
        Step::RollBack,
        Step::GateOld,
    ];

    /// The whole way when `broken` does not end as it should.
    fn way(broken: Option<(Step, Ended)>, can_roll_back: bool) -> (Vec<Step>, Ending) {
        let (mut steps, mut step) = (Vec::new(), Step::Preflight);
        loop {
            steps.push(step);
            let ended = broken.filter(|(at, _)| *at == step).map_or(Ended::Done, |(_, ended)| ended);
            match after(step, ended, can_roll_back) {
                Next::Go(next) => step = next,
                Next::End(ending) => return (steps, ending),
            }
        }
    }

    #[test]
    fn a_healthy_deployment_goes_live() {
        assert_eq!(way(None, true), (STEPS[..6].to_vec(), Ending::Live));
    }

    #[test]
    fn what_fails_before_the_switch_changes_nothing() {
        for step in &STEPS[..4] {
            for can_roll_back in [true, false] {
                assert_eq!(way(Some((*step, Ended::Failed)), can_roll_back).1, Ending::Unchanged);
            }
        }
        assert_eq!(way(Some((Step::Switch, Ended::Untouched)), true).1, Ending::Unchanged);
    }

    #[test]
    fn what_fails_after_the_switch_is_rolled_back_where_it_can_be() {
        for step in [Step::Switch, Step::GatePublic] {
            assert_eq!(way(Some((step, Ended::Failed)), true).1, Ending::RolledBack);
            assert_eq!(way(Some((step, Ended::Failed)), false).1, Ending::Broken);
        }
    }

    #[test]
    fn no_failure_is_ever_live() {
        for step in STEPS {
            for ended in [Ended::Failed, Ended::Untouched] {
                for can_roll_back in [true, false] {
                    assert_ne!(after(step, ended, can_roll_back), Next::End(Ending::Live));
                    assert!(!matches!(after(step, ended, can_roll_back), Next::End(Ending::RolledBack)));
                }
            }
        }
    }
}
