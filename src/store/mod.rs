//! Where the ledger and the artifacts are kept: what a ledger is
//! ([`ledger`]), and the store in a directory ([`directory`]).

pub mod directory;
pub mod ledger;
