//! The setting `deadline`, which several job types have.

use crate::config::{Kind, Setting, Source};

/// The setting `deadline`.
pub static DEADLINE: Setting = Setting {
    name: "deadline",
    kind: Kind::Duration,
    source: Source::Anywhere,
    default: None,
    about: "How long the job may take as a whole; what is under way then is stopped cleanly. By default 30 minutes (`30m`) for a deployment, its gates included, and `5h` for populate-embeddings, whose next run goes on from there",
};
