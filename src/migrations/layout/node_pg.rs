//! node-pg-migrate, its files in SQL: one with `-- Up Migration` and `-- Down Migration`, or two
//! that end in `.up.sql` and `.down.sql`. <https://salsita.github.io/node-pg-migrate/>

use super::{Faults, Text};
use crate::codes;
use crate::migrations::version::leading_digits;
use crate::migrations::{Kind, Migration, Transaction};

/// Whether a text has one of the marks.
pub fn has_marks(text: &str) -> bool {
    mark(text, "up").or_else(|| mark(text, "down")).is_some()
}

/// Reads the folder.
pub fn read(files: &[Text], faults: &mut Faults) -> Vec<Migration> {
    let mut migrations = Vec::new();
    for file in files {
        let stem = [".js", ".ts", ".cjs", ".mjs", ".mts", ".cts"].iter().find_map(|end| file.name().strip_suffix(end));
        if stem.is_some_and(|stem| leading_digits(stem).is_some()) {
            faults.name(file, "a migration in SQL: one in JavaScript cannot be run here");
            continue;
        }
        let Some(stem) = file.name().strip_suffix(".sql") else { continue };
        if stem.ends_with(".down") {
            continue;
        }
        let id = stem.strip_suffix(".up").unwrap_or(stem);
        let Some((version, rest)) = leading_digits(id) else {
            faults.name(file, "a name that begins with digits, as `1769860800000_add-users.sql`");
            continue;
        };
        if let (None, Some(at)) = (mark(&file.text, "up"), mark(&file.text, "down")) {
            let wanted = "`-- Up Migration` above what applies it: the tool would run all of the file";
            faults.add(&codes::MIGRATION_NAME, file, at, wanted, "`-- Down Migration` alone".to_owned());
            continue;
        }
        let (up, down) = halves(&file.text);
        let beside = format!("{id}.down.sql");
        let other = files.iter().find(|other| other.folder() == file.folder() && other.name() == beside);
        let down = match other {
            Some(other) => Some(other.script(Transaction::Unsaid)),
            None => down.map(|range| file.part(range, Transaction::Unsaid)),
        };
        migrations.push(Migration {
            version: version.to_owned(),
            name: rest.trim_start_matches(['_', '-']).replace(['_', '-'], " "),
            id: id.to_owned(),
            kind: Kind::Versioned,
            up: file.part(up, Transaction::Unsaid),
            down,
            is_irreversible: false,
        });
    }
    migrations
}

/// Which parts of a text apply and undo.
fn halves(text: &str) -> (std::ops::Range<usize>, Option<std::ops::Range<usize>>) {
    let all = text.len();
    match (mark(text, "up"), mark(text, "down")) {
        (None, _) => (0..all, None),
        (Some(up), None) => (up..all, None),
        (Some(up), Some(down)) if up < down => (up..down, Some(down..all)),
        (Some(up), Some(down)) => (up..all, Some(down..up)),
    }
}

/// Where the line of a mark begins: `-- Up Migration`, in any case.
fn mark(text: &str, direction: &str) -> Option<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let comment = line.trim_start_matches('\u{FEFF}').trim_start().strip_prefix("--");
        let words = comment.map(|rest| rest.trim_start_matches(|c: char| c == '-' || c.is_whitespace()).to_lowercase());
        let rest = words.as_deref().and_then(|words| words.strip_prefix(direction));
        if rest.is_some_and(|rest| rest.starts_with(char::is_whitespace) && rest.trim_start().starts_with("migration"))
        {
            return Some(start);
        }
        start += line.len();
    }
    None
}
