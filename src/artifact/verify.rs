//! Whether an artifact may be deployed: everything that its waybill says, held
//! against what the deploy job knows. Each reason to refuse has a code of its
//! own, and all reasons are given.

use chrono::{DateTime, TimeDelta, Utc};

use super::waybill::{self, Unreadable, Waybill};
use super::{PackedFile, PackedKind};
use crate::codes;
use crate::model::artifact::ArtifactType;
use crate::model::configuration::Environment;
use crate::model::event::SKEW;
use crate::model::forms::shown;
use crate::model::{Choice, DeploymentArtifact, id, rules};
use crate::problem::Failure;

/// How many files are named one by one.
const MOST_NAMED: usize = 10;

/// What a deploy job knows by itself. What is not there is not compared.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The time.
    pub now: DateTime<Utc>,
    /// The digest that the waybill must have.
    pub digest: Option<&'a str>,
    /// What the job deploys.
    pub artifact_type: Option<ArtifactType>,
    /// The environment that it deploys to.
    pub environment: Option<Environment>,
    /// The repository's number.
    pub repository_id: Option<&'a str>,
    /// The commit, whole.
    pub commit: Option<&'a str>,
    /// The configuration's URLs, by setting.
    pub urls: &'a [(&'a str, &'a str)],
    /// The record of the artifact that was asked for.
    pub record: Option<&'a DeploymentArtifact>,
}

impl Expected<'_> {
    /// Nothing known but the time.
    pub fn at(now: DateTime<Utc>) -> Expected<'static> {
        Expected {
            now,
            digest: None,
            artifact_type: None,
            environment: None,
            repository_id: None,
            commit: None,
            urls: &[],
            record: None,
        }
    }
}

/// Reads a waybill and holds it against what is known; every reason to refuse it.
pub fn waybill(bytes: &[u8], expected: &Expected) -> Result<Waybill, Vec<Failure>> {
    let mut reasons = Vec::new();
    let digest = id::sha256(bytes);
    if let Some(wanted) = expected.digest.filter(|wanted| **wanted != digest) {
        let message = format!("the waybill's SHA-256 is {digest}, and the build's output says {wanted}");
        reasons.push(Failure::new(&codes::WRONG_WAYBILL, message));
    }
    match waybill::read(bytes) {
        Ok(waybill) => {
            reasons.extend(content(&waybill, expected));
            if reasons.is_empty() { Ok(waybill) } else { Err(reasons) }
        }
        Err(wrong) => {
            let code = match wrong {
                Unreadable::Version(_) => &codes::UNKNOWN_VERSION,
                Unreadable::Broken(_) => &codes::WAYBILL_BROKEN,
            };
            reasons.push(Failure::new(code, format!("the waybill cannot be read: {wrong}")));
            Err(reasons)
        }
    }
}

/// What in a waybill speaks against its artifact.
fn content(waybill: &Waybill, expected: &Expected) -> Vec<Failure> {
    let mut reasons = Vec::new();
    let mut refuse = |code, message: String| reasons.push(Failure::new(code, message));
    let Waybill { artifact, source, target, .. } = waybill;
    if artifact.expires_at <= expected.now {
        refuse(&codes::EXPIRED, format!("it expired at `{}`", rules::date_text(artifact.expires_at)));
    }
    if artifact.created_at > expected.now + TimeDelta::seconds(SKEW) {
        refuse(&codes::FROM_THE_FUTURE, format!("it was made at `{}`", rules::date_text(artifact.created_at)));
    }
    if !source.clean {
        refuse(&codes::DIRTY, "it was built from a checkout with changes that no commit holds".to_owned());
    }
    if let Some(wanted) = expected.repository_id.filter(|wanted| **wanted != source.repository_id) {
        let found = shown(&source.repository);
        refuse(
            &codes::WRONG_REPOSITORY,
            format!("it is of the repository {found}, not of the one with the number `{wanted}`"),
        );
    }
    if let Some(wanted) = expected.commit.filter(|wanted| !wanted.eq_ignore_ascii_case(&source.commit)) {
        refuse(&codes::WRONG_COMMIT, format!("wanted the commit `{wanted}`, found {}", shown(&source.commit)));
    }
    if let Some(wanted) = expected.environment.filter(|wanted| !target.environments.contains(wanted)) {
        let built: Vec<_> = target.environments.iter().map(|one| format!("`{}`", one.word())).collect();
        refuse(
            &codes::WRONG_ENVIRONMENT,
            format!("wanted one that is good for `{}`, found one for {}", wanted.word(), built.join(", ")),
        );
    }
    if let Some(wanted) = expected.artifact_type.filter(|wanted| *wanted != artifact.artifact_type) {
        refuse(
            &codes::WRONG_TYPE,
            format!("wanted a `{}`, found a `{}`", wanted.word(), artifact.artifact_type.word()),
        );
    }
    for (name, wanted) in expected.urls {
        let baked = target.baked_urls.get(*name).filter(|baked| !is_same_url(baked, wanted));
        if let Some(baked) = baked {
            refuse(
                &codes::WRONG_URL,
                format!("its `{name}` is {}, the configuration's is {}", shown(baked), shown(wanted)),
            );
        }
    }
    if let Some(record) = expected.record.filter(|record| **record != *artifact) {
        let code = match record {
            record if record.checksum != artifact.checksum => &codes::CHECKSUM,
            record if record.size != artifact.size => &codes::ARTIFACT_SIZE,
            record if record.artifact_type != artifact.artifact_type => &codes::WRONG_TYPE,
            _ => &codes::WRONG_WAYBILL,
        };
        refuse(code, "the waybill holds another record of the artifact than the one in `artifact`".to_owned());
    }
    reasons
}

