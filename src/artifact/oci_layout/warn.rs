//! What is odd about an image that holds: worth a warning, no refusal.

use serde_json::Value;

use super::Layout;
use crate::codes::{self, Code};

/// A warning, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What it is about.
    pub code: &'static Code,
    /// Never with a secret in it.
    pub message: String,
}

/// How values begin that services give out as keys, and how long they are at least.
const PREFIXES: &[(&str, usize)] = &[
    ("ghp_", 36),
    ("gho_", 36),
    ("ghs_", 36),
    ("ghu_", 36),
    ("ghr_", 36),
    ("github_pat_", 60),
    ("glpat-", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("AKIA", 20),
    ("ASIA", 20),
    ("sk_live_", 20),
    ("rk_live_", 20),
    ("sk-ant-", 20),
    ("sk-proj-", 20),
    ("npm_", 36),
    ("pypi-", 40),
    ("dop_v1_", 40),
    ("hf_", 30),
    ("vcp_", 20),
    ("vci_", 20),
    ("vca_", 20),
    ("AIza", 35),
    ("SG.", 50),
    ("shpat_", 30),
    ("dckr_pat_", 20),
];

/// Words in a variable's name that mark its value as a secret.
const NAMES: &[&str] =
    &["PASSWORD", "PASSWD", "SECRET", "TOKEN", "APIKEY", "API_KEY", "PRIVATE_KEY", "ACCESS_KEY", "CREDENTIAL"];

/// Ends of names of variables that say where a secret is, or something about it.
const ABOUT: &[&str] = &["_FILE", "_PATH", "_URL", "_NAME", "_ID", "_TTL", "_EXPIRY", "_LENGTH", "_HEADER"];

/// Everything that is odd, for a build of this commit.
pub fn warnings(layout: &Layout, commit: &str) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for (platform, configuration) in layout.image.platforms.iter().zip(&layout.configurations) {
        let name = &platform.platform;
        let mut warn = |code, message: String| warnings.push(Warning { code, message });
        if runs_as_root(configuration) {
            warn(&codes::IMAGE_ROOT, format!("the image for `{name}` runs as root"));
        }
        match revision(layout, &platform.manifest, configuration) {
            None => {
                let label = "org.opencontainers.image.revision";
                warn(&codes::IMAGE_REVISION, format!("the image for `{name}` has no label `{label}`"));
            }
            Some(other) if !commit.is_empty() && other != commit => {
                let other: String = other.chars().take(64).collect();
                let message =
                    format!("the image for `{name}` says that it is built from `{other}`, the job from `{commit}`");
                warn(&codes::IMAGE_REVISION, message);
            }
            Some(_) => {}
        }
        for place in secrets(configuration) {
            warn(
                &codes::IMAGE_SECRET,
                format!("there is something like a secret in {place} of the image for `{name}`"),
            );
        }
    }
    warnings
}

/// Whether nobody else is named: an empty user is root, and so is 0.
fn runs_as_root(configuration: &Value) -> bool {
    let user = configuration["config"]["User"].as_str().unwrap_or_default();
    let user = user.split(':').next().unwrap_or_default().trim();
    matches!(user, "" | "root") || user.trim_start_matches('0').is_empty()
}

/// The commit that the image names: in a label, or in an annotation of its manifest.
fn revision(layout: &Layout, manifest: &str, configuration: &Value) -> Option<String> {
    let key = "org.opencontainers.image.revision";
    let label = configuration["config"]["Labels"][key].as_str().map(str::to_owned);
    label.or_else(|| {
        let document = layout.documents.iter().find(|document| document.digest == manifest)?;
        let manifest: Value = serde_json::from_slice(&document.bytes).ok()?;
        manifest["annotations"][key].as_str().map(str::to_owned)
    })
}

