//! `WB8…`: GitHub and other services.

use super::Code;
use crate::problem::Exit;

/// GitHub refused.
pub static GITHUB_DENIED: Code = Code {
    id: "WB8001",
    exit: Exit::Failed,
    title: "GitHub refused",
    why: "the token may not do this, or what it asks for is not there; the token of a pull request from a fork may only read",
    mend: "give the job the permission that the message names, under `permissions` in the workflow",
};

/// GitHub has had too many requests.
pub static GITHUB_LIMITED: Code = Code {
    id: "WB8002",
    exit: Exit::Failed,
    title: "GitHub asks to wait for longer than the job can",
    why: "all workflows of a repository share one limit of requests an hour",
    mend: "run the job again later; look for a workflow that asks too often",
};

/// GitHub cannot be reached.
pub static GITHUB_UNREACHABLE: Code = Code {
    id: "WB8003",
    exit: Exit::Failed,
    title: "GitHub cannot be reached",
    why: "no whole answer came in time, also when asked again",
    mend: "look at GitHub's status page; on a runner of your own check its network and proxy",
};

/// GitHub answered what Waybill does not understand.
pub static GITHUB_ANSWER: Code = Code {
    id: "WB8004",
    exit: Exit::Failed,
    title: "GitHub gave an answer that Waybill does not understand",
    why: "going on with it would be guessing",
    mend: "run the job again; if it stays, report it with the message",
};
