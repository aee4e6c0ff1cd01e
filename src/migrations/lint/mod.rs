//! What could harm a running system, found in the text of migrations alone: by squawk's linter, and
//! by rules of our own for what it does not look at.

mod batch;
mod ignore;
mod rules;
mod squawk;
mod words;

use std::collections::BTreeMap;

use self::batch::Created;
pub use self::rules::RULES;
use super::locate::Lines;
use super::running::Running;
use super::split::{self, Statement};
use super::{Migration, Script};
use crate::model::finding::{Finding, Level};
use crate::model::order;

/// How deep a script may nest to be looked at: brackets, `CASE` and chains of operators together.
/// The server's own limit is higher, and so is what fits our stack; real migrations stay far below.
const DEEPEST: usize = 400;

/// How large a script is looked at, in bytes: larger ones hold data.
const LARGEST: usize = 2 << 20;

/// Rules that are not about one statement's meaning, and their levels.
const GENERAL: &[(&str, Level)] = &[("syntax-error", Level::Error), ("too-deep", Level::Warning)];

/// A rule of our own.
pub struct Rule {
    /// Its name, in kebab-case: also that of its file.
    pub id: &'static str,
    /// Its level, where the settings say nothing else.
    pub level: Level,
    /// The lock on the table that it is about, as the server's manual writes it; empty where the
    /// harm is another.
    pub lock: &'static str,
    /// What happens, and who waits meanwhile.
    pub why: &'static str,
    /// What to write instead.
    pub instead: &'static str,
    /// Finds it in one script.
    find: fn(&Subject<'_>, &mut dyn FnMut(Hit)),
}

/// A place that a rule complains of.
pub struct Hit {
    /// The bytes in the file.
    range: std::ops::Range<usize>,
    /// What it is about, as ``the table `users` ``; may be empty.
    what: String,
    /// Tables whose making in the same batch makes it harmless.
    tables: Vec<String>,
}

/// A migration that is looked at, with what is known of how it runs.
pub struct Subject<'a> {
    /// The script that applies it.
    script: &'a Script,
    /// Its statements, each with its words.
    statements: Vec<words::Words<'a>>,
    /// How it runs.
    running: Running,
}

/// Which rules hold.
#[derive(Clone, Debug)]
pub struct Rules {
    levels: BTreeMap<String, Option<Level>>,
    postgres: u32,
}

impl Rules {
    /// For a server's major version; `levels` are those that the settings change, `None` for off.
    pub fn new(postgres: u32, levels: BTreeMap<String, Option<Level>>) -> Rules {
        Rules { levels, postgres }
    }

    /// The level of a rule; none where it is off.
    fn level(&self, id: &str) -> Option<Level> {
        match self.levels.get(id) {
            Some(level) => *level,
            None => default_level(id),
        }
    }
}

/// The level of a rule where the settings say nothing.
fn default_level(id: &str) -> Option<Level> {
    let own = RULES.iter().find(|rule| rule.id == id).map(|rule| rule.level);
    let general = GENERAL.iter().find(|(name, _)| *name == id).map(|(_, level)| *level);
    own.or(general).or_else(|| squawk::default_level(id))
}

/// Whether there is a rule of this name.
pub fn is_rule(id: &str) -> bool {
    RULES.iter().any(|rule| rule.id == id) || GENERAL.iter().any(|(name, _)| *name == id) || squawk::is_rule(id)
}

/// The names of all rules.
pub fn names() -> Vec<&'static str> {
    let own = RULES.iter().map(|rule| rule.id).chain(GENERAL.iter().map(|(name, _)| *name));
    own.chain(squawk::names()).collect()
}

/// A migration with its statements.
pub struct Prepared<'a> {
    /// The migration.
    pub migration: &'a Migration,
    /// The statements of what applies it.
    pub statements: &'a [Statement],
    /// How it runs.
    pub running: Running,
}

