//! The levels of TAP: documents, subtests and the points in them.

use super::yaml::Diagnostics;
use crate::reports::excerpt::Excerpt;

/// A document or a subtest.
#[derive(Default)]
pub struct Level {
    pub indent: usize,
    pub plan: Option<u64>,
    pub seen: u64,
    pub failed: u64,
    /// The point that may still get diagnostics.
    pub point: Option<Pending>,
    /// What `# Subtest:` said last.
    pub title: String,
    /// Whether points came after a plan that stands behind others.
    pub plan_between: bool,
    /// Whether points came before the plan.
    pub plan_late: bool,
    /// Whether braces opened it: then it belongs to the point before it.
    pub brace: bool,
    /// What failed in it, for a parent that stands for all.
    pub text: String,
}

/// A point whose diagnostics may still come.
pub struct Pending {
    pub ok: bool,
    pub number: u64,
    pub name: String,
    pub directive: bool,
    pub duration_ms: Option<f64>,
    /// Whether a subtest in braces follows.
    pub brace: bool,
    pub diagnostics: Diagnostics,
    pub has_block: bool,
    pub text: Option<Excerpt>,
    pub child: Option<Child>,
}

/// What a subtest came to.
pub struct Child {
    pub failed: u64,
    pub text: String,
}

impl Level {
    /// Whether the point before was one that braces open.
    pub fn brace_is_open(&self) -> bool {
        self.point.as_ref().is_some_and(|point| point.brace)
    }
}

impl Pending {
    /// Whether the point is a test, and not only the sum of others.
    pub fn is_case(&self, nested: bool, name: &str) -> bool {
        let Some(child) = self.child.as_ref().filter(|_| nested) else {
            return self.diagnostics.kind != "suite" || !self.ok;
        };
        if self.diagnostics.node && self.diagnostics.kind != "suite" && !name.starts_with('/') {
            return true;
        }
        !self.ok && !self.directive && child.failed == 0
    }

    /// All that is said about it.
    pub fn said(&mut self, before: String) -> String {
        let mut said = before;
        said.push_str(&self.diagnostics.text());
        said.push_str(self.child.as_ref().map_or("", |child| child.text.as_str()));
        said.push_str(&self.text.as_mut().map(Excerpt::text).unwrap_or_default());
        said.truncate(said.trim_end().len());
        said
    }
}

/// `t/a.t .. `: prove goes on to the next file.
pub fn is_file_of_prove(text: &str) -> bool {
    let Some((path, dots)) = text.trim_end().rsplit_once(' ') else { return false };
    dots.len() > 1 && dots.bytes().all(|byte| byte == b'.') && path.contains('.') && !path.starts_with(' ')
}

/// The first line that says something; what Test::More got and expected are one.
pub fn headline(text: &str) -> String {
    let noise = ["Failed test", "at ", "(in test ", "(from function ", "in test "];
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines.find(|line| !noise.iter().any(|start| line.starts_with(start))).unwrap_or_default();
    match lines.next() {
        Some(next) if line.starts_with("got: ") && next.starts_with("expected: ") => format!("{line}, {next}"),
        _ => line.to_owned(),
    }
}
