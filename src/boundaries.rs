//! A test: who may name whom. Data flows one way, and module privacy alone
//! cannot say so.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What the whole crate may name: values without behaviour of their own.
const FOUNDATION: &[&str] = &["codes", "problem", "secret", "http", "model"];

/// A module of the crate, and what it may name besides the [`FOUNDATION`] and itself.
const TABLE: &[(&str, &[&str])] = &[
    ("codes", &[]),
    ("problem", &[]),
    ("secret", &[]),
    ("http", &[]),
    ("host", &[]),
    ("model", &[]),
    ("context", &[]),
    ("inputs", &[]),
    ("config", &["inputs"]),
    ("shell", &["host"]),
    ("glob", &["host", "context"]),
    ("child", &["host"]),
    ("masks", &[]),
    ("echo", &["masks", "reporters"]),
    // Of the host only what is plain data: the pieces that an archive is written from.
    ("artifact", &["host"]),
    ("documents", &["config"]),
    ("reports", &[]),
    ("migrations", &[]),
    ("reporters", &["masks", "reports"]),
    ("clients", &["host"]),
    ("store", &["host", "artifact", "clients"]),
    ("log", &["host", "masks", "echo", "reporters"]),
    (
        "jobs",
        &[
            "host",
            "config",
            "context",
            "shell",
            "glob",
            "child",
            "log",
            "reports",
            "reporters",
            "clients",
            "store",
            "artifact",
            "migrations",
            "documents",
        ],
    ),
    ("plan", &["config", "context", "jobs"]),
    (
        "run",
        &[
            "host",
            "inputs",
            "config",
            "context",
            "plan",
            "jobs",
            "log",
            "reporters",
            "clients",
            "store",
            "artifact",
            "masks",
            "reports",
        ],
    ),
];

/// Files with rules of their own, which win over their module's.
const FILES: &[(&str, &[&str])] = &[("host/node.rs", &["run"]), ("lib.rs", &[])];

/// What stands outside of tests, line by line with its number; a file that is
/// a module's tests is left out whole, and so is all after `#[cfg(test)]` at
/// the start of a line, which stands last in a file here.
fn named_modules(text: &str) -> BTreeSet<(usize, String)> {
    let mut named = BTreeSet::new();
    for (index, line) in text.lines().enumerate() {
        if line == "#[cfg(test)]" && text.lines().nth(index + 1).is_some_and(|next| next.starts_with("mod tests")) {
            break;
        }
        let code = line.split("//").next().unwrap_or_default();
        for (at, _) in code.match_indices("crate::") {
            let rest = &code[at + "crate::".len()..];
            assert!(!rest.starts_with('{'), "line {}: name one module a `use`: `{line}`", index + 1);
            let name: String = rest.chars().take_while(|&c| c.is_alphanumeric() || c == '_').collect();
            named.insert((index + 1, name));
        }
    }
    named
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    #[expect(clippy::disallowed_methods, reason = "the test reads the crate's own sources")]
    let entries = std::fs::read_dir(folder).expect("the crate has its sources");
    for entry in entries {
        let path = entry.expect("the folder can be listed").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_module_names_only_what_it_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 10, "the sources are not where they should be");
    let mut breaches = Vec::new();
    for file in files {
        let path = file.strip_prefix(&root).expect("found below it").to_string_lossy().replace('\\', "/");
        let own = path.split('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned();
        if path.ends_with("tests.rs") || path.contains("/tests/") || path == "boundaries.rs" {
            continue;
        }
        let rule = FILES.iter().chain(TABLE).find(|(name, _)| *name == path || *name == own);
        let Some((_, allowed)) = rule else {
            breaches.push(format!("{path}: no rule for the module `{own}`"));
            continue;
        };
        #[expect(clippy::disallowed_methods, reason = "the test reads the crate's own sources")]
        let text = std::fs::read_to_string(&file).expect("a source can be read");
        for (line, named) in named_modules(&text) {
            let base = FOUNDATION.contains(&named.as_str()) && !(own == "host" && named == "model");
            if named != own && !base && !allowed.contains(&named.as_str()) {
                breaches.push(format!("src/{path}:{line}: `{own}` may not name `{named}`"));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn no_job_names_another() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/jobs");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let jobs = [
        "lint",
        "test",
        "build_frontend",
        "build_backend",
        "deploy_frontend",
        "deploy_backend",
        "migrate_db",
        "populate_embeddings",
    ];
    for file in files {
        let own = file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        #[expect(clippy::disallowed_methods, reason = "the test reads the crate's own sources")]
        let text = std::fs::read_to_string(&file).expect("a source can be read");
        if own == "mod" {
            continue;
        }
        for job in jobs.iter().filter(|&&job| job != own) {
            for path in [format!("super::{job}::"), format!("jobs::{job}::")] {
                assert!(!text.contains(&path), "{} names the job `{job}`", file.display());
            }
        }
    }
}

#[test]
fn a_planted_breach_is_seen() {
    let text = "use crate::host::Host;\n// crate::run is only a word here\nfn f() { crate::jobs::all() }\n";
    let named: Vec<_> = named_modules(text).into_iter().collect();
    assert_eq!(named, [(1, "host".to_owned()), (3, "jobs".to_owned())]);
}
