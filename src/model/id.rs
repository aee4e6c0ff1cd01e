//! Ids: SHA-256 over what makes a thing the same thing. Every part goes in with
//! its length in front (`<bytes>:<part>`, as a netstring), so that no two lists
//! of parts give the same input; the first part names the kind of id.

use sha2::{Digest, Sha256};

use super::Choice;
use super::artifact::ArtifactType;
use super::configuration::Environment;
use super::event::EventType;
use super::forms::without_credentials;

/// What makes a job the same job, each as the runner gives it. `GITHUB_JOB` is
/// the same in every leg of a matrix, so the leg is part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobIdentity<'a> {
    /// `GITHUB_REPOSITORY_ID`.
    pub repository_id: &'a str,
    /// `GITHUB_RUN_ID`.
    pub run_id: &'a str,
    /// `GITHUB_RUN_ATTEMPT`.
    pub attempt: &'a str,
    /// `GITHUB_JOB`.
    pub job: &'a str,
    /// `GITHUB_ACTION`: the step.
    pub action: &'a str,
    /// `${{ toJSON(matrix) }}`, as the hidden input holds it.
    pub matrix_leg: &'a str,
}

/// A job's id.
pub fn job(identity: JobIdentity) -> String {
    let JobIdentity { repository_id, run_id, attempt, job, action, matrix_leg } = identity;
    digest(&["job", repository_id, run_id, attempt, job, action, matrix_leg])
}

/// A deployment's id: `<run id>-<environment>`, the same in every job and attempt of a run.
pub fn deployment(run_id: &str, environment: Environment) -> String {
    format!("{run_id}-{}", environment.word())
}

/// What a configuration's id is made of. Keys and the database's URL are
/// secrets and have no part in it: a job that is not handed them has still the
/// same configuration, and a key that is renewed makes no other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigurationContent<'a> {
    /// The environment.
    pub environment: Environment,
    /// `backendUrl`.
    pub backend_url: Option<&'a str>,
    /// `frontendUrl`.
    pub frontend_url: Option<&'a str>,
    /// `vectorDatabaseUrl`.
    pub vector_database_url: Option<&'a str>,
}

/// A configuration's id, from its content and the deployment that first used it.
/// Works for content that breaks its rules too, so that a refused configuration
/// can be named in an event.
pub fn configuration(content: ConfigurationContent, deployment_id: &str) -> String {
    let url = |url: Option<&str>| {
        // A query may hold a key as well as the part before the host may.
        let url = url.map(without_credentials).unwrap_or_default();
        url.split('?').next().unwrap_or_default().to_owned()
    };
    let ConfigurationContent { environment, backend_url, frontend_url, vector_database_url } = content;
    let urls = [url(backend_url), url(frontend_url), url(vector_database_url)];
    digest(&["configuration", deployment_id, environment.word(), &urls[0], &urls[1], &urls[2]])
}

/// An artifact's id, from the job that made it, its type and its digest.
pub fn artifact(job_id: &str, artifact_type: ArtifactType, checksum: &str) -> String {
    digest(&["artifact", job_id, artifact_type.word(), checksum])
}

/// An event's id: the same deployment, job and type is the same event, however
/// often it is written. `pipeline-started` belongs to the deployment, whichever
/// job writes it, so the job has no part in it.
pub fn event(deployment_id: Option<&str>, job_id: Option<&str>, event_type: EventType) -> String {
    let job_id = if event_type == EventType::PipelineStarted { None } else { job_id };
    digest(&["event", deployment_id.unwrap_or_default(), job_id.unwrap_or_default(), event_type.word()])
}

/// The SHA-256 of some bytes, in lower-case hex digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_string());
        hash.update(":");
        hash.update(part);
    }
    hex(&hash.finalize())
}

/// Bytes in lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes.iter().flat_map(|&byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LEG: JobIdentity = JobIdentity {
        repository_id: "1",
        run_id: "23",
        attempt: "1",
        job: "deploy",
        action: "__self",
        matrix_leg: r#"{"environment":"staging"}"#,
    };

    #[test]
    fn an_id_never_changes() {
        // Ledgers and runs refer to these: another value breaks every reader of old records.
        let input = "3:job1:12:231:16:deploy6:__self25:{\"environment\":\"staging\"}";
        assert_eq!(job(LEG), sha256(input.as_bytes()));
        assert_eq!(sha256(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(deployment("23", Environment::Staging), "23-staging");
    }

    #[test]
    fn two_legs_steps_and_attempts_never_share_an_id() {
        let others = [
            JobIdentity { matrix_leg: r#"{"environment":"production"}"#, ..LEG },
            JobIdentity { matrix_leg: "", ..LEG },
            JobIdentity { action: "__self_2", ..LEG },
            JobIdentity { attempt: "2", ..LEG },
            JobIdentity { job: "other", ..LEG },
            JobIdentity { run_id: "231", attempt: "", ..LEG },
            JobIdentity { repository_id: "12", run_id: "3", ..LEG },
        ];
        let mut ids: Vec<_> = others.into_iter().chain([LEG]).map(job).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), others.len() + 1);
    }

    #[test]
    fn a_configuration_is_the_same_whatever_its_keys() {
        let content = ConfigurationContent {
            environment: Environment::Staging,
            backend_url: Some("https://api.example.com"),
            frontend_url: None,
            vector_database_url: Some("https://user:word@vectors.example.com/?api-key=1"),
        };
        let id = configuration(content, "23-staging");
        let renewed =
            ConfigurationContent { vector_database_url: Some("https://vectors.example.com/?api-key=2"), ..content };
        assert_eq!(configuration(renewed, "23-staging"), id);
        let moved = ConfigurationContent { frontend_url: content.backend_url, backend_url: None, ..content };
        assert_ne!(configuration(moved, "23-staging"), id);
        assert_ne!(configuration(content, "24-staging"), id);
    }

    #[test]
    fn a_pipeline_starts_once_whichever_job_says_so() {
        let started = |job| event(Some("23-staging"), Some(job), EventType::PipelineStarted);
        assert_eq!(started("one"), started("two"));
        let job_started = |job| event(Some("23-staging"), Some(job), EventType::JobStarted);
        assert_ne!(job_started("one"), job_started("two"));
    }

    proptest! {
        #[test]
        fn parts_that_differ_give_ids_that_differ(one in proptest::collection::vec("[0-9:a]{0,4}", 0..4), two in proptest::collection::vec("[0-9:a]{0,4}", 0..4)) {
            let id = |parts: &[String]| digest(&parts.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(one == two, id(&one) == id(&two));
        }
    }
}
