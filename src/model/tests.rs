//! What holds for every entity: round trips, corruptions, paths.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::configuration::{self, Environment, Held, State, Values};
use super::event::{EventType, Level, Origin};
use super::job::{self, JobType, NewJob, Status};
use super::samples::{wrong_forms, wrong_types};
use super::table::Shape;
use super::*;
use crate::secret::{HIDDEN, Secret};

fn now() -> DateTime<Utc> {
    rules::date("2026-11-22T10:00:00.000Z").unwrap()
}

/// Reads a record of any entity and writes it again.
fn again(shape: &Shape, value: &Value) -> Result<Value, Vec<Broken>> {
    match shape.name {
        "DeploymentConfiguration" => DeploymentConfiguration::read(value).map(|record| record.to_value()),
        "DeploymentJob" => DeploymentJob::read(value).map(|record| record.to_value()),
        "DeploymentArtifact" => DeploymentArtifact::read(value).map(|record| record.to_value()),
        "DeploymentEvent" => DeploymentEvent::read(value).map(|record| record.to_value()),
        other => panic!("{other} is not tested"),
    }
}

/// Any record of any entity.
fn record() -> impl Strategy<Value = (&'static Shape, Value)> {
    prop_oneof![
        samples::configuration().prop_map(|value| (&configuration::SHAPE, value)),
        samples::job().prop_map(|value| (&job::SHAPE, value)),
        samples::artifact().prop_map(|value| (&artifact::SHAPE, value)),
        samples::event().prop_map(|value| (&event::SHAPE, value)),
    ]
}

/// Asserts that a record is refused, with this field and no other.
fn check_refused(shape: &Shape, record: &Value, field: &str) {
    let broken = again(shape, record).expect_err(&format!("{} with a wrong {field} is accepted: {record}", shape.name));
    assert!(!broken.is_empty() && broken.iter().all(|broken| broken.field == field), "{field}: {broken:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_is_accepted_survives_a_round_trip((shape, record) in record()) {
        prop_assert_eq!(again(shape, &record), Ok(record.clone()));
        // Through text as well, as files hold it.
        let text = serde_json::to_string(&record).unwrap();
        prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), record);
    }

    #[test]
    fn every_corruption_of_one_field_is_refused_by_its_name((shape, record) in record()) {
        for field in shape.fields {
            for value in wrong_forms(&field.rule).into_iter().chain(wrong_types(&field.rule)) {
                let mut corrupt = record.clone();
                corrupt[field.name] = value;
                check_refused(shape, &corrupt, field.name);
            }
            if field.required {
                let mut corrupt = record.clone();
                corrupt.as_object_mut().unwrap().remove(field.name);
                check_refused(shape, &corrupt, field.name);
            }
            let mut corrupt = record.clone();
            let unknown = format!("{}s", field.name);
            corrupt[&unknown] = json!("x");
            check_refused(shape, &corrupt, &unknown);
        }
    }

    #[test]
    fn all_corruptions_are_reported_at_once((shape, record) in record()) {
        let mut corrupt = record.clone();
        let mut wanted = vec!["unknown".to_owned()];
        for (at, field) in shape.fields.iter().enumerate() {
            let wrong = wrong_forms(&field.rule);
            corrupt[field.name] = wrong[at % wrong.len()].clone();
            wanted.push(field.name.to_owned());
        }
        corrupt["unknown"] = json!(1);
        let mut found: Vec<_> = again(shape, &corrupt).unwrap_err().into_iter().map(|broken| broken.field).collect();
        found.sort();
        wanted.sort();
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn a_secret_is_in_no_record_and_no_message(values in samples::values(), at in samples::date()) {
        let (made, _) = DeploymentConfiguration::new(&values, "1-staging", at).unwrap();
        let shown = format!("{} {made:?} {values:?}", made.to_value());
        let secrets = [&values.database_url, &values.cohere_api_key, &values.vercel_token];
        for secret in secrets.into_iter().flatten() {
            prop_assert!(!shown.contains(secret.expose()));
            // A secret in the wrong place, or broken, is not shown either.
            let broken = Values { cohere_api_key: Some(Secret::new(format!("{} \u{e4}", secret.expose()))), ..values.clone() };
            let message = format!("{:?}", DeploymentConfiguration::new(&broken, "1-staging", at).unwrap_err());
            prop_assert!(!message.contains(secret.expose()));
        }
    }

    #[test]
    fn no_path_of_signals_leaves_the_diagram(signals in proptest::collection::vec(0..4_usize, 0..12), steps in proptest::collection::vec(-5_000..5_000_i64, 12)) {
        let signals: Vec<_> = signals.into_iter().map(|at| [job::Signal::Start, job::Signal::Succeed, job::Signal::Fail, job::Signal::Cancel][at]).collect();
        let id = "a".repeat(64);
        let commit = "b".repeat(40);
        let new = NewJob { id: &id, job_type: JobType::Lint, commit_hash: &commit, branch: "main", triggered_by: "somebody" };
        let mut job = DeploymentJob::new(new, now()).unwrap();
        let mut path = vec![Status::Pending];
        for (signal, step) in signals.into_iter().zip(steps) {
            let at = job.start_time + TimeDelta::milliseconds(step);
            let moved = if signal == job::Signal::Start { job.clone().start(at) } else { job.clone().end(signal, "logs", at) };
            if let Ok(moved) = moved {
                job = moved;
                path.push(job.status);
            }
            // Whatever the clock did, the rules of the record hold.
            prop_assert_eq!(DeploymentJob::read(&job.to_value()), Ok(job.clone()));
            prop_assert_eq!(job.end_time.is_some(), job.status.has_ended());
        }
        let whole = [Status::Pending, Status::Running];
        let allowed = path.len() <= 2 && whole.starts_with(&path) || path.len() == 3 && path.starts_with(&whole) && path[2].has_ended();
        prop_assert!(allowed, "{:?}", path);
    }

    #[test]
    fn at_most_one_configuration_of_an_environment_is_active(chosen in proptest::collection::vec(0..6_usize, 0..20)) {
        let mut held: Vec<Held> = (0..6).map(|at| {
            let values = Values { environment: Environment::ALL[at % 2], ..empty() };
            Held { configuration: DeploymentConfiguration::new(&values, &format!("{at}-staging"), now()).unwrap().0, state: State::Created }
        }).collect();
        for (step, at) in chosen.into_iter().enumerate() {
            let before = held.clone();
            let id = held[at].configuration.id.clone();
            let moved = configuration::activate(&mut held, &id, now() + TimeDelta::seconds(step as i64)).unwrap();
            prop_assert_eq!(moved.is_ok(), before[at].state == State::Created);
            if moved.is_err() {
                prop_assert_eq!(&held, &before);
            }
            for (one, old) in held.iter().zip(&before) {
                let legal = one.state == old.state || matches!((old.state, one.state), (State::Created, State::Active) | (State::Active, State::Deprecated));
                prop_assert!(legal, "{:?} {:?}", old.state, one.state);
            }
            for environment in Environment::ALL {
                let active = held.iter().filter(|held| held.state == State::Active && held.configuration.environment == *environment);
                prop_assert!(active.count() <= 1);
            }
        }
    }
}

