//! The waybill of an artifact: an in-toto Statement (in-toto Attestation
//! Framework, "Statement" layer, v1) whose subject is the artifact, in the
//! canonical form of RFC 8785. Its SHA-256 is the waybill's digest.
//!
//! ```text
//! {"_type":"https://in-toto.io/Statement/v1",
//!  "predicate":{"artifact":…,"build":…,"files":[…],"image":…,"source":…,"target":…},
//!  "predicateType":"urn:waybill:artifact:v1",
//!  "subject":[{"digest":{"sha256":"…"},"name":"frontend.tar"}]}
//! ```

use std::collections::BTreeMap;

use super::{Image, PackedFile};
use crate::model::configuration::Environment;
use crate::model::{DeploymentArtifact, id};

mod read;
mod write;

pub use read::{Unreadable, read};

/// The statement's type.
pub const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// The predicate's type, which names the waybill's version.
pub const PREDICATE: &str = "urn:waybill:artifact:v1";
/// What every version's predicate type begins with.
const PREDICATES: &str = "urn:waybill:artifact:";
/// What is added to an artifact's name for its waybill's.
pub const ENDING: &str = ".waybill.json";
/// What is added to an artifact's name for its signed waybill's.
pub const SIGNED_ENDING: &str = ".waybill.dsse.json";
/// The largest waybill that is written or read, in bytes.
pub const LARGEST: u64 = 48 << 20;
/// The most files that a waybill names.
pub const MOST_FILES: usize = 200_000;

/// What a waybill says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waybill {
    /// The artifact's file name, which names the statement's subject.
    pub name: String,
    /// The record of the artifact.
    pub artifact: DeploymentArtifact,
    /// What it was built from.
    pub source: Source,
    /// What built it.
    pub build: Build,
    /// What it was built for.
    pub target: Target,
    /// What is in it, sorted by the bytes of the paths.
    pub files: Vec<PackedFile>,
    /// Of a container, the image.
    pub image: Option<Image>,
}

/// What an artifact was built from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// `owner/name`.
    pub repository: String,
    /// The repository's number, which stays when it is renamed.
    pub repository_id: String,
    /// The commit, whole.
    pub commit: String,
    /// The branch or tag.
    pub reference: String,
    /// Whether the checkout held the commit and nothing else when the build began.
    pub clean: bool,
}

/// What built an artifact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Build {
    /// The workflow run's number.
    pub run: String,
    /// Which attempt of the run.
    pub attempt: String,
    /// The id of the job in the workflow file.
    pub job: String,
    /// The event that started the run.
    pub event: String,
}

/// What an artifact was built for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The environment of the job that built it.
    pub environment: Environment,
    /// Every environment that it is good for, in the order of the model.
    pub environments: Vec<Environment>,
    /// The public URLs that the build wrote into the content, by setting.
    pub baked_urls: BTreeMap<String, String>,
}

impl Waybill {
    /// The statement's canonical form.
    pub fn text(&self) -> String {
        write::text(self)
    }

    /// The SHA-256 of the canonical form.
    pub fn digest(&self) -> String {
        id::sha256(self.text().as_bytes())
    }

    /// A list of the files for `sha256sum -c`, run where they are unpacked.
    /// Links are left out; a name with a line end in it is escaped as the tool wants it.
    pub fn checksums(&self) -> String {
        write::checksums(&self.files)
    }
}

#[cfg(test)]
pub(crate) mod tests;
