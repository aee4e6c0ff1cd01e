//! Whole runs of `build-frontend` on the fake.

use super::*;
use crate::store::archive;

fn build(path: &str) -> Fake {
    runner("build-frontend").variable("INPUT_PATH", path).child("git rev-parse HEAD", "a".repeat(40), 0).child(
        "git status*",
        "",
        0,
    )
}

/// What is in the artifact that was stored, one file a line, after `code` of the run.
fn packed(fake: &Fake) -> String {
    let code = code(fake, Exit::Success);
    assert_eq!(code, "");
    let path = output(fake, "artifact-path");
    let (_, archive) = block_on(archive::read(fake, &format!("/w/{path}"))).expect("it is as it was packed");
    assert_eq!(archive.sha256, output(fake, "checksum"));
    archive.files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>().join("\n")
}

/// The code of a refused run, and the reason.
fn refused(fake: &Fake) -> String {
    let code = code(fake, Exit::Failed);
    let printed = fake.printed();
    let last = printed.lines().rfind(|line| line.contains("job-failed")).unwrap_or_default();
    let reason = last.split_once(" failed: ").map_or("", |(_, reason)| reason);
    assert!(!fake.paths().iter().any(|path| path.ends_with(".tar")), "an archive is left behind");
    format!("{code} {reason}")
}

fn site(path: &str) -> Fake {
    build(path).file("/w/dist/index.html", "<!doctype html>").file("/w/dist/a/app.js", "run()")
}

#[test]
fn static_files_become_an_output() {
    let fake = site("dist").file("/w/dist/.well-known/security.txt", "Contact:").file("/w/dist/app.js.map", "{}");
    let fake = fake.variable("INPUT_EXCLUDE", "*.map");
    let files = ["config.json", "static/.well-known/security.txt", "static/a/app.js", "static/index.html"];
    assert_eq!(packed(&fake), files.map(|file| format!(".vercel/output/{file}")).join("\n"));
}

#[test]
fn the_command_runs_first_and_its_failure_ends_the_job() {
    let commit = "a".repeat(40);
    let start = || {
        runner("build-frontend")
            .variable("INPUT_PATH", "dist/")
            .variable("INPUT_RUN", "npm run build")
            .child("git rev-parse HEAD", &commit, 0)
            .child("git status*", "", 0)
    };
    let fake = start().child_leaving(SHELL, "built\n", 0, &[("/w/dist/index.html", "<!doctype html>")]);
    assert_eq!(packed(&fake), ".vercel/output/config.json\n.vercel/output/static/index.html");
    assert_eq!(code(&start().child(SHELL, "", 3), Exit::Failed), "WB2001");
}

#[test]
fn nothing_is_packed_that_should_not_be() {
    let key = format!("-----BEGIN {}-----\n{}\n", crate::artifact::secrets::KEY_MARK, "MIIE".repeat(16));
    for (fake, expected) in [
        (build("dist"), "WB4002 `.` cannot be read: no such file"),
        (
            build("dist").file("/w/dist/a.map", "").variable("INPUT_EXCLUDE", "*.map"),
            "WB4001 there is nothing in `dist`, but for 1 that were left out",
        ),
        (site("dist").file("/w/dist/.env.local", "A=1"), "WB4008 `.env.local` looks like variables of an environment"),
        (site("dist").file("/w/dist/deploy", &key), "WB4008 `deploy` holds a private key"),
        (site("dist").file("/w/dist/A/app.js", ""), "WB4007 `a` and `A` differ only in case; and 1 more"),
        (
            site("dist").link("/w/dist/up", "../secret"),
            "WB4005 the link `up` leads out of what is packed, to `../secret`",
        ),
        (
            site("dist").link("/w/dist/a/none", "gone"),
            "WB4005 the link `a/none` leads nowhere, to `gone`: there is no `a/gone` in what is packed",
        ),
        (
            site("dist").link("/w/dist/a/loop", "../a"),
            "WB4005 the link `a/loop` leads to `../a`, a folder that it lies in itself",
        ),
        (site("dist").file("/w/dist/a\\b", ""), "WB4006 `a\\\\b` has a `\\`, which is a folder's end on Windows"),
    ] {
        assert_eq!(refused(&fake), expected);
    }
    let allowed = site("dist").file("/w/dist/deploy", &key).variable("INPUT_ALLOW-SECRET-FILES", "deploy");
    assert!(packed(&allowed).ends_with("static/deploy\n.vercel/output/static/index.html"));
    let inside = site("dist").link("/w/dist/b", "a").link("/w/dist/c.js", "b/app.js");
    assert!(packed(&inside).contains("static/b\n.vercel/output/static/c.js\n"));
}

