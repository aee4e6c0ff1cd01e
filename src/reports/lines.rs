//! Reports that are text, line by line: `plain` gives the lines, `tool` drives
//! the readers of linters and knows how tools write places and levels.

mod plain;
mod tool;

pub use plain::*;
pub use tool::*;
