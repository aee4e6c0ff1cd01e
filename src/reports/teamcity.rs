//! TeamCity's service messages: `##teamcity[name key='value' …]`, as many test
//! runners print them. Source: TeamCity's documentation, «Service Messages».

use std::collections::HashMap;

use super::clue::{Clue, Spot, Trust};
use super::excerpt::Excerpt;
use super::lines::Lines;
use super::sink::Ticket;
use super::stack::headline;
use super::{Format, Head, Kind, LIKELY, SURE, Sink, Source};
use crate::model::finding::{Case, Status};

/// TeamCity's service messages.
pub static FORMAT: Format = Format { name: "teamcity", kind: Kind::Test, recognise, read };

/// How much of a test's own output is kept, in bytes.
const OUTPUT: usize = 16 * 1024;

fn recognise(head: &Head) -> u8 {
    let mut sureness = 0;
    for line in head.lines() {
        let Some((_, message)) = line.split_once("##teamcity[") else { continue };
        if message.starts_with("test") {
            return SURE;
        }
        sureness = LIKELY;
    }
    sureness
}

/// A message and its values.
struct Message {
    name: String,
    /// Under no key for the form with a single value.
    values: Vec<(String, String)>,
}

impl Message {
    fn get(&self, key: &str) -> &str {
        self.values.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value)
    }

    /// Whose test it is: several may run at once.
    fn flow(&self) -> &str {
        self.get("flowId")
    }
}

/// The messages in a line; what is broken ends it.
fn messages(line: &str) -> Vec<Message> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some((_, after)) = rest.split_once("##teamcity[") {
        let Some((message, after)) = message(after) else { break };
        found.push(message);
        rest = after;
    }
    found
}

fn message(text: &str) -> Option<(Message, &str)> {
    let end = text.find([' ', ']'])?;
    let mut message = Message { name: text[..end].to_owned(), values: Vec::new() };
    let mut rest = &text[end..];
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix(']') {
            return Some((message, after));
        }
        let quote = rest.find('\'')?;
        let key = rest[..quote].trim_end().trim_end_matches('=').trim_end();
        let (value, after) = value(&rest[quote + 1..])?;
        message.values.push((key.to_owned(), value));
        rest = after;
    }
}

/// A value up to its closing quote, its escapes undone.
fn value(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' => return Some((value, &text[at + 1..])),
            '|' => match chars.next()?.1 {
                'n' => value.push('\n'),
                'r' => {}
                'x' => value.push('\u{85}'),
                'l' => value.push('\u{2028}'),
                'p' => value.push('\u{2029}'),
                '0' => {
                    let hex: String = chars.by_ref().take(5).map(|(_, c)| c).skip(1).collect();
                    let c = u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32);
                    value.push(c.unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                c => value.push(c),
            },
            c => value.push(c),
        }
    }
    None
}

/// A test that has begun.
#[derive(Default)]
struct Test {
    suite: String,
    hint: String,
    failures: Vec<(String, String)>,
    ignored: bool,
    output: Option<Excerpt>,
}

struct Reader<'s> {
    sink: &'s mut Sink,
    /// Open suites of each flow.
    suites: HashMap<String, Vec<String>>,
    /// Open tests, by flow and name.
    tests: HashMap<(String, String), Test>,
    order: Vec<(String, String)>,
    /// Whether a test that fails may be run again.
    retries: bool,
    done: HashMap<(String, String), Vec<Ticket>>,
    any: bool,
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut lines = Lines::new(source);
    let mut reader = Reader {
        sink,
        suites: HashMap::new(),
        tests: HashMap::new(),
        order: Vec::new(),
        retries: false,
        done: HashMap::new(),
        any: false,
    };
    while let Some(line) = lines.next_line() {
        for message in messages(line) {
            reader.message(&message);
        }
    }
    let end = lines.end();
    reader.finish(end);
}

