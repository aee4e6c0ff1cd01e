//! An image on disk: an OCI archive, a folder with an OCI layout, or what
//! `docker save` wrote (which is converted). Read so strictly that every tool
//! that takes it after us reads the same image.
//!
//! ```text
//! members   the tar's headers → where each file lies
//! read      index.json → (index) → manifest → configuration → layers: documents proved here
//! Check     a layer or other large blob, to be proved by the host as a stream
//! ```
//!
//! Sources: the OCI image specification 1.1, and distribution's image manifest
//! version 2, schema 2.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Image, Layer, PlatformImage};
use crate::codes;
use crate::problem::Failure;

pub use check::{Check, Coding};
pub use members::{Member, members, unsafe_member};
pub use platform::{Platform, platform_form};

mod check;
pub mod docker;
mod document;
mod json;
mod members;
mod platform;
#[cfg(test)]
pub(crate) mod tests;
pub mod warn;
pub mod write;

use document::{Descriptor, Form};

/// What is read or refused.
pub type Found<T> = Result<T, Failure>;

/// Reads a part of a file whole.
pub type ReadAt<'a> = &'a mut dyn FnMut(&Place) -> Found<Vec<u8>>;

/// The largest document that is read, in bytes. Registries take manifests of 4 MiB.
const LARGEST_DOCUMENT: u64 = 4 << 20;
/// How many layers an image may have: what overlay file systems can stack.
const MOST_LAYERS: usize = 127;
/// How many manifests a layout may have.
const MOST_MANIFESTS: usize = 500;
/// How deep indexes may lie in `index.json`.
const DEEPEST_INDEX: u32 = 2;

/// A part of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: String,
    /// The first byte.
    pub from: u64,
    /// How many bytes.
    pub size: u64,
}

/// A verified manifest or index, byte for byte as it is to be pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its digest.
    pub digest: String,
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A layout whose documents hold. Its [`Check`]s are still to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The image.
    pub image: Image,
    /// Manifests and indexes in the order in which a registry takes them: what
    /// another one names comes before it, the image itself is the last.
    pub documents: Vec<Document>,
    /// Every other blob that is referred to, by digest: configurations, layers.
    pub blobs: BTreeMap<String, Place>,
    /// What is still to be proved.
    pub checks: Vec<Check>,
    /// Each platform's configuration, as in [`Image::platforms`].
    pub configurations: Vec<Value>,
    /// Which of [`Image::platforms`] is the wanted one.
    pub wanted: usize,
    /// The digests of blobs that nothing refers to.
    pub unreferenced: Vec<String>,
}

/// Whether these are the members of an OCI layout.
pub fn is_layout<T>(members: &BTreeMap<String, T>) -> bool {
    members.contains_key("oci-layout") || (members.contains_key("index.json") && !members.contains_key("manifest.json"))
}

/// The path of a blob in a layout.
pub fn blob_path(digest: &str) -> String {
    format!("blobs/{}", digest.replacen(':', "/", 1))
}

/// Only files: a layout has no links.
pub fn files(members: BTreeMap<String, Member>) -> Found<BTreeMap<String, Place>> {
    let file = |(name, member): (String, Member)| match member {
        Member::File(place) => Ok((name, place)),
        Member::Link(_) => Err(unsafe_member(&name, "a link")),
    };
    members.into_iter().map(file).collect()
}

/// Reads the layout that these files make. Everything is proved but what
/// [`Layout::checks`] names.
pub fn read(files: &BTreeMap<String, Place>, wanted: &Platform, read: ReadAt<'_>) -> Found<Layout> {
    let mut walk =
        Walk { files, read, layout: Layout::empty(), known: BTreeMap::new(), images: Vec::new(), manifests: 0 };
    let version = walk.file("oci-layout").and_then(|bytes| document::value(&bytes, "oci-layout"))?;
    if version["imageLayoutVersion"] != "1.0.0" {
        let found = version["imageLayoutVersion"].to_string();
        return Err(Failure::new(&codes::IMAGE_LAYOUT, format!("`oci-layout` names version {found}, wanted `1.0.0`")));
    }
    let bytes = walk.file("index.json")?;
    let root = document::index(&bytes, "index.json", None)?;
    let mut digests: BTreeSet<&str> = BTreeSet::new();
    let mut distinct = Vec::new();
    for descriptor in &root {
        if digests.insert(&descriptor.digest) {
            distinct.push(descriptor);
        }
    }
    let image = match distinct.as_slice() {
        [] => return Err(document::wrong("index.json", "names no image")),
        [only] => (*only).clone(),
        // One image a platform, with `index.json` itself as their index.
        _ => Descriptor::of_index(&bytes),
    };
    // Also the same manifest under a second tag has to be described truly.
    for descriptor in &root {
        walk.descend(descriptor, 1)?;
    }
    if distinct.len() > 1 {
        walk.layout.documents.push(image.document(bytes));
    }
    walk.compare_docker_form()?;
    walk.finish(image, wanted)
}

