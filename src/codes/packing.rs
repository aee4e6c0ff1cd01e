//! `WB40…`: packing a tree, and reading what was packed.

use super::Code;
use crate::problem::Exit;

const fn failure(id: &'static str, title: &'static str, why: &'static str, mend: &'static str) -> Code {
    Code { id, exit: Exit::Failed, title, why, mend }
}

const fn problem(id: &'static str, title: &'static str, why: &'static str, mend: &'static str) -> Code {
    Code { id, exit: Exit::Problem, title, why, mend }
}

/// There is nothing to pack.
pub static NOTHING_TO_PACK: Code = failure(
    "WB4001",
    "there is nothing to pack",
    "an empty artifact would be deployed over a page that works",
    "check `path`, and that the command writes there; an `exclude` may leave too much out",
);

/// A file or a folder cannot be read.
pub static NOT_READABLE: Code = failure(
    "WB4002",
    "a file cannot be read",
    "what is not packed is missing where it is deployed",
    "mend its permissions, or leave it out by `exclude`",
);

/// The tree is larger than an artifact may be.
pub static TREE_LIMIT: Code = failure(
    "WB4003",
    "the tree is too large",
    "packing has limits: how many files and bytes, how deep, how long a name",
    "check that `path` is the output of the build alone; leave out by `exclude` what is not deployed",
);

/// Something that is neither a file, a folder nor a link.
pub static SPECIAL_FILE: Code = failure(
    "WB4004",
    "something is no ordinary file",
    "a socket, a pipe or a device has no content that could be packed",
    "leave it out by `exclude`",
);

/// A link or a path leaves what is packed.
pub static LEAVES_ROOT: Code = failure(
    "WB4005",
    "something leads out of what is packed",
    "where it is unpacked there is something else at that place, or nothing",
    "point the link to a place inside, by a relative path; copy the file instead; or leave it out by `exclude`",
);

/// A name that other systems read otherwise.
pub static NAME_REFUSED: Code = failure(
    "WB4006",
    "a name is refused",
    "other systems read it otherwise, or cannot have it",
    "rename the file, or leave it out by `exclude`",
);

/// Names that differ only in case.
pub static COLLISION: Code = failure(
    "WB4007",
    "two names differ only in case",
    "on macOS and Windows they are one file, and one of them is lost",
    "rename one of them",
);

/// A file looks like a secret.
pub static SECRET_FILE: Code = failure(
    "WB4008",
    "a file looks like a secret",
    "whoever can load the page can read the file",
    "leave it out by `exclude`; if it is really meant to be public, name it in `allow-secret-files`",
);

/// The tree changed while it was packed.
pub static TREE_CHANGED: Code = failure(
    "WB4009",
    "a file changed while it was packed",
    "the artifact would hold a state that the tree never had",
    "see to it that the command ends everything that it starts; a watcher of the build may still run",
);

/// A prebuilt output is not complete.
pub static OUTPUT_BROKEN: Code = failure(
    "WB4010",
    "the prebuilt output is broken",
    "Vercel would refuse it, or serve a part of it",
    "run the build again; the Build Output API (version 3) says what belongs where",
);

/// A build of the prebuilt output failed.
pub static OUTPUT_FAILED: Code = failure(
    "WB4011",
    "a build of the prebuilt output failed",
    "`vercel build` leaves an output behind even then, and notes the error in `builds.json`",
    "mend the error that the message has, and build again",
);

/// A prebuilt output was built for another target.
pub static OUTPUT_TARGET: Code = failure(
    "WB4012",
    "the output was built for another environment",
    "the variables of that environment are part of it",
    "call `vercel build --prod` for production, and without it for the others",
);

/// An archive is not as packing writes it.
pub static ARCHIVE_BROKEN: Code = Code {
    id: "WB4013",
    exit: Exit::Refused,
    title: "the archive is not as it was packed",
    why: "the same tree has the same bytes; any others were made, or changed, by something else",
    mend: "build it again; do not pack an artifact by other means",
};

/// A baked URL is not the environment's.
pub static BAKED_URL: Code = problem(
    "WB4014",
    "a baked URL is not the environment's",
    "the page would ask another environment's service",
    "build with the environment's own URL, and give the same one to both",
);
