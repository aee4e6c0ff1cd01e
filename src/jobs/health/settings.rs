//! The gate's settings, the same in every deploy job.

use std::time::Duration;

use super::identity::Identity;
use super::pace::Pace;
use super::waiting::Gate;
use crate::codes;
use crate::config::{Kind, Setting, Settings, Source, Web};
use crate::model::forms::{Wrong, shown};
use crate::problem::Problem;

const fn setting(name: &'static str, kind: Kind, default: Option<&'static str>, about: &'static str) -> Setting {
    Setting { name, kind, source: Source::Anywhere, default, about }
}

static PATH: Setting = setting(
    "health-path",
    Kind::Checked(path_form),
    Some("/"),
    "The path that the health gate asks for; `none` turns the gate off",
);
static URL: Setting = setting(
    "health-url",
    Kind::HttpUrl(Web::Any),
    None,
    "The whole URL that the health gate asks for once the deployment is in service; by default the public URL with `health-path`",
);
static STATUS: Setting = setting(
    "health-status",
    Kind::Checked(statuses_form),
    Some("200-299"),
    "The statuses that are healthy, as `200-299` or `200, 204`",
);
static HEADER: Setting = setting(
    "health-header",
    Kind::Checked(header_form),
    None,
    "The header of the answer that must equal `health-equals`, so that an old version does not pass for the new one",
);
static POINTER: Setting = setting(
    "health-json-pointer",
    Kind::Checked(pointer_form),
    None,
    "The place in the answer's JSON that must equal `health-equals`, as `/version/commit` (RFC 6901)",
);
static EQUALS: Setting = setting(
    "health-equals",
    Kind::Text,
    Some("{commit}"),
    "What `health-header` and `health-json-pointer` must show; `{commit}` and `{digest}` stand for what is deployed",
);
static SUCCESSES: Setting =
    setting("health-successes", Kind::Count(1, 100), Some("3"), "How many healthy answers in a row are enough");
static INTERVAL: Setting = setting(
    "health-interval",
    Kind::Duration,
    Some("2s"),
    "How long to wait between two healthy answers; after others the waits grow from half of it to five times as much",
);
static TRY: Setting = setting("health-try-timeout", Kind::Duration, Some("10s"), "How long one answer may take");
static TIMEOUT: Setting =
    setting("health-timeout", Kind::Duration, Some("5m"), "How long the health gate may take as a whole");

/// Every setting of the gate, for a deploy job's own table.
pub const GATE_SETTINGS: [&Setting; 10] =
    [&PATH, &URL, &STATUS, &HEADER, &POINTER, &EQUALS, &SUCCESSES, &INTERVAL, &TRY, &TIMEOUT];

/// The gate as it is set, before it is known what is deployed.
#[derive(Clone, Debug)]
pub struct GateSettings {
    gate: Gate,
    header: Option<String>,
    pointer: Option<String>,
    equals: String,
    /// The whole URL that is asked in service.
    pub url: Option<String>,
}

impl GateSettings {
    /// The gate of the settings; none where it is turned off.
    pub fn plan(settings: &Settings) -> Result<Option<GateSettings>, Vec<Problem>> {
        let path = settings.text("health-path").unwrap_or("/");
        if path == "none" {
            return Ok(None);
        }
        let (header, pointer) = (settings.text("health-header"), settings.text("health-json-pointer"));
        if settings.given("health-equals") && header.is_none() && pointer.is_none() {
            let wrong = Wrong::new("`health-header` or `health-json-pointer` beside it", "neither");
            return Err(vec![settings.problem("health-equals", &codes::TEXT, wrong)]);
        }
        let seconds = |name: &str, default: u64| settings.duration(name).unwrap_or(Duration::from_secs(default));
        let gate = Gate {
            path: path.to_owned(),
            statuses: statuses(settings.text("health-status").unwrap_or("200-299")).unwrap_or_default(),
            identities: Vec::new(),
            pace: Pace {
                successes: settings.count("health-successes").unwrap_or(3) as u32,
                interval: seconds("health-interval", 2),
            },
            try_timeout: seconds("health-try-timeout", 10),
            timeout: seconds("health-timeout", 300),
        };
        Ok(Some(GateSettings {
            gate,
            header: header.map(str::to_owned),
            pointer: pointer.map(str::to_owned),
            equals: settings.text("health-equals").unwrap_or("{commit}").to_owned(),
            url: settings.text("health-url").map(str::to_owned),
        }))
    }

    /// Whether the gate can tell the deployed version from another.
    pub fn checks_identity(&self) -> bool {
        self.header.is_some() || self.pointer.is_some()
    }

    /// The gate for what is deployed: a commit, and the digest of an artifact or an image.
    pub fn expecting(&self, commit: &str, digest: &str) -> Gate {
        let wanted = self.equals.replace("{commit}", commit).replace("{digest}", digest);
        let header = self.header.iter().map(|name| Identity::Header(name.clone(), wanted.clone()));
        let pointer = self.pointer.iter().map(|pointer| Identity::Pointer(pointer.clone(), wanted.clone()));
        Gate { identities: header.chain(pointer).collect(), ..self.gate.clone() }
    }

    /// The gate for what served before, whose commit nobody needs to know.
    pub fn whatever_serves(&self) -> Gate {
        self.gate.clone()
    }

    /// What it does, in a line.
    pub fn step(&self) -> String {
        let Gate { path, pace, timeout, .. } = &self.gate;
        let identity = if self.checks_identity() { ", showing what is deployed" } else { "" };
        format!("`{path}` healthy {} times in a row{identity}, within {} s", pace.successes, timeout.as_secs())
    }
}

/// The ranges of a list as `200-299, 304`.
fn statuses(text: &str) -> Result<Vec<(u16, u16)>, Wrong> {
    let wrong = || Wrong::new("statuses from 100 to 599, as `200-299` or `200, 204`", shown(text));
    let number = |text: &str| text.trim().parse::<u16>().ok().filter(|status| (100..600).contains(status));
    let range = |part: &str| match part.split_once('-') {
        Some((least, most)) => Some((number(least)?, number(most)?)).filter(|(least, most)| least <= most),
        None => number(part).map(|status| (status, status)),
    };
    let ranges: Option<Vec<_>> = text.split([',', '\n']).map(range).collect();
    ranges.filter(|ranges| !ranges.is_empty()).ok_or_else(wrong)
}

fn statuses_form(text: &str) -> Result<(), Wrong> {
    statuses(text).map(|_| ())
}

fn path_form(text: &str) -> Result<(), Wrong> {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{}|#".contains(&byte);
    let is_path = text.starts_with('/') && !text.starts_with("//") && text.bytes().all(plain) && text.len() <= 2048;
    (is_path || text == "none").then_some(()).ok_or_else(|| Wrong::new("a path as `/health`, or `none`", shown(text)))
}

fn header_form(text: &str) -> Result<(), Wrong> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_header = !text.is_empty() && text.bytes().all(is_name);
    is_header.then_some(()).ok_or_else(|| Wrong::new("the name of a header, as `X-Commit`", shown(text)))
}

fn pointer_form(text: &str) -> Result<(), Wrong> {
    let escapes_fit = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    let wrong = || Wrong::new("a JSON pointer, as `/version/commit`", shown(text));
    (text.starts_with('/') && escapes_fit).then_some(()).ok_or_else(wrong)
}