/// Holds an artifact's bytes against its waybill.
pub fn bytes(waybill: &Waybill, size: u64, sha256: &str) -> Vec<Failure> {
    let artifact = &waybill.artifact;
    let mut reasons = Vec::new();
    if size != artifact.size {
        let message = format!("`{}` has {size} bytes, and its waybill says {}", waybill.name, artifact.size);
        reasons.push(Failure::new(&codes::ARTIFACT_SIZE, message));
    }
    if sha256 != artifact.checksum {
        let message =
            format!("`{}` has the SHA-256 {sha256}, and its waybill says {}", waybill.name, artifact.checksum);
        reasons.push(Failure::new(&codes::CHECKSUM, message));
    }
    reasons
}

/// Holds what is in an artifact, sorted by the bytes of the paths, against its waybill.
pub fn files(waybill: &Waybill, found: &[PackedFile]) -> Vec<Failure> {
    let (mut changed, mut gone, mut extra) = (Vec::new(), Vec::new(), Vec::new());
    let (mut wanted, mut found) = (waybill.files.iter().peekable(), found.iter().peekable());
    loop {
        match (wanted.peek(), found.peek()) {
            (None, None) => break,
            (Some(one), Some(other)) if one.path == other.path => {
                if !is_same(one, other) {
                    changed.push(one.path.as_str());
                }
                wanted.next();
                found.next();
            }
            (Some(one), Some(other)) if one.path.as_bytes() < other.path.as_bytes() => {
                gone.push(one.path.as_str());
                wanted.next();
            }
            (Some(one), None) => {
                gone.push(one.path.as_str());
                wanted.next();
            }
            (_, Some(other)) => {
                extra.push(other.path.as_str());
                found.next();
            }
        }
    }
    [
        (&codes::FILE_CHANGED, "changed", changed),
        (&codes::FILE_GONE, "missing", gone),
        (&codes::FILE_EXTRA, "extra", extra),
    ]
    .into_iter()
    .filter(|(_, _, paths)| !paths.is_empty())
    .map(|(code, word, paths)| {
        let named: Vec<_> = paths.iter().take(MOST_NAMED).map(|path| shown(path)).collect();
        let more = match paths.len() - named.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Failure::new(code, format!("{word}: {}{more}", named.join(", ")))
    })
    .collect()
}

/// Refuses an artifact that is older than the one that serves now.
pub fn against_serving(waybill: &Waybill, serving: DateTime<Utc>) -> Result<(), Failure> {
    let made = waybill.artifact.created_at;
    match made < serving {
        true => {
            let (made, serving) = (rules::date_text(made), rules::date_text(serving));
            Err(Failure::new(&codes::OLDER, format!("it was made at `{made}`, and what serves at `{serving}`")))
        }
        false => Ok(()),
    }
}

/// All reasons as one failure: the first one's code, every reason's words.
pub fn refusal(name: &str, reasons: &[Failure]) -> Failure {
    let code = reasons.first().map_or(&codes::WAYBILL_BROKEN, |reason| reason.code);
    let words: Vec<&str> = reasons.iter().map(|reason| reason.message.as_str()).collect();
    Failure::new(code, format!("the artifact `{name}` is refused: {}", words.join("; ")))
}

fn is_same(one: &PackedFile, other: &PackedFile) -> bool {
    let mode = |file: &PackedFile| matches!(file.kind, PackedKind::Executable);
    let link = |file: &PackedFile| match &file.kind {
        PackedKind::Link(target) => Some(target.clone()),
        _ => None,
    };
    one.size == other.size && one.sha256 == other.sha256 && mode(one) == mode(other) && link(one) == link(other)
}

