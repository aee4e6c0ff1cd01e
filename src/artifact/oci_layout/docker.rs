//! What `docker save` writes, and those who write the same (kaniko, ko, crane,
//! podman): it has no manifest that a registry could take, so one is made, once.
//!
//! ```text
//! manifest.json   [{"Config": "….json", "RepoTags": […], "Layers": ["…/layer.tar", …]}]
//! ```
//!
//! Source: the Docker image specification 1.2.

use std::collections::BTreeMap;

use serde_json::Value;

use super::write::Content;
use super::{Coding, Found, LARGEST_DOCUMENT, MOST_LAYERS, Member, Place, ReadAt, blob_path, document};
use crate::codes;
use crate::model::id::sha256;
use crate::problem::Failure;

/// How much of a layer is needed to know how it is compressed, in bytes.
const START: u64 = 4;

/// A saved image, before its layers are hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    config: Vec<u8>,
    layers: Vec<(Place, Coding)>,
}

/// Whether these are the members of such an archive, and not of an OCI layout too.
pub fn is_saved<T>(members: &BTreeMap<String, T>) -> bool {
    members.contains_key("manifest.json") && !super::is_layout(members)
}

/// The paths of the configuration and the layers of each image that is named.
pub fn named(bytes: &[u8]) -> Found<Vec<(String, Vec<String>)>> {
    let wrong = || refused("`manifest.json` is no list of images with `Config` and `Layers`".to_owned());
    let images = document::value(bytes, "manifest.json")?;
    let image = |image: &Value| {
        let path = |path: &Value| path.as_str().map(str::to_owned);
        let layers = match &image["Layers"] {
            Value::Array(layers) => layers.iter().map(path).collect::<Option<Vec<_>>>()?,
            Value::Null => Vec::new(),
            _ => return None,
        };
        Some((path(&image["Config"])?, layers))
    };
    images.as_array().and_then(|images| images.iter().map(image).collect()).ok_or_else(wrong)
}

/// Reads what was saved. A layer may be a link to another one's file.
pub fn read(members: &BTreeMap<String, Member>, read: ReadAt<'_>) -> Found<Saved> {
    let manifest = small(resolve(members, "manifest.json")?, "manifest.json", read)?;
    let images = named(&manifest)?;
    let [(config, layers)] = images.as_slice() else {
        return Err(refused(format!("it holds {} images, wanted one", images.len())));
    };
    if layers.len() > MOST_LAYERS {
        let message = format!("the image has {} layers, at most {MOST_LAYERS} are taken", layers.len());
        return Err(Failure::new(&codes::IMAGE_LIMIT, message));
    }
    let config = small(resolve(members, config)?, config, read)?;
    let mut found = Vec::new();
    for layer in layers {
        let place = resolve(members, layer)?;
        let start = read(&Place { size: place.size.min(START), ..place.clone() })?;
        let coding = match start.as_slice() {
            [0x1f, 0x8b, ..] => Coding::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd] => Coding::Zstd,
            _ => Coding::Plain,
        };
        found.push((place.clone(), coding));
    }
    Ok(Saved { config, layers: found })
}

impl Saved {
    /// Where the layers lie, the lowest first.
    pub fn layers(&self) -> impl Iterator<Item = &Place> {
        self.layers.iter().map(|(place, _)| place)
    }

    /// The files of the layout that it becomes, with the SHA-256 of each layer
    /// in hex. The layers stay as they are; the same image gives the same files.
    pub fn layout(&self, digests: &[String]) -> BTreeMap<String, Content> {
        let mut files = BTreeMap::new();
        let mut layers = Vec::new();
        for ((place, coding), digest) in self.layers.iter().zip(digests) {
            let ending = match coding {
                Coding::Plain => "",
                Coding::Gzip => "+gzip",
                Coding::Zstd => "+zstd",
            };
            let media_type = format!("application/vnd.oci.image.layer.v1.tar{ending}");
            layers.push(descriptor(&media_type, digest, place.size));
            files.insert(blob_path(&format!("sha256:{digest}")), Content::File(place.clone()));
        }
        let mut put = |bytes: Vec<u8>, media_type: &str| {
            let digest = sha256(&bytes);
            let descriptor = descriptor(media_type, &digest, bytes.len() as u64);
            files.insert(blob_path(&format!("sha256:{digest}")), Content::Bytes(bytes));
            descriptor
        };
        let config = put(self.config.clone(), "application/vnd.oci.image.config.v1+json");
        let media_type = "application/vnd.oci.image.manifest.v1+json";
        let layers = layers.join(",");
        let manifest =
            format!(r#"{{"schemaVersion":2,"mediaType":"{media_type}","config":{config},"layers":[{layers}]}}"#);
        let manifest = put(manifest.into_bytes(), media_type);
        files.extend(frame(&manifest));
        files
    }
}

/// `oci-layout` and an `index.json` with one image.
fn frame(descriptor: &str) -> [(String, Content); 2] {
    let media_type = "application/vnd.oci.image.index.v1+json";
    let index = format!(r#"{{"schemaVersion":2,"mediaType":"{media_type}","manifests":[{descriptor}]}}"#);
    [
        ("index.json".to_owned(), Content::Bytes(index.into_bytes())),
        ("oci-layout".to_owned(), Content::Bytes(br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec())),
    ]
}

/// A descriptor as JSON; nothing in it has to be escaped.
fn descriptor(media_type: &str, digest: &str, size: u64) -> String {
    format!(r#"{{"mediaType":"{media_type}","digest":"sha256:{digest}","size":{size}}}"#)
}

/// The file of a member, or that which it links to.
fn resolve<'m>(members: &'m BTreeMap<String, Member>, name: &str) -> Found<&'m Place> {
    let missing = |name: &str| refused(format!("it has no file `{}`", name.escape_debug()));
    match members.get(name) {
        Some(Member::File(place)) => Ok(place),
        Some(Member::Link(target)) => {
            let mut parts: Vec<&str> = name.split('/').collect();
            parts.pop();
            for part in target.split('/') {
                match part {
                    "" | "." => {}
                    ".." => {
                        parts
                            .pop()
                            .ok_or_else(|| super::unsafe_member(name, "a link that leads out of the archive"))?;
                    }
                    part => parts.push(part),
                }
            }
            match members.get(&parts.join("/")).or_else(|| members.get(target)) {
                Some(Member::File(place)) => Ok(place),
                _ => Err(missing(target)),
            }
        }
        None => Err(missing(name)),
    }
}

fn small(place: &Place, name: &str, read: ReadAt<'_>) -> Found<Vec<u8>> {
    if place.size > LARGEST_DOCUMENT {
        let message = format!("`{name}` has {} bytes, at most {LARGEST_DOCUMENT} are read", place.size);
        return Err(Failure::new(&codes::IMAGE_LIMIT, message));
    }
    read(place)
}

fn refused(message: String) -> Failure {
    Failure::new(&codes::IMAGE_DOCKER_SAVE, format!("the archive of `docker save`: {message}"))
}
