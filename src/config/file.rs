//! The configuration file: which setting stands where.

use super::common::ENVIRONMENTS;
use super::setting::{Catalogue, Setting, Source, quoted};
use super::yaml::{self, At, Content, Flaw, Key, Node};
use crate::codes::{self, Code};
use crate::model::forms::{Wrong, nearest, shown};
use crate::problem::{Place, Problem};

/// A configuration file that was read.
#[derive(Clone, Debug)]
pub struct File {
    path: String,
    root: Node,
    flaws: Vec<Flaw>,
}

/// A setting in the file.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The setting.
    pub setting: &'a Setting,
    /// The environment that it stands under; none under `defaults`.
    pub environment: Option<&'static str>,
    /// The job type that it stands under, if any.
    pub job_type: Option<&'static str>,
    /// The whole key, as `environments.production.backend-url`.
    pub key: String,
    /// Where the key stands.
    pub at: At,
    /// The value.
    pub node: &'a Node,
}

impl Entry<'_> {
    /// How much the entry counts for an environment and a job type; none where it
    /// does not. The highest wins.
    pub fn rank(&self, environment: Option<&str>, job_type: Option<&str>) -> Option<u8> {
        let fits = |own: Option<&str>, asked: Option<&str>| own.is_none() || own == asked;
        let nearer = |own: Option<&str>, weight: u8| if own.is_some() { weight } else { 0 };
        (fits(self.environment, environment) && fits(self.job_type, job_type))
            .then(|| nearer(self.environment, 2) + nearer(self.job_type, 1))
    }
}

impl File {
    /// Reads a file; what is wrong with it comes out when it is resolved.
    pub fn read(path: impl Into<String>, bytes: &[u8]) -> Self {
        let (root, flaws) = yaml::read(bytes);
        File { path: path.into(), root, flaws }
    }

    /// The file's path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole file.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// A place in the file.
    pub fn place(&self, at: At, key: impl Into<String>) -> Place {
        Place::File { path: self.path.clone(), line: at.line, column: at.column, key: key.into() }
    }

    /// A problem at a place in the file.
    pub fn problem(&self, at: At, key: impl Into<String>, code: &'static Code, wrong: Wrong) -> Problem {
        Problem { code, place: self.place(at, key), wanted: wrong.wanted, found: wrong.found, hint: wrong.hint }
    }

    /// Where an environment's settings begin.
    pub fn environment(&self, name: &str) -> Option<Place> {
        let environments = pairs(&self.root)?.iter().find(|(key, _)| key.text == "environments")?;
        let (key, _) = pairs(&environments.1)?.iter().find(|(key, _)| key.text == name)?;
        Some(self.place(key.at, format!("environments.{name}")))
    }

    /// Every setting in the file, and every problem of the file as such.
    pub fn entries<'a>(&'a self, catalogue: &Catalogue<'a>) -> (Vec<Entry<'a>>, Vec<Problem>) {
        let mut walk = Walk { file: self, catalogue, entries: Vec::new(), problems: Vec::new() };
        for flaw in &self.flaws {
            walk.problem(flaw.at, flaw.key.clone(), flaw.code, flaw.wrong.clone());
        }
        walk.root();
        (walk.entries, walk.problems)
    }
}

/// The pairs of a map.
fn pairs(node: &Node) -> Option<&[(Key, Node)]> {
    match &node.content {
        Content::Map(pairs) => Some(pairs),
        _ => None,
    }
}

/// How many problems get a hint: looking for one costs time that a hostile file could multiply.
const HINTS: usize = 100;

/// Where in the file we are.
#[derive(Clone, Copy)]
struct Scope<'s> {
    environment: Option<&'static str>,
    job_type: Option<&'static str>,
    key: &'s str,
}

/// One walk through the file.
struct Walk<'a, 'c> {
    file: &'a File,
    catalogue: &'c Catalogue<'a>,
    entries: Vec<Entry<'a>>,
    problems: Vec<Problem>,
}

