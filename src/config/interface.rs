//! The outputs.
