//! `WB1…`: inputs (`WB10…`) and the configuration file (`WB11…`).

use super::Code;
use crate::problem::Exit;

/// A problem's code.
const fn problem(id: &'static str, title: &'static str, why: &'static str, mend: &'static str) -> Code {
    Code { id, exit: Exit::Problem, title, why, mend }
}

/// A required setting is missing.
pub static MISSING: Code = problem(
    "WB1001",
    "a required setting is missing",
    "the job type cannot do its work without it",
    "give it as an input of the step, or under `environments` or `defaults` in the configuration file",
);

/// The `job-type` is none that there is.
pub static JOB_TYPE: Code = problem(
    "WB1002",
    "the job type is unknown",
    "without a known job type there is no job",
    "give `job-type` one of the names that the message lists",
);

/// A value is none of those that the setting has.
pub static CHOICE: Code = problem(
    "WB1003",
    "a value is none of the choices",
    "a word that is not understood would be ignored or guessed at",
    "take one of the words that the message lists, spelled exactly so",
);

/// A value is neither true nor false.
pub static BOOLEAN: Code = problem(
    "WB1004",
    "a value is neither `true` nor `false`",
    "YAML 1.2 knows no other words for them; `yes` or `on` mean something else to every reader",
    "write `true` or `false`",
);

/// A value is no duration.
pub static DURATION: Code = problem(
    "WB1005",
    "a value is no duration",
    "a number without its unit is read as seconds by one and as minutes by the next",
    "write it with units, the largest first: `90s`, `5m`, `1h30m`",
);

/// A value is no size.
pub static SIZE: Code = problem(
    "WB1006",
    "a value is no size",
    "a number without its unit is read as bytes by one and as megabytes by the next",
    "write it with a unit: `64KiB`, `10MB`",
);

/// A value is no number, or outside of its range.
pub static COUNT: Code = problem(
    "WB1007",
    "a value is no number in its range",
    "the setting counts something, within the limits that the message names",
    "write a whole number within the range",
);

/// A value is no `http` or `https` URL.
pub static HTTP_URL: Code = problem(
    "WB1008",
    "a value is no URL",
    "Waybill asks that URL; a wrong one fails late, and in another place",
    "write it in full, as `https://api.example.com`",
);

/// A URL is not `https` in production.
pub static HTTPS_REQUIRED: Code = problem(
    "WB1009",
    "production wants an https URL",
    "what production serves and answers could be read and changed on its way",
    "serve it by https, or use the URL in another environment",
);

/// A value is no Postgres URL.
pub static DATABASE_URL: Code = problem(
    "WB1010",
    "a value is no Postgres URL",
    "readers of such URLs disagree about the odd ones, and may connect to another host than you think",
    "write `postgresql://user:password@host/database`, with what is special in user and password percent-encoded",
);

/// A value is no Vercel token.
pub static VERCEL_TOKEN: Code = problem(
    "WB1011",
    "a value is no Vercel token",
    "Vercel's own tools refuse it, too",
    "make an access token in the account's settings, and store it without blanks and quotes",
);

/// A value is no Cohere API key.
pub static COHERE_KEY: Code = problem(
    "WB1012",
    "a value is no Cohere API key",
    "a key with blanks, quotes or a line break is refused by the service",
    "copy the key again, without blanks and quotes",
);

/// A path is absolute or leaves the workspace.
pub static PATH: Code = problem(
    "WB1013",
    "a path leaves the workspace",
    "what lies outside of the checkout differs from runner to runner and is nobody's to change",
    "write the path from the workspace's root, with `/` and without `..` at its start",
);

/// A value is no git hash.
pub static COMMIT: Code = problem(
    "WB1014",
    "a value is no git hash",
    "a short hash or a branch may mean another commit tomorrow",
    "write all 40 (or 64) hex digits",
);

/// A list or a map where a text is wanted, or the other way round.
pub static SHAPE: Code = problem(
    "WB1015",
    "a value has the wrong shape",
    "the setting holds something else than what stands there",
    "see the setting's row in the table of settings",
);

/// A text that the setting cannot take.
pub static TEXT: Code = problem(
    "WB1016",
    "a value is not what the setting takes",
    "the setting has a form of its own, which the message names",
    "see the setting's row in the table of settings",
);

/// Warned about: an input that Waybill does not have.
pub static UNKNOWN_INPUT: Code = problem(
    "WB1017",
    "an input is unknown",
    "GitHub passes it on, but nothing reads it; most often it is a typing mistake",
    "correct its name, or remove it",
);

