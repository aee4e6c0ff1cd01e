//! The command of `run`, as lint, test and the builds run it: by a shell, with
//! an environment of its own, its output streamed and kept apart from ours.

use std::collections::BTreeMap;
use std::io::Read;
use std::time::Duration;

use super::capture::Capture;
use super::{End, Work};
use crate::child::{self, Ended};
use crate::codes;
use crate::config::Settings;
use crate::context::Context;
use crate::host::{Command, ExitStatus, Platform, StartError, Writing};
use crate::problem::{Failure, Problem};
use crate::reporters::outputs;
use crate::shell::{self, PRIVATE_FILES, Script};

/// The largest of the command's own ENV, PATH and summary files that is read, in bytes.
const FILE_LIMIT: u64 = outputs::LARGEST_FILE as u64;

/// A command, decided.
#[derive(Clone, Debug)]
pub struct Run {
    run: String,
    shell: Option<String>,
    directory: String,
    timeout: Option<Duration>,
    pass: Vec<String>,
}

/// What came of it.
pub struct Ran {
    /// How it ended.
    pub end: End,
    /// What it wrote into its summary file.
    pub summary: Vec<u8>,
}

impl Run {
    /// The command of the settings; None when there is no `run`.
    pub fn plan(settings: &Settings, context: &Context) -> Result<Option<Run>, Vec<Problem>> {
        let Some(run) = settings.text("run") else { return Ok(None) };
        let shell = settings.text("shell").map(str::to_owned);
        if Script::new(run, shell.as_deref(), Platform::Linux).is_none() {
            return Err(vec![Problem {
                code: &codes::UNKNOWN_SHELL,
                place: settings.place("shell"),
                wanted: "bash, sh, pwsh, powershell, python, cmd or a command with `{0}` in it".to_owned(),
                found: format!("`{}`", shell.unwrap_or_default()),
                hint: None,
            }]);
        }
        Ok(Some(Run {
            run: run.to_owned(),
            shell,
            directory: context.in_workspace(settings.text("working-directory").unwrap_or(".")),
            timeout: settings.duration("timeout"),
            pass: settings.list("pass-env").to_vec(),
        }))
    }

    /// What would be run, its first line at most.
    pub fn step(&self) -> String {
        format!("run `{}` in `{}`", first_line(&self.run), self.directory)
    }

    /// Runs it. The output goes to the log as it comes; nothing in it takes effect.
    /// `capture` takes it as well.
    pub async fn run(&self, work: &Work<'_>, capture: Option<&mut Capture>) -> Ran {
        let private = format!("{}/waybill-{}", work.context.temporary, hex(&work.host.random()));
        let ran = self.run_in(work, &private, capture).await;
        let summary = read(work, &shell::private_file(&private, "GITHUB_STEP_SUMMARY"));
        let merged = merge_environment(work, &private);
        // The folder is the runner's temporary one, which it empties itself.
        let _ = work.host.remove(&private);
        let end = match ran.and_then(|end| merged.map(|()| end)) {
            Ok(end) => end,
            Err(failure) => End::Failed(failure),
        };
        Ran { end, summary }
    }

    async fn run_in(&self, work: &Work<'_>, private: &str, mut capture: Option<&mut Capture>) -> Result<End, Failure> {
        let platform = work.host.platform();
        let script = Script::new(&self.run, self.shell.as_deref(), platform)
            .ok_or_else(|| Failure::new(&codes::UNKNOWN_SHELL, "the shell is unknown"))?;
        let path = format!("{private}/script{}", script.ending);
        let cannot_write = |error| Failure::new(&codes::CANNOT_WRITE, format!("cannot write `{private}`: {error}"));
        work.host.write(&path, script.text.as_bytes(), Writing::New).map_err(cannot_write)?;
        for name in PRIVATE_FILES {
            work.host.write(&shell::private_file(private, name), b"", Writing::New).map_err(cannot_write)?;
        }
        let program = match (platform, script.program.as_str()) {
            (Platform::Windows, "bash") => shell::windows_bash(work.environment),
            (_, program) => program.to_owned(),
        };
        let command = Command {
            program,
            arguments: script.arguments(&path),
            directory: self.directory.clone(),
            environment: shell::child_environment(work.environment, &self.pass, private),
        };
        // The command runs while we print what stands before its output.
        let started = work.host.start(&command).await;
        work.log.remove_matchers();
        work.log.group(&format!("Run {}", first_line(&self.run)));
        let mut echo = work.log.echo();
        let mut sink = |bytes: &[u8]| {
            echo.push(bytes);
            if let Some(captured) = &mut capture {
                captured.push(bytes);
            }
        };
        let ended = match started {
            Ok(child) => Ok(child::follow(work.host, child, self.timeout, &mut sink).await),
            Err(error) => Err(self.not_started(&command.program, error)),
        };
        echo.finish();
        work.log.end_group();
        self.verdict(ended?)
    }

