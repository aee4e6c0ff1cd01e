//! Which tool's layout a folder of migrations has.

use std::collections::BTreeSet;

use super::layout::{self, Text};
use super::version::leading_digits;

/// A tool whose folders of migrations are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// `<version>_<name>.sql`, and `<version>_<name>.down.sql` to undo it.
    Own,
    /// `<version>_<name>.sql`, or `.up.sql` and `.down.sql`.
    Sqlx,
    /// `<version>_<name>.sql` with `-- migrate:up` and `-- migrate:down`.
    Dbmate,
    /// `<version>_<name>.up.sql` and `.down.sql`.
    GolangMigrate,
    /// `V<version>__<name>.sql`, and `U…` for those out of order.
    Refinery,
    /// `V<version>__<name>.sql`, `R__<name>.sql`, `U<version>__<name>.sql`.
    Flyway,
    /// `<version>_<name>/migration.sql`.
    Prisma,
    /// `<time>_<name>.sql` with `-- Up Migration` and `-- Down Migration`.
    NodePgMigrate,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 8] = [
        Format::Own,
        Format::Sqlx,
        Format::Dbmate,
        Format::GolangMigrate,
        Format::Refinery,
        Format::Flyway,
        Format::Prisma,
        Format::NodePgMigrate,
    ];

    /// Their words, for the setting `format`.
    pub const WORDS: &[&str] =
        &["own", "sqlx", "dbmate", "golang-migrate", "refinery", "flyway", "prisma", "node-pg-migrate"];

    /// Its word in the settings.
    pub fn word(self) -> &'static str {
        Format::WORDS[self as usize]
    }

    /// The format of this word.
    pub fn of(word: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.word() == word)
    }
}

/// What the files look like: the format, and which others would read the same from them. Where
/// nothing tells them apart, the format that comes first holds; whose history the database holds
/// is seen there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detected {
    /// The format.
    pub format: Format,
    /// The others that read the same files in the same way.
    pub could_be: Vec<Format>,
}

/// Recognises the format by names and by the marks in the files.
pub fn detect(files: &[Text]) -> Detected {
    let only = |format| Detected { format, could_be: Vec::new() };
    let names = || files.iter().map(Text::name);
    if names().any(|name| name == "migration_lock.toml" || name == "migration.sql") {
        return only(Format::Prisma);
    }
    if names().any(|name| layout::flyway::prefix(name).is_some()) {
        return capital(files);
    }
    let sql = || files.iter().filter(|file| file.name().ends_with(".sql"));
    if sql().any(|file| layout::dbmate::has_marks(&file.text)) {
        return only(Format::Dbmate);
    }
    if sql().any(|file| layout::node_pg::has_marks(&file.text)) || names().any(is_script) {
        return only(Format::NodePgMigrate);
    }
    if names().any(|name| name.ends_with(".up.sql")) {
        return match sql().any(|file| layout::sqlx::is_marked(&file.text)) {
            true => only(Format::Sqlx),
            false => Detected { format: Format::GolangMigrate, could_be: vec![Format::Sqlx] },
        };
    }
    match names().any(|name| name.ends_with(".down.sql")) {
        true => only(Format::Own),
        false => Detected { format: Format::Own, could_be: vec![Format::Sqlx] },
    }
}

/// `V…__…` is refinery's or Flyway's. Only Flyway has repeatable files, versions of several
/// parts, settings beside a file, and an undo with the version of what it undoes.
fn capital(files: &[Text]) -> Detected {
    let names: Vec<_> = files.iter().map(Text::name).collect();
    let parts: Vec<_> = names.iter().filter_map(|name| layout::flyway::prefix(name)).collect();
    let versions: BTreeSet<&str> = parts.iter().filter(|part| part.letter == 'V').map(|part| part.version).collect();
    let is_flyway = parts.iter().any(|part| {
        matches!(part.letter, 'R' | 'B')
            || part.version.contains(['.', '_'])
            || part.letter == 'U' && versions.contains(part.version)
    }) || names.iter().any(|name| name.ends_with(".sql.conf"));
    let has_unordered = parts.iter().any(|part| part.letter == 'U');
    match (is_flyway, has_unordered) {
        (true, _) => Detected { format: Format::Flyway, could_be: Vec::new() },
        (false, true) => Detected { format: Format::Refinery, could_be: Vec::new() },
        (false, false) => Detected { format: Format::Flyway, could_be: vec![Format::Refinery] },
    }
}

/// A migration of node-pg-migrate that is a program.
fn is_script(name: &str) -> bool {
    let stem = [".js", ".ts", ".cjs", ".mjs", ".mts", ".cts"].iter().find_map(|ending| name.strip_suffix(ending));
    stem.is_some_and(|stem| leading_digits(stem).is_some())
}
