//! The Test Anything Protocol, versions 12 to 14, as its many writers have it.
//! Source: the specifications on testanything.org; the kernel's KTAP.
//!
//! Which points are tests, where they nest: with a version line (node, node-tap,
//! vitest, KTAP) the leaves are, and node's parents that are tests of their own;
//! without one (Test::More) a subtest is one test, as its harness counts.

mod level;
mod line;
mod yaml;

use self::level::{Child, Level, Pending, headline, is_file_of_prove};
use self::line::{Line, Point, unescape};
use self::yaml::Diagnostics;
use super::clue::Clue;
use super::excerpt::{Excerpt, first};
use super::lines::{Lines, indent};
use super::sink::DETAILS;
use super::{Format, Head, Kind, SURE, Sink, Source};
use crate::model::finding::{Case, Status};

/// TAP.
pub static FORMAT: Format = Format { name: "tap", kind: Kind::Test, recognise, read };

/// How deep subtests go that are looked at.
const DEPTH: usize = 40;

/// How many comments in front of their points are kept.
const ORPHANS: usize = 200;

fn recognise(head: &Head) -> u8 {
    let (mut points, mut bare, mut plan) = (0, 0, false);
    for text in head.lines() {
        match line::read(text.trim()) {
            Line::Version => return SURE,
            Line::Point(Point { number: Some(_), .. }) if indent(text) == 0 => points += 1,
            Line::Point(_) if indent(text) == 0 => bare += 1,
            Line::Plan { .. } if indent(text) == 0 => plan = true,
            Line::Bail(_) if points > 0 || plan => return SURE,
            _ => {}
        }
        if plan && points > 0 {
            return SURE - 5;
        }
    }
    match (plan, points, bare) {
        (_, 1.., _) | (true, _, 1..) => super::LIKELY + 20,
        (true, ..) if first_is_plan(head) => super::LIKELY,
        _ => 0,
    }
}

fn first_is_plan(head: &Head) -> bool {
    let start = head.lines().find(|line| !line.trim().is_empty());
    start.is_some_and(|text| matches!(line::read(text), Line::Plan { .. }))
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut lines = Lines::new(source);
    let mut reader = Reader {
        sink,
        levels: vec![Level::default()],
        nested: false,
        child: None,
        block: None,
        orphans: Vec::new(),
        orphan: false,
        noise: String::new(),
        bailed: false,
        failed: false,
        documents: 0,
        trailer: 0,
    };
    while let Some(text) = lines.next_line() {
        reader.line(text);
    }
    reader.end(lines.end());
}

struct Reader<'s> {
    sink: &'s mut Sink,
    /// The document and its open subtests.
    levels: Vec<Level>,
    /// Whether subtests are counted one by one.
    nested: bool,
    /// The subtest that was closed last, whose point comes next.
    child: Option<Child>,
    /// The indent of the diagnostic block that is open.
    block: Option<usize>,
    /// Comments about failures that came in front of their points: name and text.
    orphans: Vec<(String, String)>,
    /// Whether comments go to the last of them.
    orphan: bool,
    /// The last line that is no TAP: a program's last words.
    noise: String,
    bailed: bool,
    /// Whether the harness says that it failed, and no point does.
    failed: bool,
    documents: u32,
    /// How many failures the writer's own trailer tells of.
    trailer: u64,
}

