//! What goes wrong, by whose it is to mend: a [`Problem`] is the user's, a
//! [`Failure`] is the world's. Both carry a stable [`Code`]; anything else is a
//! defect of our own and panics.

use crate::codes::Code;

/// How the process ends. The numbers are part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The job succeeded.
    Success = 0,
    /// The job failed: a test failed, a service refused.
    Failed = 1,
    /// The configuration or the inputs have a problem.
    Problem = 2,
    /// An artifact was refused.
    Refused = 3,
    /// A defect of Waybill's own.
    Defect = 70,
    /// The job was cancelled.
    Cancelled = 130,
}

impl Exit {
    /// The number that the process ends with.
    pub fn number(self) -> i32 {
        self as i32
    }
}

/// Where a [`Problem`] lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// An input of the action, by name.
    Input(String),
    /// A key in the configuration file.
    File {
        /// The file's path, relative to the repository's root.
        path: String,
        /// The line, from 1.
        line: u32,
        /// The column in characters, from 1.
        column: u32,
        /// The key, as `environments.production.backend-url`; empty for the file as a whole.
        key: String,
    },
    /// A variable of the environment.
    Variable(String),
    /// A field of a record, as `startTime`.
    Field(String),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Input(name) => write!(f, "input {name}"),
            Place::File { path, line, column, key } if key.is_empty() => write!(f, "{path}:{line}:{column}"),
            Place::File { path, line, column, key } => write!(f, "{path}:{line}:{column} {key}"),
            Place::Variable(name) => write!(f, "variable {name}"),
            Place::Field(name) => f.write_str(name),
        }
    }
}

/// Something that the user has to mend before the job can run. All problems
/// are collected and reported together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The stable code.
    pub code: &'static Code,
    /// Where it lies.
    pub place: Place,
    /// What was wanted there, as `an https URL`.
    pub wanted: String,
    /// What was found, never a secret: a value in backticks, or `nothing`.
    pub found: String,
    /// What might help, as ``did you mean `backend-url`?``.
    pub hint: Option<String>,
}

impl std::fmt::Display for Problem {
    /// `.github/waybill.yml:12:5 production.backend-url: wanted an https URL, found `http://…``
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: wanted {}, found {}", self.place, self.wanted, self.found)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

/// Something that the world did: a command failed, a service refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The stable code, which also decides the exit status.
    pub code: &'static Code,
    /// What happened: lower case, no full stop, exact values in backticks, never a secret.
    pub message: String,
}

impl Failure {
    /// A failure with its message.
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Failure { code, message: message.into() }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}
