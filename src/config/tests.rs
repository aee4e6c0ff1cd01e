use proptest::prelude::*;

use super::*;
use crate::secret::Secret;

static FAIL_ON: Setting = Setting {
    name: "fail-on",
    kind: Kind::Choice(&["error", "warning", "never"]),
    source: Source::Anywhere,
    default: Some("error"),
    about: "",
};
static MAX: Setting =
    Setting { name: "max-shown", kind: Kind::Count(0, 100), source: Source::Anywhere, default: None, about: "" };
static CHUNK: Setting =
    Setting { name: "chunk-size", kind: Kind::Size, source: Source::Anywhere, default: Some("64KiB"), about: "" };
static TAGS: Setting = Setting { name: "tags", kind: Kind::Map, source: Source::Anywhere, default: None, about: "" };
static HOOK: Setting = Setting {
    name: "hook-secret",
    kind: Kind::Secret(SecretForm::Any),
    source: Source::Anywhere,
    default: None,
    about: "",
};
static API: Setting = Setting {
    name: "vercel-api-url",
    kind: Kind::HttpUrl(Web::Any),
    source: Source::InputOnly,
    default: Some("https://api.vercel.com"),
    about: "",
};

/// A catalogue with two harmless jobs and a deploying one.
const CATALOGUE: Catalogue<'static> = Catalogue {
    common: common::COMMON,
    jobs: &[("lint", &[&FAIL_ON, &MAX]), ("test", &[&FAIL_ON, &CHUNK, &TAGS]), ("deploy-frontend", &[&API, &HOOK])],
};

/// What a table gives: inputs, file, environment.
#[derive(Default)]
struct Given<'a> {
    inputs: &'a [(&'a str, &'a str)],
    file: &'a str,
    variables: &'a [(&'a str, &'a str)],
    required: &'a [&'a str],
    foreign: bool,
}

impl Given<'_> {
    fn with<T>(&self, use_sources: impl FnOnce(&Sources) -> T) -> T {
        let input = |(name, value): &(&str, &str)| (format!("INPUT_{}", name.to_uppercase()), value.to_string());
        let variable = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        let mut environment: BTreeMap<String, String> = self.inputs.iter().map(input).collect();
        environment.extend(self.variables.iter().map(variable));
        environment.insert("GITHUB_WORKSPACE".to_owned(), "/w".to_owned());
        let inputs = Inputs::read(&environment);
        let file = (!self.file.is_empty()).then(|| File::read("c.yml", self.file.as_bytes()));
        let trust = if self.foreign { Trust::Foreign } else { Trust::Own };
        let sources =
            Sources { inputs: &inputs, file: file.as_ref(), environment: &environment, trust, catalogue: &CATALOGUE };
        use_sources(&sources)
    }

    fn resolve(&self) -> Result<Resolved, Vec<Problem>> {
        self.with(|sources| resolve(sources, self.required))
    }
}

fn lines(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(|problem| format!("{} {problem}", problem.code.id)).collect()
}

/// Checks every problem, in order.
fn check(given: Given, expected: &[&str]) {
    let problems = given.resolve().err().unwrap_or_default();
    assert_eq!(lines(&problems), expected, "{}", given.file);
}

/// Checks that nothing is wrong, and what is odd.
fn check_warnings(given: Given, expected: &[&str]) -> Settings {
    let resolved = given.resolve().unwrap_or_else(|problems| panic!("{:#?}", lines(&problems)));
    assert_eq!(lines(&resolved.warnings), expected, "{}", given.file);
    resolved.settings
}

const LINT: &[(&str, &str)] = &[("job-type", "lint")];
const PRODUCTION: &[(&str, &str)] = &[("job-type", "lint"), ("environment", "production")];

