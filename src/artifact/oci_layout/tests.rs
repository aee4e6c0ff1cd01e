//! Images made by hand, whole and damaged.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::write::{Content, Part, archive};
use super::*;
use crate::model::id::sha256;

pub type Files = BTreeMap<String, Vec<u8>>;

/// A layer with one file in it.
fn tar(name: &str, content: &[u8]) -> Vec<u8> {
    pack(&Files::from([(name.to_owned(), content.to_vec())]))
}

/// The archive of some files.
pub fn pack(files: &Files) -> Vec<u8> {
    let files = files.iter().map(|(name, bytes)| (name.clone(), Content::Bytes(bytes.clone()))).collect();
    let parts = archive(files).into_iter().flat_map(|part| match part {
        Part::Bytes(bytes) => bytes,
        Part::File(_) => unreachable!("all of it is in memory"),
    });
    parts.collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::GzEncoder::new(bytes, flate2::Compression::new(6)).read_to_end(&mut out).unwrap();
    out
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", sha256(bytes))
}

/// Adds a blob, and gives its descriptor.
fn put(files: &mut Files, bytes: &[u8], media_type: &str) -> Value {
    files.insert(blob_path(&digest(bytes)), bytes.to_vec());
    json!({"mediaType": media_type, "digest": digest(bytes), "size": bytes.len()})
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// What an image is made of, before it is written.
struct Parts {
    files: Files,
    config: Value,
    manifest: Value,
}

/// An image with a plain layer and one by gzip.
fn parts(architecture: &str) -> Parts {
    let mut files = Files::new();
    let plain = tar("app", architecture.as_bytes());
    let packed = tar("data", &[7; 3000]);
    let layers = [put(&mut files, &plain, LAYER), put(&mut files, &gzip(&packed), &format!("{LAYER}+gzip"))];
    let config = json!({
        "architecture": architecture, "os": "linux", "config": {"User": "1000"},
        "rootfs": {"type": "layers", "diff_ids": [digest(&plain), digest(&packed)]},
    });
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": null, "layers": layers});
    Parts { files, config, manifest }
}

impl Parts {
    /// Writes configuration and manifest, and gives the manifest's descriptor.
    fn close(mut self) -> (Files, Value) {
        if self.manifest["config"].is_null() {
            self.manifest["config"] = put(&mut self.files, self.config.to_string().as_bytes(), CONFIG);
        }
        let descriptor = put(&mut self.files, self.manifest.to_string().as_bytes(), MANIFEST);
        (self.files, descriptor)
    }
}

fn layout(mut files: Files, manifests: Value) -> Files {
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
    files.insert("index.json".to_owned(), index.to_string().into_bytes());
    files.insert("oci-layout".to_owned(), br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec());
    files
}

/// A good image for `linux/amd64`, as the files of its layout.
pub fn single() -> Files {
    let (files, descriptor) = parts("amd64").close();
    layout(files, json!([descriptor]))
}

/// Verifies an archive in memory, with what the host does done here.
pub fn verify_archive(bytes: &[u8], platform: &str) -> Result<Layout, Failure> {
    let mut at = |place: &Place| {
        let (from, to) = (place.from as usize, (place.from + place.size) as usize);
        Ok(bytes.get(from..to).expect("nothing is read that is not there").to_vec())
    };
    let members = members("a.tar", bytes.len() as u64, &mut at)?;
    let files = files(members)?;
    let layout = read(&files, &Platform::of(platform).unwrap(), &mut at)?;
    for check in &layout.checks {
        let blob = at(&check.place)?;
        let mut content = Vec::new();
        match check.coding {
            Coding::Plain => content.clone_from(&blob),
            Coding::Gzip => {
                let read = flate2::read::MultiGzDecoder::new(blob.as_slice()).read_to_end(&mut content);
                read.map_err(|error| check.corrupt(&error.to_string()))?;
            }
            Coding::Zstd => return Err(check.unsupported()),
        }
        check.judge(&sha256(&blob), &sha256(&content))?;
    }
    Ok(layout)
}

fn verify(files: &Files) -> Result<Layout, Failure> {
    verify_archive(&pack(files), "linux/amd64")
}

/// The code of the refusal, or what was found.
fn check(files: &Files, expected: &str) {
    let found = match verify(files) {
        Ok(layout) => {
            let names: Vec<_> = layout.image.platforms.iter().map(|one| one.platform.as_str()).collect();
            format!("{} of {}, {} unreferenced", names.join(" "), layout.documents.len(), layout.unreferenced.len())
        }
        Err(failure) => format!("{} {}", failure.code.id, failure.message),
    };
    assert!(found.starts_with(expected), "wanted {expected}, found {found}");
}

/// The single image with its parts changed before they are written.
fn check_with(change: impl FnOnce(&mut Parts), expected: &str) {
    let mut parts = parts("amd64");
    change(&mut parts);
    let (files, descriptor) = parts.close();
    check(&layout(files, json!([descriptor])), expected);
}

/// The single image with a text in `index.json` replaced.
fn check_index(from: &str, to: &str, expected: &str) {
    let mut files = single();
    let text = String::from_utf8(files["index.json"].clone()).unwrap();
    assert!(text.contains(from), "{text}");
    files.insert("index.json".to_owned(), text.replace(from, to).into_bytes());
    check(&files, expected);
}

#[test]
fn a_good_image_is_read() {
    check(&single(), "linux/amd64 of 1, 0 unreferenced");
    let mut files = single();
    files.insert(blob_path(&digest(b"left behind")), b"left behind".to_vec());
    files.insert("README".to_owned(), b"more files are allowed".to_vec());
    check(&files, "linux/amd64 of 1, 1 unreferenced");
    let layout = verify(&single()).unwrap();
    assert_eq!(layout.image.platforms[0].layers[0].diff_id, layout.image.platforms[0].layers[0].digest);
    assert_ne!(layout.image.platforms[0].layers[1].diff_id, layout.image.platforms[0].layers[1].digest);
    assert_eq!(layout.image.digest, layout.documents[0].digest);
    assert_eq!(layout.blobs.len(), 3);
}

/// An image for two platforms with the attestation that buildx adds to each.
pub fn several(nested: bool) -> Files {
    let mut files = Files::new();
    let mut manifests = Vec::new();
    for architecture in ["amd64", "arm64"] {
        let (more, mut descriptor) = parts(architecture).close();
        files.extend(more);
        descriptor["platform"] = json!({"os": "linux", "architecture": architecture});
        let mut attestation = parts("unknown");
        attestation.files.clear();
        attestation.config = json!({"architecture": "unknown", "os": "unknown", "config": {}});
        attestation.manifest["layers"] =
            json!([put(&mut attestation.files, architecture.as_bytes(), "application/vnd.in-toto+json")]);
        let (more, mut attested) = attestation.close();
        files.extend(more);
        attested["platform"] = json!({"os": "unknown", "architecture": "unknown"});
        attested["annotations"] = json!({
            "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": descriptor["digest"],
        });
        manifests.extend([descriptor, attested]);
    }
    if nested {
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}).to_string();
        manifests = vec![put(&mut files, index.as_bytes(), INDEX)];
    }
    layout(files, json!(manifests))
}

