//! Builds of a backend's image.

use super::{SHELL, output, runner};
use crate::artifact::oci_layout::tests::{Files, pack, several, single};
use crate::host::fake::{Fake, block_on};
use crate::model::id::sha256;
use crate::problem::Exit;
use crate::run::main;

fn build() -> Fake {
    let commit = "a".repeat(40);
    runner("build-backend")
        .variable("INPUT_PATH", "image.tar")
        .variable("GITHUB_REF_TYPE", "branch")
        .variable("GITHUB_EVENT_NAME", "push")
        .child("git rev-parse HEAD", format!("{commit}\n"), 0)
        .child("git status*", "", 0)
}

/// Runs the job; gives the code, which is empty where it succeeds.
fn check(fake: &Fake, exit: Exit, expected: &str) {
    assert_eq!(block_on(main(fake)), exit, "{}", fake.printed());
    assert_eq!(output(fake, "code"), expected, "{}", fake.printed());
    let stored = fake.paths().iter().any(|path| path.starts_with("/w/.waybill/artifacts/"));
    assert_eq!(stored, expected.is_empty(), "{:?}", fake.paths());
    assert!(!fake.paths().iter().any(|path| path.starts_with("/t/")), "{:?}", fake.paths());
}

#[test]
fn a_good_image_is_stored_as_it_is() {
    let image = pack(&single());
    let fake = build().file("/w/image.tar", &image);
    check(&fake, Exit::Success, "");
    assert_eq!(output(&fake, "checksum"), sha256(&image));
    assert_eq!(fake.bytes(&format!("/w/{}", output(&fake, "artifact-path"))), Some(image));
    let printed = fake.printed();
    assert!(printed.contains("::warning title=WB4531::the image for `linux/amd64` has no label"), "{printed}");
    assert!(printed.contains("linux/amd64: 2 layers of "), "{printed}");
}

#[test]
fn an_image_that_does_not_hold_is_refused_before_anything_is_stored() {
    let mut image = pack(&single());
    let at = image.windows(5).position(|window| window == b"amd64").unwrap_or_default();
    image[at] ^= 1;
    let fake = build().file("/w/image.tar", &image);
    assert_eq!(block_on(main(&fake)), Exit::Refused);
    assert!(output(&fake, "code").starts_with("WB45"));
    check(&build().file("/w/image.tar", b"no image"), Exit::Refused, "WB4502");
    check(&build(), Exit::Refused, "WB4501");
    check(
        &build().variable("INPUT_PLATFORM", "linux/arm64").file("/w/image.tar", pack(&single())),
        Exit::Refused,
        "WB4516",
    );
}

#[test]
fn a_folder_becomes_the_same_archive_whatever_lies_beside_the_image() {
    let folder = |files: &Files| {
        let fake = build().variable("INPUT_PLATFORM", "linux/arm64");
        files.iter().fold(fake, |fake, (name, bytes)| fake.file(&format!("/w/image.tar/{name}"), bytes))
    };
    let good = folder(&several(true));
    check(&good, Exit::Success, "");
    let mut files = several(true);
    files.insert("notes.txt".to_owned(), b"mine".to_vec());
    files.insert(format!("blobs/sha256/{}", sha256(b"left")), b"left".to_vec());
    let other = folder(&files);
    check(&other, Exit::Success, "");
    assert_eq!(output(&good, "checksum"), output(&other, "checksum"));
    let stored = good.bytes(&format!("/w/{}", output(&good, "artifact-path"))).unwrap_or_default();
    assert_eq!(stored, pack(&several(true)));
    check(&folder(&several(true)).link("/w/image.tar/blobs/more", "/etc"), Exit::Refused, "WB4503");
}

#[test]
fn an_image_of_an_earlier_build_is_not_taken_for_a_new_one() {
    let fake = build().variable("INPUT_RUN", "true").file("/w/image.tar", pack(&single())).child(SHELL, "", 0);
    check(&fake, Exit::Refused, "WB4524");
}

#[test]
fn growth_is_noticed() {
    let first = build().file("/w/image.tar", pack(&single()));
    check(&first, Exit::Success, "");
    let record = first.paths().into_iter().find(|path| path.contains("/.waybill/images/main/")).unwrap_or_default();
    let text = first.text(&record).unwrap_or_default();
    let smaller = text.replace("\"size\":", "\"size\":1000,\"was\":");
    let second = build().file(&record, smaller).file("/w/image.tar", pack(&single())).child("git ls-files*", "", 0);
    check(&second, Exit::Success, "");
    assert!(second.printed().contains("::warning title=WB4533::the image grew by "), "{}", second.printed());
    let third = build().file(&record, text).file("/w/image.tar", pack(&single())).child("git ls-files*", "", 0);
    check(&third, Exit::Success, "");
    assert!(!third.printed().contains("WB4533"), "{}", third.printed());
}

#[test]
fn one_path_is_wanted() {
    let fake = runner("build-backend");
    assert_eq!((block_on(main(&fake)), output(&fake, "code").as_str()), (Exit::Problem, "WB1001"));
    let fake = runner("build-backend").variable("INPUT_PATH", "a\nb");
    assert_eq!((block_on(main(&fake)), output(&fake, "code").as_str()), (Exit::Problem, "WB1013"));
    let fake = runner("build-backend").variable("INPUT_PATH", "a").variable("INPUT_PLATFORM", "amd64");
    assert_eq!((block_on(main(&fake)), output(&fake, "code").as_str()), (Exit::Problem, "WB1016"));
}
