use super::*;
use crate::artifact::base64;
use crate::artifact::waybill::Source as From;
use crate::host::Writing;
use crate::host::fake::{Fake, block_on};
use crate::jobs::storing::Storing;
use crate::jobs::storing::tests::{TAR, fake, made, settings, with_work};

/// Stores an artifact `shop` and takes it again; between the two, `tamper`.
fn taken(
    storing: &[(&'static str, &str)],
    taking: &[(&'static str, &str)],
    tamper: impl Fn(&Fake),
) -> (Fake, Result<Taken, Vec<Failure>>) {
    let fake = fake();
    let result = with_work(&fake, |work, _| {
        block_on(async {
            let storing = Storing::plan(&settings(storing), work.context).unwrap();
            let source = From {
                repository: "octo/shop".to_owned(),
                repository_id: "42".to_owned(),
                commit: "e".repeat(40),
                reference: "main".to_owned(),
                clean: true,
            };
            let stored = storing.store(work, &made("shop"), source).await.unwrap();
            tamper(&fake);
            let digest = stored.outputs.iter().find(|(name, _)| *name == "waybill").map(|(_, digest)| digest.clone());
            let record = stored.artifact.to_value().to_string();
            let filled: Vec<(&'static str, String)> = taking
                .iter()
                .map(|(name, text)| {
                    let text = text.replace("DIGEST", digest.as_deref().unwrap_or_default()).replace("RECORD", &record);
                    (*name, text)
                })
                .collect();
            let given: Vec<(&'static str, &str)> = filled.iter().map(|(name, text)| (*name, text.as_str())).collect();
            Verifying::plan(&settings(&given), ArtifactType::FrontendBuild).unwrap().take(work).await
        })
    });
    (fake, result)
}

/// The codes that it is refused with; none where it is taken.
fn check(
    storing: &[(&'static str, &str)],
    taking: &[(&'static str, &str)],
    tamper: impl Fn(&Fake),
    expected: &[&codes::Code],
) {
    let (fake, result) = taken(storing, taking, tamper);
    let found: Vec<_> = result.as_ref().err().into_iter().flatten().map(|failure| failure.code.id).collect();
    let wanted: Vec<_> = expected.iter().map(|code| code.id).collect();
    assert_eq!(found, wanted, "{result:?}");
    if let Ok(taken) = result {
        assert_eq!(fake.text(&taken.path).as_deref(), Some(TAR));
    }
}

const PRODUCTION: (&str, &str) = ("environment", "production");
const FILE: &str = "/w/.waybill/artifacts/7/1/shop/shop.tar";

fn untouched(_: &Fake) {}

#[test]
fn an_artifact_is_found_by_name_by_record_and_by_path() {
    let digest = ("waybill", "DIGEST");
    check(&[], &[PRODUCTION, ("artifact", "shop"), digest], untouched, &[]);
    check(&[], &[PRODUCTION, ("artifact", "RECORD"), digest], untouched, &[]);
    check(&[], &[PRODUCTION, ("artifact", "[RECORD]"), digest], untouched, &[]);
    check(&[], &[PRODUCTION, ("artifact", ".waybill/artifacts/7/1/shop/shop.tar"), digest], untouched, &[]);
    check(&[], &[PRODUCTION, ("artifact", "other"), digest], untouched, &[&codes::ARTIFACT_MISSING]);
    check(&[], &[PRODUCTION, ("artifact", "../shop.tar"), digest], untouched, &[&codes::ARTIFACT_MISSING]);
    check(&[], &[PRODUCTION, digest], untouched, &[&codes::ARTIFACT_MISSING]);
}

#[test]
fn without_the_digest_only_development_takes_it() {
    check(&[], &[PRODUCTION, ("artifact", "shop")], untouched, &[&codes::WAYBILL_REQUIRED]);
    check(&[], &[("environment", "development"), ("artifact", "shop")], untouched, &[]);
    let wrong = "0".repeat(64);
    check(&[], &[PRODUCTION, ("artifact", "shop"), ("waybill", &wrong)], untouched, &[&codes::WRONG_WAYBILL]);
}

#[test]
fn what_was_changed_in_the_store_is_refused() {
    let taking = [PRODUCTION, ("artifact", "shop"), ("waybill", "DIGEST")];
    let write = |path: &'static str, text: &'static str| {
        move |fake: &Fake| fake.write(path, text.as_bytes(), Writing::Replace).unwrap()
    };
    check(&[], &taking, write(FILE, "the bytes of a taR"), &[&codes::CHECKSUM]);
    check(&[], &taking, write(FILE, "the bytes"), &[&codes::ARTIFACT_SIZE, &codes::CHECKSUM]);
    let beside = "/w/.waybill/artifacts/7/1/shop/shop.tar.waybill.json";
    check(&[], &taking, write(beside, "{}"), &[&codes::WRONG_WAYBILL, &codes::WAYBILL_BROKEN]);
    check(&[], &taking, |fake| fake.remove(beside).unwrap(), &[&codes::ARTIFACT_MISSING]);
}

#[test]
fn a_signature_is_verified_where_there_is_a_key() {
    let key = base64::encode(&[7; 32]);
    let other = base64::encode(&[8; 32]);
    let signing = [("signing-key", key.as_str())];
    let with =
        |key: &'static str| [PRODUCTION, ("artifact", "shop"), ("verify-key", key), ("require-signature", "true")];
    let (key, other): (&'static str, &'static str) = (key.clone().leak(), other.leak());
    // A signature is as good as the digest.
    check(&signing, &with(key), untouched, &[]);
    check(&signing, &with(other), untouched, &[&codes::WRONG_SIGNATURE]);
    check(&[], &with(key), untouched, &[&codes::UNSIGNED]);
    let envelope = "/w/.waybill/artifacts/7/1/shop/shop.tar.waybill.dsse.json";
    check(
        &signing,
        &with(key),
        |fake| fake.write(envelope, b"{}", Writing::Replace).unwrap(),
        &[&codes::WRONG_SIGNATURE],
    );
    let required = settings(&[("require-signature", "true")]);
    assert!(Verifying::plan(&required, ArtifactType::FrontendBuild).is_err());
}

#[test]
fn another_runs_artifact_needs_a_signature() {
    let move_to = |fake: &Fake| {
        for path in fake.paths().iter().filter(|path| path.starts_with("/w/.waybill/artifacts/7/")) {
            let bytes = fake.bytes(path).unwrap();
            fake.write(&path.replace("/artifacts/7/", "/artifacts/6/"), &bytes, Writing::New).unwrap();
        }
    };
    let taking = [PRODUCTION, ("artifact", "shop"), ("waybill", "DIGEST"), ("run-id", "6")];
    check(&[], &taking, move_to, &[&codes::UNSIGNED]);
}