fn empty() -> Values {
    Values {
        environment: Environment::Staging,
        backend_url: None,
        frontend_url: None,
        database_url: None,
        vector_database_url: None,
        cohere_api_key: None,
        vercel_token: None,
    }
}

fn words<T: Choice + std::fmt::Debug>() {
    assert_eq!(T::ALL.len(), T::WORDS.len());
    for (value, word) in T::ALL.iter().zip(T::WORDS) {
        assert_eq!((value.word(), T::of(word)), (*word, Some(*value)));
    }
    assert_eq!(T::of(""), None);
}

#[test]
fn every_value_has_its_own_word() {
    words::<Environment>();
    words::<State>();
    words::<JobType>();
    words::<Status>();
    words::<artifact::ArtifactType>();
    words::<EventType>();
}

/// Asserts what a record's refusal says, line by line.
fn check_broken<T: std::fmt::Debug>(read: Result<T, Vec<Broken>>, wanted: &[&str]) {
    let found: Vec<_> = read.unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(found, wanted);
}

#[test]
fn rules_between_fields_name_the_field() {
    let job = |status: &str, end: Option<&str>| {
        let mut job = json!({
            "id": "a".repeat(64), "jobType": "lint", "status": status, "startTime": "2026-11-22T10:00:00.000Z",
            "logs": "", "commitHash": "b".repeat(40), "branch": "main", "triggeredBy": "somebody",
        });
        if let Some(end) = end {
            job["endTime"] = json!(end);
        }
        DeploymentJob::read(&job)
    };
    assert!(job("success", Some("2026-11-22T10:00:00.001Z")).is_ok());
    let same = "2026-11-22T10:00:00.000Z";
    check_broken(
        job("failure", Some(same)),
        &["endTime: wanted a date after `startTime`, found `2026-11-22T10:00:00.000Z`"],
    );
    check_broken(job("success", None), &["endTime: wanted a date, since the status is `success`, found nothing"]);
    check_broken(
        job("running", Some("2027-01-01T00:00:00.000Z")),
        &["endTime: wanted nothing, since the status is `running`, found a value"],
    );

    let insecure = Values {
        environment: Environment::Production,
        backend_url: Some("http://api.example.com".to_owned()),
        ..empty()
    };
    check_broken(
        DeploymentConfiguration::new(&insecure, "1-production", now()),
        &["backendUrl: wanted an https URL, found `http://api.example.com`"],
    );
    let record = json!({
        "id": "a".repeat(64), "environment": "production", "frontendUrl": "http://example.com", "databaseUrl": HIDDEN,
        "createdAt": "2026-11-22T10:00:00.000Z", "updatedAt": "2026-11-22T09:59:59.999Z",
    });
    check_broken(
        DeploymentConfiguration::read(&record),
        &[
            "frontendUrl: wanted an https URL, found `http://example.com`",
            "updatedAt: wanted a date not before `createdAt`, found `2026-11-22T09:59:59.999Z`",
        ],
    );
}

