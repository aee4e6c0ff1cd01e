//! Whether lint or test succeeded: what the command, the reports and the
//! settings say, in one verdict.

use super::End;
use super::reading::Read;
use crate::codes;
use crate::config::{Kind, Setting, Settings, Source};
use crate::model::finding::amount;
use crate::model::finding::{Level, Totals};
use crate::problem::Failure;

/// The setting `fail-on`.
pub static FAIL_ON: Setting = Setting {
    name: "fail-on",
    kind: Kind::Choice(&["error", "warning", "notice", "never"]),
    source: Source::Anywhere,
    default: Some("error"),
    about: "From which level on a finding fails the job",
};

/// The setting `fail-on-flaky`.
pub static FAIL_ON_FLAKY: Setting = Setting {
    name: "fail-on-flaky",
    kind: Kind::Boolean,
    source: Source::Anywhere,
    default: Some("false"),
    about: "Whether a test that passed only when it was run again fails the job",
};

/// The setting `min-tests`.
pub static MIN_TESTS: Setting = Setting {
    name: "min-tests",
    kind: Kind::Count(0, u32::MAX as u64),
    source: Source::Anywhere,
    default: Some("1"),
    about: "How many tests the reports must hold; fewer fail the job, so that a suite cannot vanish unnoticed",
};

/// What the settings make a failure.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// From which level on a finding is one.
    pub fail_on: Option<Level>,
    /// Whether a flaky test is one.
    pub fail_on_flaky: bool,
    /// How many tests there must be when reports are read; None where none are expected.
    pub min_tests: Option<u64>,
    /// Whether there is a baseline, so that only new findings count.
    pub has_baseline: bool,
}

impl Rules {
    /// Those of the settings. A job without `min-tests` expects no tests.
    pub fn plan(settings: &Settings) -> Rules {
        Rules {
            fail_on: match settings.choice("fail-on") {
                Some("never") => None,
                Some("notice") => Some(Level::Notice),
                Some("warning") => Some(Level::Warning),
                _ => Some(Level::Error),
            },
            fail_on_flaky: settings.boolean("fail-on-flaky"),
            min_tests: settings.count("min-tests"),
            has_baseline: false,
        }
    }

    /// Every reason for a failure is told; the code is the gravest one's. A
    /// command that could not do its work comes first, then what the reports say,
    /// which is mostly why the command failed, then the command alone, then the
    /// reports' own state.
    pub fn verdict(self, ran: End, read: &Read) -> End {
        let command = match ran {
            End::Cancelled(signal) => return End::Cancelled(signal),
            End::Failed(failure) => Some(failure),
            End::Succeeded => None,
        };
        let totals = &read.report.totals;
        let is_plain = command.as_ref().is_some_and(|failure| failure.code == &codes::COMMAND_FAILED);
        let mut reasons = Vec::new();
        if !is_plain {
            reasons.extend(command.clone());
        }
        let red = totals.failed + totals.errors;
        if red > 0 {
            reasons
                .push(Failure::new(&codes::TESTS_FAILED, format!("{red} of {} failed", amount(totals.tests, "test"))));
        }
        reasons.extend(self.findings(&read.new));
        for red in &read.report.red {
            let place = if red.file.is_empty() { String::new() } else { format!("`{}`: ", red.file) };
            reasons.push(Failure::new(&codes::RUN_FAILED, format!("{place}{}", red.message)));
        }
        if self.fail_on_flaky && totals.flaky > 0 {
            let message = format!("{} of {} passed only when run again", totals.flaky, amount(totals.tests, "test"));
            reasons.push(Failure::new(&codes::TESTS_FLAKY, message));
        }
        if is_plain {
            reasons.extend(command);
        }
        reasons.extend(read.failures.iter().cloned());
        reasons.extend(self.min_tests.and_then(|least| too_few(totals, least)).filter(|_| read.failures.is_empty()));
        let Some(first) = reasons.first() else { return End::Succeeded };
        let message = reasons.iter().map(|reason| reason.message.as_str()).collect::<Vec<_>>().join("; ");
        End::Failed(Failure::new(first.code, message))
    }

