//! SARIF 2.1.0 (OASIS), the interchange format of static analysis, read as its
//! writers write it: fields missing, `null`, in capitals or in any order.

use super::clue::{Clue, Columns, Spot, Trust};
use super::json::{Json, Next};
use super::sink::level;
use super::{Format, Head, Kind, SURE, Sink, Source};
use crate::model::finding::{Finding, Level};

/// SARIF 2.1.0.
pub static FORMAT: Format = Format { name: "sarif", kind: Kind::Lint, recognise, read };

/// How many rules, artifacts and bases of one run are known.
const KNOWN: usize = 50_000;

fn recognise(head: &Head) -> u8 {
    let schema = head.has("$schema") && head.text.to_ascii_lowercase().contains("sarif");
    match head.has("runs") && (schema || head.has("runs[].tool") || head.has("runs[].results")) {
        true => SURE,
        false if schema => SURE,
        false if head.has("runs") && head.has("version") => 60,
        false => 0,
    }
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut json = Json::new(source);
    let mut runs = None;
    loop {
        json.object(&mut |json, key| {
            if key == "runs" {
                let mut count = 0u32;
                let array = json.array(&mut |json| {
                    count += 1;
                    Run::default().read(json, sink);
                });
                runs = array.then_some(count);
            }
        });
        if !json.next_document() {
            break;
        }
    }
    json.tell(sink);
    if runs.is_none() {
        sink.lost("no `runs` in it", None);
    }
}

/// What a run says of all its results. Writers put it before or after them.
#[derive(Default)]
struct Run {
    tool: String,
    /// The rules of the driver, then of each extension.
    rules: Vec<Vec<Rule>>,
    bases: Vec<(String, Base)>,
    artifacts: Vec<(String, Option<String>)>,
    columns: Columns,
    results: Vec<Raw>,
    notifications: Vec<Raw>,
    failed: Option<String>,
}

#[derive(Default)]
struct Base {
    uri: String,
    parent: Option<String>,
}

#[derive(Default)]
struct Rule {
    id: String,
    level: Option<Level>,
    text: String,
    messages: Vec<(String, String)>,
}

/// A result before its rule and its base are known.
#[derive(Default)]
struct Raw {
    rule_id: String,
    rule_index: Option<usize>,
    /// 0 is the driver, then the extensions.
    component: usize,
    level: Option<Level>,
    text: String,
    message_id: String,
    arguments: Vec<String>,
    uri: String,
    base: Option<String>,
    artifact: Option<usize>,
    line: Option<u32>,
    end_line: Option<u32>,
    column: Option<u32>,
    end_column: Option<u32>,
    /// It passed, is suppressed or gone.
    moot: bool,
}

impl Run {
    fn read(mut self, json: &mut Json, sink: &mut Sink) {
        self.columns = Columns::Utf16;
        json.object(&mut |json, key| match key {
            "tool" => {
                json.object(&mut |json, key| match key {
                    "driver" => self.component(json, true),
                    "extensions" => {
                        json.array(&mut |json| self.component(json, false));
                    }
                    _ => {}
                });
            }
            "results" => {
                json.array(&mut |json| {
                    if let Some(raw) = Raw::read(json).filter(|raw| !raw.moot) {
                        self.results.push(raw);
                    }
                });
            }
            "originalUriBaseIds" => {
                json.object(&mut |json, name| {
                    let mut base = Base::default();
                    json.object(&mut |json, key| match key {
                        "uri" => base.uri = json.text().unwrap_or_default(),
                        "uriBaseId" => base.parent = json.text(),
                        _ => {}
                    });
                    if self.bases.len() < KNOWN {
                        self.bases.push((name.to_owned(), base));
                    }
                });
            }
            "artifacts" => {
                json.array(&mut |json| {
                    let mut artifact = (String::new(), None);
                    json.object(&mut |json, key| {
                        if key == "location" {
                            json.object(&mut |json, key| match key {
                                "uri" => artifact.0 = json.text().unwrap_or_default(),
                                "uriBaseId" => artifact.1 = json.text(),
                                _ => {}
                            });
                        }
                    });
                    if self.artifacts.len() < KNOWN {
                        self.artifacts.push(artifact);
                    }
                });
            }
            "columnKind" => {
                let kind = json.text().unwrap_or_default();
                let points = kind.eq_ignore_ascii_case("unicodeCodePoints");
                self.columns = if points { Columns::Points } else { Columns::Utf16 };
            }
            "invocations" => {
                json.array(&mut |json| self.invocation(json));
            }
            _ => {}
        });
        for raw in std::mem::take(&mut self.results) {
            self.give(raw, sink);
        }
        for raw in std::mem::take(&mut self.notifications) {
            self.give(raw, sink);
        }
        if let Some(reason) = &self.failed
            && sink.totals().findings == 0
        {
            let tool = if self.tool.is_empty() { "the tool" } else { &self.tool };
            sink.red(format!("{tool} says that it did not run to its end{reason}"));
        }
    }

