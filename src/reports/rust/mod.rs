//! Rust's test runners: libtest as text and as JSON, and nextest's own text.

mod cargo;
mod libtest;
mod nextest;
mod panic;

pub use self::cargo::FORMAT as CARGO;
pub use self::libtest::FORMAT as LIBTEST;
pub use self::nextest::FORMAT as NEXTEST;