#[test]
fn what_is_no_record_at_all_is_refused_as_a_whole() {
    check_broken(DeploymentJob::read(&json!([])), &["DeploymentJob: wanted an object, found an array"]);
    check_broken(
        DeploymentArtifact::read(&json!({ "jobID": "x" })),
        &[
            "id: wanted a value, found nothing",
            "artifactType: wanted a value, found nothing",
            "storagePath: wanted a value, found nothing",
            "size: wanted a value, found nothing",
            "checksum: wanted a value, found nothing",
            "createdAt: wanted a value, found nothing",
            "expiresAt: wanted a value, found nothing",
            "jobId: wanted a value, found nothing",
            "jobID: wanted no field of this name, found a text (did you mean `jobId`?)",
        ],
    );
    let many: serde_json::Map<_, _> = (0..1000).map(|at| (format!("x{at}"), json!(at))).collect();
    assert!(DeploymentJob::read(&Value::Object(many)).unwrap_err().len() < 40);
}

#[test]
fn a_hidden_secret_is_read_back_but_never_made() {
    let token = "v".repeat(24);
    let values = Values {
        vercel_token: Some(Secret::new(token.clone())),
        vector_database_url: Some(Secret::new("https://me:word@vectors.example.com")),
        frontend_url: Some("https://example.com".to_owned()),
        ..empty()
    };
    let (made, notes) = DeploymentConfiguration::new(&values, "1-staging", now()).unwrap();
    assert_eq!(notes, []);
    assert_eq!(made.vercel_token.as_ref().unwrap().expose(), Some(token.as_str()));
    assert_eq!(
        made.to_value(),
        json!({
            "id": made.id, "environment": "staging", "frontendUrl": "https://example.com", "vectorDatabaseUrl": "***",
            "vercelToken": "***", "createdAt": "2026-11-22T10:00:00.000Z", "updatedAt": "2026-11-22T10:00:00.000Z",
        })
    );
    let read = DeploymentConfiguration::read(&made.to_value()).unwrap();
    assert_eq!(read.vercel_token.as_ref().unwrap().expose(), None);
    assert_eq!(read.to_value(), made.to_value());
    let stars = Values { vercel_token: Some(Secret::new(HIDDEN)), ..empty() };
    assert_eq!(DeploymentConfiguration::new(&stars, "1-staging", now()).unwrap_err()[0].field, "vercelToken");
    let odd = Values { cohere_api_key: Some(Secret::new("k".repeat(30))), ..empty() };
    assert_eq!(DeploymentConfiguration::new(&odd, "1-staging", now()).unwrap().1[0].field, "cohereApiKey");
}

#[test]
fn a_configuration_becomes_active_when_every_deploy_job_has_succeeded() {
    use JobType::{DeployBackend, DeployFrontend, Lint, MigrateDb};
    use Status::{Failure, Running, Success};
    let check = |jobs: &[(JobType, Status)], wanted| assert_eq!(configuration::may_activate(jobs), wanted, "{jobs:?}");
    check(&[], false);
    check(&[(Lint, Success)], false);
    check(&[(DeployFrontend, Success)], true);
    check(&[(DeployFrontend, Success), (DeployBackend, Running)], false);
    check(&[(DeployFrontend, Success), (DeployBackend, Success), (MigrateDb, Failure)], true);
}