    fn component(&mut self, json: &mut Json, driver: bool) {
        let mut rules = Vec::new();
        json.object(&mut |json, key| match key {
            "name" if driver => self.tool = json.text().unwrap_or_default(),
            "rules" => {
                json.array(&mut |json| {
                    let rule = Rule::read(json);
                    if rules.len() < KNOWN {
                        rules.push(rule);
                    }
                });
            }
            _ => {}
        });
        if driver {
            self.rules.insert(0, rules);
        } else {
            self.rules.push(rules);
        }
    }

    /// ESLint and others put what they could not parse here.
    fn invocation(&mut self, json: &mut Json) {
        let mut reason = String::new();
        let mut failed = false;
        json.object(&mut |json, key| match key {
            "executionSuccessful" => failed = json.boolean() == Some(false),
            "exitCodeDescription" => reason = json.text().map(|text| format!(": {text}")).unwrap_or_default(),
            "toolExecutionNotifications" | "toolConfigurationNotifications" => {
                json.array(&mut |json| {
                    if let Some(raw) = Raw::read(json).filter(|raw| raw.level == Some(Level::Error))
                        && self.notifications.len() < KNOWN
                    {
                        self.notifications.push(raw);
                    }
                });
            }
            _ => {}
        });
        if failed {
            self.failed = Some(reason);
        }
    }

    fn give(&self, raw: Raw, sink: &mut Sink) {
        let rules = self.rules.get(raw.component);
        let by_index = || raw.rule_index.and_then(|at| rules?.get(at));
        let by_id = || {
            let id = raw.rule_id.as_str();
            // `R1/sub` is a special case of the rule `R1`.
            let find = |id: &str| rules?.iter().find(|rule| rule.id == id);
            find(id).or_else(|| find(id.rsplit_once('/')?.0))
        };
        let rule = match raw.rule_id.is_empty() {
            true => by_index(),
            false => by_index().filter(|rule| raw.rule_id.starts_with(&rule.id)).or_else(by_id),
        };
        let template = rule
            .and_then(|rule| rule.messages.iter().find(|(id, _)| *id == raw.message_id).map(|(_, text)| text.as_str()));
        let text = if raw.text.is_empty() { template.unwrap_or_default() } else { &raw.text };
        let mut message = fill(text, &raw.arguments);
        if message.is_empty() {
            message = rule.map(|rule| rule.text.clone()).unwrap_or_default();
        }
        let id =
            if raw.rule_id.is_empty() { rule.map(|rule| rule.id.clone()).unwrap_or_default() } else { raw.rule_id };
        let (mut uri, mut base) = (raw.uri, raw.base);
        if uri.is_empty()
            && let Some((known, of)) = raw.artifact.and_then(|at| self.artifacts.get(at))
        {
            (uri, base) = (known.clone(), of.clone());
        }
        let finding = Finding {
            level: raw.level.or(rule.and_then(|rule| rule.level)).unwrap_or(Level::Warning),
            rule: Some(id),
            message,
            source: self.tool.clone(),
            ..Finding::default()
        };
        let spot = Spot {
            base: base.map(|id| self.base(&id)),
            path: uri,
            line: raw.line.filter(|line| *line > 0),
            end_line: raw.end_line,
            column: raw.column,
            end_column: raw.end_column,
            columns: self.columns,
            trust: Trust::Exact,
        };
        sink.finding(finding, if spot.path.is_empty() { Clue::default() } else { Clue::at(spot) });
    }

    /// A base's URI, joined to that of its own base.
    fn base(&self, id: &str) -> String {
        let mut uri = String::new();
        let mut id = id;
        for _ in 0..10 {
            let Some((_, base)) = self.bases.iter().find(|(name, _)| name == id) else { break };
            uri = format!("{}{uri}", base.uri);
            match &base.parent {
                Some(parent) => id = parent,
                None => break,
            }
        }
        uri
    }
}