/// What is found in a batch of migrations that will be applied together, in their order. A table
/// that the batch itself makes is nobody's yet: locks on it hold up no one.
pub fn lint(batch: &[Prepared<'_>], rules: &Rules) -> Vec<Finding> {
    let mut created = Created::default();
    let mut findings = Vec::new();
    for prepared in batch {
        let script = &prepared.migration.up;
        let statements = prepared.statements.iter().map(|one| words::Words::new(&script.file, one)).collect();
        let subject = Subject { script, statements, running: prepared.running };
        let mut report = Reporting { rules, subject: &subject, created: &created, findings: Vec::new() };
        report.run();
        let mut found = report.findings;
        order::sort(&mut found, &|one, other| one.0.cmp(&other.0));
        let mut lines = Lines::new(&script.file);
        findings.extend(found.into_iter().map(|(range, found)| placed(found, script, &mut lines, range)));
        created.learn(&subject);
    }
    findings
}

/// One script's findings, each with its bytes in the file.
struct Reporting<'a> {
    rules: &'a Rules,
    subject: &'a Subject<'a>,
    created: &'a Created,
    findings: Vec<((usize, usize), Finding)>,
}

impl Reporting<'_> {
    fn run(&mut self) {
        let script = self.subject.script;
        let ignored = ignore::Ignored::read(script);
        for rule in RULES {
            let Some(level) = self.rules.level(rule.id) else { continue };
            let mut hits = Vec::new();
            (rule.find)(self.subject, &mut |hit| hits.push(hit));
            for hit in hits {
                let is_new = !hit.tables.is_empty()
                    && hit.tables.iter().all(|table| self.created.has(table, self.subject, hit.range.start));
                if is_new || ignored.has(&script.file, hit.range.start, rule.id) {
                    continue;
                }
                let what = if hit.what.is_empty() { String::new() } else { format!("{}: ", hit.what) };
                let message = format!("{what}{}. Instead: {}", rule.why, rule.instead);
                self.add("waybill", rule.id, level, hit.range, message);
            }
        }
        let deep = split::depth(script);
        if deep > DEEPEST || script.range.len() > LARGEST {
            if let Some(level) = self.rules.level("too-deep").filter(|_| !ignored.has_file("too-deep")) {
                let message = "this file is too large, or nests too deep, to be looked at by most rules. Instead: load data in another way than by a migration";
                let range = script.range.start..script.range.start;
                self.add("waybill", "too-deep", level, range, message.to_owned());
            }
            return;
        }
        for found in squawk::lint(self.subject, self.rules) {
            let Some(level) = self.rules.level(&found.rule) else { continue };
            let is_harmless = squawk::is_about_locks(&found.rule)
                && self.subject.statement_at(found.range.start).is_some_and(|statement| {
                    let tables = statement.targets();
                    !tables.is_empty()
                        && tables.iter().all(|table| self.created.has(table, self.subject, found.range.start))
                });
            if !is_harmless {
                self.add("squawk", &found.rule, level, found.range, found.message);
            }
        }
    }

    fn add(&mut self, source: &str, rule: &str, level: Level, range: std::ops::Range<usize>, message: String) {
        let finding = Finding {
            level,
            file: Some(self.subject.script.path.clone()),
            rule: Some(rule.to_owned()),
            message,
            source: source.to_owned(),
            ..Finding::default()
        };
        self.findings.push(((range.start, range.end), finding));
    }
}

impl Subject<'_> {
    /// The statement that a byte lies in.
    fn statement_at(&self, at: usize) -> Option<&words::Words<'_>> {
        self.statements.iter().find(|one| one.range.start <= at && at <= one.range.end)
    }
}

/// Lines and columns of what was found.
fn placed(mut finding: Finding, script: &Script, lines: &mut Lines<'_>, range: (usize, usize)) -> Finding {
    let start = lines.at(range.0);
    (finding.line, finding.column) = (Some(start.0), Some(start.1));
    if range.1 > range.0 {
        let end = Lines::new(&script.file).at(range.1);
        (finding.end_line, finding.end_column) = (Some(end.0), Some(end.1));
    }
    finding
}

#[cfg(test)]
mod tests;