impl Reader<'_> {
    fn message(&mut self, message: &Message) {
        let key = || (message.flow().to_owned(), message.get("name").to_owned());
        match message.name.as_str() {
            "testSuiteStarted" => {
                self.any = true;
                let open = self.suites.entry(message.flow().to_owned()).or_default();
                if open.len() < 100 {
                    open.push(message.get("name").to_owned());
                }
            }
            "testSuiteFinished" => {
                if let Some(open) = self.suites.get_mut(message.flow())
                    && let Some(at) = open.iter().rposition(|name| name == message.get("name"))
                {
                    open.truncate(at);
                }
            }
            "testStarted" => {
                self.begin(key(), message);
            }
            "testFailed" => {
                let key = self.begin(key(), message);
                if let Some(test) = self.tests.get_mut(&key)
                    && test.failures.len() < 20
                {
                    let mut details = message.get("details").trim_matches(['\n', '\r']).trim_end().to_owned();
                    if message.get("type") == "comparisonFailure" {
                        let (expected, actual) = (message.get("expected"), message.get("actual"));
                        details = format!("expected: {expected}\nactual: {actual}\n{details}");
                    }
                    test.failures.push((message.get("message").to_owned(), details));
                }
            }
            "testIgnored" => {
                let started = self.tests.contains_key(&key());
                let key = self.begin(key(), message);
                if let Some(test) = self.tests.get_mut(&key) {
                    test.ignored = true;
                }
                if !started {
                    // Some writers give an ignored test no start and no end.
                    self.end(&key, None);
                }
            }
            "testStdOut" | "testStdErr" => {
                if let Some(test) = self.tests.get_mut(&key()) {
                    let output = test.output.get_or_insert_with(|| Excerpt::new(OUTPUT));
                    output.push(message.get("out"));
                    output.push("\n");
                }
            }
            "testFinished" => {
                let duration = message.get("duration").parse().ok();
                self.end(&key(), duration);
            }
            "testRetrySupport" => self.retries = message.get("enabled") == "true",
            "buildProblem" => self.sink.red(headline(message.get("description"))),
            _ => {}
        }
    }

    fn begin(&mut self, key: (String, String), message: &Message) -> (String, String) {
        self.any = true;
        if !self.tests.contains_key(&key) {
            let suite = self.suites.get(&key.0).map(|open| self::suite(open)).unwrap_or_default();
            let hint = message.get("locationHint").to_owned();
            self.tests.insert(key.clone(), Test { suite, hint, ..Test::default() });
            self.order.push(key.clone());
        }
        key
    }

    fn end(&mut self, key: &(String, String), duration_ms: Option<f64>) {
        let Some(mut test) = self.tests.remove(key) else { return };
        if let Some(at) = self.order.iter().rposition(|open| open == key) {
            self.order.remove(at);
        }
        let name = &key.1;
        let status = match (test.ignored, test.failures.is_empty()) {
            (true, _) => Status::Skipped,
            (false, true) => Status::Passed,
            (false, false) => Status::Failed,
        };
        let ticket = if status == Status::Failed {
            let clue = test.clue();
            let (message, details) = test.texts();
            let case = Case {
                name: name.clone(),
                suite: (!test.suite.is_empty()).then(|| test.suite.clone()),
                status,
                duration_ms,
                message,
                details: (!details.is_empty()).then_some(details),
                ..Case::default()
            };
            self.sink.case(case, clue)
        } else {
            self.sink.tally(status, &test.suite, name, duration_ms)
        };
        if self.retries {
            self.done.entry((test.suite, name.clone())).or_default().push(ticket);
        }
    }

    fn finish(mut self, end: u64) {
        let open: Vec<_> = std::mem::take(&mut self.order);
        let suites = self.suites.values().any(|open| !open.is_empty());
        if let Some((_, name)) = open.first() {
            self.sink.lost(format!("cut short: test `{name}` has no result"), Some(end));
        } else if suites {
            self.sink.lost("cut short: a suite has no end", Some(end));
        } else if !self.any {
            self.sink.lost("no message about a test in it", Some(end));
        }
        for key in open {
            if let Some(test) = self.tests.get_mut(&key)
                && test.failures.is_empty()
            {
                test.failures.push(("the test has no result".to_owned(), String::new()));
            }
            self.end(&key, None);
        }
        let mut repeated: Vec<_> = self.done.into_iter().filter(|(_, runs)| runs.len() > 1).collect();
        repeated.sort_by(|one, other| one.0.cmp(&other.0));
        for ((suite, name), runs) in repeated {
            let last = runs.last().map_or(Status::Passed, |run| run.status());
            let failed_before = runs.iter().any(|run| run.status().is_red());
            let status = if last == Status::Passed && failed_before { Status::Flaky } else { last };
            self.sink.merge(&runs, status, &name, &suite);
        }
    }
}

/// The innermost suite that is no folder's path.
fn suite(open: &[String]) -> String {
    let named = open.iter().rev().find(|name| !name.is_empty() && !name.starts_with('/'));
    named.or(open.last()).cloned().unwrap_or_default()
}

