//! The command line: what anybody can ask of Waybill outside of a runner.

use std::io::Read;

use crate::codes;
use crate::host::Host;
use crate::jobs::JOBS;
use crate::model::Choice;
use crate::problem::Exit;
use crate::reporters::annotations::plain;
use crate::store::ledger::{self, Anchor};

/// The largest ledger that is read, in bytes.
const LEDGER_LIMIT: u64 = ledger::LARGEST as u64 + 1;

const HELP: &str = "\
Waybill, one GitHub Action for a whole deployment pipeline.

  verify LEDGER [--head HASH] [--count N]   whether a ledger's chain holds
  explain CODE                              why a code is given, and what to do
  explain                                   every code, a line each
  help                                      this text

As an action it takes no arguments; see the README.
";

/// Obeys the arguments.
#[inline(never)]
pub fn main(host: &dyn Host, arguments: &[String]) -> Exit {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (text, exit) = match words.as_slice() {
        ["help" | "--help" | "-h"] => (help(), Exit::Success),
        ["explain"] => (all_codes(), Exit::Success),
        ["explain", id] => explain(id),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fake::Fake;

    fn check(arguments: &[&str], exit: Exit, expected: &str) {
        let fake = Fake::new().file("empty.jsonl", "").file("bad.jsonl", "{}\n");
        let words: Vec<String> = arguments.iter().map(|&word| word.to_owned()).collect();
        assert_eq!(main(&fake, &words), exit, "{arguments:?}");
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
        check(&["dance"], Exit::Problem, "`dance` with these arguments");
    }
}
