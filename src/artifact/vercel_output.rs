//! Vercel's prebuilt output, `.vercel/output`: what a build left there is held
//! against what Vercel will want of it, and a folder of static files is made
//! into one. Source: Vercel's Build Output API, version 3, and what its own
//! command line writes and refuses.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::names::check_path;
use crate::codes;
use crate::model::configuration::Environment;
use crate::problem::Failure;

/// Where the output lies in a project.
pub const OUTPUT: &str = ".vercel/output";

/// The largest of its JSON files that is read, in bytes.
pub const LARGEST_JSON: u64 = 16 << 20;

/// What `config.json` must say.
pub fn check_config(text: &[u8]) -> Result<(), Failure> {
    let config = object(text, "config.json")?;
    match config.get("version") {
        Some(version) if version.as_f64() == Some(3.0) => Ok(()),
        Some(version) => Err(broken(format!("`config.json` is of version `{version}`, Vercel takes version 3"))),
        None => Err(broken("`config.json` names no `version`".to_owned())),
    }
}

/// Whether it looks like an output: `config.json` of some version.
pub fn is_config(text: &[u8]) -> bool {
    object(text, "config.json").is_ok_and(|config| config.contains_key("version"))
}

/// Holds `builds.json`, the note that `vercel build` leaves, against the
/// environments that the build shall be good for.
pub fn check_builds(text: &[u8], built_for: &[Environment]) -> Vec<Failure> {
    let builds = match object(text, "builds.json") {
        Ok(builds) => builds,
        Err(failure) => return vec![failure],
    };
    let mut wrong = Vec::new();
    let mut failed = |what: &str, error: Option<&Value>| {
        if let Some(error) = error.filter(|error| !error.is_null()) {
            let message = error.get("message").and_then(Value::as_str).map_or_else(|| error.to_string(), str::to_owned);
            wrong.push(Failure::new(&codes::OUTPUT_FAILED, format!("{what} failed: {}", first_line(&message))));
        }
    };
    failed("the build", builds.get("error"));
    for build in builds.get("builds").and_then(Value::as_array).map_or(&[][..], Vec::as_slice) {
        let name = ["src", "use"].iter().find_map(|key| build.get(key).and_then(Value::as_str)).unwrap_or("a part");
        failed(&format!("the build of `{name}`"), build.get("error"));
    }
    if let Some(target) = builds.get("target").and_then(Value::as_str) {
        let fits = |environment: &Environment| match target {
            "production" => *environment == Environment::Production,
            _ => *environment != Environment::Production,
        };
        for environment in built_for.iter().filter(|environment| !fits(environment)) {
            let message = format!(
                "the output was built for Vercel's target `{target}`, not for {}",
                environment_word(*environment)
            );
            wrong.push(Failure::new(&codes::OUTPUT_TARGET, message));
        }
    }
    wrong
}

/// What a function's `.vc-config.json` says, at this path of the artifact: the
/// files outside of the function that it needs, by their path in the project.
pub fn function_files(path: &str, text: &[u8]) -> Result<Vec<String>, Failure> {
    let config = object(text, path)?;
    if !config.get("runtime").is_some_and(Value::is_string) {
        return Err(broken(format!("`{path}` names no `runtime`")));
    }
    let Some(map) = config.get("filePathMap").filter(|map| !map.is_null()) else { return Ok(Vec::new()) };
    let map = map.as_object().ok_or_else(|| broken(format!("`filePathMap` in `{path}` is no map")))?;
    let mut files = Vec::new();
    for (inside, file) in map {
        let file = file.as_str().ok_or_else(|| broken(format!("`{inside}` in `{path}` names no file")))?;
        let file = file.strip_prefix("./").unwrap_or(file);
        check_path(file).map_err(|failure| {
            Failure::new(failure.code, format!("`{path}` needs a file that is not in the project: {}", failure.message))
        })?;
        files.push(file.to_owned());
    }
    Ok(files)
}