impl Test {
    /// What failed in short, and the whole text.
    fn texts(&mut self) -> (String, String) {
        let mut details = String::new();
        for (message, text) in &self.failures {
            for part in [message, text].into_iter().filter(|part| !part.trim().is_empty()) {
                details.push_str(part.trim_end());
                details.push('\n');
            }
        }
        let message =
            self.failures.iter().map(|(message, text)| if message.trim().is_empty() { text } else { message });
        let message = message.map(|text| headline(text)).find(|text| !text.is_empty()).unwrap_or_default();
        (message, details.trim_end().to_owned())
    }

    fn clue(&mut self) -> Clue {
        // `php_qn:///w/tests/ATest.php::\A\ATest::testB`, `file:///w/a.test.js:3`, `java:test://com.acme.ATest/adds`
        let (scheme, path) = self.hint.split_once("://").unwrap_or(("", ""));
        let (path, class) = path.split_once("::").unwrap_or((path, ""));
        let (path, line) = match path.rsplit_once(':').map(|(before, line)| (before, line.parse::<u32>())) {
            Some((before, Ok(line))) => (before, Some(line)),
            _ => (path, None),
        };
        let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.')) && !scheme.starts_with("java");
        let trust = if line.is_some() { Trust::Definition } else { Trust::File };
        let spots = if is_file { vec![Spot::new(path, line, trust)] } else { Vec::new() };
        let class = class.split("::").next().unwrap_or_default().trim_start_matches('\\').to_owned();
        let java =
            if scheme.starts_with("java") { path.split('/').next().unwrap_or_default().to_owned() } else { class };
        let classes = [java, self.suite.clone()].into_iter().filter(|class| !class.is_empty()).collect();
        let text = self.output.as_mut().map(Excerpt::text).unwrap_or_default();
        Clue { spots, classes, text, ..Clue::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::checks::{check_cuts, outline};

    fn check(lines: &[&str], wanted: &str) {
        let text: String = lines.iter().map(|line| format!("##teamcity[{line}]\n")).collect();
        assert_eq!(outline(&text, "teamcity"), wanted, "{text}");
    }

    #[test]
    fn values_are_unescaped() {
        let found = messages("x ##teamcity[a k='|'|n||0|[|]|0x0041' flowId = '1'] ##teamcity[b 'v'] ##teamcity[c k='");
        let found: Vec<_> = found.iter().map(|m| (m.name.as_str(), m.values.clone())).collect();
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(found, [("a", vec![pair("k", "'\n|0[]A"), pair("flowId", "1")]), ("b", vec![pair("", "v")])]);
    }

    #[test]
    fn tests_have_messages() {
        check(
            &[
                "testSuiteStarted name='/w/tests'",
                "testSuiteStarted name='A'",
                "testStarted name='ok' flowId=''",
                "testFinished name='ok' duration='5'",
                "testStarted name='bad' locationHint='php_qn:///w/tests/A.php::|\\A::bad'",
                "testFailed name='bad' message='no|nmore' details=' /w/tests/A.php:15|n '",
                "testFinished name='bad' duration='5'",
                "testIgnored name='later' message='x'",
                "testSuiteFinished name='A'",
                "testSuiteFinished name='/w/tests'",
            ],
            "3: 1 passed 1 failed 1 skipped\nfailed A / bad: no @ /w/tests/A.php\n",
        );
        check(
            &[
                "testRetrySupport enabled='true'",
                "testStarted name='t'",
                "testFailed name='t' message='no'",
                "testFinished name='t'",
                "testStarted name='t'",
                "testFinished name='t'",
            ],
            "1: 1 passed 1 flaky\nflaky t: no x2\n",
        );
    }

    #[test]
    fn what_has_no_end_is_red() {
        check(
            &["testSuiteStarted name='A'", "testStarted name='t'"],
            "1: 1 failed\nfailed A / t: the test has no result\nlost: cut short: test `t` has no result\n",
        );
        check(&["testSuiteStarted name='A'"], "0:\nlost: cut short: a suite has no end\n");
        check(
            &["testCount count='0'", "buildProblem description='out of memory'"],
            "0:\nred: out of memory\nlost: no message about a test in it\n",
        );
        check_cuts(
            "##teamcity[testSuiteStarted name='A']\n##teamcity[testStarted name='t']\n##teamcity[testFinished name='t']\n##teamcity[testSuiteFinished name='A']\n",
            "]",
        );
    }
}
