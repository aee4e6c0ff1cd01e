//! JUnit XML in the dialects of its many writers. There is no standard; the
//! nearest to one is the schema of Maven Surefire and the reader of Jenkins.
//! Cases are counted, never the suites' own totals, which half of the writers
//! get wrong.

mod case;
mod dialect;
mod reruns;

use self::case::{Builder, Outcome};
use self::dialect::Dialect;
use self::reruns::Reruns;
use super::xml::{Element, Visitor, read as read_xml};
use super::{Format, Head, Kind, SURE, Sink, Source};

/// JUnit XML.
pub static FORMAT: Format = Format { name: "junit", kind: Kind::Test, recognise, read };

fn recognise(head: &Head) -> u8 {
    match head.root {
        "testsuites" | "testsuite" => SURE,
        // Cases with no suite around them.
        "testcase" => SURE,
        _ => 0,
    }
}

fn read(source: &mut Source, sink: &mut Sink) {
    let dialect = Dialect::guess(&Head::new(source.head(), source.is_short()));
    if let Some(name) = dialect.name() {
        sink.dialect(name);
    }
    let mut reader = Reader {
        sink,
        dialect,
        suites: Vec::new(),
        skipping: 0,
        inside: false,
        case: Builder::default(),
        reruns: Reruns::default(),
        ordinal: 0,
        seen: false,
        claims: (0, 0),
        with_cases: 0,
    };
    let ending = read_xml(source, &mut reader);
    reader.end();
    let seen = reader.seen;
    ending.tell(sink);
    if !seen {
        sink.lost("no `testsuite` and no `testcase` in it", None);
    }
}

/// A suite that is open.
struct Suite {
    name: String,
    file: String,
    /// How many cases it says that it has.
    tests: Option<u64>,
    /// How many failures and errors it says that it has.
    claims: u64,
    /// How many it has itself.
    cases: u64,
    /// Whether there are suites in it.
    parent: bool,
    ordinal: u32,
}

struct Reader<'s> {
    sink: &'s mut Sink,
    dialect: Dialect,
    suites: Vec<Suite>,
    /// How deep we are in an element of no interest.
    skipping: u64,
    /// Whether we are in a case.
    inside: bool,
    case: Builder,
    reruns: Reruns,
    ordinal: u32,
    seen: bool,
    /// How many failures, and how many errors, the outermost `testsuites` says that it has.
    claims: (u64, u64),
    /// How many open suites have cases of their own.
    with_cases: usize,
}

impl Visitor for Reader<'_> {
    fn open(&mut self, name: &str, element: &Element) {
        if self.skipping > 0 {
            self.skipping += 1;
        } else if self.inside {
            self.case.open(name, element);
        } else {
            match name {
                "testsuites" => self.open_root(element),
                "testsuite" => self.open_suite(element),
                "testcase" => {
                    self.seen = true;
                    self.inside = true;
                    self.case.begin(element);
                }
                // A failure outside of every case: the suite itself broke.
                "failure" | "error" if !self.suites.is_empty() => {
                    self.inside = true;
                    self.case.begin_for_suite(name, element);
                }
                _ => self.skipping = 1,
            }
        }
    }

    fn close(&mut self, name: &str) {
        if self.skipping > 0 {
            self.skipping -= 1;
        } else if self.inside {
            if self.case.close(name) {
                self.inside = false;
                self.finish_case();
            }
        } else if name == "testsuite" {
            self.close_suite();
        }
    }

    fn text(&mut self, text: &str) {
        if self.inside && self.skipping == 0 {
            self.case.text(text);
        }
    }

    fn restart(&mut self) {
        self.end();
        (self.inside, self.skipping) = (false, 0);
    }
}