impl Rule {
    fn read(json: &mut Json) -> Rule {
        let mut rule = Rule::default();
        json.object(&mut |json, key| match key {
            "id" => rule.id = json.text().unwrap_or_default(),
            "defaultConfiguration" => {
                json.object(&mut |json, key| {
                    if key == "level" {
                        rule.level = json.text().as_deref().and_then(level);
                    }
                });
            }
            "shortDescription" => {
                json.object(&mut |json, key| {
                    if key == "text" {
                        rule.text = json.text().unwrap_or_default();
                    }
                });
            }
            "messageStrings" => {
                json.object(&mut |json, id| {
                    let mut text = String::new();
                    json.object(&mut |json, key| {
                        if key == "text" {
                            text = json.text().unwrap_or_default();
                        }
                    });
                    rule.messages.push((id.to_owned(), text));
                });
            }
            _ => {}
        });
        rule
    }
}

impl Raw {
    fn read(json: &mut Json) -> Option<Raw> {
        if json.peek() != Next::Object {
            return None;
        }
        let mut raw = Raw::default();
        let mut located = false;
        json.object(&mut |json, key| match key {
            "ruleId" => raw.rule_id = json.text().unwrap_or_default(),
            "ruleIndex" => raw.rule_index = json.place().map(|at| at as usize),
            "rule" | "descriptor" | "associatedRule" => raw.reference(json),
            "level" => raw.level = json.text().as_deref().and_then(level),
            "kind" => {
                let kind = json.text().unwrap_or_default().to_ascii_lowercase();
                raw.moot |= matches!(kind.as_str(), "pass" | "notapplicable" | "informational" | "open");
            }
            "baselineState" => raw.moot |= json.text().is_some_and(|state| state.eq_ignore_ascii_case("absent")),
            "suppressions" => {
                json.array(&mut |json| {
                    let mut accepted = true;
                    json.object(&mut |json, key| {
                        if key == "status" || key == "state" {
                            let state = json.text().unwrap_or_default().to_ascii_lowercase();
                            accepted = !matches!(state.as_str(), "rejected" | "underreview");
                        }
                    });
                    raw.moot |= accepted;
                });
            }
            "message" => raw.message(json),
            "locations" => {
                json.array(&mut |json| {
                    if !located {
                        located = raw.location(json);
                    }
                });
            }
            _ => {}
        });
        Some(raw)
    }

    fn reference(&mut self, json: &mut Json) {
        json.object(&mut |json, key| match key {
            "id" => {
                let id = json.text().unwrap_or_default();
                if self.rule_id.is_empty() {
                    self.rule_id = id;
                }
            }
            "index" => self.rule_index = json.place().map(|at| at as usize),
            "toolComponent" => {
                json.object(&mut |json, key| {
                    if key == "index" {
                        self.component = json.place().map_or(0, |at| at as usize + 1);
                    }
                });
            }
            _ => {}
        });
    }

    fn message(&mut self, json: &mut Json) {
        let mut markdown = None;
        json.object(&mut |json, key| match key {
            "text" => self.text = json.text().unwrap_or_default(),
            "markdown" => markdown = json.text(),
            "id" | "messageId" => self.message_id = json.text().unwrap_or_default(),
            "arguments" => {
                json.array(&mut |json| {
                    if self.arguments.len() < 100 {
                        self.arguments.push(json.text().unwrap_or_default());
                    }
                });
            }
            _ => {}
        });
        if self.text.is_empty() {
            self.text = markdown.unwrap_or_default();
        }
    }

    /// The first physical place; whether there was one.
    fn location(&mut self, json: &mut Json) -> bool {
        let mut found = false;
        json.object(&mut |json, key| {
            if key == "physicalLocation" {
                found |= json.object(&mut |json, key| match key {
                    "artifactLocation" => {
                        json.object(&mut |json, key| match key {
                            "uri" => self.uri = json.text().unwrap_or_default(),
                            "uriBaseId" => self.base = json.text(),
                            "index" => self.artifact = json.place().map(|at| at as usize),
                            _ => {}
                        });
                    }
                    "region" => {
                        json.object(&mut |json, key| match key {
                            "startLine" => self.line = json.place(),
                            "endLine" => self.end_line = json.place(),
                            "startColumn" => self.column = json.place(),
                            "endColumn" => self.end_column = json.place(),
                            _ => {}
                        });
                    }
                    _ => {}
                });
            }
        });
        found
    }
}

/// A message with its `{0}`, `{1}` … replaced.
fn fill(text: &str, arguments: &[String]) -> String {
    let mut filled = text.to_owned();
    for (at, argument) in arguments.iter().enumerate() {
        filled = filled.replace(&format!("{{{at}}}"), argument);
    }
    filled
}

#[cfg(test)]
mod tests;
