//! Waybill: one GitHub Action for a whole deployment pipeline.

pub mod codes;
pub mod host;
pub mod http;
pub mod model;
pub mod problem;
pub mod reports;
pub mod secret;
