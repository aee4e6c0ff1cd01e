//! The types that everything else speaks in, with their rules.

pub mod finding;