#[test]
fn every_kind_is_read_from_inputs_and_file() {
    let file = "defaults:\n  working-directory: ./app/\n  timeout: 1h30m\n  comment: true\n  pass-env: |\n    A\n\n    B\n  reports: ['/w/app/out/*.xml', '!out/x.xml']\n  run: |\n    echo ${HOME}\n  test:\n    chunk-size: 10MB\n    tags: {a: 1, b: [x]}\n";
    let settings = check_warnings(Given { inputs: &[("job-type", "test")], file, ..Given::default() }, &[]);
    assert_eq!(settings.text("working-directory"), Some("app"));
    assert_eq!(settings.duration("timeout"), Some(std::time::Duration::from_secs(5400)));
    assert!(settings.boolean("comment") && !settings.boolean("deployment-report"));
    assert_eq!(settings.list("pass-env"), ["A", "B"]);
    assert_eq!(settings.list("reports"), ["out/*.xml", "!out/x.xml"]);
    assert_eq!(settings.text("run"), Some("echo ${HOME}"));
    assert_eq!(settings.size("chunk-size"), Some(10_000_000));
    assert_eq!(settings.map("tags"), serde_json::json!({"a": 1, "b": ["x"]}).as_object());
    assert_eq!(
        (settings.choice("mode"), settings.choice("fail-on"), settings.count("max-shown")),
        (Some("apply"), Some("error"), None)
    );
    assert!(settings.given("timeout") && !settings.given("mode") && settings.list("path").is_empty());
    assert_eq!(settings.place("timeout").to_string(), "c.yml:3:3 defaults.timeout");
    assert_eq!(settings.place("mode").to_string(), "input mode");

    let inputs = &[
        ("job-type", "test"),
        ("tags", "a: 1\nb: [x]"),
        ("pass-env", "A\n B\n\n"),
        ("timeout", "90s"),
        ("comment", "TRUE"),
    ];
    let settings = check_warnings(Given { inputs, ..Given::default() }, &[]);
    assert_eq!(settings.map("tags"), serde_json::json!({"a": 1, "b": ["x"]}).as_object());
    assert_eq!(settings.list("pass-env"), ["A", "B"]);
    assert!(settings.boolean("comment"));
}

#[test]
fn the_nearer_value_wins() {
    let levels = [
        ("", "error"),
        ("defaults: {fail-on: warning}\n", "warning"),
        ("defaults: {fail-on: error, lint: {fail-on: never}}\n", "never"),
        ("environments: {production: {fail-on: warning}}\n", "warning"),
        ("environments: {production: {fail-on: error, lint: {fail-on: never}}}\n", "never"),
    ];
    for (file, expected) in levels {
        let settings = check_warnings(Given { inputs: PRODUCTION, file, ..Given::default() }, &[]);
        assert_eq!(settings.choice("fail-on"), Some(expected), "{file}");
    }
    // Each pair of levels, whichever stands first in the file: the later in this list wins.
    let keys = [
        &["defaults"][..],
        &["defaults", "lint"],
        &["environments", "production"],
        &["environments", "production", "lint"],
    ];
    for (low, below) in keys.iter().enumerate() {
        for above in &keys[low + 1..] {
            for first_is_lower in [true, false] {
                let mut tree = serde_json::json!({});
                let order = if first_is_lower {
                    [(below, "error"), (above, "never")]
                } else {
                    [(above, "never"), (below, "error")]
                };
                for (path, value) in order {
                    let mut at = &mut tree;
                    for key in path.iter() {
                        at = &mut at[*key];
                    }
                    at["fail-on"] = value.into();
                }
                let file = tree.to_string();
                let settings = check_warnings(Given { inputs: PRODUCTION, file: &file, ..Given::default() }, &[]);
                assert_eq!(settings.choice("fail-on"), Some("never"), "{file}");
                let inputs = &[PRODUCTION, &[("fail-on", "warning")]].concat();
                let settings = check_warnings(Given { inputs, file: &file, ..Given::default() }, &[]);
                assert_eq!(settings.choice("fail-on"), Some("warning"), "{file}");
            }
        }
    }
    // Of another environment, of another job type, and empty ones do not count.
    let file = "defaults:\n  fail-on: warning\n  lint:\n    fail-on:\n  test: {fail-on: never}\nenvironments:\n  staging: {fail-on: never}\n  production: {fail-on: ''}\n";
    let inputs = &[PRODUCTION, &[("fail-on", " ")]].concat();
    let settings = check_warnings(Given { inputs, file, ..Given::default() }, &[]);
    assert_eq!(settings.choice("fail-on"), Some("warning"));
}

