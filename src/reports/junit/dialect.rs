//! Who wrote a JUnit file, as far as it makes a difference.

use crate::reports::Head;
use crate::reports::clue::Columns;

/// A writer of JUnit XML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Nobody we know.
    Unknown,
    /// pytest, with its families xunit1 and xunit2.
    Pytest,
    /// unittest-xml-reporting.
    Unittest,
    /// Maven Surefire and Failsafe.
    Surefire,
    /// jest-junit.
    Jest,
    /// vitest.
    Vitest,
    /// mocha's xunit reporter and mocha-junit-reporter.
    Mocha,
    /// Playwright.
    Playwright,
    /// cargo-nextest.
    Nextest,
    /// GoogleTest.
    Gtest,
    /// PHPUnit.
    Phpunit,
    /// gotestsum.
    Gotestsum,
    /// Node's own test runner.
    Node,
    /// bun test.
    Bun,
    /// rspec_junit_formatter.
    Rspec,
    /// ruff check --output-format=junit.
    Ruff,
    /// PHP_CodeSniffer.
    Phpcs,
}

impl Dialect {
    /// Guesses by marks in the start of the file.
    pub fn guess(head: &Head) -> Self {
        let text = head.text;
        let has = |mark: &str| text.contains(mark);
        if has("<testsuite name=\"pytest\"") || has("name=\"pytest tests\"") {
            Dialect::Pytest
        } else if has("<testsuites name=\"vitest tests\"") {
            Dialect::Vitest
        } else if has("<testsuites name=\"nextest-run\"") || has("cargo-nextest") {
            Dialect::Nextest
        } else if has("maven-surefire") || has("surefire-test-report.xsd") {
            Dialect::Surefire
        } else if has("<testsuites name=\"jest tests\"") || is_jest(text) {
            Dialect::Jest
        } else if has("<testsuite name=\"Mocha Tests\"") || has("<testsuites name=\"Mocha Tests\"") {
            Dialect::Mocha
        } else if has("name=\"org.ruff") || has("<testsuites name=\"ruff\"") {
            Dialect::Ruff
        } else if has("PHP_CodeSniffer") {
            Dialect::Phpcs
        } else if head.tag.contains("name=\"AllTests\"") || has("value_param=") {
            Dialect::Gtest
        } else if has("<testsuites id=\"\" name=\"\" tests=") {
            Dialect::Playwright
        } else if has("assertions=\"") && has(".php\"") {
            Dialect::Phpunit
        } else if has("<property name=\"go.version\"") || is_gotestsum(head) {
            Dialect::Gotestsum
        } else if has("<testsuites name=\"bun test\"") {
            Dialect::Bun
        } else if has("<testsuite name=\"rspec") {
            Dialect::Rspec
        } else if has("type=\"testCodeFailure\"") || has("<!-- tests ") || has("classname=\"test\"") {
            Dialect::Node
        } else if has("<testsuite name=\"unittest") || has("file=\"") && has("timestamp=") && has(".py\" line=") {
            Dialect::Unittest
        } else {
            Dialect::Unknown
        }
    }

    /// Its name in the machine-readable report.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Dialect::Unknown => return None,
            Dialect::Pytest => "pytest",
            Dialect::Unittest => "unittest-xml-reporting",
            Dialect::Surefire => "surefire",
            Dialect::Jest => "jest-junit",
            Dialect::Vitest => "vitest",
            Dialect::Mocha => "mocha",
            Dialect::Playwright => "playwright",
            Dialect::Nextest => "nextest",
            Dialect::Gtest => "gtest",
            Dialect::Phpunit => "phpunit",
            Dialect::Gotestsum => "gotestsum",
            Dialect::Node => "node",
            Dialect::Bun => "bun",
            Dialect::Rspec => "rspec",
            Dialect::Ruff => "ruff",
            Dialect::Phpcs => "phpcs",
        })
    }

    /// pytest's xunit1 writes what Python counts from zero.
    pub fn counts_lines_from_zero(self) -> bool {
        self == Dialect::Pytest
    }

    /// Linters write the place of the finding where test runners write that of the test.
    pub fn names_the_very_line(self) -> bool {
        self == Dialect::Ruff
    }

    /// What columns in its frames count.
    pub fn columns(self) -> Columns {
        match self {
            Dialect::Jest | Dialect::Vitest | Dialect::Mocha | Dialect::Playwright | Dialect::Node | Dialect::Bun => {
                Columns::Utf16
            }
            _ => Columns::Points,
        }
    }

    /// Whether a pass after a failure of the same name may be a second run. Several writers
    /// repeat a name for other reasons (rows of a table, equal titles) and show second runs
    /// otherwise or not at all.
    pub fn repeats_runs(self) -> bool {
        matches!(self, Dialect::Unknown | Dialect::Pytest | Dialect::Unittest | Dialect::Gotestsum)
    }
}

/// jest-junit writes the attributes of a suite in this order, whatever the names are set to.
fn is_jest(text: &str) -> bool {
    let suite = text.split("<testsuite ").nth(1).and_then(|rest| rest.split('>').next()).unwrap_or_default();
    let marks = [" errors=", " failures=", " skipped=", " timestamp=", " time=", " tests="];
    let places: Vec<_> = marks.iter().map(|mark| suite.find(mark)).collect();
    places.iter().all(Option::is_some) && places.is_sorted()
}

/// gotestsum's root has only counts; without any package there is nothing else to know it by.
fn is_gotestsum(head: &Head) -> bool {
    let tag = head.tag;
    tag.starts_with("<testsuites tests=") && tag.contains("\" errors=\"") && !head.text.contains("<testsuite ")
}