struct Walk<'a> {
    files: &'a BTreeMap<String, Place>,
    read: ReadAt<'a>,
    layout: Layout,
    /// Of each large blob that was met, how it is read and, of a layer, what it holds.
    known: BTreeMap<String, (Coding, Option<String>)>,
    images: Vec<(Platform, PlatformImage, Value)>,
    manifests: usize,
}

impl Layout {
    fn empty() -> Layout {
        let image = Image { digest: String::new(), media_type: String::new(), size: 0, platforms: Vec::new() };
        Layout {
            image,
            documents: Vec::new(),
            blobs: BTreeMap::new(),
            checks: Vec::new(),
            configurations: Vec::new(),
            wanted: 0,
            unreferenced: Vec::new(),
        }
    }
}

impl Walk<'_> {
    /// A file of the layout that is not named by its digest.
    fn file(&mut self, name: &str) -> Found<Vec<u8>> {
        let Some(place) = self.files.get(name) else {
            return Err(Failure::new(&codes::IMAGE_LAYOUT, format!("there is no `{name}` in the layout")));
        };
        self.small(place, name)
    }

    fn small(&mut self, place: &Place, name: &str) -> Found<Vec<u8>> {
        if place.size > LARGEST_DOCUMENT {
            let message = format!("`{name}` has {} bytes, at most {LARGEST_DOCUMENT} are read", place.size);
            return Err(Failure::new(&codes::IMAGE_LIMIT, message));
        }
        (self.read)(place)
    }

    /// Where a blob lies, once its size is right.
    fn place(&self, descriptor: &Descriptor) -> Found<Place> {
        let digest = &descriptor.digest;
        let Some(place) = self.files.get(&blob_path(digest)) else {
            return Err(Failure::new(&codes::IMAGE_BLOB_MISSING, format!("the blob `{digest}` is missing")));
        };
        if place.size != descriptor.size {
            let message = format!("the blob `{digest}` has {} bytes, the image says {}", place.size, descriptor.size);
            return Err(Failure::new(&codes::IMAGE_BLOB_SIZE, message));
        }
        Ok(place.clone())
    }

    /// A document or a configuration: small, and proved here.
    fn blob(&mut self, descriptor: &Descriptor) -> Found<Vec<u8>> {
        let place = self.place(descriptor)?;
        let bytes = self.small(&place, &descriptor.digest)?;
        check::same_digest(&descriptor.digest, &crate::model::id::sha256(&bytes))?;
        descriptor.check_data(&bytes)?;
        Ok(bytes)
    }

    /// What an index names, at this depth.
    fn descend(&mut self, descriptor: &Descriptor, depth: u32) -> Found<()> {
        self.manifests += 1;
        if self.manifests > MOST_MANIFESTS {
            return Err(Failure::new(
                &codes::IMAGE_LIMIT,
                format!("the image has more than {MOST_MANIFESTS} manifests"),
            ));
        }
        let bytes = self.blob(descriptor)?;
        let name = descriptor.digest.as_str();
        match descriptor.form() {
            Form::Index if depth > DEEPEST_INDEX => {
                let message = format!("the index `{name}` lies more than {DEEPEST_INDEX} indexes deep");
                return Err(Failure::new(&codes::IMAGE_LIMIT, message));
            }
            Form::Index => {
                for inner in document::index(&bytes, name, Some(&descriptor.media_type))? {
                    self.descend(&inner, depth + 1)?;
                }
            }
            Form::Manifest => self.manifest(descriptor, &bytes)?,
            Form::Other => {
                let message =
                    format!("`{name}` is of the type `{}`, wanted an image or an index", descriptor.media_type);
                return Err(Failure::new(&codes::IMAGE_MEDIA_TYPE, message));
            }
        }
        if !self.layout.documents.iter().any(|known| known.digest == descriptor.digest) {
            self.layout.documents.push(descriptor.document(bytes));
        }
        Ok(())
    }

    fn manifest(&mut self, descriptor: &Descriptor, bytes: &[u8]) -> Found<()> {
        let name = descriptor.digest.as_str();
        let manifest = document::manifest(bytes, descriptor)?;
        if manifest.layers.len() > MOST_LAYERS {
            let message = format!("`{name}` has {} layers, at most {MOST_LAYERS} are taken", manifest.layers.len());
            return Err(Failure::new(&codes::IMAGE_LIMIT, message));
        }
        if manifest.is_attachment(descriptor) {
            for part in manifest.layers.iter().chain([&manifest.config]) {
                self.large(part, Coding::Plain, None)?;
            }
            return Ok(());
        }
        if manifest.config.form_of_config().is_none() {
            let message = format!("`{name}` has a configuration of the type `{}`", manifest.config.media_type);
            return Err(Failure::new(&codes::IMAGE_MEDIA_TYPE, message));
        }
        let config = self.blob(&manifest.config)?;
        let place = self.place(&manifest.config)?;
        self.layout.blobs.insert(manifest.config.digest.clone(), place);
        let config = document::configuration(&config, &manifest.config.digest)?;
        config.check_platform(descriptor)?;
        if config.diff_ids.len() != manifest.layers.len() {
            let (layers, ids) = (manifest.layers.len(), config.diff_ids.len());
            let message = format!("`{name}` has {layers} layers, its configuration names {ids}");
            return Err(Failure::new(&codes::IMAGE_DIFF_ID, message));
        }
        let mut layers = Vec::new();
        for (layer, diff_id) in manifest.layers.iter().zip(&config.diff_ids) {
            let coding = layer.coding()?;
            self.large(layer, coding, Some(diff_id))?;
            layers.push(Layer {
                digest: layer.digest.clone(),
                diff_id: diff_id.clone(),
                size: layer.size,
                media_type: layer.media_type.clone(),
            });
        }
        if self.images.iter().any(|(_, image, _)| image.manifest == descriptor.digest) {
            return Ok(());
        }
        if let Some((platform, other, _)) = self.images.iter().find(|(platform, ..)| platform.is_same(&config.platform))
        {
            let message = format!("`{}` and `{name}` are both for `{platform}`", other.manifest);
            return Err(Failure::new(&codes::IMAGE_AMBIGUOUS, message));
        }
        let image = PlatformImage {
            platform: config.platform.to_string(),
            manifest: descriptor.digest.clone(),
            config: manifest.config.digest.clone(),
            layers,
        };
        self.images.push((config.platform, image, config.value));
        Ok(())
    }

    /// A blob of any size: what can be said of it before it is read.
    fn large(&mut self, descriptor: &Descriptor, coding: Coding, diff_id: Option<&String>) -> Found<()> {
        let place = self.place(descriptor)?;
        let digest = &descriptor.digest;
        if descriptor.data.is_some() {
            self.blob(descriptor)?;
        }
        match (self.known.get(digest), diff_id) {
            (None, _) => {}
            // Met before, and nothing new is to be proved.
            (Some(_), None) => return Ok(()),
            (Some((known, Some(content))), Some(diff_id)) => {
                return match (*known == coding, content == diff_id) {
                    (true, true) => Ok(()),
                    (true, false) => Err(check::other_content(digest, diff_id)),
                    (false, _) => {
                        let message = format!("the layer `{digest}` is given two media types");
                        Err(Failure::new(&codes::IMAGE_MEDIA_TYPE, message))
                    }
                };
            }
            // So far only as a part of an attachment.
            (Some((_, None)), Some(_)) => self.layout.checks.retain(|check| check.digest != *digest),
        }
        if coding == Coding::Plain && diff_id.is_some() {
            check::plain_layer(&place, digest, diff_id, self.read)?;
        }
        self.known.insert(digest.clone(), (coding, diff_id.cloned()));
        self.layout.checks.push(Check::new(digest, place.clone(), coding, diff_id));
        self.layout.blobs.insert(digest.clone(), place);
        Ok(())
    }

    /// Docker since version 25 writes both forms into one archive; they must
    /// name the same image.
    fn compare_docker_form(&mut self) -> Found<()> {
        if !self.files.contains_key("manifest.json") {
            return Ok(());
        }
        let bytes = self.file("manifest.json")?;
        let named: Vec<(String, Vec<String>)> = docker::named(&bytes)?;
        for (config, layers) in named {
            let is_same = |image: &PlatformImage| {
                let own: Vec<String> = image.layers.iter().map(|layer| blob_path(&layer.digest)).collect();
                blob_path(&image.config) == config && own == layers
            };
            if !self.images.iter().any(|(_, image, _)| is_same(image)) {
                let message = "`manifest.json` and `index.json` name two images".to_owned();
                return Err(Failure::new(&codes::IMAGE_DOCKER_SAVE, message));
            }
        }
        Ok(())
    }

    fn finish(mut self, image: Descriptor, wanted: &Platform) -> Found<Layout> {
        let platforms: Vec<&Platform> = self.images.iter().map(|(platform, ..)| platform).collect();
        self.layout.wanted = wanted.choose(&platforms)?;
        let referred = |digest: &str| {
            self.layout.blobs.contains_key(digest) || self.layout.documents.iter().any(|one| one.digest == digest)
        };
        for name in self.files.keys() {
            let hex = name.strip_prefix("blobs/sha256/").filter(|hex| !hex.contains('/'));
            if let Some(digest) = hex.map(|hex| format!("sha256:{hex}")).filter(|digest| !referred(digest)) {
                self.layout.unreferenced.push(digest);
            }
        }
        let mut platforms = Vec::new();
        for (_, platform, configuration) in self.images {
            platforms.push(platform);
            self.layout.configurations.push(configuration);
        }
        self.layout.image = Image { digest: image.digest, media_type: image.media_type, size: image.size, platforms };
        Ok(self.layout)
    }
}
