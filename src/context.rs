//! Where the action runs: what the runner says of the repository, the run and
//! the event, read once from the environment and the event's file. Nothing
//! here fails: what the runner did not say is empty, and whoever needs it says so.

use std::collections::BTreeMap;

use serde_json::Value;

/// The largest event file that is read, in bytes. GitHub's own limit for a
/// webhook's payload is 25 MB.
pub const EVENT_LIMIT: u64 = 32 << 20;

/// What the runner says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The checkout, absolute, with `/`; `.` outside of a runner.
    pub workspace: String,
    /// A folder of the job's own, removed after it.
    pub temporary: String,
    /// `owner/name`.
    pub repository: String,
    /// The repository's number; its name where the runner gives none.
    pub repository_id: String,
    /// The workflow run's number.
    pub run_id: String,
    /// Which attempt of the run this is, from 1.
    pub attempt: String,
    /// The id of the job in the workflow file; the same in every leg of a matrix.
    pub job: String,
    /// The id of the step, or what the runner made up for it.
    pub action: String,
    /// The commit under test: of a pull request its head, not the merge commit.
    pub commit: String,
    /// The branch or tag: of a pull request its head's.
    pub branch: String,
    /// Who started the run.
    pub actor: String,
    /// The event's name, as `push`.
    pub event: String,
    /// The pull request, if the event has one.
    pub pull_request: Option<PullRequest>,
    /// The commit that the change under test begins at; empty where the event
    /// names none.
    pub base: String,
    /// Whether the event's head is another repository's, or cannot be known to be ours.
    pub foreign_head: bool,
    /// The base of GitHub's API, as `https://api.github.com`.
    pub api_url: String,
    /// The base of GitHub's pages, as `https://github.com`.
    pub server_url: String,
    /// The runner's files that this step may write; empty where there is none.
    pub files: RunnerFiles,
    /// Whether step debug logging is on.
    pub debug: bool,
    /// Whether a runner started us, rather than a person.
    pub on_runner: bool,
}

/// The pull request of the event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
}

/// Paths of the runner's files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunnerFiles {
    /// `GITHUB_OUTPUT`.
    pub output: String,
    /// `GITHUB_STATE`.
    pub state: String,
    /// `GITHUB_ENV`.
    pub environment: String,
    /// `GITHUB_PATH`.
    pub path: String,
    /// `GITHUB_STEP_SUMMARY`.
    pub summary: String,
}

impl Context {
    /// Reads the environment and, where there is one, the event's file.
    pub fn read(environment: &BTreeMap<String, String>, event: Option<&[u8]>) -> Context {
        let variable = |name: &str| variable(environment, name);
        let event: Value = event.and_then(|event| serde_json::from_slice(event).ok()).unwrap_or_default();
        let pull_request = &event["pull_request"];
        let repository = variable("GITHUB_REPOSITORY");
        let head = head_of(&event);
        let event_name = variable("GITHUB_EVENT_NAME");
        let workspace = or(variable("GITHUB_WORKSPACE"), ".").replace('\\', "/");
        Context {
            temporary: or(variable("RUNNER_TEMP"), &format!("{workspace}/.waybill/temporary")).replace('\\', "/"),
            workspace,
            repository_id: or(variable("GITHUB_REPOSITORY_ID"), &or(repository.clone(), "local")),
            foreign_head: is_foreign(&event_name, &event, &repository),
            run_id: or(variable("GITHUB_RUN_ID"), "0"),
            attempt: or(variable("GITHUB_RUN_ATTEMPT"), "1"),
            job: or(variable("GITHUB_JOB"), "local"),
            action: variable("GITHUB_ACTION"),
            commit: or(text(&head["sha"]), &variable("GITHUB_SHA")),
            branch: or(variable("GITHUB_HEAD_REF"), &variable("GITHUB_REF_NAME")),
            actor: or(variable("GITHUB_TRIGGERING_ACTOR"), &variable("GITHUB_ACTOR")),
            pull_request: pull_request["number"].as_u64().map(|number| PullRequest { number }),
            base: or(text(&pull_request["base"]["sha"]), &text(&event["before"])),
            event: event_name,
            api_url: or(variable("GITHUB_API_URL"), "https://api.github.com"),
            server_url: or(variable("GITHUB_SERVER_URL"), "https://github.com"),
            files: RunnerFiles {
                output: variable("GITHUB_OUTPUT"),
                state: variable("GITHUB_STATE"),
                environment: variable("GITHUB_ENV"),
                path: variable("GITHUB_PATH"),
                summary: variable("GITHUB_STEP_SUMMARY"),
            },
            debug: variable("RUNNER_DEBUG") == "1",
            on_runner: variable("GITHUB_ACTIONS") == "true",
            repository,
        }
    }

