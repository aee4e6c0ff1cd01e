//! The documents of an image: index, manifest, configuration, and the
//! descriptors that they are made of.

use serde_json::{Map, Value};

use super::platform::Platform;
use super::{Coding, Document, Found, json};
use crate::artifact::base64;
use crate::codes::{self, Code};
use crate::problem::Failure;

const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";

/// How large an embedded blob may be, in bytes of base64.
const LARGEST_DATA: usize = 1 << 20;

/// The keys that decide something. Go's reader, which most tools are built on,
/// takes them in any case, so that only this spelling is taken.
const KEYS: &[&str] = &[
    "schemaVersion",
    "mediaType",
    "artifactType",
    "manifests",
    "config",
    "layers",
    "fsLayers",
    "digest",
    "size",
    "urls",
    "data",
    "platform",
    "annotations",
    "subject",
    "architecture",
    "os",
    "os.version",
    "variant",
    "rootfs",
    "type",
    "diff_ids",
];

/// What a descriptor names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Other manifests.
    Index,
    /// One image.
    Manifest,
    /// Something else.
    Other,
}

/// How a document names a blob.
#[derive(Clone, Debug)]
pub struct Descriptor {
    pub media_type: String,
    pub digest: String,
    pub size: u64,
    pub data: Option<String>,
    pub platform: Option<Platform>,
    is_attestation: bool,
}

/// An image's manifest.
#[derive(Debug)]
pub struct Manifest {
    pub config: Descriptor,
    pub layers: Vec<Descriptor>,
    is_artifact: bool,
}

/// An image's configuration.
#[derive(Debug)]
pub struct Configuration {
    pub platform: Platform,
    pub diff_ids: Vec<String>,
    pub value: Value,
}

/// A document that breaks the specification.
pub fn wrong(name: &str, what: &str) -> Failure {
    Failure::new(&codes::IMAGE_DOCUMENT, format!("`{name}` {what}"))
}

fn failure(code: &'static Code, name: &str, what: &str) -> Failure {
    Failure::new(code, format!("`{name}` {what}"))
}

/// The JSON of a document.
pub fn value(bytes: &[u8], name: &str) -> Found<Value> {
    json::read(bytes).map_err(|error| failure(&codes::IMAGE_JSON, name, &format!("is no strict JSON: {error}")))
}

/// An object of which no key is one of [`KEYS`] in another case.
fn object<'v>(value: &'v Value, name: &str, what: &str) -> Found<&'v Map<String, Value>> {
    let object = value.as_object().ok_or_else(|| wrong(name, &format!("has {what} that is no object")))?;
    for key in object.keys().filter(|key| !KEYS.contains(&key.as_str())) {
        // Also the two letters beyond ASCII that fold to one of ASCII.
        let folded = key.to_lowercase().to_uppercase();
        if let Some(known) = KEYS.iter().find(|known| known.to_uppercase() == folded) {
            let what = format!("has the key `{}`, which some readers take for `{known}`", key.escape_debug());
            return Err(failure(&codes::IMAGE_JSON, name, &what));
        }
    }
    Ok(object)
}

/// The document, once its version and its own media type are right.
fn document(bytes: &[u8], name: &str, media_type: Option<&str>) -> Found<Map<String, Value>> {
    let value = value(bytes, name)?;
    let document = object(&value, name, "content")?.clone();
    if document.get("schemaVersion") != Some(&Value::from(2)) {
        let found = document.get("schemaVersion").map_or("none".to_owned(), Value::to_string);
        return Err(wrong(name, &format!("is of the schema version {found}, wanted 2")));
    }
    let expected = media_type.unwrap_or(OCI_INDEX);
    match document.get("mediaType") {
        None if matches!(expected, OCI_INDEX | OCI_MANIFEST) => {}
        Some(Value::String(own)) if own == expected => {}
        own => {
            let own = own.map_or("no media type".to_owned(), |own| format!("the media type {own}"));
            return Err(failure(&codes::IMAGE_MEDIA_TYPE, name, &format!("has {own}, wanted `{expected}`")));
        }
    }
    Ok(document)
}

/// What an index names. `media_type` is that of its descriptor; `index.json` has none.
pub fn index(bytes: &[u8], name: &str, media_type: Option<&str>) -> Found<Vec<Descriptor>> {
    let document = document(bytes, name, media_type)?;
    if ["config", "layers", "fsLayers"].iter().any(|key| document.contains_key(*key)) {
        return Err(wrong(name, "is an index and a manifest at once"));
    }
    let manifests = document.get("manifests").and_then(Value::as_array);
    let manifests = manifests.ok_or_else(|| wrong(name, "has no list `manifests`"))?;
    manifests.iter().map(|one| descriptor(one, name)).collect()
}

