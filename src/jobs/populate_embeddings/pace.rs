//! How fast texts are sent. The service counts texts a minute and says nothing
//! before it refuses, so the pace is steady and below the limit, halves when it
//! is refused, and rises again while it is not.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// The window in which the service counts.
const WINDOW: Duration = Duration::from_secs(60);
/// The least pace, in texts a minute.
const LEAST: u64 = 30;

/// The pace of one run.
#[derive(Clone, Debug)]
pub struct Pace {
    /// The most texts a minute.
    most: u64,
    /// Texts a minute now.
    now: u64,
    /// When the next text may go.
    free: DateTime<Utc>,
    /// When the pace was last changed.
    changed: DateTime<Utc>,
    /// How often the service refused.
    pub refused: u64,
    /// How long was waited because of it.
    pub waited: Duration,
}

impl Pace {
    /// Begins at the limit.
    pub fn new(most: u64, now: DateTime<Utc>) -> Pace {
        Pace { most, now: most, free: now, changed: now, refused: 0, waited: Duration::ZERO }
    }

    /// How long to wait before this many texts go, which are then counted as gone.
    pub fn wait(&mut self, texts: usize, now: DateTime<Utc>) -> Duration {
        if self.now < self.most && now - self.changed > delta(WINDOW) {
            // A twentieth more a window without a refusal.
            self.now = (self.now + self.most.div_ceil(20)).min(self.most);
            self.changed = now;
        }
        let wait = (self.free - now).to_std().unwrap_or_default();
        let taken = Duration::from_millis(60_000 * texts as u64 / self.now.max(1));
        self.free = self.free.max(now) + delta(taken);
        wait
    }

    /// The service refused: how long to wait before the same texts go again.
    /// Without a word of its own the window has to pass.
    pub fn refuse(&mut self, asked: Option<u64>, now: DateTime<Utc>) -> Duration {
        self.refused += 1;
        self.now = (self.now / 2).max(LEAST.min(self.most));
        self.changed = now;
        let wait = asked.map_or(WINDOW, Duration::from_secs).clamp(Duration::from_secs(1), 10 * WINDOW);
        self.free = self.free.max(now + delta(wait));
        self.waited += wait;
        wait
    }

    /// How long this many texts will take.
    pub fn forecast(&self, texts: usize) -> Duration {
        Duration::from_millis(60_000 * texts as u64 / self.now.max(1))
    }
}

fn delta(time: Duration) -> TimeDelta {
    TimeDelta::from_std(time).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_341_600, 0).unwrap()
    }

    #[test]
    fn the_pace_is_the_limit_and_steady() {
        let mut pace = Pace::new(2_000, start());
        let mut now = start();
        for _ in 0..100 {
            now += delta(pace.wait(96, now));
        }
        // 99 batches have passed before the hundredth goes.
        assert_eq!((now - start()).num_milliseconds(), 99 * 2_880);
        assert_eq!(pace.forecast(2_000), Duration::from_secs(60));
    }

    #[test]
    fn a_refusal_halves_the_pace_and_quiet_raises_it() {
        let mut pace = Pace::new(2_000, start());
        assert_eq!(pace.refuse(None, start()), Duration::from_secs(60));
        assert_eq!(pace.forecast(1_000), Duration::from_secs(60));
        assert_eq!(pace.refuse(Some(5), start()), Duration::from_secs(5));
        let mut now = start() + delta(Duration::from_secs(61));
        for _ in 0..40 {
            pace.wait(1, now);
            now += delta(Duration::from_secs(61));
        }
        assert_eq!(pace.forecast(2_000), Duration::from_secs(60));
        assert_eq!((pace.refused, pace.waited), (2, Duration::from_secs(65)));
    }
}
