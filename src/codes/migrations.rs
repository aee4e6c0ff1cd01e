//! `WB60…`: migrations as files, before any database is asked.

use super::Code;
use crate::problem::Exit;

const fn code(id: &'static str, exit: Exit, title: &'static str, why: &'static str, mend: &'static str) -> Code {
    Code { id, exit, title, why, mend }
}

/// There is no migration where they are looked for.
pub static MIGRATIONS_MISSING: Code = code(
    "WB6001",
    Exit::Problem,
    "there are no migrations",
    "a wrong `path` would otherwise look like a database that is up to date",
    "give their folder in `path`, from `working-directory`, and check the repository out before this step",
);

/// A file is no migration of the layout.
pub static MIGRATION_NAME: Code = code(
    "WB6002",
    Exit::Problem,
    "a file is no migration of this layout",
    "the tool would pass over it in silence, or stop in the middle",
    "give it a name as the message wants it, move it out of the folder, or name the layout by `format`",
);

/// Two migrations have one version.
pub static MIGRATION_TWICE: Code = code(
    "WB6003",
    Exit::Problem,
    "two migrations have one version",
    "which of them a database has could not be told; it happens when two branches add one each",
    "give the newer one a version of its own",
);

/// A migration cannot be read.
pub static MIGRATION_UNREADABLE: Code = code(
    "WB6004",
    Exit::Problem,
    "a migration cannot be read",
    "it is too large, no UTF-8 text, or cannot be opened",
    "store it as UTF-8; load large data in another way than by a migration",
);

/// A migration cannot be divided into statements.
pub static MIGRATION_SYNTAX: Code = code(
    "WB6005",
    Exit::Problem,
    "a migration cannot be divided into statements",
    "a quote, a comment or a parenthesis has no end, so where its statements end cannot be told",
    "close it; the message names where it begins",
);

/// A migration holds what no server takes.
pub static MIGRATION_REFUSED: Code = code(
    "WB6006",
    Exit::Problem,
    "a migration holds what only another program takes",
    "psql's own commands, data after `COPY … FROM STDIN` and placeholders are no SQL, and the server refuses or waits",
    "write it as SQL; make dumps without psql's commands, with `--inserts`",
);

/// A migration could harm a running system.
pub static MIGRATION_UNSAFE: Code = code(
    "WB6007",
    Exit::Failed,
    "a migration could harm a running system",
    "it takes a lock that holds up everybody, loses data, or breaks what still runs in the old version",
    "write it as the finding says; if it is safe here, say so by `-- squawk-ignore <rule>` above the statement",
);

/// A migration was changed after it may have been applied.
pub static MIGRATION_CHANGED: Code = code(
    "WB6008",
    Exit::Failed,
    "a migration was changed after it was merged",
    "databases that have applied it will not apply it again, and differ from new ones from then on",
    "take the change back, and add a new migration that makes it",
);

/// A new migration sorts before one that is merged already.
pub static MIGRATION_ORDER: Code = code(
    "WB6009",
    Exit::Failed,
    "a new migration sorts before an older one",
    "databases that have the later one would skip it or run it out of order",
    "give it a version above the newest of the base branch, or set `allow-out-of-order`",
);