/// Warned about: a value that is taken, but looks wrong.
pub static UNUSUAL: Code = problem(
    "WB1018",
    "a value looks unusual",
    "it has a form that the service does not usually give out, or parts that have no effect",
    "look at it again; if it is right, ignore the warning",
);

/// A job type or mode that does not run for a fork's head.
pub static FOREIGN: Code = problem(
    "WB1019",
    "this does not run for a fork's head",
    "on `pull_request_target` and `workflow_run` the workflow's secrets meet code that a stranger wrote",
    "run `lint`, `test` or `mode: plan` there, and deploy from your own branches",
);

/// The named configuration file is not there.
pub static FILE_MISSING: Code = problem(
    "WB1101",
    "the configuration file is missing",
    "it was asked for by name",
    "correct `config`, and check the repository out before this step",
);

/// The configuration file is too large, or no UTF-8 text.
pub static FILE_UNREADABLE: Code = problem(
    "WB1102",
    "the configuration file cannot be read",
    "it is larger or more deeply nested than any configuration needs, or no UTF-8 text",
    "store it as UTF-8, below 1 MiB",
);

/// The configuration file is no YAML.
pub static YAML: Code = problem(
    "WB1103",
    "the configuration file is no YAML",
    "it breaks YAML's rules at the place that the message names",
    "mend it there; indentation is by spaces",
);

/// Something of YAML that a configuration file may not hold.
pub static YAML_UNSUPPORTED: Code = problem(
    "WB1104",
    "YAML that is not read here",
    "several documents, tags of one's own, keys that are no text and anchors inside themselves have no meaning here",
    "write it plainly",
);

/// A key stands twice in one map.
pub static DUPLICATE_KEY: Code =
    problem("WB1105", "a key stands twice", "one of the two would be ignored in silence", "remove one of them");

/// A key that Waybill does not know.
pub static UNKNOWN_KEY: Code = problem(
    "WB1106",
    "a key is unknown",
    "a misspelled setting would be ignored in silence",
    "correct it; the table of settings lists all keys",
);

/// An environment that there is not.
pub static UNKNOWN_ENVIRONMENT: Code = problem(
    "WB1107",
    "an environment is unknown",
    "there are `development`, `staging` and `production`",
    "use one of the three names",
);

/// A setting under a job type that does not have it.
pub static MISPLACED_KEY: Code = problem(
    "WB1108",
    "a setting stands under a job type that does not have it",
    "nothing would read it there",
    "move it under the job type that has it, or to the environment's own level",
);

/// An input that the file may not set.
pub static INPUT_ONLY: Code = problem(
    "WB1109",
    "a setting can only be given as an input",
    "it decides what this one run does, whom it trusts or where a secret is sent; the file is the wrong place for that",
    "give it under `with:` in the workflow",
);

/// A secret stands in the configuration file.
pub static LITERAL_SECRET: Code = problem(
    "WB1110",
    "a secret stands in the configuration file",
    "whoever can read the repository can read it, now and in its history",
    "write `${NAME}`, set that variable in the step's `env` from a GitHub secret, and revoke the value",
);

/// The variable that a `${NAME}` names is not set.
pub static VARIABLE_UNSET: Code = problem(
    "WB1111",
    "a variable is not set",
    "the file takes a secret from it",
    "set it in the step's `env`, or move the key under the job types that use it",
);

/// A `${NAME}` names a variable of the runner.
pub static VARIABLE_FORBIDDEN: Code = problem(
    "WB1112",
    "a variable of the runner is not read",
    "`GITHUB_…`, `ACTIONS_…`, `RUNNER_…`, `INPUT_…` and `STATE_…` hold the runner's own credentials and channels",
    "set a variable with a name of your own",
);

/// A `${NAME}` where none is read.
pub static VARIABLE_MISPLACED: Code = problem(
    "WB1113",
    "a variable stands where none is read",
    "only a secret is taken from the environment, so that the file shows all the rest",
    "write the value itself, or give the setting as an input",
);

/// Warned about: a `${NAME}` that is not expanded for a fork's head.
pub static NOT_EXPANDED: Code = problem(
    "WB1114",
    "a variable is not expanded for a fork's head",
    "the file may be the stranger's, and could name any variable",
    "none is needed for `lint`, `test` and `mode: plan`",
);