#[test]
fn all_problems_are_told_at_once_each_at_its_place() {
    let inputs = &[
        PRODUCTION,
        &[
            ("timeout", "90"),
            ("mode", "aply"),
            ("frontend-url", "http://a.example"),
            ("reports", "a\n../b"),
            ("tags", "[a"),
        ],
    ]
    .concat();
    let file = "environments:\n  production:\n    backend-url: http://api.example.com\n    fail-on: errors\n    comment: yes\n    max-shown: 101\n    backendurl: x\n    lint:\n      chunk-size: 1MB\n      test: {}\n    reports:\n      - ok\n      - [a]\n      -\n  prod: {}\ndefaults:\n  mode: plan\n  path: {a: b}\n  tags: text\n  shell: [a]\n  config: x\n  timeout: 5 min\ntimeout: 5m\nenv: {}\n";
    check(
        Given { inputs, file, required: &["backend-url", "run"], ..Given::default() },
        &[
            "WB1003 input mode: wanted one of `apply`, `plan` or `rollback`, found `aply` (did you mean `apply`?)",
            "WB1009 input frontend-url: wanted an https URL, found `http://a.example`",
            "WB1005 input timeout: wanted a duration as `90s`, `5m` or `1h30m`, found `90` (a number wants its unit)",
            "WB1013 input reports[1]: wanted a path inside the workspace, found `../b` (its `..` leads out of it)",
            "WB1103 input tags: wanted YAML, found no ',' or ']' at line 2, column 1",
            "WB1009 c.yml:3:5 environments.production.backend-url: wanted an https URL, found `http://api.example.com`",
            "WB1003 c.yml:4:5 environments.production.fail-on: wanted one of `error`, `warning` or `never`, found `errors` (did you mean `error`?)",
            "WB1004 c.yml:5:5 environments.production.comment: wanted `true` or `false`, found `yes` (did you mean `true`?)",
            "WB1007 c.yml:6:5 environments.production.max-shown: wanted a whole number from 0 to 100, found `101`",
            "WB1106 c.yml:7:5 environments.production.backendurl: wanted a setting or a job type, found `backendurl` (did you mean `backend-url`?)",
            "WB1108 c.yml:9:7 environments.production.lint.chunk-size: wanted a setting of `lint`, found `chunk-size`, a setting of `test`",
            "WB1108 c.yml:10:7 environments.production.lint.test: wanted a setting, found a job type inside a job type",
            "WB1015 c.yml:13:9 environments.production.reports[1]: wanted a text, found a list",
            "WB1015 c.yml:14:8 environments.production.reports[2]: wanted a text, found nothing",
            "WB1107 c.yml:15:3 environments.prod: wanted `development`, `staging` or `production`, found `prod` (did you mean `production`?)",
            "WB1109 c.yml:17:3 defaults.mode: wanted a setting of the file, found `mode`, which is an input only (give it under `with:` in the workflow)",
            "WB1015 c.yml:18:3 defaults.path: wanted paths or patterns, one a line, found a map",
            "WB1015 c.yml:19:3 defaults.tags: wanted a map, found a text",
            "WB1015 c.yml:20:3 defaults.shell: wanted a text, found a list",
            "WB1109 c.yml:21:3 defaults.config: wanted a setting of the file, found `config`, which is an input only (give it under `with:` in the workflow)",
            "WB1005 c.yml:22:3 defaults.timeout: wanted a duration as `90s`, `5m` or `1h30m`, found `5 min`",
            "WB1106 c.yml:23:1 timeout: wanted `defaults` or `environments`, found `timeout` (did you mean `defaults.timeout`?)",
            "WB1106 c.yml:24:1 env: wanted `defaults` or `environments`, found `env` (did you mean `environments`?)",
            "WB1001 c.yml:2:3 environments.production.run: wanted a command, found nothing (here, or as the input `run`)",
        ],
    );
}

