//! Folders of migrations, read as their tools read them. What a tool would pass
//! over in silence is said here.

pub mod dbmate;
pub mod flyway;
mod golang;
pub mod node_pg;
mod own;
mod prisma;
mod refinery;
pub mod sqlx;

use std::cmp::Ordering;
use std::ops::Range;
use std::rc::Rc;

use super::format::{self, Format};
use super::{FILE_LIMIT, Kind, MOST_FILES, Migration, Script, SourceFile, Transaction};
use crate::codes::{self, Code};
use crate::problem::{Place, Problem};

/// The mark, in a comment at a file's start, of a file that shall run outside of a transaction,
/// in any layout.
pub const NO_TRANSACTION: &str = "waybill:no-transaction";

/// The mark, in a comment at a file's start, of a migration that cannot be undone, in any layout.
pub const IRREVERSIBLE: &str = "waybill:irreversible";

/// A folder of migrations, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Whose layout it is.
    pub format: Format,
    /// Other tools that would read the same from these files.
    pub could_be: Vec<Format>,
    /// The migrations in the order in which they are applied.
    pub migrations: Vec<Migration>,
    /// What was left aside, a sentence each.
    pub notes: Vec<String>,
}

impl Layout {
    /// How two migrations of the format are ordered.
    pub fn order(format: Format, one: &Migration, other: &Migration) -> Ordering {
        let versions = match format {
            Format::Flyway => super::version::dotted(&one.version, &other.version),
            _ => super::version::numbers(&one.version, &other.version),
        };
        let last = |migration: &Migration| migration.kind == Kind::Repeatable;
        last(one).cmp(&last(other)).then(versions).then_with(|| one.id.cmp(&other.id))
    }
}

/// A text file of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Its path relative to the workspace.
    pub path: String,
    /// Its text, whole.
    pub text: Rc<str>,
}

impl Text {
    /// The name without the folder.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The folder that it lies in.
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// All of it as a script.
    pub fn script(&self, transaction: Transaction) -> Script {
        self.part(0..self.text.len(), transaction)
    }

    /// A part of it as a script. The mark of any layout is honoured.
    pub fn part(&self, range: Range<usize>, transaction: Transaction) -> Script {
        let start = range.start.max(self.mark());
        let transaction = match (transaction, header_mark(&self.text, NO_TRANSACTION)) {
            (Transaction::Unsaid, Some(at)) => Transaction::Refused(at),
            (said, _) => said,
        };
        let range = start..range.end.max(start);
        Script { path: self.path.clone(), file: Rc::clone(&self.text), range, transaction }
    }

    /// The length of its byte order mark.
    pub fn mark(&self) -> usize {
        if self.text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 }
    }
}

/// The byte at which a mark stands in the comments that the text begins with.
pub fn header_mark(text: &str, mark: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let comment = line.trim_start_matches('\u{FEFF}').trim();
        if !comment.is_empty() {
            let comment = comment.strip_prefix("--")?;
            if comment.split_whitespace().next() == Some(mark) {
                return Some(at + line.len() - line.trim_start_matches('\u{FEFF}').trim_start().len());
            }
        }
        at += line.len();
    }
    None
}

/// What is wrong with a folder, and what was left aside in it.
#[derive(Default)]
pub struct Faults {
    problems: Vec<Problem>,
    notes: Vec<String>,
}

impl Faults {
    /// Something to mend in a file, at a byte of it.
    pub fn add(&mut self, code: &'static Code, file: &Text, at: usize, wanted: &str, found: String) {
        let before = file.text.get(file.mark().min(at)..at).unwrap_or_default();
        let line = before.matches('\n').count() as u32 + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u32 + 1;
        let place = Place::File { path: file.path.clone(), line, column, key: String::new() };
        self.problems.push(Problem { code, place, wanted: wanted.to_owned(), found, hint: None });
    }

    /// A file whose name is none of the layout.
    pub fn name(&mut self, file: &Text, wanted: &str) {
        self.add(&codes::MIGRATION_NAME, file, 0, wanted, format!("`{}`", file.name()));
    }

    /// Something that is left aside.
    pub fn note(&mut self, note: String) {
        self.notes.push(note);
    }
}

/// Reads the files of folders. `folders` are the places where they were looked for; without
/// `format` it is recognised. All that is wrong is said together.
pub fn read(format: Option<Format>, folders: &[String], files: &[SourceFile]) -> Result<Layout, Vec<Problem>> {
    let mut faults = Faults::default();
    let mut texts = texts(files, &mut faults);
    let detected = format::detect(&texts);
    let format = format.unwrap_or(detected.format);
    if !matches!(format, Format::Prisma | Format::Flyway | Format::Refinery) {
        let is_top = |file: &Text| folders.iter().any(|folder| folder_of(folder) == file.folder());
        let (top, below): (Vec<_>, Vec<_>) = texts.into_iter().partition(|file| is_top(file) || folders.is_empty());
        for file in below.iter().filter(|file| file.name().ends_with(".sql")) {
            faults.note(format!("`{}` lies in a folder below, which {} does not read", file.path, format.word()));
        }
        texts = top;
    }
    texts.sort_by(|one, other| one.path.cmp(&other.path));
    let mut migrations = match format {
        Format::Own => own::read(&texts, &mut faults),
        Format::Sqlx => sqlx::read(&texts, &mut faults),
        Format::Dbmate => dbmate::read(&texts, &mut faults),
        Format::GolangMigrate => golang::read(&texts, &mut faults),
        Format::Refinery => refinery::read(&texts, &mut faults),
        Format::Flyway => flyway::read(&texts, &mut faults),
        Format::Prisma => prisma::read(&texts, &mut faults),
        Format::NodePgMigrate => node_pg::read(&texts, &mut faults),
    };
    for migration in &mut migrations {
        let scripts = [Some(&migration.up), migration.down.as_ref()];
        migration.is_irreversible |= scripts.iter().flatten().any(|it| header_mark(&it.file, IRREVERSIBLE).is_some());
    }
    migrations.sort_by(|one, other| Layout::order(format, one, other));
    twice(format, &migrations, &mut faults);
    let could_be = if format == detected.format { detected.could_be } else { Vec::new() };
    match faults.problems.is_empty() {
        true => Ok(Layout { format, could_be, migrations, notes: faults.notes }),
        false => Err(faults.problems),
    }
}

