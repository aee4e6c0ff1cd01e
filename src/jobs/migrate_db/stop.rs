//! Why the work on a database stops.

use crate::clients::postgres::error::Lost;
use crate::codes::Code;
use crate::problem::Failure;
use crate::reporters::annotations::Annotation;

/// Why it stops.
#[derive(Debug)]
pub enum Stop {
    /// The connection broke: what the server did with the last that was sent
    /// has to be looked up.
    Lost(Lost),
    /// It cannot be done.
    Failed(Box<Failed>),
    /// We were asked to stop.
    Cancelled,
}

/// What cannot be done, with what shows a person where and why.
#[derive(Debug)]
pub struct Failed {
    /// What happened.
    pub failure: Failure,
    /// Where.
    pub annotations: Vec<Annotation>,
    /// What else is worth saying.
    pub notes: Vec<String>,
}

impl Stop {
    /// A failure with nothing to annotate.
    pub fn failed(code: &'static Code, message: impl Into<String>) -> Stop {
        let failure = Failure::new(code, message);
        Stop::Failed(Box::new(Failed { failure, annotations: Vec::new(), notes: Vec::new() }))
    }
}

impl From<Lost> for Stop {
    fn from(lost: Lost) -> Stop {
        Stop::Lost(lost)
    }
}
