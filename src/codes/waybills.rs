//! `WB42…`: why an artifact is refused, and `WB43…`: the stores.

use super::Code;
use crate::problem::Exit;

const fn refusal(id: &'static str, title: &'static str, why: &'static str, mend: &'static str) -> Code {
    Code { id, exit: Exit::Refused, title, why, mend }
}

const fn failure(id: &'static str, title: &'static str, why: &'static str, mend: &'static str) -> Code {
    Code { id, exit: Exit::Failed, title, why, mend }
}

const fn problem(id: &'static str, title: &'static str, why: &'static str, mend: &'static str) -> Code {
    Code { id, exit: Exit::Problem, title, why, mend }
}

const BUILD_AGAIN: &str = "build it again from a clean checkout, and look for what changed it on its way";

/// The artifact's bytes are not those of its waybill.
pub static CHECKSUM: Code = refusal(
    "WB4201",
    "the artifact's checksum is wrong",
    "its bytes are not the ones that the build made",
    BUILD_AGAIN,
);

/// The artifact has another size.
pub static ARTIFACT_SIZE: Code =
    refusal("WB4202", "the artifact's size is wrong", "it was cut short or added to after the build", BUILD_AGAIN);

/// A file in the artifact is another than its waybill says.
pub static FILE_CHANGED: Code = refusal(
    "WB4203",
    "a file in the artifact was changed",
    "what would be deployed is not what was built",
    BUILD_AGAIN,
);

/// A file of the waybill is not in the artifact.
pub static FILE_GONE: Code =
    refusal("WB4204", "a file is missing in the artifact", "what would be deployed is not what was built", BUILD_AGAIN);

/// A file in the artifact is not in the waybill.
pub static FILE_EXTRA: Code = refusal(
    "WB4205",
    "there is a file in the artifact that the build did not make",
    "what would be deployed is not what was built",
    BUILD_AGAIN,
);

/// The artifact has expired.
pub static EXPIRED: Code = refusal(
    "WB4206",
    "the artifact has expired",
    "an old build brings old mistakes back",
    "build it again; give the build a longer `expires-after` where it shall be good for longer",
);

/// The artifact is from the future.
pub static FROM_THE_FUTURE: Code = refusal(
    "WB4207",
    "the artifact was made in the future",
    "two runners' clocks are more than five minutes apart, or somebody wrote the date by hand",
    "set the clock of the runner that is wrong; build it again",
);

/// The artifact was built from a checkout with changes.
pub static DIRTY: Code = refusal(
    "WB4208",
    "the artifact was not built from a clean commit",
    "nobody can see in the repository what is in it",
    "commit the changes, or have git ignore the files that the build's log names; build it again",
);

/// What serves is newer than the artifact.
pub static OLDER: Code = refusal(
    "WB4209",
    "what serves is newer than the artifact",
    "deploying it would take back a later deployment unnoticed",
    "deploy the newer artifact; to go back on purpose use `mode: rollback`",
);

/// The artifact is of another commit.
pub static WRONG_COMMIT: Code = refusal(
    "WB4210",
    "the artifact is of another commit",
    "the commit that the job deploys is not the one that was built",
    "build this commit, or name the artifact's one in `commit`",
);

/// The artifact is of another repository.
pub static WRONG_REPOSITORY: Code = refusal(
    "WB4211",
    "the artifact is of another repository",
    "only what this repository built may be deployed from it",
    "take the artifact that this repository's build stored",
);

/// The artifact was built for another environment.
pub static WRONG_ENVIRONMENT: Code = refusal(
    "WB4212",
    "the artifact was built for another environment",
    "a build holds settings of the environment that it was made for",
    "build it for this environment; name in `built-for` every environment that a build is good for",
);

/// The artifact is of another type.
pub static WRONG_TYPE: Code = refusal(
    "WB4213",
    "the artifact is of another type",
    "the job deploys something else",
    "take the artifact of the build that belongs to this job",
);

/// A URL in the artifact is another one than the configuration's.
pub static WRONG_URL: Code = refusal(
    "WB4214",
    "the artifact holds another URL than the configuration",
    "it would speak to another environment's services",
    "build it with this environment's URLs, or mend the configuration",
);

