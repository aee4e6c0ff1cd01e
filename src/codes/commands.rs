//! `WB2…`: running a command, and `WB3…`: what reports say.

use super::Code;
use crate::problem::Exit;

/// A failure's code.
const fn failure(id: &'static str, title: &'static str, why: &'static str, mend: &'static str) -> Code {
    Code { id, exit: Exit::Failed, title, why, mend }
}

/// The command ended with a status other than 0.
pub static COMMAND_FAILED: Code = failure(
    "WB2001",
    "the command failed",
    "a command that ends with another status than 0 has not done what it should",
    "read its output in the log; run the same command locally",
);

/// The command took longer than `timeout`.
pub static COMMAND_TIMED_OUT: Code = failure(
    "WB2002",
    "the command took too long",
    "a command that hangs would hold the runner until the job's own limit of hours",
    "look at its last lines in the log; give a longer `timeout` if the work really takes that long",
);

/// The command could not be started.
pub static COMMAND_NOT_STARTED: Code = failure(
    "WB2003",
    "the command could not be started",
    "its shell, its program or its working directory is not there",
    "check `shell` and `working-directory`; install the program in an earlier step",
);

/// A file that the run needs cannot be written.
pub static CANNOT_WRITE: Code = failure(
    "WB2004",
    "a file cannot be written",
    "the run needs it",
    "check the permissions and the space of the disk that the message names",
);

/// The shell is none that is known.
pub static UNKNOWN_SHELL: Code = Code {
    id: "WB2005",
    exit: Exit::Problem,
    title: "the shell is unknown",
    why: "a script can be read only by the program that it is written for",
    mend: "take one that the message lists, or a command with `{0}` in the place of the script's path",
};

/// The job was cancelled.
pub static CANCELLED: Code = Code {
    id: "WB2006",
    exit: Exit::Cancelled,
    title: "the job was cancelled",
    why: "the runner asked it to stop: somebody cancelled the run, or it took longer than the job may",
    mend: "start the run again; if nobody cancelled it, look at the job's `timeout-minutes`",
};

/// The process ended without a word, found by its post stage.
pub static KILLED: Code = failure(
    "WB2007",
    "the job was killed",
    "the action's process ended before it could say how the job ended",
    "look for a lack of memory or a runner that was shut down; start the run again",
);

/// What the command wrote for later steps cannot be read.
pub static ENVIRONMENT_FILE: Code = failure(
    "WB2008",
    "the command's environment file is broken",
    "the runner would fail the step as well: an entry that is half read may set something else",
    "write `name=value`, or `name<<END`, the value and a line with `END` alone",
);

/// No file matches a pattern of `reports`.
pub static REPORT_MISSING: Code = failure(
    "WB3001",
    "a report is missing",
    "a missing report says nothing; taking it for success would be a silent green",
    "check the pattern and the folder it is looked for in, and that the command really writes the report",
);

/// A report cannot be read to its end.
pub static REPORT_BROKEN: Code = failure(
    "WB3002",
    "a report is broken",
    "what cannot be read may hold failures",
    "look at the file at the byte that the message names; a command that was killed leaves its report cut",
);

/// A report lay there before the command ran, and the command did not write it.
pub static REPORT_STALE: Code = failure(
    "WB3007",
    "a report is stale",
    "a report of an earlier run says nothing of this one; taking it for success would be a silent green",
    "check that the command writes the report where it is looked for; remove the old one, also from the repository",
);

/// Tests failed.
pub static TESTS_FAILED: Code = failure(
    "WB3003",
    "tests failed",
    "the report names tests that failed or broke",
    "each one stands in the summary; the gravest are annotated at their lines",
);

/// Findings reach `fail-on`.
pub static FINDINGS: Code = failure(
    "WB3004",
    "the linter found something",
    "findings of a level that fails the job, as `fail-on` has it",
    "mend them, or set `fail-on` to a graver level or to `never`",
);

/// The run failed though no test says so.
pub static RUN_FAILED: Code = failure(
    "WB3005",
    "the run failed although no test did",
    "a suite that did not compile, a plan that was not met, a process that died: no test failed, and yet not all was tested",
    "the message says what the report tells of it",
);

/// The reports hold fewer tests than `min-tests`.
pub static TOO_FEW_TESTS: Code = failure(
    "WB3006",
    "there are too few tests",
    "a suite that is not run any more looks the same as one that passes",
    "check that the command runs the tests; set `min-tests` to 0 where none is right",
);

/// Tests passed only when they were run again, and `fail-on-flaky` is set.
pub static TESTS_FLAKY: Code = failure(
    "WB3008",
    "tests are flaky",
    "a test that passes only now and then hides a failure, and `fail-on-flaky` says that it fails the job",
    "make the tests in the summary's list of flaky ones steady, or set `fail-on-flaky` to `false`",
);