impl Reader<'_> {
    fn open_root(&mut self, element: &Element) {
        self.seen = true;
        if self.suites.is_empty() {
            element.each(|key, value| match key {
                "failures" => self.claims.0 += value.trim().parse().unwrap_or(0),
                "errors" => self.claims.1 += value.trim().parse().unwrap_or(0),
                _ => {}
            });
        }
    }

    fn open_suite(&mut self, element: &Element) {
        self.seen = true;
        if let Some(outer) = self.suites.last_mut() {
            outer.parent = true;
        }
        self.ordinal += 1;
        let mut suite = Suite {
            name: String::new(),
            file: String::new(),
            tests: None,
            claims: 0,
            cases: 0,
            parent: false,
            ordinal: self.ordinal,
        };
        element.each(|key, value| match key {
            "name" => suite.name = value.into_owned(),
            "file" | "filepath" => suite.file = value.into_owned(),
            "tests" => suite.tests = value.trim().parse().ok(),
            "failures" | "errors" => suite.claims += value.trim().parse().unwrap_or(0),
            _ => {}
        });
        self.suites.push(suite);
    }

    fn close_suite(&mut self) {
        let Some(suite) = self.suites.pop() else { return };
        self.reruns.settle(self.sink, self.dialect, suite.ordinal, suite.tests, suite.cases);
        if suite.cases == 0 && !suite.parent && suite.claims > 0 {
            // A package that did not compile, a suite whose set-up failed.
            let them = if suite.claims == 1 { "1 failure" } else { "failures" };
            self.sink.red(format!("suite `{}` says that it has {them}, and lists no case", suite.name));
        }
        // Suites may nest deep: whether one around has cases is known without looking at each.
        self.with_cases -= usize::from(suite.cases > 0);
        if self.with_cases == 0 {
            self.reruns.clear();
        }
    }

    fn finish_case(&mut self) {
        let suite = self.suites.last_mut();
        let (name, file, ordinal) = match &suite {
            Some(suite) => (suite.name.as_str(), suite.file.as_str(), suite.ordinal),
            None => ("", "", 0),
        };
        match self.case.finish(self.dialect, name, file) {
            Outcome::Suite(reason) => self.sink.red(reason),
            Outcome::Plain(status) => {
                let label = self.case.suite(name);
                let ticket = self.sink.tally(status, label, &self.case.name, self.case.duration());
                self.reruns.add(ordinal, &self.case, label, ticket);
                if let Some(suite) = suite {
                    suite.cases += 1;
                    self.with_cases += usize::from(suite.cases == 1);
                }
            }
            Outcome::Kept(kept) => {
                let (case, clue) = *kept;
                let label = case.suite.clone().unwrap_or_default();
                let ticket = self.sink.case(case, clue);
                self.reruns.add(ordinal, &self.case, &label, ticket);
                if let Some(suite) = suite {
                    suite.cases += 1;
                    self.with_cases += usize::from(suite.cases == 1);
                }
            }
        }
    }

    /// A cut file leaves a case and suites open.
    fn end(&mut self) {
        if self.inside && self.case.is_telling() {
            self.finish_case();
        }
        while let Some(suite) = self.suites.pop() {
            self.reruns.settle(self.sink, self.dialect, suite.ordinal, None, suite.cases);
        }
        self.with_cases = 0;
        self.reruns.settle(self.sink, self.dialect, 0, None, 0);
        self.reruns.clear();
        self.believe();
    }

    /// Nobody's totals are to be trusted, but a file that says that something failed and lists
    /// nothing of the kind is not green either.
    fn believe(&mut self) {
        let (failures, errors) = std::mem::take(&mut self.claims);
        let totals = self.sink.totals();
        let explained = totals.failed + totals.errors + totals.flaky + totals.skipped > 0 || self.sink.is_red();
        if self.dialect == Dialect::Gotestsum && errors > 0 {
            // gotestsum counts there what is no test: a package that could not be built, a failed set-up.
            let them = if errors == 1 { "1 error" } else { "errors" };
            self.sink
                .red(format!("the run had {them} outside of every test: a package that could not be built, mostly"));
        } else if failures + errors > 0 && !explained {
            self.sink.red(format!("the file says that {} failed, and lists none", failures + errors));
        }
    }
}

#[cfg(test)]
mod tests;
