//! The command of `run`: which program reads the script, as a workflow's own
//! `run:` has it, and what of our environment the command may see.
//! Source: GitHub's workflow syntax, `jobs.<job_id>.steps[*].shell`.

use std::collections::BTreeMap;

use crate::host::Platform;

/// A script, ready to be written to a file and started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The program.
    pub program: String,
    /// Its arguments; `{0}` stands for the script's path.
    pub arguments: Vec<String>,
    /// The ending of the script's file, with its dot; some programs insist on it.
    pub ending: &'static str,
    /// What the file holds.
    pub text: String,
}

impl Script {
    /// `shell` is a name that GitHub knows, or a command with `{0}` in it.
    /// None when it is neither.
    pub fn new(run: &str, shell: Option<&str>, platform: Platform) -> Option<Script> {
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let (line, ending) = match shell {
            None | Some("bash") => ("bash --noprofile --norc -e -o pipefail {0}", ".sh"),
            Some("sh") => ("sh -e {0}", ".sh"),
            Some("python") => ("python {0}", ".py"),
            Some("pwsh") => ("pwsh -NoLogo -NoProfile -NonInteractive -File {0}", ".ps1"),
            Some("powershell") => {
                ("powershell -NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -File {0}", ".ps1")
            }
            Some("cmd") => ("cmd /D /E:ON /V:OFF /S /C {0}", ".cmd"),
            Some(own) if own.contains("{0}") => (own, ""),
            Some(_) => return None,
        };
        let mut words = words(line);
        let program = words.remove(0);
        let text = match ending {
            // PowerShell goes on after an error and forgets a program's status.
            ".ps1" => {
                format!(
                    "$ErrorActionPreference = 'stop'\n{run}\nif (Test-Path variable:LASTEXITCODE) {{ exit $LASTEXITCODE }}\n"
                )
            }
            ".cmd" => format!("@echo off\r\n{}\r\n", run.replace("\r\n", "\n").replace('\n', "\r\n")),
            _ if platform == Platform::Windows => format!("{}\n", run.replace("\r\n", "\n")),
            _ => format!("{run}\n"),
        };
        Some(Script { program, arguments: words, ending, text })
    }

    /// The arguments with the script's path in its place.
    pub fn arguments(&self, path: &str) -> Vec<String> {
        self.arguments.iter().map(|argument| argument.replace("{0}", path)).collect()
    }
}

/// Where Git for Windows keeps the bash that a workflow's `run:` uses. The
/// `bash` that stands first in the `PATH` there starts a Linux of its own.
pub fn windows_bash(environment: &BTreeMap<String, String>) -> String {
    let programs = environment.get("ProgramFiles").map_or("C:/Program Files", String::as_str);
    format!("{}/Git/bin/bash.exe", programs.replace('\\', "/"))
}

/// The runner's files that a command gets copies of its own of, so that it
/// cannot write our outputs, our state or over our summary.
pub const PRIVATE_FILES: [&str; 5] =
    ["GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY", "GITHUB_ENV", "GITHUB_PATH"];

/// What the command sees: our environment without the action's own inputs,
/// state and service tokens, but with what `pass` names; and the files of
/// [`PRIVATE_FILES`], each in the folder `private`.
pub fn child_environment(
    environment: &BTreeMap<String, String>,
    pass: &[String],
    private: &str,
) -> BTreeMap<String, String> {
    const HELD_BACK: [&str; 3] = ["INPUT_", "STATE_", "ACTIONS_"];
    let is_held_back = |name: &str| {
        let name = name.to_ascii_uppercase();
        HELD_BACK.iter().any(|start| name.starts_with(start))
    };
    let mut seen = BTreeMap::new();
    for (name, value) in environment {
        if !is_held_back(name) || pass.contains(name) {
            seen.insert(name.clone(), value.clone());
        }
    }
    for name in PRIVATE_FILES {
        seen.insert(name.to_owned(), private_file(private, name));
    }
    seen
}

/// The path of one of the [`PRIVATE_FILES`] in its folder.
pub fn private_file(folder: &str, name: &str) -> String {
    format!("{folder}/{}", name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_are_the_runners_own() {
        let check = |shell: Option<&str>, expected: Option<&str>| {
            let script = Script::new("true", shell, Platform::Linux);
            let line = script.map(|script| format!("{} {}", script.program, script.arguments("/s").join(" ")));
            assert_eq!(line.as_deref(), expected);
        };
        check(None, Some("bash --noprofile --norc -e -o pipefail /s"));
        check(Some("sh"), Some("sh -e /s"));
        check(Some("perl -w {0}"), Some("perl -w /s"));
        check(Some("fish"), None);
    }

    #[test]
    fn a_command_sees_none_of_our_secrets_but_what_it_is_passed() {
        let ours = ["PATH", "INPUT_VERCEL-TOKEN", "STATE_x", "ACTIONS_RUNTIME_TOKEN", "actions_id_token_request_url"];
        let ours = ours.iter().map(|name| ((*name).to_owned(), "1".to_owned())).collect();
        let seen = child_environment(&ours, &["ACTIONS_RUNTIME_TOKEN".to_owned()], "/private");
        let names: Vec<_> = seen.keys().filter(|name| !name.starts_with("GITHUB_")).collect();
        assert_eq!(names, ["ACTIONS_RUNTIME_TOKEN", "PATH"]);
        assert_eq!(seen["GITHUB_OUTPUT"], "/private/github_output");
    }
}
