//! Cases that stand in a file several times because they ran several times.

use std::hash::{Hash, Hasher};

use super::case::Builder;
use super::dialect::Dialect;
use crate::model::finding::Status;
use crate::reports::Sink;
use crate::reports::hash::{Quick, QuickMap};
use crate::reports::sink::Ticket;

/// Finds repetitions without keeping the names of all cases.
#[derive(Default)]
pub struct Reruns {
    seen: QuickMap<u64, Seen>,
    groups: Vec<Group>,
}

enum Seen {
    Once(Ticket),
    Group(u32),
}

struct Group {
    suite: u32,
    name: String,
    label: String,
    runs: Vec<Ticket>,
}

impl Reruns {
    /// Notes a case of the suite with this number.
    pub fn add(&mut self, suite: u32, case: &Builder, label: &str, ticket: Ticket) {
        let mut hasher = Quick::default();
        (suite, &case.class, &case.name, &case.file, case.line).hash(&mut hasher);
        let key = hasher.finish();
        match self.seen.get_mut(&key) {
            None => {
                self.seen.insert(key, Seen::Once(ticket));
            }
            Some(Seen::Group(at)) => {
                if let Some(group) = self.groups.get_mut(*at as usize) {
                    group.runs.push(ticket);
                }
            }
            Some(seen) => {
                if let Seen::Once(one) = *seen {
                    *seen = Seen::Group(self.groups.len() as u32);
                    let (name, label) = (case.name.clone(), label.to_owned());
                    self.groups.push(Group { suite, name, label, runs: vec![one, ticket] });
                }
            }
        }
    }

    /// Decides on the repetitions of a suite that has ended. `tests` is how many cases the suite
    /// says that it has, `cases` how many it has.
    pub fn settle(&mut self, sink: &mut Sink, dialect: Dialect, suite: u32, tests: Option<u64>, cases: u64) {
        let groups = || self.groups.iter().filter(|group| group.suite == suite);
        let repeated: u64 = groups().map(|group| group.runs.len() as u64 - 1).sum();
        // pytest's names are unique, and it counts a case once however often it writes it; but
        // plug-ins that repeat runs upset its count a little.
        let exact = dialect != Dialect::Pytest;
        let said =
            repeated > 0 && tests.is_some_and(|tests| if exact { tests + repeated == cases } else { tests < cases });
        for group in groups() {
            let last = group.runs.last().map_or(Status::Passed, |run| run.status());
            let failures = group.runs.iter().filter(|run| run.status().is_red()).count();
            let passes = group.runs.iter().filter(|run| run.status() == Status::Passed).count();
            let passed_in_the_end = failures > 0 && passes == 1 && last == Status::Passed;
            // Names that are equal for another reason pass all together.
            let tells = said && (failures > 0 || dialect == Dialect::Pytest);
            // Go's names are unique in a package; who runs all of them several times sees them all pass.
            let again = dialect == Dialect::Gotestsum && failures > 0 && passes <= 1;
            if !dialect.repeats_runs() || !tells && !again && !passed_in_the_end {
                continue;
            }
            let status = match last {
                // A plug-in that repeats only what failed, and does not write that down.
                Status::Passed if failures > 0 || dialect == Dialect::Pytest => Status::Flaky,
                // A failure and an error in the tear-down of one case.
                status => group.runs.iter().map(|run| run.status()).filter(|run| run.is_red()).max().unwrap_or(status),
            };
            sink.merge(&group.runs, status, &group.name, &group.label);
        }
        self.groups.retain_mut(|group| {
            if group.suite == suite {
                // Keep the place, for the numbers in `seen`; free the rest.
                group.runs = Vec::new();
                group.suite = u32::MAX;
            }
            true
        });
    }

    /// Forgets everything: no open suite has cases.
    pub fn clear(&mut self) {
        self.seen.clear();
        self.groups.clear();
    }
}