#[test]
fn what_is_asked_for_must_be_known() {
    check(
        Given::default(),
        &["WB1001 input job-type: wanted one of `lint`, `test` or `deploy-frontend`, found nothing"],
    );
    check(
        Given { inputs: &[("job-type", "tests"), ("environment", "Production")], ..Given::default() },
        &[
            "WB1002 input job-type: wanted one of `lint`, `test` or `deploy-frontend`, found `tests` (did you mean `test`?)",
            "WB1003 input environment: wanted one of `development`, `staging` or `production`, found `Production` (did you mean `production`?)",
        ],
    );
    check(
        Given { inputs: LINT, required: &["backend-url", "vercel-token"], ..Given::default() },
        &[
            "WB1001 input backend-url: wanted an http or https URL, found nothing",
            "WB1001 input vercel-token: wanted a Vercel token, found nothing",
        ],
    );
    let given = Given {
        inputs: &[("job-type", "lint"), ("databse-url", "x"), ("chunk_size", "1MB"), ("hello", "x")],
        ..Given::default()
    };
    check_warnings(
        given,
        &[
            "WB1017 input databse-url: wanted an input of the action, found `databse-url` (did you mean `database-url`?)",
            "WB1017 input hello: wanted an input of the action, found `hello` (did you mean `shell`?)",
        ],
    );
    // A wrong value of another job type's setting is a problem as well.
    check(
        Given { inputs: &[("job-type", "lint"), ("chunk-size", "1")], ..Given::default() },
        &["WB1006 input chunk-size: wanted a size as `64KiB` or `10MB`, found `1` (a number wants its unit)"],
    );
}

#[test]
fn secrets_come_from_variables_only() {
    let key = "aB3x".repeat(10);
    let variables =
        &[("KEY", key.as_str()), ("BAD", "so short"), ("EMPTY", ""), ("QDRANT", "http://u:longpassword@q.example")][..];
    let file = "defaults:\n  cohere-api-key: ${KEY}\n  vector-database-url: ${QDRANT}\n";
    let resolved = Given { inputs: LINT, file, variables, ..Given::default() }.resolve().unwrap();
    assert_eq!(resolved.values.cohere_api_key, Some(Secret::new(&key)));
    assert_eq!(resolved.values.vector_database_url, Some(Secret::new("http://u:longpassword@q.example")));
    assert!(!format!("{resolved:?}").contains("longpassword") && !format!("{resolved:?}").contains(&key));

    let file = "defaults:\n  cohere-api-key: ${BAD}\n  database-url: ${EMPTY}\n  vercel-token: ${GITHUB_TOKEN}\n  qdrant-api-key: ${NOPE}\n  backend-url: ${KEY}\n  pass-env: [A, \"${KEY}\"]\n";
    check(
        Given { inputs: LINT, file, variables, ..Given::default() },
        &[
            "WB1012 c.yml:2:3 defaults.cohere-api-key: wanted a Cohere API key of 20 to 256 visible ASCII characters, found 8 characters, one of them a space at 3 in the variable `BAD`",
            "WB1111 c.yml:3:3 defaults.database-url: wanted the variable `EMPTY` in the step's environment, found nothing (set it in the step's `env`, or move the key under the job types that use it)",
            "WB1112 c.yml:4:3 defaults.vercel-token: wanted a variable whose name does not begin with `GITHUB_`, found `${GITHUB_TOKEN}` (set one with a name of your own in the step's `env`)",
            "WB1111 c.yml:5:3 defaults.qdrant-api-key: wanted the variable `NOPE` in the step's environment, found nothing (set it in the step's `env`, or move the key under the job types that use it)",
            "WB1113 c.yml:6:3 defaults.backend-url: wanted a value that stands in the file, found a variable (only a secret is taken from the environment)",
            "WB1113 c.yml:7:17 defaults.pass-env[1]: wanted a value that stands in the file, found a variable (only a secret is taken from the environment)",
        ],
    );
    let file = "defaults:\n  vercel-token: literalsecretvalue12345\n  cohere-api-key: x${KEY}\n  qdrant-api-key: ${{ secrets.Q }}\n  database-url: {a: literalsecretvalue12345}\n  vector-database-url: https://u:literalsecretvalue12345@h\n  frontend-url: https://u:literalsecretvalue12345@h\nenvironments:\n  staging:\n    vercel-token: literalsecretvalue12345\n    database-url: ${RUNNER_TEMP}\n    cohere-api-key: ${NOT_HERE}\n";
    let given = Given { inputs: LINT, file, variables, ..Given::default() };
    let problems = lines(&given.resolve().unwrap_err());
    assert!(!problems.concat().contains("literalsecret"));
    check(
        given,
        &[
            "WB1110 c.yml:2:3 defaults.vercel-token: wanted `${NAME}`, a variable of the step's environment, found a literal secret (whoever reads the repository can read it; revoke it)",
            "WB1110 c.yml:3:3 defaults.cohere-api-key: wanted `${NAME}`, a variable of the step's environment, found something else with a `$` in it (it is the whole value or none of it)",
            "WB1113 c.yml:4:3 defaults.qdrant-api-key: wanted `${NAME}`, a variable of the step's environment, found an expression of GitHub's (it is expanded in a workflow only)",
            "WB1015 c.yml:5:3 defaults.database-url: wanted a Postgres URL, found a map",
            "WB1110 c.yml:6:3 defaults.vector-database-url: wanted `${NAME}`, a variable of the step's environment, found a URL with a literal password (whoever reads the repository can read it; revoke it)",
            "WB1110 c.yml:7:3 defaults.frontend-url: wanted a URL without user name and password, found a URL with a literal password (whoever reads the repository can read it; revoke it)",
            "WB1110 c.yml:10:5 environments.staging.vercel-token: wanted `${NAME}`, a variable of the step's environment, found a literal secret (whoever reads the repository can read it; revoke it)",
            "WB1112 c.yml:11:5 environments.staging.database-url: wanted a variable whose name does not begin with `RUNNER_`, found `${RUNNER_TEMP}` (set one with a name of your own in the step's `env`)",
        ],
    );
}