impl<'a> Walk<'a, '_> {
    fn problem(&mut self, at: At, key: String, code: &'static Code, wrong: Wrong) {
        self.problems.push(self.file.problem(at, key, code, wrong));
    }

    /// The map of a key; nothing given is an empty one.
    fn map(&mut self, at: At, key: &str, node: &'a Node) -> &'a [(Key, Node)] {
        if let Some(pairs) = pairs(node) {
            return pairs;
        }
        if !node.is_null() {
            self.problem(at, key.to_owned(), &codes::SHAPE, Wrong::new("a map", node.kind()));
        }
        &[]
    }

    fn root(&mut self) {
        let file = self.file;
        for (key, node) in self.map(file.root.at, "", &file.root) {
            match key.text.as_str() {
                "defaults" => {
                    let scope = Scope { environment: None, job_type: None, key: "defaults" };
                    self.scope(scope, key.at, node);
                }
                "environments" => {
                    for (key, node) in self.map(key.at, "environments", node) {
                        self.environment(key, node);
                    }
                }
                name => {
                    let wrong = Wrong::new("`defaults` or `environments`", shown(name));
                    let catalogue = self.catalogue;
                    let hint = if ENVIRONMENTS.contains(&name) {
                        Some(format!("did you mean `environments.{name}`?"))
                    } else if catalogue.find(name).is_some() || catalogue.job_types().contains(&name) {
                        Some(format!("did you mean `defaults.{name}`?"))
                    } else {
                        self.near(name, &["defaults", "environments"])
                    };
                    self.problem(key.at, key.text.clone(), &codes::UNKNOWN_KEY, Wrong { hint, ..wrong });
                }
            }
        }
    }

    fn environment(&mut self, key: &'a Key, node: &'a Node) {
        let path = format!("environments.{}", key.text);
        match ENVIRONMENTS.iter().find(|name| **name == key.text) {
            Some(name) => {
                let scope = Scope { environment: Some(name), job_type: None, key: &path };
                self.scope(scope, key.at, node);
            }
            None => {
                let wrong = Wrong::new(quoted(ENVIRONMENTS), shown(&key.text));
                let hint = self.near(&key.text, ENVIRONMENTS);
                self.problem(key.at, path, &codes::UNKNOWN_ENVIRONMENT, Wrong { hint, ..wrong });
            }
        }
    }

    /// The settings of `defaults`, of an environment, or of a job type in one of them.
    fn scope(&mut self, scope: Scope, at: At, node: &'a Node) {
        for (key, node) in self.map(at, scope.key, node) {
            let path = format!("{}.{}", scope.key, key.text);
            let job_types = self.catalogue.job_types();
            match job_types.iter().find(|name| **name == key.text) {
                Some(name) if scope.job_type.is_none() => {
                    self.scope(Scope { job_type: Some(name), key: &path, ..scope }, key.at, node);
                }
                Some(_) => {
                    let wrong = Wrong::new("a setting", "a job type inside a job type");
                    self.problem(key.at, path, &codes::MISPLACED_KEY, wrong);
                }
                None => self.setting(scope, path, key, node),
            }
        }
    }

    fn setting(&mut self, scope: Scope, key_path: String, key: &'a Key, node: &'a Node) {
        let own = scope.job_type.map(|job| self.catalogue.own(job));
        let own_setting = own.and_then(|own| own.iter().find(|setting| setting.name == key.text).copied());
        match (own_setting, self.catalogue.find(&key.text)) {
            (None, None) => {
                let mut names: Vec<&str> = self.catalogue.all().iter().map(|setting| setting.name).collect();
                if scope.job_type.is_none() {
                    names.extend(self.catalogue.job_types());
                }
                let wanted = if scope.job_type.is_none() { "a setting or a job type" } else { "a setting" };
                let hint = self.near(&key.text, &names);
                let wrong = Wrong { hint, ..Wrong::new(wanted, shown(&key.text)) };
                self.problem(key.at, key_path, &codes::UNKNOWN_KEY, wrong);
            }
            (None, Some((_, jobs))) if scope.job_type.is_some() && !jobs.is_empty() => {
                let wanted = format!("a setting of `{}`", scope.job_type.unwrap_or_default());
                let wrong = Wrong::new(wanted, format!("`{}`, a setting of {}", key.text, quoted(&jobs)));
                self.problem(key.at, key_path, &codes::MISPLACED_KEY, wrong);
            }
            (own, found) => {
                let Some(setting) = own.or(found.map(|(setting, _)| setting)) else { return };
                if setting.source != Source::Anywhere {
                    let wrong = Wrong::new("a setting of the file", format!("`{}`, which is an input only", key.text));
                    let wrong = wrong.hint("give it under `with:` in the workflow");
                    self.problem(key.at, key_path, &codes::INPUT_ONLY, wrong);
                    return;
                }
                let Scope { environment, job_type, .. } = scope;
                self.entries.push(Entry { setting, environment, job_type, key: key_path, at: key.at, node });
            }
        }
    }

    /// A hint at the nearest known word.
    fn near(&self, word: &str, known: &[&str]) -> Option<String> {
        if self.problems.len() >= HINTS {
            return None;
        }
        nearest(word, known.iter().copied()).map(|name| format!("did you mean `{name}`?"))
    }
}
