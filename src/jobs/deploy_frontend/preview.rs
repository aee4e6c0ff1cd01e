//! Mode `plan`: what would be uploaded, where to, and what it would replace.
//! Nothing is written anywhere.

use std::collections::BTreeMap;

use super::drive::Drive;
use crate::artifact::PackedFile;
use crate::jobs::{Done, End};

/// How many paths of a kind are named.
const NAMED: usize = 10;

/// What differs from what is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Difference<'a> {
    new: Vec<&'a PackedFile>,
    changed: Vec<&'a PackedFile>,
    unchanged: Vec<&'a PackedFile>,
    gone: usize,
}

impl Drive<'_> {
    /// Looks, and tells.
    pub async fn preview(mut self, steps: Vec<String>) -> Done {
        let mut steps = steps;
        if let Err(trouble) = self.service.token().await {
            steps.push(format!("the token: {trouble}"));
        }
        let project = match self.service.project(&self.options.project).await {
            Ok(project) => project,
            Err(trouble) => {
                let doing = format!("the project `{}`", self.options.project);
                return Done { steps, ..Done::of(End::Failed(trouble.failure(&doing))) };
            }
        };
        steps.push(format!("project `{}` (`{}`) of `{}`", project.name, project.id, project.owner));
        let replaced = match (&project.production, self.options.is_production()) {
            (Some(served), true) => {
                let domains = served.aliases.join("`, `");
                steps.push(format!("replaces `{}` ({}) on `{domains}`", served.id, served.url));
                Some(served.id.clone())
            }
            (None, true) => {
                steps.push("nothing serves production yet".to_owned());
                None
            }
            (_, false) => {
                let listed = self.service.list(&project.id, &self.options.target, None).await.unwrap_or_default();
                listed.first().map(|newest| newest.id.clone())
            }
        };
        if project.is_pinned && self.options.is_production() {
            steps.push("production is held where a rollback put it; promoting ends that".to_owned());
        }
        if project.has_rolling_release && self.options.is_production() {
            steps.push("the project promotes by rolling releases: apply would stop there".to_owned());
        }
        self.project = project;
        if let Ok(Some(found)) = self.find().await {
            steps.push(format!("`{}` is of the same artifact: nothing would be uploaded or created", found.id));
        } else {
            let known = match &replaced {
                Some(id) => self.service.tree(id).await.ok(),
                None => None,
            };
            match (self.content.prefix(), known) {
                (Err(failure), _) => return Done { steps, ..Done::of(End::Failed(failure)) },
                (Ok(prefix), known) => steps.extend(told(&self.content.files, prefix, known.as_ref())),
            }
        }
        self.work.log.line("plan: nothing is uploaded and nothing is changed; this would be done:");
        for step in &steps {
            self.work.log.line(&format!("  {step}"));
        }
        Done { steps, ..Done::of(End::Succeeded) }
    }
}

/// What would be uploaded, in lines. `known` are the paths and SHA-1s of what is there.
fn told(files: &[PackedFile], prefix: &str, known: Option<&BTreeMap<String, String>>) -> Vec<String> {
    let bytes = |files: &[&PackedFile]| files.iter().map(|file| file.size).sum::<u64>();
    let Some(known) = known else {
        let all: Vec<_> = files.iter().collect();
        return vec![format!(
            "at most {} files, {} bytes; what Vercel has already is not known",
            all.len(),
            bytes(&all)
        )];
    };
    let difference = difference(files, prefix, known);
    let line = |what: &str, files: &[&PackedFile]| {
        let names: Vec<_> = files.iter().take(NAMED).map(|file| file.path.as_str()).collect();
        let more = files.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let names = if names.is_empty() { String::new() } else { format!(": `{}`{more}", names.join("`, `")) };
        format!("{} {what} files, {} bytes{names}", files.len(), bytes(files))
    };
    let unchanged = format!("{} unchanged files, {} bytes", difference.unchanged.len(), bytes(&difference.unchanged));
    vec![
        line("new", &difference.new),
        line("changed", &difference.changed),
        unchanged,
        format!("{} files are there no more", difference.gone),
    ]
}

fn difference<'a>(files: &'a [PackedFile], prefix: &str, known: &BTreeMap<String, String>) -> Difference<'a> {
    // The service may list the tree from its output's folder on.
    let of = |path: &str| {
        let whole = format!("{prefix}{path}");
        let short = whole.strip_prefix(super::content::OUTPUT).unwrap_or(&whole).to_owned();
        known.get(&whole).or_else(|| known.get(&short))
    };
    let mut difference = Difference::default();
    for file in files {
        match of(&file.path) {
            None => difference.new.push(file),
            Some(sha1) if *sha1 == file.sha1 => difference.unchanged.push(file),
            Some(_) => difference.changed.push(file),
        }
    }
    let there = difference.changed.len() + difference.unchanged.len();
    difference.gone = known.len().saturating_sub(there);
    difference
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::PackedKind;

    #[test]
    fn files_are_new_changed_or_unchanged() {
        let file = |path: &str, sha1: &str| PackedFile {
            path: path.to_owned(),
            kind: PackedKind::Plain,
            size: 5,
            sha256: String::new(),
            sha1: sha1.to_owned(),
        };
        let files = [file("config.json", "1"), file("static/a", "2"), file("static/b", "3")];
        let known =
            [(".vercel/output/config.json", "1"), (".vercel/output/static/a", "9"), (".vercel/output/static/c", "4")];
        let known = known.iter().map(|(path, sha1)| ((*path).to_owned(), (*sha1).to_owned())).collect();
        assert_eq!(
            told(&files, ".vercel/output/", Some(&known)),
            [
                "1 new files, 5 bytes: `static/b`",
                "1 changed files, 5 bytes: `static/a`",
                "1 unchanged files, 5 bytes",
                "1 files are there no more",
            ]
        );
        assert_eq!(told(&files, "", None), ["at most 3 files, 15 bytes; what Vercel has already is not known"]);
    }
}
