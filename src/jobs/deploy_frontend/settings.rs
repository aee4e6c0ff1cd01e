//! The settings of `deploy-frontend`, and what they come to.

use std::time::Duration;

use crate::clients::vercel::API;
use crate::codes;
use crate::config::{Kind, SecretForm, Setting, Settings, Source, Web};
use crate::jobs::deadline::DEADLINE;
use crate::jobs::health::{GATE_SETTINGS, GateSettings};
use crate::jobs::verifying::{REQUIRE_SIGNATURE, RUN_ID, VERIFY_KEY};
use crate::model::forms::{Wrong, shown};
use crate::problem::Problem;
use crate::secret::Secret;

const fn setting(name: &'static str, kind: Kind, default: Option<&'static str>, about: &'static str) -> Setting {
    Setting { name, kind, source: Source::Anywhere, default, about }
}

static PROJECT: Setting = setting("vercel-project", Kind::Text, None, "The project at Vercel: its id or its name");
static TEAM: Setting = setting(
    "vercel-team",
    Kind::Text,
    None,
    "The team at Vercel that owns the project: its id (`team_…`) or its slug; none for a personal account",
);
static TARGET: Setting = setting(
    "target",
    Kind::Text,
    None,
    "`production`, `preview`, or a custom environment of the project; by default `production` in production, `staging` in staging, else `preview`",
);
static DOMAINS: Setting = setting(
    "domains",
    Kind::Lines,
    None,
    "Domains that must lead to the deployment, one a line; of a preview they are assigned, in production the gate asks each of them",
);
static BYPASS: Setting = setting(
    "vercel-bypass-secret",
    Kind::Secret(SecretForm::Any),
    None,
    "The secret of `Protection Bypass for Automation`, with which the health gate gets to protected deployments",
);
static AUDIENCE: Setting = setting(
    "health-oidc-audience",
    Kind::Text,
    None,
    "Sends GitHub's OIDC token with exactly this audience to protected deployments, which trust it as a source; needs `id-token: write`. Off by default",
);
static ON_FAILURE: Setting = setting(
    "on-failure",
    Kind::Choice(&["rollback", "keep"]),
    Some("rollback"),
    "What is done when the deployment is not healthy in service: `rollback` gives the traffic back to what served before, `keep` leaves it",
);
static UPLOAD: Setting = setting(
    "upload",
    Kind::Choice(&["auto", "files", "archive"]),
    Some("auto"),
    "Whether files are uploaded one by one or as an archive; `auto` takes the archive where there are too many for Vercel",
);
static UPLOADS: Setting =
    setting("parallel-uploads", Kind::Count(1, 100), Some("32"), "How many files are uploaded at once");
static REQUEST_TIMEOUT: Setting =
    setting("request-timeout", Kind::Duration, Some("30s"), "How long one request to the service may take");
static BUILD_LOGS: Setting = setting(
    "build-logs",
    Kind::Boolean,
    Some("false"),
    "Whether the lines of Vercel's own build log are printed while it is waited for",
);
static CLEANUP: Setting = setting(
    "cleanup",
    Kind::Boolean,
    Some("false"),
    "`true`, in a workflow that runs when a pull request is `closed`, removes its previews and marks its environment inactive",
);
static GITHUB: Setting = setting(
    "github-deployment",
    Kind::Choice(&["auto", "off"]),
    Some("auto"),
    "Whether a GitHub Deployment with its statuses is kept; `auto` does where the job has the permission `deployments: write`",
);
static API_URL: Setting = Setting {
    name: "vercel-api-url",
    kind: Kind::HttpUrl(Web::Any),
    source: Source::InputOnly,
    default: Some(API),
    about: "The base of Vercel's API, for tests and gateways",
};

/// Every setting of the job type.
pub static SETTINGS: &[&Setting] = &[
    &PROJECT,
    &TEAM,
    &TARGET,
    &DOMAINS,
    &BYPASS,
    GATE_SETTINGS[0],
    GATE_SETTINGS[1],
    GATE_SETTINGS[2],
    GATE_SETTINGS[3],
    GATE_SETTINGS[4],
    GATE_SETTINGS[5],
    GATE_SETTINGS[6],
    GATE_SETTINGS[7],
    GATE_SETTINGS[8],
    GATE_SETTINGS[9],
    &AUDIENCE,
    &DEADLINE,
    &ON_FAILURE,
    &UPLOAD,
    &UPLOADS,
    &REQUEST_TIMEOUT,
    &BUILD_LOGS,
    &CLEANUP,
    &GITHUB,
    &API_URL,
    &VERIFY_KEY,
    &REQUIRE_SIGNATURE,
    &RUN_ID,
];