/// Where there is something like a secret.
fn secrets(configuration: &Value) -> Vec<String> {
    let mut places = Vec::new();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for variable in configuration["config"]["Env"].as_array().into_iter().flatten().map(text) {
        let (name, value) = variable.split_once('=').unwrap_or((&variable, ""));
        if is_secret_name(name) && is_value(value) || has_secret(value) {
            let name: String = name.chars().take(80).collect();
            places.push(format!("the variable `{}`", name.escape_debug()));
        }
    }
    for (number, step) in configuration["history"].as_array().into_iter().flatten().enumerate() {
        let made = text(&step["created_by"]);
        let named = made.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '|')).any(|word| {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            is_secret_name(name.trim_start_matches('-')) && is_value(value)
        });
        if named || has_secret(&made) || has_secret(&text(&step["comment"])) {
            places.push(format!("step {} of the history", number + 1));
        }
    }
    for (name, value) in configuration["config"]["Labels"].as_object().into_iter().flatten() {
        if has_secret(&text(value)) {
            let name: String = name.chars().take(80).collect();
            places.push(format!("the label `{}`", name.escape_debug()));
        }
    }
    places
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase().replace('-', "_");
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name && NAMES.iter().any(|word| name.contains(word)) && !ABOUT.iter().any(|end| name.ends_with(end))
}

/// Whether it is a value, and no reference to one or a switch.
fn is_value(value: &str) -> bool {
    value.len() >= 6 && !value.starts_with(['$', '/', '<', '*']) && !value.starts_with("***") && value != "changeme"
}

/// Whether there is something in it that only ever is a secret.
fn has_secret(text: &str) -> bool {
    let is_of_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let words = text.split(|c: char| !is_of_key(c));
    let is_key = |word: &str| {
        let fits = |(start, least): &(&str, usize)| word.starts_with(start) && word.len() >= *least;
        PREFIXES.iter().any(fits) || (word.starts_with("eyJ") && word.split('.').count() == 3 && word.len() > 60)
    };
    words.into_iter().any(is_key) || has_private_key(text) || has_credentials(text)
}

fn has_private_key(text: &str) -> bool {
    text.find("-----BEGIN ").is_some_and(|at| text[at..].chars().take(60).collect::<String>().contains("PRIVATE KEY"))
}

/// Whether there is a URL with a password in it.
fn has_credentials(text: &str) -> bool {
    text.match_indices("://").any(|(at, _)| {
        let rest = &text[at + 3..];
        let end =
            rest.find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '?' | '#')).unwrap_or(rest.len());
        let login = rest[..end].rsplit_once('@').map(|(login, _)| login);
        login.and_then(|login| login.split_once(':')).is_some_and(|(_, password)| is_value(password))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_seen_and_not_shown() {
        // Built here, so that nothing in the repository looks like a secret.
        let key = format!("{}{}", "ghp_", "a1B2".repeat(9));
        let check = |configuration: Value, expected: &[&str]| assert_eq!(secrets(&configuration), expected);
        check(
            json!({"config": {"Env": ["PATH=/usr/bin:/bin", "TOKEN_FILE=/run/secrets/t", "SECRET_TTL=360000"]}}),
            &[],
        );
        check(json!({"config": {"Env": [format!("X={key}")]}}), &["the variable `X`"]);
        check(json!({"config": {"Env": ["DB_PASSWORD=hunter22"]}}), &["the variable `DB_PASSWORD`"]);
        check(json!({"config": {"Env": ["DB_PASSWORD=$FROM_OUTSIDE", "API_TOKEN="]}}), &[]);
        check(json!({"config": {"Env": ["DB=postgres://app:hunter22@db/x"]}}), &["the variable `DB`"]);
        check(json!({"config": {"Env": ["DB=postgres://app@db:5432/x"]}}), &[]);
        let step = |text: &str| json!({"history": [{"created_by": "FROM scratch"}, {"created_by": text}]});
        check(step("RUN --mount=type=secret,id=token make"), &[]);
        check(step("|1 NPM_TOKEN=abcdefgh /bin/sh -c npm ci"), &["step 2 of the history"]);
        check(step(&format!("RUN curl -H 'Authorization: Bearer {key}'")), &["step 2 of the history"]);
        check(step("RUN useradd --password-file /x && echo tokens=none"), &[]);
        check(json!({"config": {"Labels": {"a": key}}}), &["the label `a`"]);
    }

    #[test]
    fn root_is_an_empty_user_and_0() {
        for (user, expected) in [
            ("", true),
            ("root", true),
            ("0", true),
            ("0:1000", true),
            ("00", true),
            ("1000", false),
            ("app:root", false),
        ] {
            assert_eq!(runs_as_root(&json!({"config": {"User": user}})), expected, "{user}");
        }
        assert!(runs_as_root(&json!({"config": null})));
    }
}
