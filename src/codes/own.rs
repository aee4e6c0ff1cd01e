//! `WB9…`: events, the ledger and Waybill itself.

use super::Code;
use crate::problem::Exit;

/// A defect of Waybill's own.
pub static DEFECT: Code = Code {
    id: "WB9000",
    exit: Exit::Defect,
    title: "a defect of Waybill's own",
    why: "Waybill met a state that its authors held impossible",
    mend: "report it, with the message and the step's log",
};

/// A ledger does not hold.
pub static LEDGER_BROKEN: Code = Code {
    id: "WB9001",
    exit: Exit::Failed,
    title: "a ledger does not hold",
    why: "a line of it was changed, added or lost after it was written",
    mend: "compare it with the head and the count in the job's outputs; trust nothing after the line that the message names",
};

/// A ledger cannot be written or read.
pub static LEDGER_UNAVAILABLE: Code = Code {
    id: "WB9002",
    exit: Exit::Failed,
    title: "the ledger is not available",
    why: "a job whose events cannot be kept cannot be verified later",
    mend: "check the permissions of `state-directory` and the space of its disk",
};

/// The command line is not understood.
pub static USAGE: Code = Code {
    id: "WB9003",
    exit: Exit::Problem,
    title: "the command line is not understood",
    why: "the command or an option is unknown, or an argument is missing",
    mend: "call `help` for the commands and their options",
};

/// The runner did not say what the job is about.
pub static CONTEXT: Code = Code {
    id: "WB9004",
    exit: Exit::Problem,
    title: "the run's context is not complete",
    why: "a job's record names its commit, its branch and who started it",
    mend: "on a runner, report it; elsewhere set the variable that the message names",
};

/// The job type is planned but not built yet.
pub static NOT_BUILT: Code = Code {
    id: "WB9005",
    exit: Exit::Problem,
    title: "this version does not have the job type yet",
    why: "the job type is part of the design, and its code is not in this version",
    mend: "take a later version, or another action for this job",
};

/// A record breaks a rule of the data model.
pub static RECORD_BROKEN: Code = Code {
    id: "WB9006",
    exit: Exit::Failed,
    title: "a record breaks a rule of the data model",
    why: "what reads a record later relies on its rules, so no record that breaks one is written or taken",
    mend: "mend the fields that the message names; the JSON Schemas in `schema/` say what each must be",
};

/// The job type has nothing to roll back.
pub static NO_ROLLBACK: Code = Code {
    id: "WB9007",
    exit: Exit::Problem,
    title: "there is nothing to roll back",
    why: "the job type changes nothing outside of the runner",
    mend: "leave `mode` out; roll back with the job type that made the change",
};