    /// The failure, if so many findings of these levels are one.
    fn findings(self, new: &Totals) -> Option<Failure> {
        let kind = if self.has_baseline { "new " } else { "" };
        let of = |count: u64, what: &str| (count, amount(count, &format!("{kind}{what}")));
        let (count, what) = match self.fail_on? {
            Level::Error => of(new.error, "error"),
            Level::Warning if new.error == 0 => of(new.warning, "warning"),
            Level::Warning if new.warning == 0 => of(new.error, "error"),
            Level::Warning => {
                let count = new.error + new.warning;
                (count, format!("{count} {kind}errors and warnings"))
            }
            Level::Notice => of(new.findings, "finding"),
        };
        (count > 0).then(|| Failure::new(&codes::FINDINGS, format!("the linter reports {what}")))
    }
}

/// The failure of too few tests. A report of findings has none.
fn too_few(totals: &Totals, least: u64) -> Option<Failure> {
    (totals.tests < least && totals.findings == 0).then(|| {
        let message = format!("the reports hold {}, at least {least} were expected", amount(totals.tests, "test"));
        Failure::new(&codes::TOO_FEW_TESTS, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Signal;
    use crate::model::finding::Report;

    const RULES: Rules =
        Rules { fail_on: Some(Level::Error), fail_on_flaky: false, min_tests: Some(1), has_baseline: false };

    fn check(ran: End, totals: Totals, failures: &[Failure], expected: &str) {
        check_by(RULES, ran, totals, totals, failures, expected);
    }

    fn check_by(rules: Rules, ran: End, totals: Totals, new: Totals, failures: &[Failure], expected: &str) {
        let report = Report { totals, ..Report::default() };
        let read = Read { report, failures: failures.to_vec(), new, ..Read::default() };
        let end = match rules.verdict(ran, &read) {
            End::Succeeded => "success".to_owned(),
            End::Cancelled(_) => "cancelled".to_owned(),
            End::Failed(failure) => format!("{} {}", failure.code.id, failure.message),
        };
        assert_eq!(end, expected);
    }

    #[test]
    fn every_reason_is_told_and_the_gravest_gives_the_code() {
        let failed = || End::Failed(Failure::new(&codes::COMMAND_FAILED, "the command ended with status 1"));
        let slow = || End::Failed(Failure::new(&codes::COMMAND_TIMED_OUT, "the command took longer than 5 seconds"));
        let none = Failure::new(&codes::REPORT_MISSING, "no report matches `x`");
        let green = Totals { tests: 3, passed: 3, ..Totals::default() };
        let red = Totals { tests: 3, passed: 1, failed: 1, errors: 1, ..Totals::default() };
        check(End::Succeeded, green, &[], "success");
        check(End::Cancelled(Signal::Interrupt), red, &[], "cancelled");
        check(End::Succeeded, red, &[], "WB3003 2 of 3 tests failed");
        check(failed(), red, &[], "WB3003 2 of 3 tests failed; the command ended with status 1");
        check(failed(), green, &[], "WB2001 the command ended with status 1");
        check(slow(), red, &[], "WB2002 the command took longer than 5 seconds; 2 of 3 tests failed");
        check(
            failed(),
            Totals::default(),
            std::slice::from_ref(&none),
            "WB2001 the command ended with status 1; no report matches `x`",
        );
        check(End::Succeeded, Totals::default(), &[none], "WB3001 no report matches `x`");
        check(End::Succeeded, Totals::default(), &[], "WB3006 the reports hold 0 tests, at least 1 were expected");
        check(End::Succeeded, Totals { findings: 1, error: 1, ..green }, &[], "WB3004 the linter reports 1 error");
    }

    #[test]
    fn the_settings_say_what_counts() {
        let flaky = Totals { tests: 3, passed: 3, flaky: 2, ..Totals::default() };
        check(End::Succeeded, flaky, &[], "success");
        let strict = Rules { fail_on_flaky: true, ..RULES };
        check_by(strict, End::Succeeded, flaky, flaky, &[], "WB3008 2 of 3 tests passed only when run again");
        let findings = Totals { findings: 9, error: 4, warning: 5, ..Totals::default() };
        let new = Totals { findings: 2, warning: 2, ..Totals::default() };
        let against = Rules { has_baseline: true, ..RULES };
        check_by(against, End::Succeeded, findings, new, &[], "success");
        let warnings = Rules { fail_on: Some(Level::Warning), ..against };
        let expected = "WB3004 the linter reports 2 new warnings";
        check_by(warnings, End::Succeeded, findings, new, &[], expected);
        check_by(Rules { fail_on: None, ..RULES }, End::Succeeded, findings, findings, &[], "success");
    }
}
