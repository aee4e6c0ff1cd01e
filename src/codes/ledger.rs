//! `WB91…`: events, the ledger and the store.

use super::Code;
use crate::problem::Exit;

/// A ledger does not verify.
pub static LEDGER_BROKEN: Code = Code {
    id: "WB9101",
    exit: Exit::Failed,
    title: "a ledger does not verify",
    why: "every line of a ledger holds the hash of the line before it; where one does not fit, the file was changed, cut or damaged",
    mend: "compare the ledger with the outputs `ledger-head` and `ledger-count` of its job; take an unchanged copy, or find out who changed it",
};

/// The store cannot be read or written.
pub static STORE_UNUSABLE: Code = Code {
    id: "WB9102",
    exit: Exit::Failed,
    title: "the store cannot be read or written",
    why: "events and artifacts that are not stored cannot be verified later",
    mend: "look at the path in the message: its permissions, the space on the disk, and whether a link or a folder stands where a file should",
};

/// A record breaks a rule of the data model.
pub static RECORD_BROKEN: Code = Code {
    id: "WB9103",
    exit: Exit::Failed,
    title: "a record breaks a rule of the data model",
    why: "what reads the record later relies on its rules, so no record without them is written or taken",
    mend: "mend the fields that the message names; the JSON Schemas in `schema/` say what each must be",
};
