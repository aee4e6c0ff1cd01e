//! The command line: what anybody can ask of Waybill outside of a runner.

use std::io::Read;

use crate::artifact::verify::{self, Expected};
use crate::artifact::waybill;
use crate::codes;
use crate::host::{FileError, Host};
use crate::jobs::{JOBS, verifying};
use crate::model::Choice;
use crate::problem::Exit;
use crate::reporters::annotations::plain;
use crate::store::directory::Directory;
use crate::store::ledger::{self, Anchor};

/// The largest ledger that is read, in bytes.
const LEDGER_LIMIT: u64 = ledger::LARGEST as u64 + 1;

const HELP: &str = "\
Waybill, one GitHub Action for a whole deployment pipeline.

  verify LEDGER [--head HASH] [--count N]   whether a ledger's chain holds
  verify ARTIFACT [--waybill HASH]          whether an artifact is what its waybill says
  checksums WAYBILL                         the artifact's files, for `sha256sum -c`
  prune [FOLDER]                            removes what has expired from a directory store
  explain CODE                              why a code is given, and what to do
  explain                                   every code, a line each
  help                                      this text

As an action it takes no arguments; see the README.
";

/// Obeys the arguments.
pub async fn main(host: &dyn Host, arguments: &[String]) -> Exit {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (text, exit) = match words.as_slice() {
        ["help" | "--help" | "-h"] => (help(), Exit::Success),
        ["explain"] => (all_codes(), Exit::Success),
        ["explain", id] => explain(id),
        ["verify", path, options @ ..] if is_artifact(host, path) => match options {
            [] => verify_artifact(host, path, None).await,
            ["--waybill", digest] => verify_artifact(host, path, Some(digest)).await,
            [option, ..] => usage(&format!("the option `{option}`")),
        },
        ["checksums", path] => checksums(host, path),
        ["prune"] => prune(host, ".waybill"),
        ["prune", folder] => prune(host, folder),
        ["verify", path, options @ ..] => match anchor(options) {
            Ok(anchor) => verify(host, path, anchor),
            Err(wrong) => usage(&wrong),
        },
        [] => usage("no command"),
        [unknown, ..] => usage(&format!("`{unknown}` with these arguments")),
    };
    host.print(&plain(text.trim_end()));
    exit
}

fn help() -> String {
    let jobs = JOBS.iter().map(|job| format!("  {:<12} {}\n", job.job_type().word(), job.about()));
    format!("{HELP}\nJob types:\n{}", jobs.collect::<String>())
}

fn usage(wrong: &str) -> (String, Exit) {
    (format!("{}: not understood: {wrong}\n\n{HELP}", codes::USAGE.id), codes::USAGE.exit)
}

fn all_codes() -> String {
    codes::CODES.iter().map(|code| format!("{} {}\n", code.id, code.title)).collect()
}

fn explain(id: &str) -> (String, Exit) {
    match codes::find(id) {
        Some(code) => {
            let text = format!(
                "{}: {}\n\nWhy: {}.\nWhat to do: {}.\nExit status: {}.",
                code.id,
                code.title,
                code.why,
                code.mend,
                code.exit.number()
            );
            (text, Exit::Success)
        }
        None => (format!("there is no code `{id}`; `explain` lists all of them"), Exit::Problem),
    }
}

fn anchor<'a>(options: &[&'a str]) -> Result<Anchor<'a>, String> {
    let mut anchor = Anchor::default();
    for pair in options.chunks(2) {
        match pair {
            ["--head", head] => anchor.head = Some(head),
            ["--count", count] => match count.parse() {
                Ok(count) => anchor.count = Some(count),
                Err(_) => return Err(format!("`--count {count}` is no number")),
            },
            [option, ..] => return Err(format!("the option `{option}`")),
            [] => {}
        }
    }
    Ok(anchor)
}

fn verify(host: &dyn Host, path: &str, anchor: Anchor) -> (String, Exit) {
    let mut bytes = Vec::new();
    let read = host.open(path).map_err(|error| error.to_string());
    let read = read.and_then(|file| file.take(LEDGER_LIMIT).read_to_end(&mut bytes).map_err(|error| error.to_string()));
    if let Err(error) = read {
        return (format!("{}: cannot read `{path}`: {error}", codes::LEDGER_UNAVAILABLE.id), Exit::Failed);
    }
    match ledger::verify(&bytes, anchor) {
        Ok(verified) => {
            let ledger = &verified.ledger;
            let text = format!(
                "{path}: the chain of {} lines holds; {}\nhead {}",
                ledger.count(),
                verified.assurance,
                ledger.head()
            );
            (text, Exit::Success)
        }
        Err(broken) => (format!("{}: {path}: {broken}", codes::LEDGER_BROKEN.id), Exit::Failed),
    }
}

/// Whether there is a waybill beside it.
fn is_artifact(host: &dyn Host, path: &str) -> bool {
    host.open(&format!("{path}{}", waybill::ENDING)).is_ok()
}

