use chrono::DateTime;
use proptest::prelude::*;

use super::*;
use crate::codes;
use crate::model::artifact::{ArtifactType, NewArtifact};
use crate::model::event::Origin;

fn job(status: Status) -> JobSummary<'static> {
    JobSummary {
        job_type: Some(JobType::Lint),
        environment: Some(Environment::Staging),
        status,
        duration: Duration::from_millis(3250),
        code: None,
        reason: "",
        problems: &[],
        totals: &[],
        notes: &[],
        sections: &[],
        events: &[],
        ledger: None,
        artifacts: &[],
    }
}

fn check(job: &JobSummary, own: &str, expected: &str) {
    let page = String::from_utf8(page(job, own.as_bytes(), &Masks::new())).unwrap();
    assert_eq!(page, expected);
}

#[test]
fn a_success_is_one_line_and_its_counts() {
    let job = JobSummary { totals: &[(12, "tests"), (0, "failed")], ..job(Status::Success) };
    check(&job, "", "## ✅ lint · staging succeeded in 3.2 s\n\n<b>12</b> tests · <b>0</b> failed\n\n");
    check(&job, "# own\n", "## ✅ lint · staging succeeded in 3.2 s\n\n<b>12</b> tests · <b>0</b> failed\n\n\n# own\n");
}

#[test]
fn a_failure_says_what_and_what_to_do() {
    let notes = ["the comment was left out: the token may not write it".to_owned()];
    let job = JobSummary {
        code: Some(&codes::COMMAND_FAILED),
        reason: "`npm run *` ended with 2",
        notes: &notes,
        ..job(Status::Failure)
    };
    let expected = format!(
        "## ❌ lint · staging failed in 3.2 s\n\n<b>WB2001</b> &#96;npm run &#42;&#96; ended with 2\n\nWhat to do: {}.\n\n- the comment was left out: the token may not write it\n\n",
        codes::COMMAND_FAILED.mend.replace('`', "&#96;")
    );
    check(&job, "", &expected);
}

#[test]
fn problems_are_a_table() {
    let place = Place::File { path: "w.yml".into(), line: 2, column: 5, key: "defaults.run".into() };
    let problems = [
        Problem { code: &codes::MISSING, place, wanted: "a command".into(), found: "nothing".into(), hint: None },
        Problem {
            code: &codes::MISSING,
            place: Place::Input("run".into()),
            wanted: "x".into(),
            found: "`|`".into(),
            hint: Some("y".into()),
        },
    ];
    let job = JobSummary { job_type: None, environment: None, problems: &problems, ..job(Status::Failure) };
    check(
        &job,
        "",
        "## ❌ the job failed in 3.2 s\n\n### 2 problems to mend\n\n| Place | Wanted | Found | Hint | Code |\n| --- | --- | --- | --- | --- |\n\
         | `w.yml:2 defaults.run` | a command | nothing |  | WB1001 |\n| `input run` | x | &#96;&#124;&#96; | y | WB1001 |\n\n",
    );
}

#[test]
fn the_record_names_artifacts_events_and_the_ledger() {
    let now = DateTime::from_timestamp_millis(1_795_341_600_000).unwrap();
    let id = "a".repeat(64);
    let origin = Origin {
        deployment_id: "7-staging".into(),
        configuration_id: id.clone(),
        environment: Environment::Staging,
        job_id: id.clone(),
        job_type: JobType::BuildFrontend,
    };
    let events = [origin.job_started(now).unwrap()];
    let new = NewArtifact {
        artifact_type: ArtifactType::FrontendBuild,
        storage_path: "site.tar",
        size: 3_565_159,
        checksum: &id,
        expires_at: now + chrono::TimeDelta::days(7),
        job_id: &id,
    };
    let artifacts = [DeploymentArtifact::new(new, now).unwrap()];
    let ledger = Ledger { path: ".waybill/ledger.jsonl", head: "c0ffee", count: 1 };
    let job = JobSummary { events: &events, artifacts: &artifacts, ledger: Some(ledger), ..job(Status::Success) };
    check(
        &job,
        "",
        &format!(
            "## ✅ lint · staging succeeded in 3.2 s\n\n### Artifacts\n\n| Type | Path | Size | SHA-256 | Expires |\n| --- | --- | --- | --- | --- |\n\
             | frontend-build | `site.tar` | 3.4 MiB | `{id}` | 2026-11-29 |\n\n\
             <details><summary>1 event</summary>\n\n| Time (UTC) | Event | Message |\n| --- | --- | --- |\n\
             | 10:00:00.000 | `job-started` | {} |\n\nLedger `.waybill/ledger.jsonl`, 1 line, head `c0ffee`\n\n</details>\n\n",
            events[0].message
        ),
    );
}

#[test]
fn the_page_stays_below_the_limit_and_says_what_is_left_out() {
    let rows: Vec<_> = (0..20_000).map(|row| vec![Inline::text(format!("row {row} {}", "x".repeat(60)))]).collect();
    let sections: [&dyn Fn(&mut Page); 1] = [&|page| page.table(&["Message"], &rows, "findings")];
    let job = JobSummary { sections: &sections, ..job(Status::Failure) };
    let own = "own line\n".repeat(100_000);
    let page = String::from_utf8(page(&job, own.as_bytes(), &Masks::new())).unwrap();
    assert!(page.len() <= LARGEST && page.len() > LARGEST - 1000, "{}", page.len());
    assert!(page.ends_with(
        "own line\n\n\n... The rest of the command's own summary is left out: there is no more room here.\n"
    ));
    let shown = page.matches("| row ").count();
    assert!(page.contains(&format!("\n… and {} more findings, which did not fit here.\n", 20_000 - shown)));
    assert!(section(&job, &Masks::new()).len() <= LARGEST_SECTION);
}

#[test]
fn sizes_and_durations_are_for_people() {
    for (size, text) in
        [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1_048_575, "1023.9 KiB"), (u64::MAX, "15.9 EiB")]
    {
        assert_eq!(size_text(size), text);
    }
    for (milliseconds, text) in
        [(0, "0 ms"), (999, "999 ms"), (1000, "1.0 s"), (59_999, "59.9 s"), (125_000, "2 min 5 s")]
    {
        assert_eq!(duration_text(Duration::from_millis(milliseconds)), text);
    }
}

#[test]
fn secrets_are_replaced_everywhere() {
    let mut masks = Masks::new();
    let secret = ["s_cret|", "value*1"].concat();
    masks.add(&secret);
    let sections: [&dyn Fn(&mut Page); 1] = [&|page| page.block(&secret)];
    let notes = [secret.clone()];
    let job = JobSummary {
        sections: &sections,
        notes: &notes,
        code: Some(&codes::DEFECT),
        reason: &secret,
        ..job(Status::Failure)
    };
    let page = String::from_utf8(page(&job, secret.as_bytes(), &masks)).unwrap();
    assert!(!page.contains("cret") && !page.contains("value"), "{page}");
}

proptest! {
    #[test]
    fn a_command_can_put_anything_into_its_summary(own in prop::collection::vec(any::<u8>(), 0..200)) {
        let page = page(&job(Status::Success), &own, &Masks::new());
        prop_assert!(own.is_empty() || page.ends_with(&own));
    }
}