#[test]
fn secrets_are_known_before_anything_is_checked() {
    let variables = &[("KEY", "from-the-environment"), ("GITHUB_TOKEN", "never-read")][..];
    let inputs = &[
        ("job-type", "nonsense"),
        ("database-url", "postgres://u:long%40password@h/d?a"),
        ("hook-secret", "hook"),
        ("backend-url", "https://u:otherpassword@h"),
    ][..];
    let file = "defaults:\n  cohere-api-key: ${KEY}\n  vercel-token: ${GITHUB_TOKEN}\nenvironments:\n  nowhere:\n    - qdrant-api-key: literal\n      deploy-frontend: {hook-secret: deep}\nx: 1\nx: 2\n";
    let given = Given { inputs, file, variables, ..Given::default() };
    let exposed = |given: &Given| {
        let found = given.with(secrets);
        let mut found: Vec<String> = found.iter().map(|secret| secret.expose().to_owned()).collect();
        found.sort();
        found
    };
    let expected = [
        "${GITHUB_TOKEN}",
        "deep",
        "from-the-environment",
        "hook",
        "https://u:otherpassword@h",
        "literal",
        "long%40password",
        "long@password",
        "otherpassword",
        "postgres://u:long%40password@h/d?a",
    ];
    assert_eq!(exposed(&given), expected.iter().filter(|text| !text.starts_with("${")).copied().collect::<Vec<_>>());
    let foreign = exposed(&Given { foreign: true, ..given });
    assert!(!foreign.contains(&"from-the-environment".to_owned()));
}

#[test]
fn a_forks_head_gets_nothing_and_deploys_nothing() {
    let file = "defaults:\n  cohere-api-key: ${KEY}\n  vercel-token: ${ACTIONS_X}\n";
    let variables = &[("KEY", "x")][..];
    check(
        Given {
            inputs: &[("job-type", "deploy-frontend")],
            file,
            variables,
            required: &["cohere-api-key"],
            foreign: true,
        },
        &[
            "WB1112 c.yml:3:3 defaults.vercel-token: wanted a variable whose name does not begin with `ACTIONS_`, found `${ACTIONS_X}` (set one with a name of your own in the step's `env`)",
            "WB1019 input mode: wanted `lint`, `test` or `mode: plan` for a fork's head, found `deploy-frontend` with `mode: apply`",
            "WB1001 input cohere-api-key: wanted a Cohere API key, found nothing",
        ],
    );
    let file = "defaults:\n  cohere-api-key: ${KEY}\n";
    for inputs in [&[("job-type", "deploy-frontend"), ("mode", "plan")][..], LINT] {
        let settings = check_warnings(
            Given { inputs, file, variables, foreign: true, ..Given::default() },
            &[
                "WB1114 c.yml:2:3 defaults.cohere-api-key: wanted nothing from the environment, for a fork's head, found `${KEY}`",
            ],
        );
        assert_eq!(settings.secret("cohere-api-key"), None);
    }
}