#[test]
fn an_image_for_several_platforms_is_kept_whole() {
    for (nested, documents) in [(true, 5), (false, 5)] {
        let files = several(nested);
        check(&files, &format!("linux/amd64 linux/arm64 of {documents}, 0 unreferenced"));
        let layout = verify(&files).unwrap();
        // The image itself is pushed last, and its bytes are those that its digest names.
        let last = layout.documents.last().unwrap();
        assert_eq!((&last.digest, digest(&last.bytes)), (&layout.image.digest, layout.image.digest.clone()));
        assert_eq!(layout.image.media_type, INDEX);
        let other = verify_archive(&pack(&files), "linux/arm64").unwrap();
        assert_eq!(other.wanted, 1);
        let none = verify_archive(&pack(&files), "linux/s390x").unwrap_err();
        assert_eq!(none.message, "wanted an image for `linux/s390x`, found `linux/amd64`, `linux/arm64`");
    }
    // A platform that is not asked for is verified all the same.
    let mut files = several(true);
    let other = verify(&files).unwrap().image.platforms[1].layers[0].digest.clone();
    files.get_mut(&blob_path(&other)).unwrap()[600] ^= 1;
    check(&files, "WB4513");
}

#[test]
fn what_does_not_hold_is_refused() {
    let blob = |files: &Files, media_type: &str| {
        let found = verify(files).unwrap().image.platforms.remove(0).layers;
        blob_path(&found.into_iter().find(|layer| layer.media_type.ends_with(media_type)).unwrap().digest)
    };
    let change = |media_type: &str, change: &dyn Fn(&mut Vec<u8>), expected: &str| {
        let mut files = single();
        let path = blob(&files, media_type);
        change(files.get_mut(&path).unwrap());
        check(&files, expected);
    };
    change("tar", &|bytes| bytes[700] ^= 1, "WB4513");
    change("gzip", &|bytes| bytes[30] ^= 1, "WB45");
    change("tar", &|bytes| bytes.truncate(1024), "WB4512");
    change("gzip", &|bytes| bytes.push(0), "WB4512");
    let mut files = single();
    let path = blob(&files, "gzip");
    files.remove(&path);
    check(&files, "WB4511");
    for name in ["oci-layout", "index.json"] {
        let mut files = single();
        files.remove(name);
        check(&files, "WB4506");
    }
    let mut files = single();
    files.insert("oci-layout".to_owned(), br#"{"imageLayoutVersion":"2.0.0"}"#.to_vec());
    check(&files, "WB4506");
}

#[test]
fn documents_that_lie_are_refused() {
    check_with(|parts| parts.manifest["schemaVersion"] = json!(1), "WB4508");
    check_with(|parts| parts.manifest["mediaType"] = json!(INDEX), "WB4509");
    check_with(|parts| parts.manifest["manifests"] = json!([]), "WB4508");
    check_with(|parts| parts.manifest["Layers"] = json!([]), "WB4507");
    check_with(|parts| parts.manifest["layer\u{17f}"] = json!([]), "WB4507");
    check_with(|parts| parts.manifest["layers"][0]["size"] = json!(5), "WB4512");
    check_with(|parts| parts.manifest["layers"][0]["size"] = json!(-1), "WB4508");
    check_with(|parts| parts.manifest["layers"][0]["size"] = json!(2048.0), "WB4508");
    check_with(|parts| parts.manifest["layers"][0]["digest"] = json!("sha256:../../index.json"), "WB4510");
    check_with(|parts| parts.manifest["layers"][0]["digest"] = json!(format!("sha256:{}", "A".repeat(64))), "WB4510");
    check_with(|parts| parts.manifest["layers"][0]["digest"] = json!(format!("sha512:{}", "a".repeat(128))), "WB4510");
    check_with(|parts| parts.manifest["layers"][0]["urls"] = json!(["https://example.com/"]), "WB4515");
    check_with(
        |parts| parts.manifest["layers"][0]["mediaType"] = json!(LAYER.replace("v1.tar", "nondistributable.v1.tar")),
        "WB4515",
    );
    check_with(|parts| parts.manifest["layers"][0]["mediaType"] = json!("text/plain"), "WB4509");
    check_with(|parts| parts.manifest["layers"][0]["mediaType"] = json!(format!("{LAYER}+gzip")), "WB4519");
    check_with(|parts| parts.manifest["layers"][1]["mediaType"] = json!(LAYER), "WB4518");
    check_with(|parts| parts.manifest["layers"][0]["data"] = json!("e30="), "WB4514");
    check_with(|parts| parts.config["rootfs"]["diff_ids"].as_array_mut().unwrap().swap(0, 1), "WB4518");
    check_with(|parts| drop(parts.config["rootfs"]["diff_ids"].as_array_mut().unwrap().pop()), "WB4518");
    check_with(|parts| parts.config["rootfs"]["type"] = json!("other"), "WB4508");
    check_with(|parts| parts.config["architecture"] = json!("arm64"), "WB4516");
    check_with(|parts| parts.config["os"] = json!(7), "WB4508");
    let small = |parts: &mut Parts| parts.manifest["config"] = put(&mut parts.files, b"{}", CONFIG);
    check_with(|parts| small(parts), "WB4508");
    check_with(
        |parts| {
            let layer = parts.manifest["layers"][0].clone();
            parts.manifest["layers"] = Value::Array(vec![layer; 128]);
        },
        "WB4505",
    );
    // What calls itself a tar has to begin as one, whatever the configuration says.
    check_with(
        |parts| {
            parts.manifest["layers"][1]["mediaType"] = json!(LAYER);
            parts.config["rootfs"]["diff_ids"][1] = parts.manifest["layers"][1]["digest"].clone();
        },
        "WB4509",
    );
}

#[test]
fn an_index_that_lies_is_refused() {
    check_index("\"schemaVersion\":2", "\"schemaVersion\":2,\"schemaVersion\":2", "WB4507");
    check_index("\"schemaVersion\":2", "\"schemaVersion\":\"2\"", "WB4508");
    check_index("\"manifests\":[", "\"manifests\":[],\"x\":[", "WB4508");
    check_index(MANIFEST, "application/vnd.docker.distribution.manifest.v1+prettyjws", "WB4509");
    check_index(MANIFEST, "application/vnd.docker.distribution.manifest.v2+json", "WB4509");
    check_index("\"size\":", "\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"},\"size\":", "WB4516");
    check_index("\"size\":", "\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"},\"size\":", "WB4516");
    check_index("}]", "}]}", "WB4507");
    // Two images for one platform, and the same one under two tags.
    let (mut files, one) = parts("amd64").close();
    let mut other = parts("amd64");
    other.config["created"] = json!("2026-01-01T00:00:00Z");
    let (more, two) = other.close();
    files.extend(more);
    check(&layout(files.clone(), json!([one, two])), "WB4517");
    check(&layout(files, json!([one, one])), "linux/amd64 of 1");
    // Indexes may lie two deep.
    let (mut files, mut inner) = parts("amd64").close();
    for depth in 1..4 {
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [inner]}).to_string();
        inner = put(&mut files, index.as_bytes(), INDEX);
        check(&layout(files.clone(), json!([inner])), if depth < 3 { "linux/amd64" } else { "WB4505" });
    }
}

