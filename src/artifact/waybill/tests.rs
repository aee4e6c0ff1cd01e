use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::artifact::{Layer, PackedKind, PlatformImage, canonical};
use crate::model::artifact::{ArtifactType, NewArtifact};

pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_341_600, 0).unwrap()
}

pub fn file(path: &str, kind: PackedKind, content: &str) -> PackedFile {
    let size = content.len() as u64;
    PackedFile { path: path.to_owned(), kind, size, sha256: id::sha256(content.as_bytes()), sha1: "a".repeat(40) }
}

/// A waybill with something of everything.
pub fn sample() -> Waybill {
    let new = NewArtifact {
        artifact_type: ArtifactType::FrontendBuild,
        storage_path: "artifacts/7/1/frontend/frontend.tar",
        size: 10_240,
        checksum: &"c".repeat(64),
        expires_at: now() + TimeDelta::days(7),
        job_id: &"d".repeat(64),
    };
    let digest = |digit: &str| format!("sha256:{}", digit.repeat(64));
    Waybill {
        name: "frontend.tar".to_owned(),
        artifact: DeploymentArtifact::new(new, now()).unwrap(),
        source: Source {
            repository: "octo/shop".to_owned(),
            repository_id: "42".to_owned(),
            commit: "e".repeat(40),
            reference: "main".to_owned(),
            clean: true,
        },
        build: Build {
            run: "7".to_owned(),
            attempt: "1".to_owned(),
            job: "build".to_owned(),
            event: "push".to_owned(),
        },
        target: Target {
            environment: Environment::Staging,
            environments: vec![Environment::Staging, Environment::Production],
            baked_urls: [("backend-url".to_owned(), "https://api.example.com".to_owned())].into(),
        },
        files: vec![
            file("a.html", PackedKind::Plain, "a"),
            file("bin/run", PackedKind::Executable, "b"),
            file("link", PackedKind::Link("a.html".to_owned()), "a.html"),
        ],
        image: Some(Image {
            digest: digest("1"),
            media_type: "application/vnd.oci.image.index.v1+json".to_owned(),
            size: 300,
            platforms: vec![PlatformImage {
                platform: "linux/amd64".to_owned(),
                manifest: digest("2"),
                config: digest("3"),
                layers: vec![Layer {
                    digest: digest("4"),
                    diff_id: digest("5"),
                    size: 100,
                    media_type: "application/vnd.oci.image.layer.v1.tar+gzip".to_owned(),
                }],
            }],
        }),
    }
}

/// What the change to the text of a good waybill is refused with.
fn check(change: &dyn Fn(&str) -> String, expected: &str) {
    let text = sample().text();
    let changed = change(&text);
    assert_ne!(changed, text, "the change changes nothing");
    let found = read(changed.as_bytes()).map(|_| ()).map_err(|error| error.to_string());
    assert_eq!(found, Err(expected.to_owned()));
}

#[test]
fn what_is_written_is_canonical_and_read_back() {
    let waybill = sample();
    let text = waybill.text();
    let value = serde_json::from_str(&text).unwrap();
    assert_eq!(canonical::canonical(&value).as_deref(), Some(text.as_str()));
    assert_eq!(read(text.as_bytes()), Ok(waybill));
}

#[test]
fn a_waybill_has_one_form_only() {
    let form = "it is not in canonical form, or holds more than a waybill may";
    check(&|text| text.replace("\"clean\":true", "\"clean\":false,\"clean\":true"), form);
    check(&|text| text.replace("\"clean\":true", "\"clean\": true"), form);
    check(&|text| text.replace("\"clean\":true", "\"clean\":true,\"more\":1"), form);
    check(&|text| text.replace("octo/shop", "octo\\/shop"), form);
    check(&|text| format!("{text}\n"), form);
    check(&|text| text.replace("\"subject\":[", "\"subject\":[{\"name\":\"x\"},"), form);
}

#[test]
fn what_is_wrong_is_said() {
    check(
        &|text| text.replace(":v1\"", ":v2\""),
        "wanted a waybill of the type `urn:waybill:artifact:v1`, found `urn:waybill:artifact:v2`",
    );
    check(&|text| text.replace("urn:waybill", "urn:other"), "its predicate is no waybill's");
    check(&|text| text.replace("Statement/v1", "Statement/v2"), "it is no in-toto statement of version 1");
    check(&|text| text.replace("bin/run", "a.html"), "`files` is not sorted, or names a file twice");
    check(&|text| text.replace("0755", "4755"), "a file has an unknown mode");
    check(
        &|text| text.replace("10240", "10240.5"),
        "its artifact breaks rules: size: wanted a size in bytes, found `10240.5`",
    );
    check(&|text| text.replace("sha256:1", "sha256:X"), "`digest` is no digest");
    check(&|text| text.replace("\"production\"", "\"prod\""), "an environment is unknown");
    check(&|text| text[..text.len() / 2].to_owned(), &{
        let text = sample().text();
        let error = serde_json::from_str::<serde_json::Value>(&text[..text.len() / 2]).unwrap_err();
        format!("it is no JSON: {error}")
    });
    check(&|_| "[".repeat(100_000), "it is no JSON: recursion limit exceeded at line 1 column 128");
}

#[test]
fn the_checksums_are_what_sha256sum_reads() {
    let mut waybill = sample();
    waybill.files.push(file("odd\nname\\", PackedKind::Plain, "x"));
    let of = |content: &str| id::sha256(content.as_bytes());
    let expected = format!("{}  a.html\n{}  bin/run\n\\{}  odd\\nname\\\\\n", of("a"), of("b"), of("x"));
    assert_eq!(waybill.checksums(), expected);
}

proptest! {
    #[test]
    fn any_names_survive(paths in proptest::collection::btree_set("\\PC{1,8}|[\u{0}-\u{1f}\"\\\\]{1,4}", 0..6), url in ".{0,12}") {
        let mut waybill = sample();
        let mut files: Vec<_> = paths.iter().map(|path| file(path, PackedKind::Link(path.clone()), path)).collect();
        files.sort_by(|one, other| one.path.as_bytes().cmp(other.path.as_bytes()));
        waybill.files = files;
        waybill.target.baked_urls = [(url.clone(), url)].into();
        let text = waybill.text();
        let value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(canonical::canonical(&value), Some(text.clone()));
        prop_assert_eq!(read(text.as_bytes()), Ok(waybill));
    }

    #[test]
    fn no_bytes_make_it_panic(at in 0usize..3000, byte in any::<u8>()) {
        let mut bytes = sample().text().into_bytes();
        let at = at % bytes.len();
        if bytes[at] != byte {
            bytes[at] = byte;
            let _ = read(&bytes);
        }
    }
}
