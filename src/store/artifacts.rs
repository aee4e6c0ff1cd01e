//! What every store of artifacts can do, and what both kinds agree on: names,
//! places, and what is kept together.
//!
//! ```text
//! artifacts/<run>/<attempt>/<name>/<file>      where an artifact lies, inside its store
//! ```

use chrono::{DateTime, Utc};

use crate::codes;
use crate::host::Task;
use crate::model::Choice;
use crate::model::artifact::ArtifactType;
use crate::model::configuration::Environment;
use crate::model::forms::{Wrong, shown};
use crate::problem::Failure;

/// The longest name, in bytes: a file's name has 255, and ours have endings.
pub const LONGEST_NAME: usize = 200;
/// The most files that are kept together.
pub const MOST_PARTS: usize = 16;
/// The largest artifact, in bytes.
pub const LARGEST_ARTIFACT: u64 = 20 << 30;
/// How long, in days, a store keeps what is not said to expire.
pub const LONGEST_DAYS: u64 = 90;

/// A store of artifacts.
pub trait Store {
    /// Its word in the setting `store`.
    fn word(&self) -> &'static str;

    /// Keeps some files under a name: all of them, or nothing. A name that
    /// another job has used in the same attempt is [`codes::ARTIFACT_EXISTS`];
    /// the same job's is replaced.
    fn put<'a>(&'a self, parcel: &'a Parcel) -> Task<'a, Result<(), Failure>>;

    /// The newest parcel of this name in the run; nothing where there is none.
    fn find<'a>(&'a self, run: &'a str, name: &'a str) -> Task<'a, Result<Option<Found>, Failure>>;

    /// What the run has whose names begin so, the newest of each name, sorted by name.
    fn list<'a>(&'a self, run: &'a str, start: &'a str) -> Task<'a, Result<Vec<Found>, Failure>>;

    /// Brings the files of a parcel into a folder, or says where they lie
    /// already; the paths of all of them. What is brought is checked against
    /// the store's own digests, where it has any.
    fn fetch<'a>(&'a self, found: &'a Found, folder: &'a str) -> Task<'a, Result<Vec<String>, Failure>>;
}

/// Files that are kept together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// The run that it belongs to.
    pub run: String,
    /// The attempt of the run.
    pub attempt: String,
    /// Its name, as [`check_name`] wants it.
    pub name: String,
    /// The job that makes it.
    pub job_id: String,
    /// Its files, the last one last: a reader takes it for the mark of a whole parcel.
    pub parts: Vec<Part>,
    /// From when on nobody needs it.
    pub expires_at: DateTime<Utc>,
}

/// A file of a [`Parcel`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub content: Content,
}

/// What a [`Part`] holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A file of this size with this SHA-256. A store refuses what is not so.
    File {
        /// Where it lies.
        path: String,
        /// Its size in bytes.
        size: u64,
        /// Its SHA-256, in lower-case hex.
        sha256: String,
    },
    /// These bytes.
    Bytes(Vec<u8>),
}

/// A parcel in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// The run that made it.
    pub run: String,
    /// The store's own word for it: a folder, a number.
    pub key: String,
    /// Its digest, where the store knows it, as `sha256:…`.
    pub digest: String,
    /// Its size in the store, in bytes; 0 where it is not known.
    pub size: u64,
}

/// Where a file lies inside its store: what a record has for `storagePath`.
pub fn place(run: &str, attempt: &str, name: &str, file: &str) -> String {
    format!("artifacts/{run}/{attempt}/{name}/{file}")
}

/// The run, the attempt, the name and the file of a [`place`].
pub fn read_place(place: &str) -> Option<[&str; 4]> {
    let parts: Vec<&str> = place.split('/').collect();
    match parts.as_slice() {
        ["artifacts", run, attempt, name, file]
            if is_word(run) && is_word(attempt) && check_name(name).is_ok() && check_file(file) =>
        {
            Some([run, attempt, name, file])
        }
        _ => None,
    }
}

