//! From sources to settings: what is read, what wins, what is wrong.

use super::common::ENVIRONMENTS;
use super::file::{Entry, File};
use super::paths;
use super::secrets;
use super::setting::{Kind, Setting, Source};
use super::settings::Settings;
use super::value::{Complaint, Reader, Value};
use super::variables;
use super::yaml;
use super::{Resolved, Sources, Trust, input_problem, job_type};
use crate::codes::{self, Code};
use crate::model::configuration::{Environment, Values};
use crate::model::forms::{Wrong, nearest, shown};
use crate::model::{Choice, order};
use crate::problem::{Place, Problem};
use crate::secret::Secret;

/// The job types that a fork's head may run with the workflow's secrets near.
const HARMLESS: &[&str] = &["lint", "test"];

/// A resolution on its way.
pub struct Resolving<'a> {
    sources: &'a Sources<'a>,
    workspace: &'a str,
    job_type: Option<&'static str>,
    environment: Option<&'static str>,
    /// The common settings and the job type's own.
    wanted: Vec<&'a Setting>,
    settings: Settings,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
    /// Settings that are given, but wrongly, or not expanded: not missing as well.
    spoilt: Vec<&'static str>,
}

impl<'a> Resolving<'a> {
    /// Begins with what the inputs ask for.
    pub fn new(sources: &'a Sources<'a>) -> Self {
        let mut problems = Vec::new();
        let job_type = job_type(sources.inputs, sources.catalogue).map_err(|problem| problems.push(problem)).ok();
        let asked = sources.inputs.get("environment").unwrap_or(ENVIRONMENTS[0]);
        let environment = ENVIRONMENTS.iter().find(|name| **name == asked).copied();
        let own = job_type.map_or(&[][..], |job| sources.catalogue.own(job));
        let mut wanted: Vec<&Setting> = sources.catalogue.common.iter().collect();
        wanted.retain(|setting| !own.iter().any(|own| own.name == setting.name));
        wanted.extend(own);
        let home = environment.zip(sources.file).and_then(|(name, file)| file.environment(name));
        let workspace = sources.environment.get("GITHUB_WORKSPACE").map_or("", String::as_str);
        let settings = Settings::new(home);
        Resolving {
            sources,
            workspace,
            job_type,
            environment,
            wanted,
            settings,
            problems,
            warnings: Vec::new(),
            spoilt: Vec::new(),
        }
    }

    fn is_wanted(&self, name: &str) -> bool {
        self.wanted.iter().any(|setting| setting.name == name)
    }

    /// Reads every input, also those of other job types, and warns about unknown ones.
    pub fn inputs(&mut self) {
        let reader = Reader { workspace: self.workspace, production: self.environment == Some("production") };
        let all = self.sources.catalogue.all();
        let others = all.iter().filter(|setting| !self.is_wanted(setting.name)).copied();
        let settings: Vec<&Setting> = self.wanted.iter().copied().chain(others).collect();
        for setting in settings {
            let Some(text) = self.sources.inputs.get(setting.name) else { continue };
            // These two were read before: what is wrong with them is told there.
            if matches!(setting.name, "job-type" | "config") {
                continue;
            }
            let mut odd = Vec::new();
            let result = reader.text(setting.kind, text, &mut odd);
            let place = |complaint: &Complaint| Place::Input(format!("{}{}", setting.name, complaint.under));
            self.take(setting, result, odd, &place, Place::Input(setting.name.to_owned()), true);
        }
        for name in self.sources.inputs.names() {
            if !all.iter().any(|setting| is_named(setting, name)) {
                self.warnings.push(unknown_input(name, &all));
            }
        }
    }

    /// Checks every entry of the file and takes those that win.
    #[inline(never)]
    pub fn file(&mut self, file: &File) {
        let before = self.problems.len();
        let (entries, problems) = file.entries(self.sources.catalogue);
        self.problems.extend(problems);
        for (index, entry) in entries.iter().enumerate() {
            self.entry(file, entry, self.wins(&entries, index));
        }
        let place = |problem: &Problem| match problem.place {
            Place::File { line, column, .. } => (line, column),
            _ => (0, 0),
        };
        let mut found = self.problems.split_off(before);
        order::sort(&mut found, &|one, other| place(one).cmp(&place(other)));
        self.problems.append(&mut found);
    }

