//! How often the gate looks, and when it has seen enough.

use std::time::Duration;

use super::seen::{Ailment, Seen};

/// How often in a row a protection must stand in the way before the gate gives
/// up: one may be a passing state of a new deployment.
const HOPELESS: u32 = 3;

/// How the gate looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How many successes in a row are enough.
    pub successes: u32,
    /// How long to wait between two of them.
    pub interval: Duration,
}

/// What was seen so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How often it was looked at.
    pub tries: u32,
    /// Successes in a row.
    pub successes: u32,
    /// Failures in a row.
    pub failures: u32,
    /// Of them, at the end, those that waiting cannot help.
    pub hopeless: u32,
    /// The newest failure.
    pub last: Option<Ailment>,
}

impl Count {
    /// With one more look. A failure begins the successes anew.
    pub fn after(&self, seen: &Seen) -> Count {
        let tries = self.tries.saturating_add(1);
        match seen {
            Seen::Well => Count { tries, successes: self.successes + 1, failures: 0, hopeless: 0, ..self.clone() },
            Seen::Follow(_) => self.after(&Seen::Unwell(Ailment::Redirects)),
            Seen::Unwell(ailment) => Count {
                tries,
                successes: 0,
                failures: self.failures.saturating_add(1),
                hopeless: if ailment.is_hopeless() { self.hopeless + 1 } else { 0 },
                last: Some(ailment.clone()),
            },
        }
    }
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Enough successes.
    Passed,
    /// Look again after this time.
    Wait(Duration),
    /// Not healthy: there is no time left, or waiting cannot help.
    Failed,
}

/// What to do after what was seen. After a failure the waits grow: half an
/// interval, then twice as long each time, up to five intervals (1, 2, 4, 8 and
/// 10 seconds by default), each up to a fifth longer or shorter by `chance`.
/// No wait outlasts what is `left`.
pub fn next(pace: &Pace, count: &Count, left: Duration, chance: u8) -> Next {
    let wait = match count {
        Count { successes, .. } if *successes >= pace.successes => return Next::Passed,
        Count { hopeless: HOPELESS.., .. } => return Next::Failed,
        Count { successes: 1.., .. } => pace.interval,
        Count { failures, .. } => {
            let half = pace.interval / 2;
            let grown =
                half.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(pace.interval.saturating_mul(5));
            grown.mul_f64(0.8 + 0.4 * f64::from(chance) / 255.0)
        }
    };
    if wait < left { Next::Wait(wait) } else { Next::Failed }
}
