//! What can be said of migrations before any database is asked: whether they can be read, what is
//! new, what was touched that may not be, and what could harm a running system.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::checking::write_sarif;
use super::super::verdict::Rules as Verdict;
use super::super::{Done, End, Work, change};
use super::base::{self, Base};
use super::files::{self, Files};
use crate::codes::{self, Code};
use crate::config::{Kind, Setting, Settings, Source};
use crate::context::Context;
use crate::migrations::lint::{self, Prepared, Rules};
use crate::migrations::running::{Because, Running, running};
use crate::migrations::split::{Statement, split};
use crate::migrations::{Layout, Migration, drift};
use crate::model::finding::{Finding, Level, Report, ReportFile};
use crate::problem::{Failure, Problem};
use crate::reporters::findings::{self, Shown};
use crate::reporters::tables::{Cell, Table};
use crate::reports::choose::{Annotate, choose};
use crate::secret::Secret;

/// The setting `lint-rules`.
pub static LINT_RULES: Setting = Setting {
    name: "lint-rules",
    kind: Kind::Map,
    source: Source::Anywhere,
    default: None,
    about: "The level of each rule that shall have another one: `error`, `warning`, `notice` or `off`",
};

/// The setting `lint-scope`.
pub static LINT_SCOPE: Setting = Setting {
    name: "lint-scope",
    kind: Kind::Choice(&["new", "all", "none"]),
    source: Source::Anywhere,
    default: Some("new"),
    about: "Which migrations are checked for what could harm a running system: `new`, those that the base of the change does not have, where that is known; `all`; `none`",
};

/// The setting `lint-postgres`.
pub static LINT_POSTGRES: Setting = Setting {
    name: "lint-postgres",
    kind: Kind::Count(10, 99),
    source: Source::Anywhere,
    default: Some("15"),
    about: "The major version of the server that the migrations are checked for",
};

/// The check, decided.
#[derive(Clone, Debug)]
pub struct Check {
    scope: Scope,
    levels: BTreeMap<String, Option<Level>>,
    rules: Rules,
    fail_on: Option<Level>,
    annotate: Annotate,
    shown: Shown,
    sarif: Option<String>,
    token: Option<Secret>,
}

/// Which migrations are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    New,
    All,
    None,
}

/// The migrations with what was found out of them.
pub struct Checked {
    /// What to tell.
    pub done: Done,
}

