//! Reads a waybill strictly. What is read is written again and must give the
//! same bytes: so no key is unknown, missing or doubled, no blank stands
//! between, and there is no second spelling of anything.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Build, LARGEST, MOST_FILES, PREDICATE, PREDICATES, STATEMENT, Source, Target, Waybill};
use crate::artifact::{Image, Layer, PackedFile, PackedKind, PlatformImage};
use crate::model::configuration::Environment;
use crate::model::{Choice, DeploymentArtifact, rules};

/// Why a waybill is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is of another version; its predicate's type.
    Version(String),
    /// It is no waybill; what is wrong, never with more than a few words of it.
    Broken(String),
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unreadable::Version(found) => write!(f, "wanted a waybill of the type `{PREDICATE}`, found {found}"),
            Unreadable::Broken(wrong) => f.write_str(wrong),
        }
    }
}

fn broken<T>(wrong: impl Into<String>) -> Result<T, Unreadable> {
    Err(Unreadable::Broken(wrong.into()))
}

/// Reads a waybill from its bytes.
pub fn read(bytes: &[u8]) -> Result<Waybill, Unreadable> {
    if bytes.len() as u64 > LARGEST {
        return broken("it is too large");
    }
    let value: Value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(error) => return broken(format!("it is no JSON: {error}")),
    };
    if value["_type"] != STATEMENT {
        return broken("it is no in-toto statement of version 1");
    }
    match value["predicateType"].as_str() {
        Some(PREDICATE) => {}
        Some(other) if other.starts_with(PREDICATES) => {
            return Err(Unreadable::Version(crate::model::forms::shown(other)));
        }
        _ => return broken("its predicate is no waybill's"),
    }
    let waybill = waybill(&value)?;
    drop(value);
    match waybill.text().as_bytes() == bytes {
        true => Ok(waybill),
        false => broken("it is not in canonical form, or holds more than a waybill may"),
    }
}

fn waybill(value: &Value) -> Result<Waybill, Unreadable> {
    let predicate = &value["predicate"];
    let artifact = DeploymentArtifact::read(&predicate["artifact"]).or_else(|rules| {
        let rules: Vec<String> = rules.iter().map(ToString::to_string).collect();
        broken(format!("its artifact breaks rules: {}", rules.join("; ")))
    })?;
    let subject = &value["subject"][0];
    let (source, build, target) = (&predicate["source"], &predicate["build"], &predicate["target"]);
    let Some(clean) = source["clean"].as_bool() else { return broken("`source.clean` is neither `true` nor `false`") };
    Ok(Waybill {
        name: text(subject, "name")?,
        artifact,
        source: Source {
            repository: text(source, "repository")?,
            repository_id: text(source, "repositoryId")?,
            commit: text(source, "commit")?,
            reference: text(source, "ref")?,
            clean,
        },
        build: Build {
            run: text(build, "run")?,
            attempt: text(build, "attempt")?,
            job: text(build, "job")?,
            event: text(build, "event")?,
        },
        target: Target {
            environment: environment(&target["environment"])?,
            environments: list(target, "environments", Environment::ALL.len(), environment)?,
            baked_urls: urls(&target["bakedUrls"])?,
        },
        files: files(predicate)?,
        image: match &predicate["image"] {
            Value::Null => None,
            image => Some(self::image(image)?),
        },
    })
}

fn files(predicate: &Value) -> Result<Vec<PackedFile>, Unreadable> {
    let files = list(predicate, "files", MOST_FILES, file)?;
    match files.is_sorted_by(|one, next| one.path.as_bytes() < next.path.as_bytes()) {
        true => Ok(files),
        false => broken("`files` is not sorted, or names a file twice"),
    }
}

fn file(value: &Value) -> Result<PackedFile, Unreadable> {
    let kind = match (value["mode"].as_str(), value["link"].as_str()) {
        (Some("0644"), None) => PackedKind::Plain,
        (Some("0755"), None) => PackedKind::Executable,
        (Some("0777"), Some(target)) => PackedKind::Link(target.to_owned()),
        _ => return broken("a file has an unknown mode"),
    };
    let (sha256, sha1) = (text(value, "sha256")?, text(value, "sha1")?);
    if rules::sha256(&sha256).is_err() || !is_hex(&sha1, 40) {
        return broken("a file has no proper digest");
    }
    Ok(PackedFile { path: text(value, "path")?, kind, size: size(value)?, sha256, sha1 })
}

fn image(value: &Value) -> Result<Image, Unreadable> {
    Ok(Image {
        digest: digest(value, "digest")?,
        media_type: text(value, "mediaType")?,
        size: size(value)?,
        platforms: list(value, "platforms", 1000, |platform| {
            Ok(PlatformImage {
                platform: text(platform, "platform")?,
                manifest: digest(platform, "manifest")?,
                config: digest(platform, "config")?,
                layers: list(platform, "layers", 10_000, |layer| {
                    Ok(Layer {
                        digest: digest(layer, "digest")?,
                        diff_id: digest(layer, "diffId")?,
                        size: size(layer)?,
                        media_type: text(layer, "mediaType")?,
                    })
                })?,
            })
        })?,
    })
}

fn text(value: &Value, name: &str) -> Result<String, Unreadable> {
    match value[name].as_str() {
        Some(text) => Ok(text.to_owned()),
        None => broken(format!("`{name}` is no text")),
    }
}

fn digest(value: &Value, name: &str) -> Result<String, Unreadable> {
    let digest = text(value, name)?;
    let known = [("sha256:", 64), ("sha512:", 128)];
    match known.iter().any(|(start, digits)| digest.strip_prefix(start).is_some_and(|hex| is_hex(hex, *digits))) {
        true => Ok(digest),
        false => broken(format!("`{name}` is no digest")),
    }
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn size(value: &Value) -> Result<u64, Unreadable> {
    match value["size"].as_u64().filter(|size| *size <= rules::LARGEST_NUMBER) {
        Some(size) => Ok(size),
        None => broken("`size` is no number of bytes"),
    }
}

fn list<T>(
    value: &Value,
    name: &str,
    most: usize,
    item: impl Fn(&Value) -> Result<T, Unreadable>,
) -> Result<Vec<T>, Unreadable> {
    match value[name].as_array() {
        Some(items) if items.len() <= most => items.iter().map(item).collect(),
        Some(_) => broken(format!("`{name}` has too many items")),
        None => broken(format!("`{name}` is no list")),
    }
}

fn environment(value: &Value) -> Result<Environment, Unreadable> {
    match value.as_str().and_then(Environment::of) {
        Some(environment) => Ok(environment),
        None => broken("an environment is unknown"),
    }
}

fn urls(value: &Value) -> Result<BTreeMap<String, String>, Unreadable> {
    let empty = Map::new();
    let map = value.as_object().unwrap_or(&empty);
    let pair = |(name, url): (&String, &Value)| Some((name.clone(), url.as_str()?.to_owned()));
    match map.iter().map(pair).collect() {
        Some(urls) => Ok(urls),
        None => broken("a baked URL is no text"),
    }
}
