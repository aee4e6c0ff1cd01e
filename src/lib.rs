//! Waybill: one GitHub Action for a whole deployment pipeline.

#[cfg(test)]
mod boundaries;
mod child;
pub mod codes;
mod context;
mod glob;
pub mod host;
pub mod http;
pub mod masks;
pub mod problem;
pub mod reporters;
pub mod run;
pub mod secret;
mod shell;
