//! Where the ledger and the artifacts are kept: what a ledger is ([`ledger`]),
//! what a store of artifacts is ([`artifacts`]), and the store in a directory
//! ([`directory`]).

use crate::codes;
use crate::host::Host;
use crate::problem::Failure;
use artifacts::Store;

pub mod artifacts;
pub mod directory;
pub mod ledger;
pub mod zip;

/// What decides which store is used.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    /// The setting `store`.
    pub choice: &'a str,
    /// The folder of the directory store.
    pub state_directory: &'a str,
}

/// The store of artifacts that the setting asks for.
pub fn open<'h>(host: &'h dyn Host, opening: &Opening) -> Result<Box<dyn Store + 'h>, Failure> {
    match opening.choice {
        "actions" => Err(Failure::new(&codes::STORE_NOT_OFFERED, "there is no artifact service here")),
        _ => Ok(Box::new(directory::Directory::new(host, opening.state_directory))),
    }
}