#[test]
fn time_rules_hold_when_a_value_is_made_and_used() {
    let (job_id, checksum) = ("a".repeat(64), "b".repeat(64));
    let artifact = |expires_at| artifact::NewArtifact {
        artifact_type: artifact::ArtifactType::FrontendBuild,
        storage_path: "artifacts/web.tar",
        size: 3,
        checksum: &checksum,
        expires_at,
        job_id: &job_id,
    };
    let day = TimeDelta::days(1);
    let made = DeploymentArtifact::new(artifact(now() + day), now()).unwrap();
    assert_eq!(made.check_use(now()), Ok(()));
    check_broken(
        made.check_use(now() + day),
        &["expiresAt: wanted a date in the future, found `2026-11-23T10:00:00.000Z`"],
    );
    check_broken(
        made.check_use(now() - day),
        &["createdAt: wanted a date in the past, found `2026-11-22T10:00:00.000Z`"],
    );
    // An old record is read all the same.
    assert_eq!(DeploymentArtifact::read(&made.to_value()), Ok(made));
    check_broken(
        DeploymentArtifact::new(artifact(now()), now()),
        &["expiresAt: wanted a date after `createdAt`, found `2026-11-22T10:00:00.000Z`"],
    );

    let event = origin(JobType::Lint).job_started(now()).unwrap();
    assert_eq!(event.check_use(now()), Ok(None));
    let text = "the clock of the runner that wrote it is 300000 ms ahead of this one's".to_owned();
    let note = Note { field: "timestamp", text };
    assert_eq!(event.check_use(now() - TimeDelta::minutes(5)), Ok(Some(note)));
    check_broken(
        event.check_use(now() - TimeDelta::milliseconds(300_001)),
        &["timestamp: wanted a date that is not in the future, found `2026-11-22T10:00:00.000Z`"],
    );
}

fn origin(job_type: JobType) -> Origin {
    Origin {
        deployment_id: "23-staging".to_owned(),
        configuration_id: "c".repeat(64),
        environment: Environment::Staging,
        job_id: "a".repeat(64),
        job_type,
    }
}

#[test]
fn every_event_has_its_level_and_names_its_configuration() {
    let origin = |job_type| origin(job_type);
    let deploy = origin(JobType::DeployFrontend);
    let check = |event: Result<DeploymentEvent, Vec<Broken>>, kind: EventType, level, message: &str| {
        let event = event.unwrap();
        assert_eq!((event.event_type, event.level(), event.message.as_str()), (kind, level, message));
        assert_eq!(event.metadata["configurationId"], json!("c".repeat(64)));
        assert_eq!(event.metadata["environment"], json!("staging"));
    };
    use EventType::*;
    check(deploy.pipeline_started(now()), PipelineStarted, Level::Notice, "deployment 23-staging started");
    check(deploy.job_started(now()), JobStarted, Level::Notice, "deploy-frontend (staging) started");
    check(
        deploy.job_completed(Default::default(), now()),
        JobCompleted,
        Level::Notice,
        "deploy-frontend (staging) succeeded",
    );
    check(
        deploy.job_failed("WB2001", "status 1", now()),
        JobFailed,
        Level::Error,
        "deploy-frontend (staging) failed: status 1",
    );
    check(
        deploy.job_cancelled("SIGINT", now()),
        JobFailed,
        Level::Warning,
        "deploy-frontend (staging) was cancelled: SIGINT",
    );
    let url = "https://example.com";
    check(
        deploy.deployment_success(url, now()),
        DeploymentSuccess,
        Level::Notice,
        "deploy-frontend (staging) serves https://example.com",
    );
    check(
        deploy.deployment_failure("WB5001", "no", now()),
        DeploymentFailure,
        Level::Error,
        "deploy-frontend (staging) could not deploy: no",
    );
    check(
        deploy.rollback_initiated("bad", now()),
        RollbackInitiated,
        Level::Warning,
        "deploy-frontend (staging) rolls back: bad",
    );
    check(
        deploy.rollback_completed("v1", now()),
        RollbackCompleted,
        Level::Notice,
        "deploy-frontend (staging) rolled back: v1",
    );
    assert_eq!(deploy.job_cancelled("SIGINT", now()).unwrap().metadata["status"], json!("cancelled"));

    check_broken(
        origin(JobType::Lint).deployment_success(url, now()),
        &["eventType: wanted an event of this job type, found `deployment-success` from a `lint` job"],
    );
    let long = deploy.job_failed("WB2001", &"x".repeat(100_000), now()).unwrap();
    assert!(long.message.ends_with("x…") && long.message.chars().count() == rules::LONGEST_MESSAGE);
}

#[test]
fn an_event_whose_id_is_not_its_own_is_refused() {
    let event = origin(JobType::Lint).job_started(now()).unwrap();
    let mut forged = event.to_value();
    forged["eventType"] = json!("job-completed");
    let broken = DeploymentEvent::read(&forged).unwrap_err();
    assert_eq!(broken.iter().map(|broken| broken.field.as_str()).collect::<Vec<_>>(), ["id"]);
}

#[test]
fn broken_rules_become_problems_and_failures() {
    let broken = DeploymentJob::read(&json!(1)).unwrap_err();
    let failure = failure(&job::SHAPE, &[broken.clone(), broken.clone()].concat());
    let rule = "DeploymentJob: wanted an object, found a number";
    assert_eq!(failure.message, format!("a DeploymentJob breaks rules: {rule}; {rule}"));
    assert_eq!(broken[0].clone().problem(&crate::codes::RECORD_BROKEN).to_string(), rule);
}