/// What is wrong with an output's functions: a folder without its settings.
/// `paths` are those of the artifact.
pub fn check_functions<'a>(paths: impl Iterator<Item = &'a str>) -> Vec<Failure> {
    let mut known: BTreeMap<&str, bool> = BTreeMap::new();
    for path in paths {
        let Some(rest) = path.strip_prefix(".vercel/output/functions/") else { continue };
        let Some(end) = rest.find(".func/") else { continue };
        let end = path.len() - rest.len() + end + ".func".len();
        *known.entry(&path[..end]).or_default() |= &path[end..] == "/.vc-config.json";
    }
    let bare = known.into_iter().filter(|(_, has_config)| !has_config);
    bare.map(|(function, _)| broken(format!("the function `{function}` has no `.vc-config.json`"))).collect()
}

/// How a folder of static files is served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Serving {
    /// `about.html` is served as `/about`, and `/about.html` leads there.
    pub clean_urls: bool,
    /// What is not there is answered by `index.html`.
    pub single_page: bool,
}

/// The `config.json` for static files with these paths, always the same for the same ones.
pub fn static_config(files: &BTreeSet<&str>, serving: Serving) -> String {
    let mut config = Map::new();
    config.insert("version".to_owned(), json!(3));
    let mut routes = Vec::new();
    if serving.clean_urls {
        let moved = |from: &str| json!({ "src": from, "headers": { "Location": "/$1" }, "status": 308 });
        routes.push(moved("^/(?:(.+)/)?index(?:\\.html)?/?$"));
        routes.push(moved("^/(.*)\\.html/?$"));
    }
    if serving.single_page {
        routes.push(json!({ "handle": "filesystem" }));
        routes.push(json!({ "src": "^/.*$", "dest": "/index.html" }));
    } else if files.contains("404.html") {
        let page = if serving.clean_urls { "/404" } else { "/404.html" };
        routes.push(json!({ "handle": "error" }));
        routes.push(json!({ "status": 404, "src": "^/.*$", "dest": page }));
    }
    if !routes.is_empty() {
        config.insert("routes".to_owned(), Value::Array(routes));
    }
    if serving.clean_urls {
        // The page of a folder is served as the folder already.
        let page = |path: &str| path.rsplit('/').next() != Some("index.html") && path.ends_with(".html");
        let pages = files.iter().filter(|path| page(path));
        let overrides: Map<String, Value> = pages
            .map(|path| ((*path).to_owned(), json!({ "path": path.strip_suffix(".html").unwrap_or(path) })))
            .collect();
        if !overrides.is_empty() {
            config.insert("overrides".to_owned(), Value::Object(overrides));
        }
    }
    format!("{}\n", Value::Object(config))
}

fn object(text: &[u8], name: &str) -> Result<Map<String, Value>, Failure> {
    match serde_json::from_slice(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(broken(format!("`{name}` holds no object"))),
        Err(error) => Err(broken(format!("`{name}` is no JSON: {error}"))),
    }
}