impl Reader<'_> {
    fn line(&mut self, text: &str) {
        let depth = indent(text);
        let content = text.trim();
        if self.in_block(text, depth, content) {
            return;
        }
        let line = line::read(content);
        if matches!(line, Line::Plan { .. } | Line::Point(_) | Line::Version) && !self.enter(depth, &line) {
            return self.other(text, content);
        }
        match line {
            Line::Version if self.levels.len() == 1 => {
                if self.levels[0].seen > 0 || self.levels[0].plan.is_some() {
                    self.end_document();
                }
                self.nested = true;
            }
            Line::Plan { count, skipped } => self.plan(count, skipped),
            Line::Point(point) => self.point(&point),
            Line::Bail(reason) => self.bail(reason),
            Line::Comment(comment) => self.comment(comment, depth),
            Line::Close => {
                if self.levels.last().is_some_and(|level| level.brace && depth < level.indent) {
                    self.leave();
                }
            }
            Line::Version | Line::Pragma => {}
            Line::Other => self.other(text, content),
        }
    }

    /// Takes a line of a diagnostic block.
    fn in_block(&mut self, text: &str, depth: usize, content: &str) -> bool {
        let level = self.levels.len() - 1;
        let outer = self.levels[level].indent;
        let Some(point) = &mut self.levels[level].point else { return false };
        let Some(block) = self.block else {
            if content == "---" && depth > outer {
                self.block = Some(depth);
                point.has_block = true;
                return true;
            }
            return false;
        };
        if depth < block && !content.is_empty() {
            // It was never closed.
            point.diagnostics.end();
            self.block = None;
            return false;
        }
        if content == "..." && depth == block {
            point.diagnostics.end();
            self.block = None;
        } else if content != "---" || depth != block {
            point.diagnostics.push(text.get(block..).unwrap_or_default());
        }
        true
    }

    /// Makes the level of this indent the last one; `false` when the line belongs to none.
    fn enter(&mut self, depth: usize, line: &Line) -> bool {
        while self.levels.len() > 1 && self.levels.last().is_some_and(|level| depth < level.indent) {
            self.leave();
        }
        let Some(level) = self.levels.last_mut() else { return false };
        if depth == level.indent {
            return true;
        }
        // A program's indented output may look like a point; a subtest starts at its start.
        let opens =
            matches!(line, Line::Plan { .. } | Line::Version | Line::Point(Point { number: None | Some(1), .. }));
        let braced = level.brace_is_open();
        if depth < level.indent || !(opens || braced) || self.levels.len() >= DEPTH {
            return false;
        }
        self.push(depth, braced);
        true
    }

    fn push(&mut self, indent: usize, brace: bool) {
        if !brace {
            self.finish_point();
        } else if let Some(level) = self.levels.last_mut() {
            level.title = level.point.as_ref().map(|point| point.name.clone()).unwrap_or_default();
        }
        self.levels.push(Level { indent, brace, ..Level::default() });
    }

    /// Ends the last level and tells its parent.
    fn leave(&mut self) {
        self.finish_point();
        let Some(level) = self.levels.pop() else { return };
        if let Some(plan) = level.plan
            && plan != level.seen
            && !self.bailed
        {
            let title = self.levels.last().map(|outer| outer.title.as_str()).unwrap_or_default();
            self.sink.red(format!("plan not met in subtest `{title}`: {plan} planned, {} ran", level.seen));
        }
        let child = Child { failed: level.failed, text: level.text };
        if level.brace {
            if let Some(point) = self.levels.last_mut().and_then(|outer| outer.point.as_mut()) {
                point.child = Some(child);
            }
            self.finish_point();
        } else {
            self.child = Some(child);
        }
    }

    fn plan(&mut self, count: u64, skipped: bool) {
        if self.levels.len() == 1 && self.levels[0].plan.is_some() {
            self.end_document();
        }
        self.finish_point();
        let Some(level) = self.levels.last_mut() else { return };
        level.plan_late = level.seen > 0;
        level.plan = Some(count);
        if count == 0 && !skipped && level.seen == 0 {
            self.sink.odd("the plan is to run no test", None);
        }
    }

    fn point(&mut self, point: &Point) {
        let top = &self.levels[0];
        if self.levels.len() == 1
            && point.number == Some(1)
            && top.seen > 0
            && top.plan.is_none_or(|plan| plan <= top.seen)
        {
            self.end_document();
        }
        let child = self.child.take();
        self.finish_point();
        let Some(level) = self.levels.last_mut() else { return };
        level.plan_between |= level.plan_late;
        level.title.clear();
        level.seen += 1;
        level.point = Some(Pending {
            ok: point.ok,
            number: point.number.unwrap_or(level.seen),
            name: unescape(point.name),
            directive: point.directive,
            duration_ms: point.duration_ms,
            brace: point.brace,
            diagnostics: Diagnostics::default(),
            has_block: false,
            text: None,
            child,
        });
        self.orphan = false;
    }

    fn bail(&mut self, reason: &str) {
        if !self.bailed {
            let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
            self.sink.red(format!("the run bailed out{why}"));
        }
        self.bailed = true;
    }

    fn comment(&mut self, comment: &str, depth: usize) {
        if let Some(title) = comment.strip_prefix("Subtest: ") {
            while self.levels.len() > 1 && self.levels.last().is_some_and(|level| depth < level.indent) {
                self.leave();
            }
            if self.levels.last().is_some_and(|level| depth > level.indent && !level.title.is_empty())
                && self.levels.len() < DEPTH
            {
                self.push(depth, false);
            }
            self.finish_point();
            if let Some(level) = self.levels.last_mut() {
                level.title = unescape(title);
            }
            return;
        }
        let mut words = comment.split_whitespace();
        if let (Some("fail" | "failed"), Some(count), None) = (words.next(), words.next(), words.next()) {
            self.trailer = self.trailer.max(count.parse().unwrap_or(0));
        }
        let trimmed = comment.trim_start();
        if let Some(rest) = trimmed.strip_prefix("Failed ")
            && (rest.starts_with("test") || rest.starts_with("(TODO)"))
        {
            let name = rest.split_once('\'').and_then(|(_, name)| name.rsplit_once('\'')).map_or("", |(name, _)| name);
            let own = self.levels.last().and_then(|level| level.point.as_ref());
            self.orphan = own.is_none_or(|point| point.ok || point.name != name && !name.is_empty());
            if self.orphan && self.orphans.len() < ORPHANS {
                self.orphans.push((name.to_owned(), String::new()));
            }
        } else if trimmed.starts_with("Looks like ") {
            self.orphan = false;
            if self.levels.len() == 1 {
                self.noise = comment.to_owned();
            }
            return;
        }
        self.add(comment);
    }

    fn other(&mut self, text: &str, content: &str) {
        if content.is_empty() && !self.orphan {
            return;
        }
        if is_file_of_prove(text) && (self.levels[0].seen > 0 || self.levels[0].plan.is_some()) {
            self.end_document();
        } else if content == "Result: FAIL" {
            self.failed |= self.sink.totals().failed == 0 && !self.bailed;
        } else if indent(text) > 0 {
            self.add(text);
        } else if !content.is_empty() {
            self.noise = first(content, 300);
            // A shell's own tests print what failed as it is.
            self.add(text);
        }
    }

    /// Adds a line to what is said about the last failure.
    fn add(&mut self, line: &str) {
        if self.orphan {
            if let Some((_, text)) = self.orphans.last_mut()
                && text.len() < 4096
            {
                text.push_str(line);
                text.push('\n');
            }
            return;
        }
        let point = self.levels.iter_mut().rev().find_map(|level| level.point.as_mut());
        if let Some(point) = point.filter(|point| !point.ok) {
            let text = point.text.get_or_insert_with(|| Excerpt::new(DETAILS));
            text.push(line);
            text.push("\n");
        }
    }

    /// Counts the last point of the last level, now that nothing more is said about it.
    fn finish_point(&mut self) {
        self.block = None;
        let depth = self.levels.len() - 1;
        let Some(mut point) = self.levels[depth].point.take() else { return };
        point.diagnostics.end();
        let status = match (point.directive, point.ok) {
            (true, _) => Status::Skipped,
            (false, true) => Status::Passed,
            (false, false) => Status::Failed,
        };
        if status == Status::Failed {
            self.levels[depth].failed += 1;
        }
        let name = match point.name.is_empty() {
            true => format!("test {}", point.number),
            false => std::mem::take(&mut point.name),
        };
        if !self.nested && depth > 0 {
            if status == Status::Failed {
                let text = point.said(self.orphan_of(&name));
                let level = &mut self.levels[depth];
                if level.text.len() < DETAILS {
                    level.text.push_str(&format!("{name}\n{text}\n"));
                }
            }
            return;
        }
        if !point.is_case(self.nested, &name) {
            return;
        }
        let titles = self.levels[..depth].iter().map(|level| level.title.clone());
        let titles: Vec<String> = titles.filter(|title| !title.is_empty()).collect();
        let suite = titles.join(" > ");
        let duration = point.duration_ms.or(point.diagnostics.duration_ms);
        if status != Status::Failed {
            self.sink.tally(status, &suite, &name, duration);
            return;
        }
        let details = point.said(self.orphan_of(&name));
        let mut message = std::mem::take(&mut point.diagnostics.message);
        if message.trim().is_empty() {
            let said = if point.has_block { String::new() } else { headline(&details) };
            message = if said.is_empty() { name.clone() } else { said };
        }
        let file = name.split(" > ").next().filter(|part| part.contains('.') && part.contains('/'));
        let classes = file.iter().map(|file| file.to_string()).chain(titles.into_iter().rev());
        let clue =
            Clue { spots: std::mem::take(&mut point.diagnostics.spots), classes: classes.collect(), ..Clue::default() };
        let case = Case {
            name,
            suite: (!suite.is_empty()).then_some(suite),
            status,
            duration_ms: duration,
            message,
            details: (!details.is_empty()).then_some(details),
            ..Case::default()
        };
        self.sink.case(case, clue);
    }

    /// What was said in front of a point of this name.
    fn orphan_of(&mut self, name: &str) -> String {
        let at = self.orphans.iter().position(|(other, _)| other == name);
        at.map(|at| self.orphans.remove(at).1).unwrap_or_default()
    }

    fn end_document(&mut self) {
        while self.levels.len() > 1 {
            self.leave();
        }
        self.finish_point();
        self.documents += 1;
        let level = std::mem::take(&mut self.levels[0]);
        match level.plan {
            Some(plan) if plan != level.seen && !self.bailed => {
                let noise = std::mem::take(&mut self.noise);
                let words = if noise.is_empty() { String::new() } else { format!("; last words: {noise}") };
                self.sink.red(format!("plan not met: {plan} planned, {} ran{words}", level.seen));
            }
            _ => {}
        }
        if level.plan_between {
            self.sink.odd("the plan stands between the points", None);
        }
        self.noise.clear();
        self.child = None;
    }

    fn end(&mut self, offset: u64) {
        let planless = self.levels[0].plan.is_none();
        let open = self.levels[0].seen > 0 || self.levels.len() > 1 || self.documents == 0;
        let skipping = self.levels[0].plan == Some(0);
        self.end_document();
        if planless && open && !self.bailed {
            self.sink.lost("cut short: no plan, so nobody knows how many tests there should be", Some(offset));
        }
        if self.failed {
            self.sink.red("the harness says that the run failed, and no test point does");
        }
        let totals = self.sink.totals();
        if self.trailer > 0 && totals.failed == 0 && totals.skipped == 0 && !skipping {
            let failures = self.trailer;
            self.sink.red(format!("the writer's own count has {failures} failed, and no point shows it"));
        }
    }
}

#[cfg(test)]
mod tests;
