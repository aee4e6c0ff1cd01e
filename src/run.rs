//! Joins the stages; decides nothing.
//!
//! ```text
//! inputs → configuration → plan → job on a Host → events → reporters
//! ```

mod action;
mod command_line;
mod ending;
mod overflow;
mod post;
mod recorder;
mod saved;
mod sharing;
#[cfg(test)]
mod tests;

use crate::codes;
use crate::host::Host;
use crate::masks::Masks;
use crate::problem::Exit;
use crate::reporters::annotations::{Annotation, Level};
use saved::Saved;

/// Runs the action, its post stage or a command of the command line.
pub async fn main(host: &dyn Host) -> Exit {
    let arguments = host.arguments();
    if !arguments.is_empty() {
        return command_line::main(host, &arguments).await;
    }
    let environment = host.environment();
    match Saved::read(&environment) {
        Some(saved) => post::main(host, &environment, saved).await,
        None => action::main(host, &environment).await,
    }
}

/// What is printed for a defect: one annotation, which asks for a report.
pub fn defect(message: &str) -> Vec<u8> {
    let text = format!("{}: {message}; please report this, with the log of the step", codes::DEFECT.title);
    Annotation::new(Level::Error, codes::DEFECT.id, text).command(&Masks::new())
}
