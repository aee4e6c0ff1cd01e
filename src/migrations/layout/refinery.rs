//! refinery: `V<version>__<name>.sql`, and `U<version>__<name>.sql` for one that may come out of
//! order. It has no files to undo. <https://docs.rs/refinery/latest/refinery/>

use super::flyway::prefix;
use super::{Faults, Text};
use crate::migrations::version::plain;
use crate::migrations::{Kind, Migration, Transaction};

const WANTED: &str = "a name as `V42__add_users.sql` or `U42__add_users.sql`, letters, digits and `_`";

/// Reads the folder.
pub fn read(files: &[Text], faults: &mut Faults) -> Vec<Migration> {
    let mut migrations = Vec::new();
    for file in files {
        let part = prefix(file.name());
        if !file.name().ends_with(".sql") {
            if file.name().ends_with(".rs") && part.is_some() {
                faults.name(file, "a migration in SQL: one in Rust cannot be run here");
            }
            continue;
        }
        let is_word = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        match part {
            Some(part)
                if matches!(part.letter, 'V' | 'U')
                    && part.version.parse::<i64>().is_ok()
                    && !part.version.starts_with(['+', '-'])
                    && is_word(part.name) =>
            {
                migrations.push(Migration {
                    version: part.version.to_owned(),
                    name: part.name.to_owned(),
                    id: plain(part.version),
                    kind: if part.letter == 'U' { Kind::Unordered } else { Kind::Versioned },
                    up: file.script(Transaction::Unsaid),
                    down: None,
                    is_irreversible: false,
                });
            }
            _ => faults.name(file, WANTED),
        }
    }
    migrations
}
