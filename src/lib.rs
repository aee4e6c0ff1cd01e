//! Waybill: one GitHub Action for a whole deployment pipeline.

pub mod artifact;
#[cfg(test)]
mod boundaries;
mod child;
pub mod clients;
pub mod codes;
pub mod config;
mod context;
pub mod documents;
pub mod echo;
mod glob;
pub mod host;
pub mod http;
pub mod inputs;
mod jobs;
mod log;
pub mod masks;
pub mod migrations;
pub mod model;
mod plan;
pub mod problem;
pub mod reporters;
pub mod reports;
pub mod run;
pub mod secret;
mod shell;
pub mod store;