impl Check {
    /// Of the settings, or what is wrong with them.
    pub fn plan(settings: &Settings, context: &Context) -> Result<Check, Vec<Problem>> {
        let mut problems = Vec::new();
        let levels = settings.map("lint-rules").map(|map| levels(settings, map, &mut problems)).unwrap_or_default();
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Check {
            scope: match settings.choice("lint-scope") {
                Some("all") => Scope::All,
                Some("none") => Scope::None,
                _ => Scope::New,
            },
            rules: Rules::new(settings.count("lint-postgres").unwrap_or(15) as u32, levels.clone()),
            levels,
            fail_on: Verdict::plan(settings).fail_on,
            annotate: settings.choice("annotate").and_then(Annotate::from_word).unwrap_or_default(),
            shown: Shown::plan(settings.count("max-failures-shown"), None),
            sarif: settings.text("sarif-output").map(|path| context.in_workspace(path)),
            token: settings.secret("github-token").cloned(),
        })
    }

    /// What is done.
    pub fn step(&self) -> String {
        match self.scope {
            Scope::New => "check the new migrations".to_owned(),
            Scope::All => "check all migrations".to_owned(),
            Scope::None => "check which migrations are new".to_owned(),
        }
    }

    /// Checks them. What is merged already is not refused for what it holds.
    pub async fn check(&self, work: &Work<'_>, layout: &Layout, files: &Files, any_order: bool) -> Checked {
        let mut notes = layout.notes.clone();
        let base = base::changes(work, &files.folders(), self.token.as_ref()).await;
        let drift = match &base {
            Base::Known(changes) => drift::drift(layout, &files.folders(), changes, any_order),
            Base::Unknown => {
                notes.push("what the base of this change has is not known: neither git nor GitHub could tell, so every migration is looked at; check out with `fetch-depth: 0`, or give `pull-requests: read`".to_owned());
                drift::Drift::default()
            }
            Base::None => drift::Drift::default(),
        };
        let is_known = matches!(base, Base::Known(_));
        let is_new =
            |one: &Migration| !is_known || drift.new.contains(&one.up.path) || drift.edited.contains(&one.up.path);
        let mut problems = Vec::new();
        let mut statements = Vec::new();
        for one in &layout.migrations {
            let down = one.down.as_ref().map(split).transpose();
            let faults = [
                split(&one.up).err().map(|fault| fault.problem(&one.up)),
                down.err().and_then(|fault| one.down.as_ref().map(|down| fault.problem(down))),
            ];
            let faults: Vec<_> = faults.into_iter().flatten().collect();
            match is_new(one) {
                true => problems.extend(faults),
                false => notes.extend(faults.iter().map(|fault| format!("merged already, and not looked at: {fault}"))),
            }
            statements.push(split(&one.up).ok());
        }
        if !problems.is_empty() {
            let mut done = files::refused(problems);
            done.notes.extend(notes);
            return Checked { done };
        }
        let mut findings = self.leveled(drift.findings);
        let looked_at = |one: &Migration| match self.scope {
            Scope::All => true,
            Scope::New => is_new(one),
            Scope::None => false,
        };
        let batch: Vec<_> = layout
            .migrations
            .iter()
            .zip(&statements)
            .filter(|(one, _)| looked_at(one))
            .filter_map(|(migration, statements)| {
                let statements = statements.as_deref()?;
                Some(Prepared { migration, statements, running: running(&migration.up, statements) })
            })
            .collect();
        let looked_at = batch.len();
        findings.extend(lint::lint(&batch, &self.rules));
        let mut done = self.tell(work, findings, notes).await;
        let new_count = layout.migrations.iter().filter(|one| is_new(one)).count();
        done.tables.push(table(layout, &statements, &is_new, is_known));
        done.steps = steps(layout, &statements, &is_new);
        done.outputs.push(("pending", new_count.to_string()));
        done.metadata.insert("pending".to_owned(), json!(new_count));
        done.metadata.insert("migrations".to_owned(), json!(layout.migrations.len()));
        let other = layout.could_be.iter().map(|format| format!(" (or {})", format.word())).collect::<String>();
        let told = format!(
            "{} migrations of {}{other}, {new_count} of them {}, {looked_at} looked at",
            layout.migrations.len(),
            layout.format.word(),
            if is_known { "new" } else { "perhaps new" },
        );
        work.log.line(&told);
        done.notes.insert(0, told);
        Checked { done }
    }

    /// The findings of the files' history, as the settings want them.
    fn leveled(&self, findings: Vec<Finding>) -> Vec<Finding> {
        let level = |finding: &Finding| {
            let set = finding.rule.as_ref().and_then(|rule| self.levels.get(rule));
            set.copied().unwrap_or(Some(finding.level))
        };
        findings.into_iter().filter_map(|one| level(&one).map(|level| Finding { level, ..one })).collect()
    }

    async fn tell(&self, work: &Work<'_>, findings: Vec<Finding>, mut notes: Vec<String>) -> Done {
        let mut report = Report::default();
        report.files.push(ReportFile { path: String::new(), format: "migrations".to_owned(), dialect: None });
        findings.iter().for_each(|finding| report.totals.find(finding.level));
        report.findings = findings;
        let changed = match report.findings.is_empty() || self.annotate == Annotate::None {
            true => None,
            false => change::changed(work, self.token.as_ref()).await,
        };
        let choice = choose(&report, changed.as_ref(), self.annotate);
        if let Some(path) = &self.sarif {
            notes.extend(write_sarif(work, &report, path));
        }
        let totals = report.totals;
        let mut metadata = Map::new();
        let counts = [
            ("findings", totals.findings),
            ("errors", totals.error),
            ("warnings", totals.warning),
            ("notices", totals.notice),
        ];
        for (name, count) in counts {
            metadata.insert(name.to_owned(), json!(count));
        }
        Done {
            annotations: findings::annotations(&choice),
            outputs: counts.iter().map(|(name, count)| (*name, count.to_string())).collect(),
            metadata,
            notes,
            shown: self.shown.clone(),
            ..Done::of(self.verdict(&report))
        }
        .with_report(report)
    }

    /// The gravest kind of finding gives the code.
    fn verdict(&self, report: &Report) -> End {
        let Some(least) = self.fail_on else { return End::Succeeded };
        let grave: Vec<_> = report.findings.iter().filter(|finding| finding.level >= least).collect();
        let Some(first) = grave.first() else { return End::Succeeded };
        let code_of = |finding: &Finding| -> &'static Code {
            match finding.rule.as_deref() {
                Some("out-of-order") => &codes::MIGRATION_ORDER,
                Some(rule) if drift::RULES.contains(&rule) => &codes::MIGRATION_CHANGED,
                _ => &codes::MIGRATION_UNSAFE,
            }
        };
        let place = first.file.as_deref().or(first.place.as_deref()).unwrap_or_default();
        let line = first.line.map(|line| format!(":{line}")).unwrap_or_default();
        let rule = first.rule.as_deref().unwrap_or_default();
        let more = match grave.len() - 1 {
            0 => String::new(),
            1 => ", and one more finding".to_owned(),
            more => format!(", and {more} more findings"),
        };
        End::Failed(Failure::new(code_of(first), format!("`{place}{line}`: {rule}{more}")))
    }
}