/// What the settings come to.
#[derive(Clone, Debug)]
pub struct Options {
    /// The project: id or name.
    pub project: String,
    /// Where it lies.
    pub account: Account,
    /// `production`, a custom environment, or empty for a preview.
    pub target: String,
    /// The domains that must lead to it.
    pub domains: Vec<String>,
    /// What gets through a protection.
    pub bypass: Option<Secret>,
    /// The audience of GitHub's token.
    pub audience: Option<String>,
    /// The gate; none where it is turned off.
    pub gate: Option<GateSettings>,
    /// Where it is served.
    pub frontend_url: Option<String>,
    /// How long all may take.
    pub deadline: Duration,
    /// Whether what is not healthy in service is rolled back.
    pub rolls_back: bool,
    /// `auto`, `files` or `archive`.
    pub upload: String,
    /// How many uploads at once.
    pub parallel: usize,
    /// Whether the build log is printed.
    pub build_logs: bool,
    /// The token for a GitHub Deployment; none where none is kept.
    pub github: Option<Secret>,
    /// The setting `store`.
    pub store: String,
    /// Whether the previews of a closed pull request are removed, and nothing else.
    pub cleans_up: bool,
    /// The deployment that a rollback started by hand undoes.
    pub undoes: Option<String>,
    /// How what is deployed is reached: as the API is.
    pub scheme: &'static str,
}

/// An account at Vercel.
#[derive(Clone, Debug)]
pub struct Account {
    /// The base of the API.
    pub api: String,
    /// The team; empty for none.
    pub team: String,
    /// The token.
    pub token: Secret,
    /// How long one request may take.
    pub request_timeout: Duration,
}

impl Options {
    /// Of the settings, or everything that is wrong.
    pub fn plan(settings: &Settings) -> Result<Options, Vec<Problem>> {
        let mut problems = Vec::new();
        if settings.text("vercel-project").is_none() {
            problems.push(settings.missing("vercel-project", "the id or the name of a project", true));
        }
        if settings.secret("vercel-token").is_none() {
            problems.push(settings.missing("vercel-token", "a Vercel token", true));
        }
        for domain in settings.list("domains") {
            let label = |label: &str| {
                !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
            };
            let (host, port) =
                domain.split_once(':').map_or((domain.as_str(), None), |(host, port)| (host, Some(port)));
            let port_fits = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
            if !host.contains('.') || !host.split('.').all(label) || !port_fits || domain.len() > 255 {
                let wrong = Wrong::new("domains as `shop.example.com`", shown(domain));
                problems.push(settings.problem("domains", &codes::DOMAIN, wrong));
            }
        }
        let gate = GateSettings::plan(settings).unwrap_or_else(|found| {
            problems.extend(found);
            None
        });
        let target = match (settings.text("target"), settings.choice("environment")) {
            (Some("preview"), _) => "",
            (Some(target), _) => target,
            (None, Some("production")) => "production",
            (None, Some("staging")) => "staging",
            (None, _) => "",
        };
        let (Some(project), Some(token), true) =
            (settings.text("vercel-project"), settings.secret("vercel-token"), problems.is_empty())
        else {
            return Err(problems);
        };
        let api = settings.text("vercel-api-url").unwrap_or(API);
        let text = |name: &str| settings.text(name).map(str::to_owned);
        let seconds = |name: &str, default: u64| settings.duration(name).unwrap_or(Duration::from_secs(default));
        Ok(Options {
            project: project.to_owned(),
            account: Account {
                api: api.to_owned(),
                team: text("vercel-team").unwrap_or_default(),
                token: token.clone(),
                request_timeout: seconds("request-timeout", 30),
            },
            target: target.to_owned(),
            domains: settings.list("domains").iter().map(|domain| domain.to_ascii_lowercase()).collect(),
            bypass: settings.secret("vercel-bypass-secret").cloned(),
            audience: text("health-oidc-audience"),
            gate,
            frontend_url: text("frontend-url"),
            deadline: seconds("deadline", 1800),
            rolls_back: settings.choice("on-failure") != Some("keep"),
            upload: text("upload").unwrap_or_default(),
            parallel: settings.count("parallel-uploads").unwrap_or(32) as usize,
            build_logs: settings.boolean("build-logs"),
            github: settings
                .secret("github-token")
                .filter(|_| settings.choice("github-deployment") != Some("off"))
                .cloned(),
            store: text("store").unwrap_or_default(),
            cleans_up: settings.boolean("cleanup"),
            undoes: text("deployment-id"),
            scheme: if api.starts_with("http://") { "http" } else { "https" },
        })
    }

    /// Whether it goes to production.
    pub fn is_production(&self) -> bool {
        self.target == "production"
    }

    /// The target in a word.
    pub fn target_word(&self) -> &str {
        if self.target.is_empty() { "preview" } else { &self.target }
    }
}
