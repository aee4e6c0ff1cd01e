//! `WB5…`: deploying.

use super::Code;
use crate::problem::Exit;

/// Vercel refused.
pub static VERCEL_DENIED: Code = Code {
    id: "WB5101",
    exit: Exit::Failed,
    title: "Vercel does not accept the token",
    why: "the token is wrong, has ended, or may not do this in this team",
    mend: "make a new access token for the team and store it as the secret that `vercel-token` reads; check `vercel-team`",
};

/// Something is not at Vercel.
pub static VERCEL_MISSING: Code = Code {
    id: "WB5102",
    exit: Exit::Failed,
    title: "Vercel does not find it",
    why: "the project, the deployment or the domain is not in this account or team, or the token may not see it",
    mend: "check `vercel-project` and `vercel-team`; a project of a team needs the team",
};

/// Vercel limits.
pub static VERCEL_LIMITED: Code = Code {
    id: "WB5103",
    exit: Exit::Failed,
    title: "Vercel asks to wait for longer than the job can",
    why: "a limit of requests, builds or uploads of the account is reached; more requests would not help",
    mend: "run the job again later; `upload: archive` needs far fewer uploads",
};

/// Vercel cannot be reached.
pub static VERCEL_UNREACHABLE: Code = Code {
    id: "WB5104",
    exit: Exit::Failed,
    title: "Vercel gives no whole answer",
    why: "no whole answer came in time, also when asked again",
    mend: "look at Vercel's status page; on a runner of your own check its network and proxy; run the job again",
};

/// Vercel answered what is not understood.
pub static VERCEL_ANSWER: Code = Code {
    id: "WB5105",
    exit: Exit::Failed,
    title: "Vercel gave an answer that Waybill does not understand",
    why: "going on with it would be guessing",
    mend: "run the job again; if it stays, report it with the message",
};

/// Vercel refuses the request.
pub static VERCEL_REFUSED: Code = Code {
    id: "WB5106",
    exit: Exit::Failed,
    title: "Vercel refused what was asked",
    why: "the request is not one that this project, its plan or its present state allows",
    mend: "see what Vercel says in the message",
};

/// The token ends.
pub static VERCEL_TOKEN_ENDS: Code = Code {
    id: "WB5107",
    exit: Exit::Failed,
    title: "the Vercel token has ended, or ends soon",
    why: "a deployment that is cut off in the middle, or the next one, would fail",
    mend: "make a new access token and store it as the secret that `vercel-token` reads",
};

/// The build or deployment failed.
pub static DEPLOYMENT_FAILED: Code = Code {
    id: "WB5201",
    exit: Exit::Failed,
    title: "the deployment did not become ready",
    why: "the service says that it failed, was cancelled, or its domains could not be assigned; what served before serves on",
    mend: "see the message and the deployment's page at the service; then run the job again",
};

/// The deadline is over.
pub static DEADLINE: Code = Code {
    id: "WB5202",
    exit: Exit::Failed,
    title: "the deployment took longer than its deadline",
    why: "something that is neither ready nor failed after the deadline is stopped, so that it cannot go live later unseen",
    mend: "look at the deployment's page at the service; raise `deadline` if it only needs longer",
};

/// The gate failed.
pub static UNHEALTHY: Code = Code {
    id: "WB5203",
    exit: Exit::Failed,
    title: "the deployment is not healthy",
    why: "the health gate did not see the healthy answers that it asks for, from what was deployed",
    mend: "open the URL of the message; check `health-path`, `health-status` and what the answer shows",
};

/// A preview became production.
pub static BECAME_PRODUCTION: Code = Code {
    id: "WB5204",
    exit: Exit::Failed,
    title: "a preview became production",
    why: "the first deployment of a project is made its production by Vercel, whatever was asked for",
    mend: "deploy to production once, then run the job again",
};

/// Production moved.
pub static SERVED_CHANGED: Code = Code {
    id: "WB5205",
    exit: Exit::Failed,
    title: "somebody else changed what serves",
    why: "what served when the job began does not serve any more, so a switch now could undo somebody's newer deployment",
    mend: "look who deployed; run the job again if this one should serve, and set `concurrency` in the workflow",
};

/// The switch failed.
pub static SWITCH_FAILED: Code = Code {
    id: "WB5206",
    exit: Exit::Failed,
    title: "traffic could not be switched",
    why: "the service did not move every domain to the deployment",
    mend: "see the message for the domains; look at the project's domains at the service",
};

/// Rolled back or not, it is red.
pub static ROLLED_BACK: Code = Code {
    id: "WB5207",
    exit: Exit::Failed,
    title: "the deployment failed and was rolled back",
    why: "what was deployed is not healthy in service; what served before serves again, and is healthy",
    mend: "mend what is deployed and deploy again: the next apply promotes, and ends the hold on production that a rollback leaves at Vercel",
};

/// Rollback failed.
pub static ROLLBACK_FAILED: Code = Code {
    id: "WB5208",
    exit: Exit::Failed,
    title: "the rollback failed",
    why: "what was deployed is not healthy in service, and what served before could not be put back, or is not healthy either",
    mend: "look at once at what serves; the message says what was tried",
};

/// No rollback possible.
pub static NOTHING_TO_ROLL_BACK: Code = Code {
    id: "WB5209",
    exit: Exit::Failed,
    title: "there is nothing to roll back to",
    why: "no earlier deployment is known that served here, still exists and was healthy",
    mend: "deploy a good commit; a rollback started by hand needs `deployment-id` of the deployment that it undoes",
};

/// Files.
pub static UPLOAD_SET: Code = Code {
    id: "WB5210",
    exit: Exit::Refused,
    title: "the artifact cannot be uploaded as it is",
    why: "it is no prebuilt output for the service, or it is beyond a limit of the service",
    mend: "build it with `build-frontend`; see the message for the limit",
};

/// Another deployment runs.
pub static IN_PROGRESS: Code = Code {
    id: "WB5211",
    exit: Exit::Failed,
    title: "another run deploys to this environment",
    why: "two deployments at once would switch traffic under each other's gates",
    mend: "wait for the other run; set `concurrency` with the environment's name in the workflow",
};

/// A rolling release.
pub static ROLLING_RELEASE: Code = Code {
    id: "WB5212",
    exit: Exit::Failed,
    title: "a rolling release is active",
    why: "traffic goes to two deployments in shares, so neither a promote nor a rollback would do what it says",
    mend: "complete or abort the rolling release at Vercel, then run the job again",
};

/// The gate is off or blind.
pub static GATE_WEAK: Code = Code {
    id: "WB5213",
    exit: Exit::Problem,
    title: "the health gate cannot tell what it should",
    why: "it is turned off, or nothing in the answer shows which version it comes from, so an old version passes for the new one",
    mend: "set `health-header` or `health-json-pointer` to where the answer shows the commit",
};

/// Addresses.
pub static DOMAIN: Code = Code {
    id: "WB5214",
    exit: Exit::Problem,
    title: "a domain is not written as one",
    why: "a domain is a host's name alone, as `shop.example.com`",
    mend: "write the domains one a line, without `https://` and without a path",
};

/// The state cannot be used.
pub static STATE_UNUSABLE: Code = Code {
    id: "WB5215",
    exit: Exit::Failed,
    title: "what lasts between runs cannot be read or written",
    why: "which configuration is active, and who deploys now, is kept in the state directory",
    mend: "look at the file of the message; a broken one may be removed, and what it knew is then forgotten",
};
