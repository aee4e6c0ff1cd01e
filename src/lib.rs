//! Waybill: one GitHub Action for a whole deployment pipeline.

pub mod codes;
mod context;
pub mod echo;
mod glob;
pub mod host;
pub mod http;
pub mod masks;
pub mod problem;
pub mod reporters;
pub mod run;
pub mod secret;
mod shell;