fn is_same_url(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::waybill::tests::{file, now, sample};

    /// A change of the waybill, or of what is expected, and the code and words that it is refused with.
    fn check(change: impl Fn(&mut Waybill, &mut Expected), expected: &[(&crate::codes::Code, &str)]) {
        let mut waybill_given = sample();
        let urls = [("backend-url", "https://api.example.com/")];
        let commit = "E".repeat(40);
        let mut known = Expected {
            artifact_type: Some(ArtifactType::FrontendBuild),
            environment: Some(Environment::Production),
            repository_id: Some("42"),
            commit: Some(&commit),
            urls: &urls,
            ..Expected::at(now())
        };
        change(&mut waybill_given, &mut known);
        let found = waybill(waybill_given.text().as_bytes(), &known);
        let found: Vec<_> =
            found.err().into_iter().flatten().map(|failure| (failure.code.id, failure.message)).collect();
        let wanted: Vec<_> = expected.iter().map(|(code, words)| (code.id, (*words).to_owned())).collect();
        assert_eq!(found, wanted);
    }

    #[test]
    fn each_reason_has_its_code() {
        check(|_, _| {}, &[]);
        check(
            |_, known| known.now += TimeDelta::days(7),
            &[(&codes::EXPIRED, "it expired at `2026-11-29T10:00:00.000Z`")],
        );
        check(|_, known| known.now -= TimeDelta::seconds(300), &[]);
        check(
            |_, known| known.now -= TimeDelta::seconds(301),
            &[(&codes::FROM_THE_FUTURE, "it was made at `2026-11-22T10:00:00.000Z`")],
        );
        check(
            |waybill, _| waybill.source.clean = false,
            &[(&codes::DIRTY, "it was built from a checkout with changes that no commit holds")],
        );
        check(
            |_, known| known.repository_id = Some("7"),
            &[(&codes::WRONG_REPOSITORY, "it is of the repository `octo/shop`, not of the one with the number `7`")],
        );
        check(
            |waybill, _| waybill.source.commit = "f".repeat(40),
            &[(&codes::WRONG_COMMIT, &format!("wanted the commit `{}`, found `{}`", "E".repeat(40), "f".repeat(40)))],
        );
        check(
            |_, known| known.environment = Some(Environment::Development),
            &[(
                &codes::WRONG_ENVIRONMENT,
                "wanted one that is good for `development`, found one for `staging`, `production`",
            )],
        );
        check(
            |_, known| known.artifact_type = Some(ArtifactType::EmbeddingsData),
            &[(&codes::WRONG_TYPE, "wanted a `embeddings-data`, found a `frontend-build`")],
        );
        check(
            |_, known| known.urls = &[("backend-url", "https://other.example.com")],
            &[(
                &codes::WRONG_URL,
                "its `backend-url` is `https://api.example.com`, the configuration's is `https://other.example.com`",
            )],
        );
    }

    #[test]
    fn all_reasons_are_given_and_the_digest_comes_first() {
        let text = sample().text();
        let wanted = "0".repeat(64);
        let known = Expected { digest: Some(&wanted), ..Expected::at(now() + TimeDelta::days(9)) };
        let reasons = waybill(text.as_bytes(), &known).unwrap_err();
        let ids: Vec<_> = reasons.iter().map(|reason| reason.code.id).collect();
        assert_eq!(ids, [codes::WRONG_WAYBILL.id, codes::EXPIRED.id]);
        assert_eq!(refusal("shop", &reasons).code, &codes::WRONG_WAYBILL);
        let later = text.replace("artifact:v1", "artifact:v9");
        let reasons = waybill(later.as_bytes(), &Expected::at(now())).unwrap_err();
        assert_eq!(reasons[0].code, &codes::UNKNOWN_VERSION);
        let reasons = waybill(b"{}", &Expected::at(now())).unwrap_err();
        assert_eq!(reasons[0].code, &codes::WAYBILL_BROKEN);
    }

    #[test]
    fn the_bytes_and_the_files_are_those_of_the_waybill() {
        let waybill = sample();
        assert_eq!(bytes(&waybill, 10_240, &"c".repeat(64)), []);
        let ids: Vec<_> = bytes(&waybill, 1, "x").iter().map(|reason| reason.code.id).collect();
        assert_eq!(ids, [codes::ARTIFACT_SIZE.id, codes::CHECKSUM.id]);
        assert_eq!(files(&waybill, &waybill.files), []);
        let found = [
            file("a.html", PackedKind::Executable, "a"),
            file("b", PackedKind::Plain, "b"),
            file("link", PackedKind::Link("a.html".to_owned()), "a.html"),
            file("z", PackedKind::Plain, "z"),
        ];
        let reasons: Vec<_> =
            files(&waybill, &found).into_iter().map(|reason| (reason.code.id, reason.message)).collect();
        let wanted = [
            (codes::FILE_CHANGED.id, "changed: `a.html`".to_owned()),
            (codes::FILE_GONE.id, "missing: `bin/run`".to_owned()),
            (codes::FILE_EXTRA.id, "extra: `b`, `z`".to_owned()),
        ];
        assert_eq!(reasons, wanted);
    }

    #[test]
    fn what_serves_may_not_be_newer() {
        let waybill = sample();
        assert_eq!(against_serving(&waybill, now()), Ok(()));
        assert_eq!(against_serving(&waybill, now() + TimeDelta::seconds(1)).unwrap_err().code, &codes::OLDER);
    }
}
