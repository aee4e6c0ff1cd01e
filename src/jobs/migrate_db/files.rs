//! The folder of migrations: where it is, and what lies in it.

use std::io::Read as _;

use super::super::{Done, End, Work};
use crate::codes;
use crate::config::{Kind, Setting, Settings, Source};
use crate::context::Context;
use crate::glob::{self, Glob};
use crate::host::FileError;
use crate::migrations::{self, FILE_LIMIT, Format, Layout, MOST_FILES, SourceFile};
use crate::problem::{Failure, Place, Problem};
use crate::reporters::annotations::Annotation;

/// The setting `format`.
pub static FORMAT: Setting = Setting {
    name: "format",
    kind: Kind::Choice(Format::WORDS),
    source: Source::Anywhere,
    default: None,
    about: "The tool whose layout the folder of migrations has, where it shall not be recognised; `own` is `<version>_<name>.sql` with `<version>_<name>.down.sql` to undo it",
};

/// Where tools put migrations by default, in the order in which they are looked for.
const USUAL: &[&str] = &["migrations", "db/migrations", "prisma/migrations", "db/migration", "sql/migrations"];

/// How much all files of a folder may hold together, in bytes.
const ALL_LIMIT: u64 = 256 << 20;

/// The files of the settings.
#[derive(Clone, Debug)]
pub struct Files {
    paths: Vec<String>,
    is_given: bool,
    /// Relative to the workspace; empty for its root.
    directory: String,
    format: Option<Format>,
}

impl Files {
    /// Of the settings.
    pub fn plan(settings: &Settings, context: &Context) -> Result<Files, Vec<Problem>> {
        let given = settings.list("path");
        let directory = context.in_workspace(settings.text("working-directory").unwrap_or("."));
        let directory = if directory == context.workspace { "" } else { context.relative(&directory) };
        Ok(Files {
            paths: match given {
                [] => USUAL.iter().map(|&path| path.to_owned()).collect(),
                given => given.to_vec(),
            },
            is_given: !given.is_empty(),
            directory: directory.trim_start_matches("./").trim_end_matches('/').to_owned(),
            format: settings.choice("format").and_then(Format::of),
        })
    }

    /// What is read.
    pub fn step(&self) -> String {
        format!("read the migrations in `{}`", self.folders().join("`, `"))
    }

    /// Where they are looked for, relative to the workspace.
    pub fn folders(&self) -> Vec<String> {
        self.paths.iter().map(|path| self.rooted(path)).collect()
    }

    /// Reads them all, or tells everything that is wrong with them.
    pub fn read(&self, work: &Work<'_>) -> Result<Layout, Box<Done>> {
        let mut problems = Vec::new();
        let mut folders = Vec::new();
        let mut files = Vec::new();
        for path in &self.paths {
            match self.find(work, path) {
                Ok(found) if found.is_empty() => {}
                Ok(found) => {
                    folders.push(self.rooted(path));
                    files.extend(found);
                }
                Err(error) => problems.push(unreadable(&self.rooted(path), &error)),
            }
            if !self.is_given && !files.is_empty() {
                break;
            }
        }
        files.sort();
        files.dedup();
        if files.is_empty() && problems.is_empty() {
            problems.push(self.missing());
        }
        let sources = self.sources(work, files, &mut problems);
        if !problems.is_empty() {
            return Err(Box::new(refused(problems)));
        }
        match migrations::read(self.format, &folders, &sources) {
            Ok(layout) if layout.migrations.is_empty() => Err(Box::new(refused(vec![self.missing()]))),
            Ok(layout) => Ok(layout),
            Err(problems) => Err(Box::new(refused(problems))),
        }
    }

    fn sources(&self, work: &Work<'_>, files: Vec<String>, problems: &mut Vec<Problem>) -> Vec<SourceFile> {
        let mut left = ALL_LIMIT;
        let mut sources = Vec::new();
        for path in files.into_iter().take(MOST_FILES + 1) {
            let mut bytes = Vec::new();
            if path.ends_with(".sql") || path.ends_with(".conf") {
                let read = match work.host.open(&work.context.in_workspace(&path)) {
                    Ok(input) => {
                        input.take(left.min(FILE_LIMIT) + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())
                    }
                    Err(error) => Err(error.to_string()),
                };
                if let Err(error) = read {
                    problems.push(unreadable(&path, &error));
                }
                if bytes.len() as u64 > left {
                    problems.push(unreadable(&path, "all migrations together have more than 256 MiB"));
                    break;
                }
                left -= bytes.len() as u64;
            }
            sources.push(SourceFile { path, bytes });
        }
        sources
    }

    /// The files of one path: a folder's, a file, or those of a pattern; relative to the workspace.
    fn find(&self, work: &Work<'_>, path: &str) -> Result<Vec<String>, String> {
        let root = work.context.in_workspace(&self.directory);
        let path = path.trim_end_matches('/');
        let found = match Glob::new(path).is_plain() {
            true => match work.host.list(&format!("{root}/{}", path.trim_start_matches("./"))) {
                Ok(_) => glob::find(work.host, &root, &format!("{path}/**")),
                Err(FileError::WrongKind) => glob::find(work.host, &root, path),
                Err(FileError::Missing) => Ok(Vec::new()),
                Err(error) => Err(error),
            },
            false => glob::find(work.host, &root, path),
        };
        let found = found.map_err(|error| error.to_string())?;
        Ok(found.iter().map(|path| self.rooted(path)).collect())
    }

    fn rooted(&self, path: &str) -> String {
        let path = path.trim_start_matches("./").trim_end_matches('/');
        match (self.directory.as_str(), path) {
            ("", path) => path.to_owned(),
            (directory, "" | ".") => directory.to_owned(),
            (directory, path) => format!("{directory}/{path}"),
        }
    }

    fn missing(&self) -> Problem {
        let folders = self.folders();
        Problem {
            code: &codes::MIGRATIONS_MISSING,
            place: Place::Input("path".to_owned()),
            wanted: "the folder of the migrations".to_owned(),
            found: match self.is_given {
                true => format!("no migration in `{}`", folders.join("`, `")),
                false => format!("nothing, and no migration in `{}`", folders.join("`, `")),
            },
            hint: None,
        }
    }
}

fn unreadable(path: &str, error: &str) -> Problem {
    Problem {
        code: &codes::MIGRATION_UNREADABLE,
        place: Place::File { path: path.to_owned(), line: 1, column: 1, key: String::new() },
        wanted: "a file that can be read".to_owned(),
        found: error.to_owned(),
        hint: None,
    }
}

/// The end of a job whose files are not in order: each problem is annotated where it lies.
pub fn refused(problems: Vec<Problem>) -> Done {
    let annotations = problems.iter().map(Annotation::of_problem).collect();
    let code = problems.first().map_or(&codes::DEFECT, |problem| problem.code);
    let message = match problems.as_slice() {
        [only] => only.to_string(),
        [first, rest @ ..] => format!("{first}; and {} more problems with the migrations", rest.len()),
        [] => String::new(),
    };
    let notes = problems.iter().skip(1).map(Problem::to_string).collect();
    Done { annotations, notes, ..Done::of(End::Failed(Failure::new(code, message))) }
}