    /// The page of a file at the commit under test; empty without a repository.
    pub fn url_of(&self, path: &str) -> String {
        if self.repository.is_empty() {
            return String::new();
        }
        let path: Vec<_> = path.split('/').map(percent_encoded).collect();
        format!("{}/{}/blob/{}/{}", self.server_url, self.repository, self.commit, path.join("/"))
    }

    /// The path relative to the workspace, where it lies in it.
    pub fn relative<'p>(&self, path: &'p str) -> &'p str {
        let rest = path.strip_prefix(self.workspace.trim_end_matches('/'));
        rest.and_then(|rest| rest.strip_prefix('/')).unwrap_or(path)
    }

    /// A path of the workspace, from one relative to it.
    pub fn in_workspace(&self, path: &str) -> String {
        match path {
            "" | "." => self.workspace.clone(),
            path if is_absolute(path) => path.to_owned(),
            path => format!("{}/{}", self.workspace.trim_end_matches('/'), path.trim_start_matches("./")),
        }
    }
}

#[inline(never)]
fn variable(environment: &BTreeMap<String, String>, name: &str) -> String {
    environment.get(name).cloned().unwrap_or_default()
}

#[inline(never)]
fn or(value: String, other: &str) -> String {
    if value.is_empty() { other.to_owned() } else { value }
}

/// Whether a path, with `/`, is absolute on any platform.
pub fn is_absolute(path: &str) -> bool {
    path.starts_with('/') || path.as_bytes().get(1) == Some(&b':')
}

/// The head of a pull request's event only: what `workflow_run` and the like
/// name is not what this run has checked out.
fn head_of(event: &Value) -> &Value {
    &event["pull_request"]["head"]
}

/// A run with this repository's secrets may have been set off by somebody
/// else's code: `pull_request_target` and `workflow_run` from a fork, also one
/// that is deleted since. A plain `pull_request` from a fork gets no secrets.
fn is_foreign(event_name: &str, event: &Value, repository: &str) -> bool {
    let head = match event_name {
        "pull_request_target" => &event["pull_request"]["head"]["repo"]["full_name"],
        "workflow_run" => &event["workflow_run"]["head_repository"]["full_name"],
        _ => return false,
    };
    !head.as_str().is_some_and(|head| head.eq_ignore_ascii_case(repository))
}

fn percent_encoded(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    name.bytes().map(|byte| if plain(byte) { (byte as char).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[inline(never)]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)], event: &str) -> Context {
        let environment = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Context::read(&environment, Some(event.as_bytes()))
    }

    #[test]
    fn a_pull_request_is_about_its_head() {
        let context = read(
            &[("GITHUB_SHA", "merge"), ("GITHUB_HEAD_REF", "topic"), ("GITHUB_REF_NAME", "7/merge")],
            r#"{"pull_request":{"number":7,"head":{"sha":"head"},"base":{"sha":"base"}}}"#,
        );
        assert_eq!((context.commit.as_str(), context.branch.as_str()), ("head", "topic"));
        assert_eq!(context.pull_request, Some(PullRequest { number: 7 }));
        assert_eq!(context.base, "base");
    }

    #[test]
    fn without_a_runner_there_are_local_names() {
        let context = Context::read(&BTreeMap::new(), None);
        assert_eq!(
            (context.run_id.as_str(), context.job.as_str(), context.repository_id.as_str()),
            ("0", "local", "local")
        );
        assert_eq!(context.in_workspace("./a/b"), "./a/b");
        assert!(!context.on_runner && !context.foreign_head);
    }

    #[test]
    fn a_head_of_another_or_a_deleted_repository_is_foreign() {
        let ours = [("GITHUB_REPOSITORY", "us/app"), ("GITHUB_EVENT_NAME", "pull_request_target")];
        let head = |name: &str| format!(r#"{{"pull_request":{{"head":{{"repo":{name}}}}}}}"#);
        assert!(!read(&ours, &head(r#"{"full_name":"Us/App"}"#)).foreign_head);
        assert!(read(&ours, &head(r#"{"full_name":"them/app"}"#)).foreign_head);
        assert!(read(&ours, &head("null")).foreign_head);
        let run = [("GITHUB_REPOSITORY", "us/app"), ("GITHUB_EVENT_NAME", "workflow_run")];
        assert!(read(&run, r#"{"workflow_run":{"head_repository":{"full_name":"them/app"}}}"#).foreign_head);
    }

    #[test]
    fn a_broken_event_file_says_nothing() {
        assert_eq!(read(&[("GITHUB_SHA", "abc")], "{").commit, "abc");
    }
}
