//! The data model: types, rules and state machines.

pub mod forms;