/// The waybill is another one than the build's output says.
pub static WRONG_WAYBILL: Code = refusal(
    "WB4215",
    "the waybill is not the one that the build wrote",
    "what lies beside the artifact was changed together with it, or belongs to another build",
    "take `waybill` from the outputs of the build whose artifact this is",
);

/// No digest of the waybill was given.
pub static WAYBILL_REQUIRED: Code = refusal(
    "WB4216",
    "there is no digest to hold the waybill against",
    "a waybill that lies beside its artifact can be changed together with it",
    "set `waybill` to the output `waybill-<environment>` of the build; across runs sign it with `signing-key`",
);

/// The signature does not hold.
pub static WRONG_SIGNATURE: Code = refusal(
    "WB4217",
    "the waybill's signature does not hold",
    "it was made with another key, or for another waybill",
    "check that `verify-key` belongs to the build's `signing-key`; build it again",
);

/// There is no signature, and one is required.
pub static UNSIGNED: Code = refusal(
    "WB4218",
    "the waybill is not signed",
    "an artifact of another run, and every one with `require-signature`, is only taken with a signature",
    "give the build a `signing-key` and this job the `verify-key` that belongs to it",
);

/// The waybill is of a version that is not known.
pub static UNKNOWN_VERSION: Code = refusal(
    "WB4219",
    "the waybill is of a version that this one does not know",
    "a rule that is not known cannot be checked",
    "use the same version of Waybill in the build and in the deploy job",
);

/// The waybill cannot be read.
pub static WAYBILL_BROKEN: Code = refusal(
    "WB4220",
    "the waybill cannot be read",
    "it is not in the one form in which waybills are written",
    "build it again; nothing but Waybill may write or format a waybill",
);

/// The artifact's run may not be trusted.
pub static WRONG_RUN: Code = refusal(
    "WB4221",
    "the artifact comes from a run that may not deploy",
    "across runs only those of this repository count, started by push, dispatch or schedule",
    "build it in a run of the repository's own branch",
);

/// The store cannot be used.
pub static STORE_UNAVAILABLE: Code = failure(
    "WB4301",
    "the store is not available",
    "an artifact that is not kept whole cannot be deployed later",
    "check the space and the permissions of the folder that the message names; for the artifact service look at GitHub's status page",
);

/// Another artifact has this name.
pub static ARTIFACT_EXISTS: Code = failure(
    "WB4302",
    "there is an artifact of this name already",
    "an artifact that could be replaced could not be trusted",
    "give each build, and each leg of a matrix, a `name` of its own, or none",
);

/// No such artifact.
pub static ARTIFACT_MISSING: Code = failure(
    "WB4303",
    "the artifact is not in the store",
    "there is nothing to deploy",
    "check the name in `artifact` and that the job `needs` the build; both must use the same `store`",
);

/// The store refuses to take more.
pub static STORE_FULL: Code = failure(
    "WB4304",
    "the store takes no more",
    "the account's space for artifacts is used up, or the service limits what a job may store",
    "delete artifacts that nobody needs, give a shorter `expires-after`, or raise the limit",
);

/// The artifact service gave an odd answer.
pub static STORE_ANSWER: Code = failure(
    "WB4305",
    "the artifact service gave an answer that Waybill does not understand",
    "going on with it would be guessing",
    "run the job again; if it stays, report it with the message",
);

/// The name cannot be an artifact's.
pub static ARTIFACT_NAME: Code = problem(
    "WB4306",
    "the name cannot be an artifact's",
    "every store and every file system must be able to hold it",
    "use letters, digits, `-`, `_` and `.`",
);

/// The runner offers no artifact service.
pub static STORE_NOT_OFFERED: Code = problem(
    "WB4307",
    "the runner offers no artifact service",
    "`store: actions` needs the service of GitHub's own runners; GitHub Enterprise Server has none of this version",
    "leave `store` out, or set it to `directory`",
);

/// A key cannot be used.
pub static KEY_UNUSABLE: Code = problem(
    "WB4308",
    "the key is no ed25519 key",
    "only ed25519 keys sign waybills",
    "give a PEM file's text, or 32 bytes in base64 or hex; `openssl genpkey -algorithm ed25519` makes one",
);

/// Another deployment holds the environment.
pub static LEASE_HELD: Code = failure(
    "WB4309",
    "another deployment is under way in this environment",
    "two deployments at once leave a mixture of both",
    "wait until it has ended; set `concurrency` in the workflow",
);
