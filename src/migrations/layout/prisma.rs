//! Prisma: a folder `<time>_<name>` for each migration, with `migration.sql` in it; a `down.sql`
//! beside it undoes it. <https://www.prisma.io/docs/orm/prisma-migrate>

use super::{Faults, Text};
use crate::migrations::version::leading_digits;
use crate::migrations::{Kind, Migration, Transaction};

/// Reads the folder.
pub fn read(files: &[Text], faults: &mut Faults) -> Vec<Migration> {
    let mut migrations = Vec::new();
    for file in files.iter().filter(|file| file.name().ends_with(".sql")) {
        let folder = file.folder();
        match file.name() {
            "migration.sql" if !folder.is_empty() => {
                let id = folder.rsplit('/').next().unwrap_or_default();
                let (version, name) = leading_digits(id).unwrap_or(("", id));
                let down = files.iter().find(|other| other.folder() == folder && other.name() == "down.sql");
                migrations.push(Migration {
                    version: version.to_owned(),
                    name: name.trim_start_matches('_').replace('_', " "),
                    id: id.to_owned(),
                    kind: Kind::Versioned,
                    up: file.script(Transaction::Unsaid),
                    down: down.map(|down| down.script(Transaction::Unsaid)),
                    is_irreversible: false,
                });
            }
            "down.sql" => {}
            _ => faults.name(file, "a folder with `migration.sql` in it for each migration"),
        }
    }
    migrations
}