fn folder_of(path: &str) -> &str {
    match path.trim_start_matches("./").trim_end_matches('/') {
        "." => "",
        path => path,
    }
}

/// The files that may hold migrations, as text.
fn texts(files: &[SourceFile], faults: &mut Faults) -> Vec<Text> {
    let mut texts = Vec::new();
    for file in files.iter().take(MOST_FILES) {
        let mut text = Text { path: file.path.clone(), text: Rc::from("") };
        let wanted = "UTF-8 text of at most 16 MiB, without NUL";
        let is_sql = text.name().ends_with(".sql") || text.name().ends_with(".conf");
        if !is_sql {
            // Its name may still say what the layout is.
            texts.push(text);
            continue;
        }
        let found = match std::str::from_utf8(&file.bytes) {
            _ if file.bytes.len() as u64 > FILE_LIMIT => "a larger file".to_owned(),
            _ if file.bytes.starts_with(&[0xFF, 0xFE]) || file.bytes.starts_with(&[0xFE, 0xFF]) => {
                "UTF-16, which no Postgres reads".to_owned()
            }
            Ok(read) if read.contains('\0') => "a NUL".to_owned(),
            Ok(read) => {
                text.text = Rc::from(read);
                texts.push(text);
                continue;
            }
            Err(error) => format!("something else at byte {}", error.valid_up_to()),
        };
        faults.add(&codes::MIGRATION_UNREADABLE, &text, 0, wanted, found);
    }
    if files.len() > MOST_FILES {
        let place = Place::Input("path".to_owned());
        let (wanted, found) = (format!("at most {MOST_FILES} files"), files.len().to_string());
        faults.problems.push(Problem { code: &codes::MIGRATION_UNREADABLE, place, wanted, found, hint: None });
    }
    texts
}

/// Two migrations that claim one version, or one name where that is what counts.
fn twice(format: Format, migrations: &[Migration], faults: &mut Faults) {
    for pair in migrations.windows(2) {
        let [one, other] = pair else { continue };
        let by_name = matches!(format, Format::Prisma | Format::NodePgMigrate) || one.kind == Kind::Repeatable;
        let is_same = match by_name {
            true => one.id == other.id,
            false => {
                one.kind == other.kind
                    && Layout::order(format, one, &Migration { id: one.id.clone(), ..other.clone() }).is_eq()
            }
        };
        if is_same {
            let file = Text { path: other.up.path.clone(), text: Rc::clone(&other.up.file) };
            let found = format!("that of `{}` again", one.up.path);
            faults.add(&codes::MIGRATION_TWICE, &file, 0, "a version of its own", found);
        }
    }
}

/// The two halves of a migration that has a file to apply it and one to undo it.
#[derive(Default)]
pub struct Halves<'a> {
    up: Vec<(&'a Text, Name<'a>)>,
    down: Vec<(&'a Text, Name<'a>)>,
}

/// What a file's name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    /// The version's digits.
    pub version: &'a str,
    /// What follows it.
    pub name: &'a str,
}

impl<'a> Halves<'a> {
    /// A file that applies.
    pub fn up(&mut self, file: &'a Text, name: Name<'a>) {
        self.up.push((file, name));
    }

    /// A file that undoes.
    pub fn down(&mut self, file: &'a Text, name: Name<'a>) {
        self.down.push((file, name));
    }

    /// The migrations. A file that undoes what no file applies is a fault. Two of one version
    /// stay two, and are found later.
    pub fn join(
        mut self,
        faults: &mut Faults,
        script: &dyn Fn(&Text) -> Script,
        id: &dyn Fn(Name) -> String,
        shown: &dyn Fn(&str) -> String,
    ) -> Vec<Migration> {
        let mut migrations = Vec::new();
        for (file, name) in &self.up {
            let same = |(down, other): &(&Text, Name)| {
                super::version::numbers(name.version, other.version).is_eq() && down.folder() == file.folder()
            };
            let down = self.down.iter().position(same).map(|at| self.down.swap_remove(at));
            migrations.push(Migration {
                version: name.version.to_owned(),
                name: shown(name.name),
                id: id(*name),
                kind: Kind::Versioned,
                up: script(file),
                down: down.map(|(file, _)| script(file)),
                is_irreversible: false,
            });
        }
        for (file, _) in self.down {
            faults.name(file, "a file to apply beside the one to undo");
        }
        migrations
    }
}

#[cfg(test)]
mod tests;