fn broken(message: String) -> Failure {
    Failure::new(&codes::OUTPUT_BROKEN, message)
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn environment_word(environment: Environment) -> &'static str {
    use crate::model::Choice;
    environment.word()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(wrong: &[Failure]) -> String {
        wrong.iter().map(|failure| format!("{} {}", failure.code.id, failure.message)).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn only_version_3_is_taken() {
        for (text, expected) in [
            (r#"{"version":3}"#, ""),
            (r#"{"version":2}"#, "WB4010 `config.json` is of version `2`, Vercel takes version 3"),
            (r#"{"version":"3"}"#, "WB4010 `config.json` is of version `\"3\"`, Vercel takes version 3"),
            ("{}", "WB4010 `config.json` names no `version`"),
            ("[]", "WB4010 `config.json` holds no object"),
        ] {
            assert_eq!(told(&check_config(text.as_bytes()).err().into_iter().collect::<Vec<_>>()), expected, "{text}");
        }
        assert!(told(&[check_config(b"{").unwrap_err()]).starts_with("WB4010 `config.json` is no JSON"));
    }

    #[test]
    fn a_build_that_failed_or_is_for_another_target_is_refused() {
        use Environment::{Development, Production, Staging};
        let check = |text: &str, built_for: &[Environment], expected: &str| {
            assert_eq!(told(&check_builds(text.as_bytes(), built_for)), expected, "{text}");
        };
        check(r#"{"target":"preview","builds":[{"src":"a.js"}]}"#, &[Development, Staging], "");
        check(r#"{"target":"production"}"#, &[Production], "");
        check(
            r#"{"target":"preview"}"#,
            &[Staging, Production],
            "WB4012 the output was built for Vercel's target `preview`, not for production",
        );
        check(
            r#"{"target":"production"}"#,
            &[Development],
            "WB4012 the output was built for Vercel's target `production`, not for development",
        );
        check(
            r#"{"error":{"message":"no\nway"},"builds":[{"src":"a.js","error":{"code":"X"}},{"error":null}]}"#,
            &[Production],
            "WB4011 the build failed: no\nWB4011 the build of `a.js` failed: {\"code\":\"X\"}",
        );
    }

    #[test]
    fn a_functions_files_stay_in_the_project() {
        let check = |text: &str, expected: &str| {
            let found = match function_files("f/.vc-config.json", text.as_bytes()) {
                Ok(files) => files.join(" "),
                Err(failure) => told(&[failure]),
            };
            assert_eq!(found, expected, "{text}");
        };
        check(r#"{"runtime":"edge","entrypoint":"index.js"}"#, "");
        check(r#"{"runtime":"nodejs22.x","filePathMap":{"a":"./lib/a.js","b":"b.js"}}"#, "lib/a.js b.js");
        check("{}", "WB4010 `f/.vc-config.json` names no `runtime`");
        let out = "WB4005 `f/.vc-config.json` needs a file that is not in the project: ";
        check(r#"{"runtime":"x","filePathMap":{"a":"../.env"}}"#, &format!("{out}`../.env` is no plain path"));
        check(r#"{"runtime":"x","filePathMap":{"a":"/etc/passwd"}}"#, &format!("{out}`/etc/passwd` is no plain path"));
        check(r#"{"runtime":"x","filePathMap":{"a":7}}"#, "WB4010 `a` in `f/.vc-config.json` names no file");
        check(r#"{"runtime":"x","filePathMap":[]}"#, "WB4010 `filePathMap` in `f/.vc-config.json` is no map");
    }

    #[test]
    fn a_function_has_its_settings() {
        let paths = [
            ".vercel/output/functions/a.func/.vc-config.json",
            ".vercel/output/functions/a.func/index.js",
            ".vercel/output/functions/b/c.func/index.js",
            ".vercel/output/functions/link.func",
            ".vercel/output/static/x.func/y",
        ];
        let expected = "WB4010 the function `.vercel/output/functions/b/c.func` has no `.vc-config.json`";
        assert_eq!(told(&check_functions(paths.into_iter())), expected);
    }

    #[test]
    fn static_files_are_served_as_asked() {
        let files = BTreeSet::from(["index.html", "about.html", "blog/index.html", "404.html", "app.js"]);
        let check = |clean_urls: bool, single_page: bool, expected: &str| {
            assert_eq!(static_config(&files, Serving { clean_urls, single_page }), format!("{expected}\n"));
        };
        let error = |page: &str| format!(r#"{{"handle":"error"}},{{"dest":"{page}","src":"^/.*$","status":404}}"#);
        check(false, false, &format!(r#"{{"routes":[{}],"version":3}}"#, error("/404.html")));
        check(false, true, r#"{"routes":[{"handle":"filesystem"},{"dest":"/index.html","src":"^/.*$"}],"version":3}"#);
        let moved = r#"{"headers":{"Location":"/$1"},"src":"^/(?:(.+)/)?index(?:\\.html)?/?$","status":308},{"headers":{"Location":"/$1"},"src":"^/(.*)\\.html/?$","status":308}"#;
        let overrides = r#"{"404.html":{"path":"404"},"about.html":{"path":"about"}}"#;
        check(true, false, &format!(r#"{{"overrides":{overrides},"routes":[{moved},{}],"version":3}}"#, error("/404")));
    }
}