/// The levels of `lint-rules`.
fn levels(
    settings: &Settings,
    map: &Map<String, Value>,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, Option<Level>> {
    let mut levels = BTreeMap::new();
    for (rule, value) in map {
        let level = match value.as_str() {
            Some("error") => Some(Level::Error),
            Some("warning") => Some(Level::Warning),
            Some("notice") => Some(Level::Notice),
            // YAML of old takes `off` for false.
            Some("off") => None,
            _ if *value == Value::Bool(false) => None,
            _ => {
                let (wanted, found) =
                    (format!("`error`, `warning`, `notice` or `off` for `{rule}`"), format!("`{value}`"));
                problems.push(Problem {
                    code: &codes::CHOICE,
                    place: settings.place("lint-rules"),
                    wanted,
                    found,
                    hint: None,
                });
                continue;
            }
        };
        if !lint::is_rule(rule) && !drift::RULES.contains(&rule.as_str()) {
            let names = lint::names().into_iter().chain(drift::RULES.iter().copied());
            let near =
                names.filter(|name| name.contains(rule.as_str()) || rule.contains(name)).min_by_key(|name| name.len());
            problems.push(Problem {
                code: &codes::CHOICE,
                place: settings.place("lint-rules"),
                wanted: "the name of a rule".to_owned(),
                found: format!("`{rule}`"),
                hint: near.map(|name| format!("did you mean `{name}`?")),
            });
        }
        levels.insert(rule.clone(), level);
    }
    levels
}

/// How a migration runs, in words.
fn way(one: &Migration, statements: Option<&[Statement]>) -> String {
    let Some(statements) = statements else { return String::new() };
    match running(&one.up, statements) {
        Running::Together => "in one transaction".to_owned(),
        Running::Apart(Because::Marked(_)) => "in no transaction: the file says so".to_owned(),
        Running::Apart(Because::Statement(at)) => match statements.get(at).map(|statement| &statement.kind) {
            Some(crate::migrations::split::Kind::Outside(outside)) => format!("in no transaction: `{}`", outside.what),
            _ => "in no transaction".to_owned(),
        },
    }
}

/// What the plan would do, a line for each new migration.
fn steps(layout: &Layout, statements: &[Option<Vec<Statement>>], is_new: &dyn Fn(&Migration) -> bool) -> Vec<String> {
    let rows = layout.migrations.iter().zip(statements).filter(|(one, _)| is_new(one));
    rows.map(|(one, statements)| {
        let count = statements.as_ref().map_or(0, Vec::len);
        let plural = if count == 1 { "" } else { "s" };
        format!("apply `{}`, {count} statement{plural} {}", one.up.path, way(one, statements.as_deref()))
    })
    .collect()
}

/// The new migrations, one a row; all of them where it is not known which are new.
fn table(
    layout: &Layout,
    statements: &[Option<Vec<Statement>>],
    is_new: &dyn Fn(&Migration) -> bool,
    is_known: bool,
) -> Table {
    let rows = layout.migrations.iter().zip(statements).filter(|(one, _)| is_new(one));
    Table {
        title: if is_known { "New migrations" } else { "Migrations" },
        columns: vec!["Migration", "Statements", "Runs", "Undo"],
        rows: rows
            .map(|(one, statements)| {
                let undo = match (&one.down, one.is_irreversible) {
                    (_, true) => "irreversible",
                    (Some(_), false) => "yes",
                    (None, false) => "no file",
                };
                vec![
                    Cell::File(one.up.path.clone()),
                    Cell::Text(statements.as_ref().map_or(String::new(), |all| all.len().to_string())),
                    Cell::Text(way(one, statements.as_deref())),
                    Cell::Text(undo.to_owned()),
                ]
            })
            .collect(),
        called: "migrations",
    }
}
