//! SQL migrations as plain values: which layout a folder of them has, what each
//! file holds, and what its tool would take for its checksum. No database here.

pub mod checksum;
pub mod drift;
pub mod format;
pub mod layout;
pub mod lint;
pub mod locate;
pub mod running;
pub mod split;
pub mod version;

use std::ops::Range;
use std::rc::Rc;

pub use format::Format;
pub use layout::{Layout, read};

/// The largest migration that is read, in bytes.
pub const FILE_LIMIT: u64 = 16 << 20;

/// How many files one folder of migrations may hold.
pub const MOST_FILES: usize = 20_000;

/// A file as it lies in the checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Its path relative to the workspace, with `/`.
    pub path: String,
    /// Its content, not looked at yet.
    pub bytes: Vec<u8>,
}

/// One migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its version as the file's name has it, as `0042` or `1.2`; empty for one that is repeatable.
    pub version: String,
    /// The rest of the name, for a person.
    pub name: String,
    /// What the layout's own tool writes into its history to name it: mostly the version without
    /// leading zeros, for Prisma the folder's name, for node-pg-migrate the file's name.
    pub id: String,
    /// Whether it is applied once, or whenever it changes.
    pub kind: Kind,
    /// What applies it.
    pub up: Script,
    /// What undoes it.
    pub down: Option<Script>,
    /// Whether its author says that it cannot be undone.
    pub is_irreversible: bool,
}

/// When a migration is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Once, in the order of versions.
    Versioned,
    /// Once, in any order: refinery's `U` files.
    Unordered,
    /// After all others, whenever its content differs from what was applied: Flyway's `R__` files.
    Repeatable,
}

/// SQL that is run: a file, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The file's path relative to the workspace, with `/`.
    pub path: String,
    /// The file's whole text as it lies there: line endings and byte order mark kept.
    pub file: Rc<str>,
    /// Which bytes of it are run. A byte order mark never is.
    pub range: Range<usize>,
    /// What its author says about a transaction.
    pub transaction: Transaction,
}

impl Script {
    /// The text that is run, never changed, so that the server's positions hold in the file.
    pub fn sql(&self) -> &str {
        self.file.get(self.range.clone()).unwrap_or_default()
    }
}

/// What a file says about the transaction that it runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transaction {
    /// Nothing: one transaction holds the file and its row of the history, unless a statement of it cannot run in one.
    Unsaid,
    /// The file asks for none, by the mark of its layout at this byte.
    Refused(usize),
}

impl Migration {
    /// How a person calls it, as `0042 add users`.
    pub fn title(&self) -> String {
        match (self.version.as_str(), self.name.as_str()) {
            ("", name) => name.to_owned(),
            (version, "") => version.to_owned(),
            (version, name) => format!("{version} {name}"),
        }
    }
}
