//! Flyway: `V<version>__<description>.sql`, `U…` to undo it, `R__<description>.sql` for what is
//! applied whenever it changes; `<script>.conf` beside a script may take it out of a transaction.
//! <https://documentation.red-gate.com/flyway/flyway-concepts/migrations>

use super::{Faults, Text};
use crate::codes;
use crate::migrations::version::dotted;
use crate::migrations::{Kind, Migration, Transaction};

const WANTED: &str = "a name as `V1.2__add_users.sql`, `U1.2__add_users.sql` or `R__views.sql`";

/// What such a name begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefix<'a> {
    /// `V`, `U`, `R` or `B`.
    pub letter: char,
    /// The version, with `.` or `_` between its parts; empty for `R`.
    pub version: &'a str,
    /// The description without the ending.
    pub name: &'a str,
}

/// The parts of a name; none for another name.
pub fn prefix(name: &str) -> Option<Prefix<'_>> {
    let letter = name.chars().next().filter(|letter| matches!(letter, 'V' | 'U' | 'R' | 'B'))?;
    let (version, name) = name[1..].split_once("__")?;
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let is_version = !version.is_empty()
        && version.split(['.', '_']).all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    let fits = if letter == 'R' { version.is_empty() } else { is_version };
    fits.then_some(Prefix { letter, version, name: stem })
}

/// Reads the folder.
pub fn read(files: &[Text], faults: &mut Faults) -> Vec<Migration> {
    let mut migrations = Vec::new();
    let mut undo = Vec::new();
    for file in files.iter().filter(|file| file.name().ends_with(".sql")) {
        let Some(part) = prefix(file.name()) else {
            // Callbacks as `afterMigrate.sql` run around every migration.
            faults.name(file, WANTED);
            continue;
        };
        placeholder(file, faults);
        let is_outside = files
            .iter()
            .any(|other| other.path.strip_suffix(".conf") == Some(&file.path) && says_no_transaction(&other.text));
        let transaction = if is_outside { Transaction::Refused(file.mark()) } else { Transaction::Unsaid };
        let name = part.name.replace('_', " ");
        match part.letter {
            'U' => undo.push((part.version, file, transaction)),
            'B' => faults.name(file, "no baseline file: the history of an existing database is taken over by `adopt`"),
            letter => migrations.push(Migration {
                version: part.version.replace('_', "."),
                id: if letter == 'R' { name.clone() } else { part.version.replace('_', ".") },
                name,
                kind: if letter == 'R' { Kind::Repeatable } else { Kind::Versioned },
                up: file.script(transaction),
                down: None,
                is_irreversible: false,
            }),
        }
    }
    for (version, file, transaction) in undo {
        let of = migrations.iter_mut().find(|one| one.kind == Kind::Versioned && dotted(&one.version, version).is_eq());
        match of {
            Some(migration) => migration.down = Some(file.script(transaction)),
            None => faults.name(file, "a file to apply beside the one to undo"),
        }
    }
    migrations
}

fn says_no_transaction(conf: &str) -> bool {
    conf.lines().any(|line| {
        line.split_once('=').is_some_and(|(key, value)| {
            key.trim() == "executeInTransaction" && value.trim().eq_ignore_ascii_case("false")
        })
    })
}

/// Flyway replaces `${…}` before it runs a script, from settings that are not here.
fn placeholder(file: &Text, faults: &mut Faults) {
    let Some(at) = file.text.find("${") else { return };
    let inside: String =
        file.text[at + 2..].chars().take_while(|&c| c.is_alphanumeric() || "_.:-".contains(c)).collect();
    if !inside.is_empty() && file.text[at + 2 + inside.len()..].starts_with('}') {
        let wanted = "the text as it is run: Flyway's placeholders are not replaced here";
        faults.add(&codes::MIGRATION_REFUSED, file, at, wanted, format!("`${{{inside}}}`"));
    }
}