#[test]
fn both_forms_of_docker_name_one_image() {
    let mut files = single();
    let image = verify(&files).unwrap().image.platforms.remove(0);
    let layers: Vec<_> = image.layers.iter().map(|layer| blob_path(&layer.digest)).collect();
    let mut say = |config: &str, layers: &[String], expected: &str| {
        let manifest = json!([{"Config": config, "RepoTags": ["a:b"], "Layers": layers}]).to_string();
        files.insert("manifest.json".to_owned(), manifest.into_bytes());
        check(&files, expected);
    };
    say(&blob_path(&image.config), &layers, "linux/amd64");
    say(&blob_path(&image.config), &layers[..1], "WB4522");
    say("other.json", &layers, "WB4522");
}

#[test]
fn what_docker_saves_becomes_a_layout_once() {
    let image = parts("amd64");
    let layers: Vec<Vec<u8>> = vec![tar("app", b"amd64"), gzip(&tar("data", &[7; 3000]))];
    let manifest = json!([{"Config": "c.json", "Layers": ["0/layer.tar", "1/layer.tar"]}]).to_string();
    let saved = Files::from([
        ("c.json".to_owned(), image.config.to_string().into_bytes()),
        ("0/layer.tar".to_owned(), layers[0].clone()),
        ("1/layer.tar".to_owned(), layers[1].clone()),
        ("manifest.json".to_owned(), manifest.into_bytes()),
    ]);
    let convert = |saved: &Files| -> Result<Files, Failure> {
        let bytes = pack(saved);
        let mut at = |place: &Place| Ok(bytes[place.from as usize..(place.from + place.size) as usize].to_vec());
        let members = members("a.tar", bytes.len() as u64, &mut at)?;
        assert!(docker::is_saved(&members));
        let image = docker::read(&members, &mut at)?;
        let digests: Vec<_> = image.layers().map(|place| sha256(&at(place).unwrap())).collect();
        let files = image.layout(&digests).into_iter().map(|(name, content)| match content {
            Content::Bytes(bytes) => (name, bytes),
            Content::File(place) => (name, at(&place).unwrap()),
        });
        Ok(files.collect())
    };
    let files = convert(&saved).unwrap();
    check(&files, "linux/amd64 of 1, 0 unreferenced");
    assert_eq!(files, convert(&saved).unwrap());
    let refused = |name: &str, content: &str, expected: &str| {
        let mut saved = saved.clone();
        saved.insert(name.to_owned(), content.as_bytes().to_vec());
        assert_eq!(convert(&saved).err().map(|failure| failure.code.id), Some(expected), "{content}");
    };
    refused("manifest.json", "[]", "WB4522");
    refused("manifest.json", r#"[{"Config":"c.json","Layers":[]},{"Config":"c.json","Layers":[]}]"#, "WB4522");
    refused("manifest.json", r#"[{"Config":"other.json","Layers":[]}]"#, "WB4522");
    refused("manifest.json", r#"[{"Config":"c.json","Config":"c.json","Layers":[]}]"#, "WB4507");
    // The configuration names other content: the archive that it becomes is refused.
    let mut wrong = saved.clone();
    wrong.insert("0/layer.tar".to_owned(), tar("app", b"other"));
    check(&convert(&wrong).unwrap(), "WB4518");
}

/// Two archives and what they hold, made once.
static GOOD: LazyLock<[(Vec<u8>, Layout); 2]> = LazyLock::new(|| {
    [pack(&single()), pack(&several(true))].map(|bytes| {
        let layout = verify_archive(&bytes, "linux/amd64").expect("it is good");
        (bytes, layout)
    })
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// What is changed is refused, or it is the image that it was: a name in
    /// an annotation, a blank, a file beside the layout. Each such change is
    /// still seen by the archive's own digest, which its waybill holds.
    #[test]
    fn a_changed_byte_never_gives_another_image(at in any::<prop::sample::Index>(), bit in 0u8..8, which in 0..2usize) {
        let (bytes, good) = &GOOD[which];
        let mut bytes = bytes.clone();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(found) = verify_archive(&bytes, "linux/amd64") {
            prop_assert_eq!((&found.image, &found.documents), (&good.image, &good.documents));
        }
    }

    #[test]
    fn a_cut_archive_is_refused(at in any::<prop::sample::Index>()) {
        let bytes = &GOOD[1].0;
        let cut = at.index(bytes.len());
        prop_assert!(verify_archive(&bytes[..cut], "linux/amd64").is_err());
    }

    /// Files that change places, and sizes that lie, in any combination.
    #[test]
    fn swapped_files_never_give_another_image(one in any::<prop::sample::Index>(), other in any::<prop::sample::Index>()) {
        let mut files = several(true);
        let names: Vec<String> = files.keys().cloned().collect();
        let (one, other) = (&names[one.index(names.len())], &names[other.index(names.len())]);
        let (first, second) = (files[one].clone(), files[other].clone());
        files.insert(one.clone(), second);
        files.insert(other.clone(), first);
        match verify(&files) {
            Ok(found) => prop_assert_eq!(&found.image, &GOOD[1].1.image),
            Err(_) => prop_assert_ne!(one, other),
        }
    }
}
