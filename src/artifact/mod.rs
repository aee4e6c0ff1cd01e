//! Artifacts: what a build hands over, packed so that the same content always
//! has the same bytes, and proved before it is deployed.

pub mod base64;
pub mod canonical;
pub mod names;
pub mod oci_layout;
pub mod pack;
pub mod secrets;
pub mod signature;
mod tar;
pub mod unpack;
pub mod vercel_output;
pub mod verify;
pub mod waybill;

use std::collections::BTreeMap;

use crate::model::artifact::ArtifactType;
use crate::model::configuration::Environment;

/// What a build made: one file that is ready to be stored, and all that its
/// waybill says about the content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// What it is.
    pub artifact_type: ArtifactType,
    /// Its name in the store, unique in the run.
    pub name: String,
    /// Where the file lies now: a plain tar or an OCI archive.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256, in lower-case hex.
    pub sha256: String,
    /// What is in it, sorted by the bytes of the paths. Of an OCI archive, its members.
    pub files: Vec<PackedFile>,
    /// Of a container, the image.
    pub image: Option<Image>,
    /// The environments that it is good for.
    pub built_for: Vec<Environment>,
    /// The public URLs that the build wrote into the content, by setting.
    pub baked_urls: BTreeMap<String, String>,
}

/// A file in an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedFile {
    /// Its path inside the artifact, with `/`.
    pub path: String,
    /// What kind of file it is.
    pub kind: PackedKind,
    /// Its size in bytes; of a link, of its target.
    pub size: u64,
    /// SHA-256 of its content, in lower-case hex; of a link, of its target.
    pub sha256: String,
    /// SHA-1 of the same, by which Vercel names a file.
    pub sha1: String,
}

/// What a [`PackedFile`] is: all that is kept of its mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackedKind {
    /// A file, mode 0644.
    Plain,
    /// A file that may be executed, mode 0755.
    Executable,
    /// A symbolic link, and where it points.
    Link(String),
}

/// A container's image, as its verified layout holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Digest of the manifest or of the index over several platforms: `sha256:…`.
    pub digest: String,
    /// Media type of what `digest` names.
    pub media_type: String,
    /// Size of it in bytes.
    pub size: u64,
    /// One a platform.
    pub platforms: Vec<PlatformImage>,
}

/// A platform's image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformImage {
    /// `os/architecture` or `os/architecture/variant`.
    pub platform: String,
    /// Digest of its manifest.
    pub manifest: String,
    /// Digest of its configuration.
    pub config: String,
    /// Its layers, the lowest first.
    pub layers: Vec<Layer>,
}

/// A layer of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Digest of the blob as it is stored and sent.
    pub digest: String,
    /// Digest of the tar inside.
    pub diff_id: String,
    /// Size of the blob in bytes.
    pub size: u64,
    /// Media type of the blob.
    pub media_type: String,
}