#[test]
fn a_broken_file_is_told_with_all_the_rest() {
    check(
        Given {
            inputs: &[("job-type", "lint"), ("timeout", "x")],
            file: "defaults:\n\ttimeout: 5m\n",
            ..Given::default()
        },
        &[
            "WB1005 input timeout: wanted a duration as `90s`, `5m` or `1h30m`, found `x`",
            "WB1103 c.yml:2:2: wanted YAML, found tabs disallowed within this context (block indentation) (indent by spaces)",
        ],
    );
    check(Given { inputs: LINT, file: "- a\n", ..Given::default() }, &["WB1015 c.yml:1:1: wanted a map, found a list"]);
    check(
        Given { inputs: LINT, file: "defaults:\n  timeout: 5m\n  timeout: x\nenvironments: [a]\n", ..Given::default() },
        &[
            "WB1105 c.yml:3:3 defaults.timeout: wanted each key once, found `timeout` again (first at line 2)",
            "WB1005 c.yml:3:3 defaults.timeout: wanted a duration as `90s`, `5m` or `1h30m`, found `x`",
            "WB1015 c.yml:4:1 environments: wanted a map, found a list",
        ],
    );
    check_warnings(
        Given { inputs: LINT, file: "# nothing\ndefaults:\nenvironments:\n  staging:\n", ..Given::default() },
        &[],
    );
    check_warnings(Given { inputs: LINT, ..Given::default() }, &[]);
}

#[test]
fn absolute_globs_lead_into_the_working_directory() {
    let inputs = &[("job-type", "lint"), ("working-directory", "/w/app"), ("reports", "/w/other/x\n/w/app/y")];
    let problem = "WB1013 input reports: wanted a path inside the working directory `app`, found `/other/x`";
    check(Given { inputs, ..Given::default() }, &[problem]);
}

#[test]
fn what_is_odd_is_warned_about() {
    let token = format!("abc_{}", "d".repeat(30));
    let inputs = &[("job-type", "lint"), ("vercel-token", token.as_str()), ("backend-url", "https://h/#x")];
    check_warnings(
        Given { inputs, ..Given::default() },
        &[
            "WB1018 input backend-url: wanted an http or https URL, found a fragment (`#…`), which is never sent",
            "WB1018 input vercel-token: wanted a Vercel token, found a prefix that Vercel has not announced",
        ],
    );
}

#[test]
fn the_file_is_found() {
    let path =
        |inputs: &[(&str, &str)]| Given { inputs, ..Given::default() }.with(|sources| file_path(sources.inputs, "/w"));
    assert_eq!(path(&[]), Ok((".github/waybill.yml".to_owned(), false)));
    assert_eq!(path(&[("config", "/w/ci.yml")]), Ok(("ci.yml".to_owned(), true)));
    assert_eq!(path(&[("config", "../x")]).unwrap_err().code.id, "WB1013");
    assert_eq!(
        file_missing("ci.yml").to_string(),
        "input config: wanted a configuration file, found nothing at `ci.yml` (is the repository checked out before this step?)"
    );
}

proptest! {
    #[test]
    fn no_cut_of_a_file_panics_or_shows_its_secrets(cut in 0usize..300, variable in "[A-Z_${}]{0,8}") {
        let file = format!("defaults:\n  timeout: 5m\n  vercel-token: literalsecret\n  cohere-api-key: {variable}\n  test: {{chunk-size: 1MB, tags: {{a: b}}}}\nenvironments:\n  production:\n    database-url: 'postgres://u:literalsecret@h/d'\n    reports: [a, 'b*']\n");
        let file: String = file.chars().take(cut).collect();
        let given = Given { inputs: PRODUCTION, file: &file, ..Given::default() };
        given.with(secrets);
        let problems = lines(&given.resolve().err().unwrap_or_default()).concat();
        prop_assert!(!problems.contains("literals"), "{}", problems);
    }
}