const FUNCTION: &str = ".vercel/output/functions/api.func";

fn output_of_vercel(path: &str) -> Fake {
    build(path)
        .file("/w/.vercel/output/config.json", r#"{"version":3}"#)
        .file("/w/.vercel/output/builds.json", r#"{"target":"preview","builds":[]}"#)
        .file("/w/.vercel/output/static/index.html", "")
        .file(
            &format!("/w/{FUNCTION}/.vc-config.json"),
            r#"{"runtime":"nodejs22.x","filePathMap":{"lib.js":"src/lib.js"}}"#,
        )
        .file(&format!("/w/{FUNCTION}/index.js"), "")
        .file("/w/src/lib.js", "lib()")
        .file("/w/package.json", "{}")
}

#[test]
fn a_prebuilt_output_is_packed_with_what_its_functions_need() {
    for path in [".", ".vercel/output"] {
        let files = ["builds.json", "config.json", "functions/api.func/.vc-config.json", "functions/api.func/index.js"];
        let mut expected = files.map(|file| format!(".vercel/output/{file}")).to_vec();
        expected.extend([".vercel/output/static/index.html".to_owned(), "src/lib.js".to_owned()]);
        assert_eq!(packed(&output_of_vercel(path)), expected.join("\n"));
    }
}

#[test]
fn a_prebuilt_output_that_is_not_sound_is_refused() {
    let check = |path: &str, text: &str, expected: &str| {
        assert_eq!(refused(&output_of_vercel(".").file(&format!("/w/{path}"), text)), expected);
    };
    check(".vercel/output/config.json", "{}", "WB4010 `config.json` names no `version`");
    let failed = r#"{"builds":[{"src":"package.json","error":{"message":"boom"}}]}"#;
    check(".vercel/output/builds.json", failed, "WB4011 the build of `package.json` failed: boom");
    let target = "WB4012 the output was built for Vercel's target `production`, not for development";
    check(".vercel/output/builds.json", r#"{"target":"production"}"#, target);
    let config = format!("{FUNCTION}/.vc-config.json");
    let of = |file: &str| format!(r#"{{"runtime":"nodejs22.x","filePathMap":{{"x":"{file}"}}}}"#);
    let needs = format!("`{config}` needs");
    check(&config, &of("../x"), &format!("WB4005 {needs} a file that is not in the project: `../x` is no plain path"));
    check(&config, &of("gone.js"), &format!("WB4010 {needs} `gone.js`, which cannot be read: no such file"));
    let leaking = output_of_vercel(".").file(&format!("/w/{config}"), of(".env")).file("/w/.env", "A=1");
    assert_eq!(refused(&leaking), "WB4008 `.env` looks like variables of an environment");
}

#[test]
fn a_baked_url_must_be_the_environments_own() {
    let with = |baked: &str| {
        site("dist").variable("INPUT_BACKEND-URL", "https://api.example.com/").variable("INPUT_BAKED-URLS", baked)
    };
    assert!(packed(&with("backend-url: https://api.example.com")).contains("index.html"));
    let problem = |baked: &str| {
        let fake =
            runner("build-frontend").variable("INPUT_PATH", "dist").variable("INPUT_BACKEND-URL", "https://a.example");
        code(&fake.variable("INPUT_BAKED-URLS", baked), Exit::Problem)
    };
    assert_eq!(problem("backend-url: https://b.example"), "WB4014");
    assert_eq!(problem("frontend-url: https://b.example"), "WB4014");
    assert_eq!(problem("vercel-token: x"), "WB4014");
}

#[test]
fn only_one_folder_is_built() {
    let problem = |path: &str| code(&runner("build-frontend").variable("INPUT_PATH", path), Exit::Problem);
    assert_eq!((problem(""), problem("a\nb"), problem("dist/*")), ("WB1001".into(), "WB1013".into(), "WB1013".into()));
}

#[test]
fn a_plan_changes_nothing() {
    let fake = runner("build-frontend").variable("INPUT_PATH", "dist").variable("INPUT_MODE", "plan");
    assert_eq!(code(&fake.variable("INPUT_RUN", "npm run build"), Exit::Success), "");
}