/// The name of an artifact that was given none: `<type>-<environment>-<job id>`.
pub fn default_name(artifact_type: ArtifactType, environment: Environment, job_id: &str) -> String {
    format!("{}{job_id}", name_start(artifact_type, environment))
}

/// How the names of an environment's artifacts of a type begin.
pub fn name_start(artifact_type: ArtifactType, environment: Environment) -> String {
    format!("{}-{}-", artifact_type.word(), environment.word())
}

/// Whether every store and every file system can hold an artifact of this name.
pub fn check_name(name: &str) -> Result<(), Wrong> {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b' ' | b'+' | b'@');
    let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let bytes = name.as_bytes();
    let sound = bytes.len() <= LONGEST_NAME
        && edge(bytes.first().copied())
        && edge(bytes.last().copied())
        && bytes.iter().copied().all(letter)
        && !is_device(name);
    match sound {
        true => Ok(()),
        false => Err(Wrong::new(
            format!(
                "a name of at most {LONGEST_NAME} letters, digits, `-`, `_`, `.`, `+`, `@` and blanks, with a letter or a digit at both ends"
            ),
            shown(name),
        )),
    }
}

/// Whether a file of a parcel may have this name.
pub fn check_file(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b' ' | b'+' | b'@');
    (1..=LONGEST_NAME + 40).contains(&name.len())
        && name.bytes().all(letter)
        && !name.starts_with(['.', ' '])
        && !name.ends_with(['.', ' '])
        && !is_device(name)
}

/// Whether it can be a run's number or an attempt's, or what a local run has in its place.
pub fn is_word(word: &str) -> bool {
    (1..=64).contains(&word.len())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Checks what a parcel is made of before anything is written.
pub fn check_parcel(parcel: &Parcel) -> Result<(), Failure> {
    let wrong = |what: String| Err(Failure::new(&codes::STORE_UNAVAILABLE, what));
    if let Err(wrong) = check_name(&parcel.name) {
        let found = format!("wanted {}, found {}", wrong.wanted, wrong.found);
        return Err(Failure::new(&codes::ARTIFACT_NAME, found));
    }
    if !is_word(&parcel.run) || !is_word(&parcel.attempt) {
        return wrong(format!("the run is none that can be stored: {}", shown(&parcel.run)));
    }
    if parcel.parts.is_empty() || parcel.parts.len() > MOST_PARTS {
        return wrong(format!("`{}` has {} files", parcel.name, parcel.parts.len()));
    }
    match parcel.parts.iter().find(|part| !check_file(&part.name)) {
        Some(part) => wrong(format!("{} cannot be a file's name", shown(&part.name))),
        None => Ok(()),
    }
}

/// A name that Windows keeps for a device, whatever its ending.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let numbered = |word: &str| {
        stem.strip_prefix(word).is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|digit| digit.is_ascii_digit()))
    };
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_every_store() {
        for good in ["frontend", "a", "frontend-build-staging-0a", "My site 1.2", "x".repeat(200).as_str()] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        for bad in ["", ".", "..", ".a", "a.", "a/b", "a\\b", "a:b", "a\nb", "ü", "con", "NUL.txt", "com1", "a*", "-a"]
        {
            assert!(check_name(bad).is_err(), "{bad}");
        }
        assert!(check_name(&"x".repeat(201)).is_err());
    }

    #[test]
    fn a_place_is_read_back_and_nothing_else_is() {
        let place = place("7", "1", "frontend", "frontend.tar");
        assert_eq!(read_place(&place), Some(["7", "1", "frontend", "frontend.tar"]));
        for bad in
            ["artifacts/7/1/frontend", "artifacts/../1/a/b", "x/7/1/a/b", "artifacts/7/1/a/.b", "artifacts/7/1/a/b/c"]
        {
            assert_eq!(read_place(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_name_of_its_own_tells_type_environment_and_job() {
        let name = default_name(ArtifactType::BackendContainer, Environment::Production, &"a".repeat(64));
        assert_eq!(name, format!("backend-container-production-{}", "a".repeat(64)));
        assert_eq!(check_name(&name), Ok(()));
    }
}
