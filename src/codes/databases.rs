//! `WB61…`: migrations on a database.

use super::Code;
use crate::problem::Exit;

const fn code(id: &'static str, exit: Exit, title: &'static str, why: &'static str, mend: &'static str) -> Code {
    Code { id, exit, title, why, mend }
}

/// The database cannot be reached.
pub static DATABASE_UNREACHABLE: Code = code(
    "WB6101",
    Exit::Failed,
    "the database cannot be reached",
    "no server answered, also when asked again; nothing was changed",
    "check host and port in `database-url`, and whether the runner may reach them; wake or start the database",
);

/// The database does not let us in.
pub static DATABASE_REFUSED: Code = code(
    "WB6102",
    Exit::Failed,
    "the database does not let us in",
    "the server answered and refused, or its TLS is not what was asked for; asking again would not help, nothing was changed",
    "mend what the message names: user and password, the database's name, its certificate (`postgres-ca`, `postgres-tls`)",
);

/// The URL cannot be used to migrate.
pub static DATABASE_UNFIT: Code = code(
    "WB6103",
    Exit::Problem,
    "this database URL cannot be used to migrate",
    "behind a transaction pooler locks and settings leak to others; in production nothing crosses a network in plain",
    "give the database's direct URL, as the message says",
);

/// The connection broke.
pub static DATABASE_LOST: Code = code(
    "WB6104",
    Exit::Failed,
    "the connection to the database broke and could not be mended",
    "what was committed is in the history, what was not is undone; it was tried again and broke again",
    "run the job again: it goes on where the history ends",
);

/// Another run holds the lock.
pub static MIGRATIONS_LOCKED: Code = code(
    "WB6105",
    Exit::Failed,
    "another run holds the lock of the migrations",
    "two runs at once would do the same work twice; it was waited for as long as `lock-wait` says",
    "wait for the other run, which the message names, or end it, and run the job again",
);

/// A statement failed.
pub static STATEMENT_FAILED: Code = code(
    "WB6106",
    Exit::Failed,
    "a statement of a migration failed",
    "the server refused it; its file is undone as a whole, unless it runs outside of a transaction",
    "mend the statement that is annotated; the migration is not applied yet, so it may be changed",
);

/// A lock was not to be had.
pub static LOCK_TIMED_OUT: Code = code(
    "WB6107",
    Exit::Failed,
    "a statement did not get its lock in time",
    "somebody else holds it, and everybody who comes later would queue behind the migration; it was tried again as often as `retries` says",
    "end or shorten the transaction that the message names, or run the migration at a quieter time",
);

/// The history and the files differ.
pub static HISTORY_DIFFERS: Code = code(
    "WB6108",
    Exit::Failed,
    "the files differ from what was applied",
    "an applied migration was changed or is not there any more: the database is not what the files say",
    "take the change back and make it in a new migration; check out the commit that has the missing file",
);

/// The history is another tool's.
pub static HISTORY_FOREIGN: Code = code(
    "WB6109",
    Exit::Failed,
    "the database holds another tool's history",
    "without it every migration would be applied once more",
    "name the tool in `adopt`: its history is verified and taken over",
);

/// The history cannot be used.
pub static HISTORY_UNUSABLE: Code = code(
    "WB6110",
    Exit::Failed,
    "the history of the migrations cannot be read or written",
    "without it nobody knows what is applied",
    "let the user create and use the table that the message names, or name another by `schema` and `table`",
);

/// Whether a statement was done is not known.
pub static STATEMENT_IN_DOUBT: Code = code(
    "WB6111",
    Exit::Failed,
    "whether a statement was done is not known",
    "it ran outside of a transaction when a run was killed, and doing it twice may be wrong",
    "look into the database; then set `statements_done` of the migration's row in the history past it, or back to it, and `statement_begun` to NULL",
);

/// A migration ends its own transaction.
pub static OWN_TRANSACTION: Code = code(
    "WB6112",
    Exit::Failed,
    "a migration begins or ends a transaction itself",
    "its row of the history would no longer stand and fall with it",
    "leave BEGIN and COMMIT out: each file is one transaction already; mark a file that must not be one with `-- waybill:no-transaction`",
);

/// A migration cannot be undone.
pub static IRREVERSIBLE: Code = code(
    "WB6113",
    Exit::Failed,
    "a migration cannot be undone",
    "it has no file that undoes it, or says that it cannot be undone; nothing was undone of the others either",
    "write a new migration that goes forward, or restore the backup branch by hand",
);

/// Neon's API refuses.
pub static NEON_REFUSED: Code = code(
    "WB6114",
    Exit::Failed,
    "Neon's API did not make the backup branch",
    "the backup was asked for, so nothing was migrated without it",
    "mend what the message names: the key, the project's limit of branches; or leave `backup-branch` out",
);