/// The manifest that this descriptor names.
pub fn manifest(bytes: &[u8], named: &Descriptor) -> Found<Manifest> {
    let name = named.digest.as_str();
    let document = document(bytes, name, Some(&named.media_type))?;
    if document.contains_key("manifests") || document.contains_key("fsLayers") {
        return Err(wrong(name, "is a manifest and something else at once"));
    }
    let config = document.get("config").ok_or_else(|| wrong(name, "has no `config`"))?;
    let config = descriptor(config, name)?;
    let layers = document.get("layers").and_then(Value::as_array);
    let layers = layers.ok_or_else(|| wrong(name, "has no list `layers`"))?;
    let layers = layers.iter().map(|one| descriptor(one, name)).collect::<Found<_>>()?;
    Ok(Manifest { config, layers, is_artifact: document.contains_key("artifactType") })
}

fn descriptor(value: &Value, name: &str) -> Found<Descriptor> {
    let fields = object(value, name, "a descriptor")?;
    let text = |key: &str| fields.get(key).and_then(Value::as_str);
    let media_type = text("mediaType").ok_or_else(|| wrong(name, "has a descriptor without `mediaType`"))?;
    let digest = text("digest").ok_or_else(|| wrong(name, "has a descriptor without `digest`"))?;
    check_digest(digest, name)?;
    let size = fields.get("size").and_then(Value::as_u64).filter(|size| *size < 1 << 53);
    let size = size.ok_or_else(|| wrong(name, &format!("has no valid `size` for `{digest}`")))?;
    match fields.get("urls") {
        None | Some(Value::Null) => {}
        Some(Value::Array(urls)) if urls.is_empty() => {}
        Some(_) => return Err(failure(&codes::IMAGE_FOREIGN, name, &format!("names URLs for `{digest}`"))),
    }
    let data = match fields.get("data") {
        None | Some(Value::Null) => None,
        Some(Value::String(data)) if data.len() <= LARGEST_DATA => Some(data.clone()),
        Some(_) => return Err(failure(&codes::IMAGE_DATA, name, &format!("embeds something odd for `{digest}`"))),
    };
    let platform = match fields.get("platform") {
        None | Some(Value::Null) => None,
        Some(platform) => Some(self::platform(object(platform, name, "a platform")?, name)?),
    };
    let annotation = |key: &str| fields.get("annotations").and_then(|all| all.get(key)).and_then(Value::as_str);
    Ok(Descriptor {
        media_type: media_type.to_owned(),
        digest: digest.to_owned(),
        size,
        data,
        platform,
        is_attestation: annotation("vnd.docker.reference.type") == Some("attestation-manifest"),
    })
}

/// A digest becomes a path: only this form is safe.
pub fn check_digest(digest: &str, name: &str) -> Found<()> {
    let is_hex = |hex: &str| hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    match digest.strip_prefix("sha256:").is_some_and(is_hex) {
        true => Ok(()),
        false => {
            let shown: String = digest.chars().take(150).collect::<String>().escape_debug().to_string();
            let what = format!("names the digest `{shown}`, wanted `sha256:` and 64 lower-case hex digits");
            Err(failure(&codes::IMAGE_DIGEST_FORM, name, &what))
        }
    }
}

fn platform(fields: &Map<String, Value>, name: &str) -> Found<Platform> {
    let text = |key: &str| match fields.get(key) {
        None | Some(Value::Null) => Ok(""),
        Some(Value::String(text)) => Ok(text.as_str()),
        Some(_) => Err(wrong(name, &format!("has a `{key}` that is no text"))),
    };
    let (os, architecture, variant) = (text("os")?, text("architecture")?, text("variant")?);
    let whole = format!("{os}/{architecture}{}{variant}", if variant.is_empty() { "" } else { "/" });
    let platform = Platform::of(&whole);
    let platform = platform.ok_or_else(|| wrong(name, &format!("has the platform `{}`", whole.escape_debug())))?;
    Ok(Platform { os_version: text("os.version")?.to_owned(), ..platform })
}

