//! Inputs and the configuration file into settings, or every problem.

pub mod paths;
pub mod units;
pub mod yaml;