    fn verdict(&self, ended: Ended) -> Result<End, Failure> {
        let failed = |message: String| Err(Failure::new(&codes::COMMAND_FAILED, message));
        match ended {
            Ended::Exited(status) if status.is_success() => Ok(End::Succeeded),
            Ended::Exited(ExitStatus::Code(code)) => failed(format!("the command ended with status {code}")),
            Ended::Exited(ExitStatus::Signal(number)) => failed(format!("the command was ended by signal {number}")),
            Ended::Cancelled(signal) => Ok(End::Cancelled(signal)),
            Ended::TimedOut => {
                let limit = self.timeout.unwrap_or_default().as_secs_f64();
                Err(Failure::new(&codes::COMMAND_TIMED_OUT, format!("the command took longer than {limit} seconds")))
            }
        }
    }

    fn not_started(&self, program: &str, error: StartError) -> Failure {
        let reason = match error {
            StartError::NoProgram => format!("there is no program `{program}`"),
            StartError::NoDirectory => format!("there is no folder `{}`", self.directory),
            StartError::Refused(reason) => format!("`{program}` cannot be started: {reason}"),
        };
        Failure::new(&codes::COMMAND_NOT_STARTED, reason)
    }
}

/// What the command wanted later steps to see goes on, written anew so that
/// one entry stays one entry. Its outputs and its state are nobody's.
fn merge_environment(work: &Work<'_>, private: &str) -> Result<(), Failure> {
    let own = |name| read(work, &shell::private_file(private, name));
    let (variables, paths) = (own("GITHUB_ENV"), own("GITHUB_PATH"));
    match variables.is_empty() && paths.is_empty() {
        true => Ok(()),
        false => merge(work, &variables, &paths),
    }
}

#[inline(never)]
fn merge(work: &Work<'_>, variables: &[u8], paths: &[u8]) -> Result<(), Failure> {
    let files = &work.context.files;
    let line_end = match work.host.platform() {
        Platform::Windows => outputs::LineEnd::Either,
        _ => outputs::LineEnd::Feed,
    };
    let broken = |error: &dyn std::fmt::Display| {
        Failure::new(&codes::ENVIRONMENT_FILE, format!("what the command wrote for later steps is refused: {error}"))
    };
    let entries = outputs::read_entries(variables, line_end).map_err(|error| broken(&error))?;
    let (allowed, refused) = outputs::allowed_variables(entries);
    for name in refused {
        work.log.line(&format!("the command may not set {name:?} for later steps"));
    }
    let mut wanted_variables = Vec::new();
    for (name, value) in allowed {
        let entry = outputs::entry(&name, &value, &mut || work.host.random());
        wanted_variables.extend(entry.map_err(|error| broken(&error))?);
    }
    let mut wanted_paths = Vec::new();
    for folder in outputs::read_paths(paths) {
        wanted_paths.extend(outputs::path(&folder).map_err(|error| broken(&error))?);
    }
    for (file, bytes) in [(&files.environment, wanted_variables), (&files.path, wanted_paths)] {
        if !bytes.is_empty() && !file.is_empty() {
            work.host.write(file, &bytes, Writing::Append).map_err(|error| broken(&error))?;
        }
    }
    Ok(())
}

/// One of the command's own files, as far as it is there.
fn read(work: &Work<'_>, path: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Ok(file) = work.host.open(path) {
        // A file that cannot be read any further is as good as one that ends there.
        let _ = file.take(FILE_LIMIT).read_to_end(&mut bytes);
    }
    bytes
}

fn first_line(run: &str) -> &str {
    run.trim().lines().next().unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A warning for a job that runs a command although it was handed secrets that
/// it does not need: on one machine a command can read its parent's environment.
pub fn needless_secrets(environment: &BTreeMap<String, String>) -> Vec<String> {
    const DEPLOY_SECRETS: [&str; 5] = [
        "INPUT_DATABASE-URL",
        "INPUT_COHERE-API-KEY",
        "INPUT_VERCEL-TOKEN",
        "INPUT_QDRANT-API-KEY",
        "INPUT_REGISTRY-PASSWORD",
    ];
    let given = DEPLOY_SECRETS.iter().filter(|&&name| environment.get(name).is_some_and(|value| !value.is_empty()));
    given.map(|name| name.trim_start_matches("INPUT_").to_ascii_lowercase()).collect()
}