/// An image's configuration.
pub fn configuration(bytes: &[u8], name: &str) -> Found<Configuration> {
    let value = value(bytes, name)?;
    let fields = object(&value, name, "content")?;
    let platform = platform(fields, name)?;
    let rootfs = fields.get("rootfs").ok_or_else(|| wrong(name, "has no `rootfs`"))?;
    let rootfs = object(rootfs, name, "a `rootfs`")?;
    if rootfs.get("type").and_then(Value::as_str) != Some("layers") {
        return Err(wrong(name, "has a `rootfs` that is not of the type `layers`"));
    }
    let ids = match rootfs.get("diff_ids") {
        Some(Value::Array(ids)) => ids.as_slice(),
        // Go writes an empty list so.
        Some(Value::Null) => &[],
        _ => return Err(wrong(name, "has no list `diff_ids`")),
    };
    let mut diff_ids = Vec::new();
    for id in ids {
        let id = id.as_str().ok_or_else(|| wrong(name, "has a `diff_id` that is no text"))?;
        check_digest(id, name)?;
        diff_ids.push(id.to_owned());
    }
    Ok(Configuration { platform, diff_ids, value })
}

impl Configuration {
    /// Whether it is for the platform that the descriptor of its manifest names.
    pub fn check_platform(&self, named: &Descriptor) -> Found<()> {
        let Some(platform) = &named.platform else { return Ok(()) };
        let own = &self.platform;
        let says = |one: &str, other: &str| one.is_empty() || other.is_empty() || one == other;
        let fits = platform.os == own.os
            && platform.architecture == own.architecture
            && (says(&platform.variant, &own.variant) || platform.is_same(own))
            && says(&platform.os_version, &own.os_version);
        match fits {
            true => Ok(()),
            false => {
                let message = format!("`{}` is for `{own}`, its index says `{platform}`", named.digest);
                Err(Failure::new(&codes::IMAGE_PLATFORM, message))
            }
        }
    }
}

impl Manifest {
    /// Whether it is something that belongs to an image and is none: the
    /// attestations that buildx writes, a signature, a list of parts.
    pub fn is_attachment(&self, named: &Descriptor) -> bool {
        let is_image = self.config.form_of_config().is_some();
        match &named.platform {
            Some(platform) if platform.os == "unknown" && platform.architecture == "unknown" => {
                named.is_attestation || !is_image || self.is_artifact
            }
            Some(_) => false,
            None => !is_image,
        }
    }
}

impl Descriptor {
    /// Of `index.json` itself.
    pub fn of_index(bytes: &[u8]) -> Descriptor {
        Descriptor {
            media_type: OCI_INDEX.to_owned(),
            digest: format!("sha256:{}", crate::model::id::sha256(bytes)),
            size: bytes.len() as u64,
            data: None,
            platform: None,
            is_attestation: false,
        }
    }

    /// What it names, by its media type.
    pub fn form(&self) -> Form {
        match self.media_type.as_str() {
            OCI_INDEX | DOCKER_LIST => Form::Index,
            OCI_MANIFEST | DOCKER_MANIFEST => Form::Manifest,
            _ => Form::Other,
        }
    }

    /// Whether it names an image's configuration.
    pub fn form_of_config(&self) -> Option<()> {
        matches!(self.media_type.as_str(), OCI_CONFIG | DOCKER_CONFIG).then_some(())
    }

    /// How the layer that it names is read.
    pub fn coding(&self) -> Found<Coding> {
        let media_type = self.media_type.as_str();
        match media_type {
            "application/vnd.oci.image.layer.v1.tar" | "application/vnd.docker.image.rootfs.diff.tar" => {
                Ok(Coding::Plain)
            }
            "application/vnd.oci.image.layer.v1.tar+gzip" | "application/vnd.docker.image.rootfs.diff.tar.gzip" => {
                Ok(Coding::Gzip)
            }
            "application/vnd.oci.image.layer.v1.tar+zstd" | "application/vnd.docker.image.rootfs.diff.tar.zstd" => {
                Ok(Coding::Zstd)
            }
            _ if media_type.contains(".nondistributable.") || media_type.contains(".foreign.") => {
                Err(failure(&codes::IMAGE_FOREIGN, &self.digest, "is a layer that may not be distributed"))
            }
            _ => {
                let what = format!("is a layer of the type `{}`", media_type.escape_debug());
                Err(failure(&codes::IMAGE_MEDIA_TYPE, &self.digest, &what))
            }
        }
    }

    /// Whether what it embeds, if anything, is the blob.
    pub fn check_data(&self, bytes: &[u8]) -> Found<()> {
        match &self.data {
            Some(data) if base64::encode(bytes) != *data => {
                Err(failure(&codes::IMAGE_DATA, &self.digest, "is embedded with other bytes than the blob has"))
            }
            _ => Ok(()),
        }
    }

    /// The document that it names.
    pub fn document(&self, bytes: Vec<u8>) -> Document {
        Document { digest: self.digest.clone(), media_type: self.media_type.clone(), bytes }
    }
}