/// One line for each reason to refuse it.
async fn verify_artifact(host: &dyn Host, path: &str, digest: Option<&str>) -> (String, Exit) {
    let text = match read_waybill(host, &format!("{path}{}", waybill::ENDING)) {
        Ok(text) => text,
        Err(answer) => return answer,
    };
    let judged = verify::waybill(&text, &Expected { digest, ..Expected::at(host.now()) });
    let mut reasons = judged.err().unwrap_or_default();
    if let Ok(waybill) = waybill::read(&text) {
        reasons.extend(verifying::check_bytes(host, &waybill, path).await.unwrap_or_else(|failures| failures));
    }
    let digest_found = crate::model::id::sha256(&text);
    if reasons.is_empty() {
        let assurance = match digest {
            Some(_) => "it is the one that the build wrote",
            None => "without the waybill's digest from the build's outputs this finds accidents only",
        };
        return (format!("{path}: it is what its waybill says; {assurance}\nwaybill {digest_found}"), Exit::Success);
    }
    let lines: Vec<String> =
        reasons.iter().map(|reason| format!("{}: {path}: {}\n", reason.code.id, reason.message)).collect();
    (lines.concat(), reasons.first().map_or(Exit::Refused, |reason| reason.code.exit))
}

fn checksums(host: &dyn Host, path: &str) -> (String, Exit) {
    match read_waybill(host, path).map(|text| waybill::read(&text)) {
        Ok(Ok(waybill)) => (waybill.checksums(), Exit::Success),
        Ok(Err(wrong)) => (format!("{}: {path}: {wrong}", codes::WAYBILL_BROKEN.id), Exit::Refused),
        Err(answer) => answer,
    }
}

fn read_waybill(host: &dyn Host, path: &str) -> Result<Vec<u8>, (String, Exit)> {
    let mut bytes = Vec::new();
    let read = host.open(path).and_then(|file| {
        let read = file.take(waybill::LARGEST + 1).read_to_end(&mut bytes);
        read.map_err(|error| FileError::Refused(error.to_string()))
    });
    match read {
        Ok(_) => Ok(bytes),
        Err(error) => Err((format!("{}: cannot read `{path}`: {error}", codes::WAYBILL_BROKEN.id), Exit::Failed)),
    }
}

fn prune(host: &dyn Host, folder: &str) -> (String, Exit) {
    match Directory::new(host, folder).prune(host.now()) {
        Ok(removed) if removed.is_empty() => (format!("{folder}: nothing has expired"), Exit::Success),
        Ok(removed) => (removed.iter().map(|name| format!("removed {name}\n")).collect(), Exit::Success),
        Err(failure) => (format!("{}: {failure}", failure.code.id), failure.code.exit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::waybill::tests::sample;
    use crate::host::fake::{Fake, block_on};

    fn check(arguments: &[&str], exit: Exit, expected: &str) {
        let waybill = sample().text();
        let fake = Fake::new()
            .file("empty.jsonl", "")
            .file("bad.jsonl", "{}\n")
            .file("in/frontend.tar", "not it")
            .file("in/frontend.tar.waybill.json", &waybill)
            .file("in/x.tar.waybill.json", "{}")
            .file("s/artifacts/7/1/old/parcel.json", r#"{"expiresAt":"2026-11-22T10:00:00.000Z"}"#)
            .file("s/artifacts/7/1/new/parcel.json", r#"{"expiresAt":"2026-11-22T10:00:00.001Z"}"#)
            .file("s/artifacts/7/1/torn/x.tar", "");
        let words: Vec<String> = arguments.iter().map(|&word| word.to_owned()).collect();
        assert_eq!(block_on(main(&fake, &words)), exit, "{arguments:?}");
        assert!(fake.printed().contains(expected), "{arguments:?}: {}", fake.printed());
    }

    #[test]
    fn each_command_answers() {
        check(&["help"], Exit::Success, "verify LEDGER");
        check(&["explain", "wb2001"], Exit::Success, "WB2001: the command failed");
        check(&["explain", "WB0000"], Exit::Problem, "there is no code `WB0000`");
        check(&["explain"], Exit::Success, "WB9000 a defect of Waybill's own");
        check(&["verify", "none.jsonl"], Exit::Failed, "WB9002: cannot read `none.jsonl`: no such file");
        check(&["verify", "bad.jsonl"], Exit::Failed, "WB9001: bad.jsonl: line 1 does not hold");
        check(&["verify", "empty.jsonl"], Exit::Success, "the chain of 0 lines holds; without the head");
        check(&["verify", "empty.jsonl", "--count", "2"], Exit::Failed, "line 1 does not hold: it was recorded");
        check(&["verify", "empty.jsonl", "--count"], Exit::Problem, "the option `--count`");
        check(&["verify", "in/frontend.tar"], Exit::Refused, "WB4202: in/frontend.tar: `frontend.tar` has 6 bytes");
        check(
            &["verify", "in/frontend.tar"],
            Exit::Refused,
            "\nWB4201: in/frontend.tar: `frontend.tar` has the SHA-256",
        );
        check(
            &["verify", "in/frontend.tar", "--waybill", "x"],
            Exit::Refused,
            "WB4215: in/frontend.tar: the waybill's",
        );
        check(&["verify", "in/x.tar"], Exit::Refused, "WB4220: in/x.tar: the waybill cannot be read: it is no in-toto");
        check(&["checksums", "in/frontend.tar.waybill.json"], Exit::Success, "  bin/run\n");
        check(&["checksums", "none"], Exit::Failed, "WB4220: cannot read `none`: no such file");
        check(&["prune", "s"], Exit::Success, "removed 7/1/old\nremoved 7/1/torn\n");
        check(&["prune", "none"], Exit::Success, "none: nothing has expired");
        check(&["dance"], Exit::Problem, "`dance` with these arguments");
    }
}