    /// Whether no input and no other entry goes before this one.
    fn wins(&self, entries: &[Entry], index: usize) -> bool {
        let entry = &entries[index];
        let rank = |entry: &Entry| entry.rank(self.environment, self.job_type);
        let given = self.sources.inputs.get(entry.setting.name).is_some();
        let Some(own) = rank(entry).filter(|_| !given && self.is_wanted(entry.setting.name) && !is_empty(entry)) else {
            return false;
        };
        let before = |other: &Entry| {
            other.setting.name == entry.setting.name && !is_empty(other) && rank(other).is_some_and(|rank| rank > own)
        };
        !entries.iter().any(before)
    }

    /// Reads one entry. One that does not win is checked as far as it stands in the file.
    fn entry(&mut self, file: &File, entry: &Entry, wins: bool) {
        if is_empty(entry) {
            return;
        }
        let kind = entry.setting.kind;
        let production = entry.environment == Some("production") || (wins && self.environment == Some("production"));
        let reader = Reader { workspace: self.workspace, production };
        let place = |complaint: &Complaint| {
            file.place(complaint.at.unwrap_or(entry.at), format!("{}{}", entry.key, complaint.under))
        };
        let own = file.place(entry.at, entry.key.clone());
        let mut odd = Vec::new();
        let result = match secrets::reference(kind, entry.node) {
            Ok(Some(name)) if !wins => match variables::allowed(name) {
                Ok(()) => return,
                Err(wrong) => Err(whole(wrong)),
            },
            Ok(Some(name)) if self.sources.trust == Trust::Foreign => match variables::allowed(name) {
                Ok(()) => {
                    let wrong = Wrong::new("nothing from the environment, for a fork's head", format!("`${{{name}}}`"));
                    self.warnings.push(file.problem(entry.at, entry.key.clone(), &codes::NOT_EXPANDED, wrong));
                    return;
                }
                Err(wrong) => Err(whole(wrong)),
            },
            Ok(Some(name)) => match variables::value(name, self.sources.environment) {
                Ok(text) => reader.text(kind, text, &mut odd).map_err(|mut complaints| {
                    for complaint in &mut complaints {
                        // The value is no part of the file, and may be a secret by mistake.
                        let found = if kind.is_secret() { complaint.wrong.found.as_str() } else { "another value" };
                        complaint.wrong.found = format!("{found} in the variable `{name}`");
                    }
                    complaints
                }),
                Err(wrong) => Err(whole(wrong)),
            },
            Ok(None) => reader.node(kind, entry.node, &mut odd),
            Err(complaint) => Err(vec![complaint]),
        };
        self.take(entry.setting, result, odd, &place, own, wins);
    }

    /// Takes what was read of a setting: a value, or its problems.
    fn take(
        &mut self,
        setting: &Setting,
        result: Result<Value, Vec<Complaint>>,
        odd: Vec<Complaint>,
        place: &dyn Fn(&Complaint) -> Place,
        own: Place,
        wins: bool,
    ) {
        let problem = |complaint: Complaint| {
            let place = place(&complaint);
            let Wrong { wanted, found, hint } = complaint.wrong;
            Problem { code: complaint.code, place, wanted, found, hint }
        };
        self.warnings.extend(odd.into_iter().map(problem));
        match result {
            Ok(value) if wins && self.is_wanted(setting.name) => self.settings.set(setting.name, value, own, true),
            Ok(_) => {}
            Err(complaints) => {
                self.problems.extend(complaints.into_iter().map(problem));
                if wins {
                    self.spoilt.push(setting.name);
                }
            }
        }
    }

    /// Fills in the built-in defaults.
    pub fn defaults(&mut self) {
        let reader = Reader { workspace: self.workspace, production: false };
        for setting in &self.wanted {
            let Some(default) = setting.default else { continue };
            if self.settings.given(setting.name) || self.spoilt.contains(&setting.name) {
                continue;
            }
            match reader.text(setting.kind, default, &mut Vec::new()) {
                Ok(value) => self.settings.set(setting.name, value, Place::Input(setting.name.to_owned()), false),
                Err(complaints) => panic!("the default of {} is wrong: {complaints:?}", setting.name),
            }
        }
    }

