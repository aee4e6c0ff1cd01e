//! Reports that are text, line by line: `plain` gives the lines; `tool` drives
//! the readers of linters, `place` and `level` know how tools write those.

mod level;
mod place;
mod plain;
mod tool;

pub use level::*;
pub use place::*;
pub use plain::*;
pub use tool::*;
