//! The health gate: asks a URL until what is deployed answers there, healthy
//! and as itself, several times in a row, or until the time is over. Shared by
//! the deploy jobs. Everything here decides; `waiting` alone asks.

mod address;
mod identity;
mod pace;
mod seen;
mod settings;
#[cfg(test)]
mod tests;
mod waiting;

pub use address::Address;
pub use seen::Seen;
pub use settings::{GATE_SETTINGS, GateSettings};
pub use waiting::{Checked, Gate, Pass, Visit, look, url_of, wait};