    /// Writes absolute globs as the working directory sees them, in which globs begin.
    pub fn globs(&mut self) {
        let folder = self.settings.text("working-directory").unwrap_or(".").to_owned();
        for setting in self.wanted.iter().filter(|setting| matches!(setting.kind, Kind::Globs)) {
            let mut lines = Vec::new();
            for glob in self.settings.list(setting.name) {
                match paths::glob_in(glob, &folder) {
                    Some(glob) => lines.push(glob),
                    None => {
                        let wrong = Wrong::new(format!("a path inside the working directory `{folder}`"), shown(glob));
                        self.problems.push(self.settings.problem(setting.name, &codes::PATH, wrong));
                    }
                }
            }
            self.settings.set_list(setting.name, lines);
        }
    }

    /// Refuses what a fork's head may not run.
    #[inline(never)]
    pub fn trust(&mut self) {
        let Some(job_type) = self.job_type.filter(|_| self.sources.trust == Trust::Foreign) else { return };
        let plan = self.settings.choice("mode") == Some("plan");
        if !plan && !HARMLESS.contains(&job_type) {
            let wanted = format!("`{}` or `mode: plan` for a fork's head", HARMLESS.join("`, `"));
            let mode = self.settings.choice("mode").unwrap_or_default();
            let wrong = Wrong::new(wanted, format!("`{job_type}` with `mode: {mode}`"));
            self.problems.push(input_problem("mode", &codes::FOREIGN, wrong));
        }
    }

    /// Finds what is required and not given.
    pub fn required(&mut self, required: &[&str]) {
        for name in required {
            let held = self.settings.given(name) || self.spoilt.contains(name);
            let Some(setting) = self.wanted.iter().find(|setting| setting.name == *name) else {
                panic!("the job requires {name}, which is no setting of it");
            };
            if !held && setting.default.is_none() {
                let in_file = setting.source == Source::Anywhere && !setting.kind.is_secret();
                self.problems.push(self.settings.missing(name, setting.kind.noun(), in_file));
            }
        }
    }

    /// What holds, or every problem.
    pub fn finish(self) -> Result<Resolved, Vec<Problem>> {
        let environment = self.environment.and_then(Environment::of);
        let (Some(job_type), Some(environment), true) = (self.job_type, environment, self.problems.is_empty()) else {
            return Err(self.problems);
        };
        let text = |name: &str| self.settings.text(name).map(str::to_owned);
        let secret = |name: &str| self.settings.secret(name).cloned();
        let values = Values {
            environment,
            backend_url: text("backend-url"),
            frontend_url: text("frontend-url"),
            database_url: secret("database-url"),
            vector_database_url: text("vector-database-url").map(Secret::new),
            cohere_api_key: secret("cohere-api-key"),
            vercel_token: secret("vercel-token"),
        };
        Ok(Resolved { job_type, settings: self.settings, values, warnings: self.warnings })
    }
}

/// Whether this is the setting's name, or that with `_` for `-`.
fn is_named(setting: &Setting, name: &str) -> bool {
    let same = |(own, given): (u8, u8)| given == if own == b'-' { b'_' } else { own };
    let own = setting.name;
    own == name || own.len() == name.len() && own.bytes().zip(name.bytes()).all(same)
}

#[inline(never)]
fn unknown_input(name: &str, all: &[&Setting]) -> Problem {
    let near = nearest(name, all.iter().map(|setting| setting.name));
    let hint = near.map(|near| format!("did you mean `{near}`?"));
    let wrong = Wrong { hint, ..Wrong::new("an input of the action", shown(name)) };
    input_problem(name, &codes::UNKNOWN_INPUT, wrong)
}

/// Whether an entry gives nothing, which leaves it to those of lower rank.
fn is_empty(entry: &Entry) -> bool {
    match &entry.node.content {
        yaml::Content::Scalar(text, _) => text.trim().is_empty() || entry.node.is_null(),
        yaml::Content::List(_) | yaml::Content::Map(_) => false,
    }
}

/// A complaint about a value as a whole.
fn whole((code, wrong): (&'static Code, Wrong)) -> Vec<Complaint> {
    vec![Complaint { at: None, under: String::new(), code, wrong }]
}
