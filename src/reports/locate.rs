//! Where a failure lies in the checkout: clues in, a tracked file and a line
//! out, or nothing. A file that git does not know is never named.

mod resolve;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use self::resolve::is_test;
use super::clue::{Clue, Columns, Spot, Trust};
use super::columns::Sources;
use super::frames::{Frame, frames, paths};
use super::hash::QuickMap;
use super::sink::FileReport;
use super::tracked::{Tracked, parts};
use crate::model::finding::{Case, Report, ReportFile};

/// How many frames of one case are looked up.
const LOOKUPS: usize = 300;

/// What is known of the checkout besides its files. Paths have `/`.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The checkout's absolute path here.
    pub workspace: String,
    /// The folder in which the command ran, relative to the checkout; empty for its root.
    pub directory: String,
    /// The repository's name without its owner, for `/home/runner/work/name/name`.
    pub repository: String,
    /// Other absolute paths where the checkout may have lain: in a container, on another machine.
    pub roots: Vec<String>,
    /// Go modules: the module's path, and its folder relative to the checkout.
    pub modules: Vec<(String, String)>,
    /// The lines that the change under test touches; `None` when that is not known.
    pub changed: Option<Changed>,
}

/// Changed lines of each changed file, as ranges from 1, ends included. A file without ranges
/// is changed as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed(pub BTreeMap<String, Vec<(u32, u32)>>);

impl Changed {
    /// Whether the file is changed at all.
    pub fn has_file(&self, file: &str) -> bool {
        self.0.contains_key(file)
    }

    /// Whether any line from `first` to `last` is changed.
    pub fn has_lines(&self, file: &str, first: u32, last: u32) -> bool {
        self.0.get(file).is_some_and(|ranges| {
            ranges.is_empty() || ranges.iter().any(|(start, end)| first <= *end && last >= *start)
        })
    }
}

/// A place in the checkout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// The tracked file.
    pub file: String,
    /// The line, from 1; `None` when only the file is known.
    pub line: Option<u32>,
    /// The last line, from 1.
    pub end_line: Option<u32>,
    /// The column, from 1.
    pub column: Option<u32>,
    /// The column after the last one.
    pub end_column: Option<u32>,
    /// What the columns count.
    pub columns: Columns,
}

/// Looks places up.
pub struct Locator<'a> {
    tracked: &'a Tracked,
    settings: &'a Settings,
    roots: Vec<Vec<String>>,
    /// The place looked up last, without classes, and its file: findings stand in groups of a file.
    last: RefCell<Option<(LastPlace, Option<u32>)>>,
    /// Paths that mean the same file in every case of the report: most frames recur.
    known: RefCell<(String, QuickMap<String, Option<u32>>)>,
}

/// The report, the folder and the path of a place.
type LastPlace = (String, Option<String>, String);

/// What helps to choose among files of the same name.
struct Context<'a> {
    report: &'a str,
    classes: &'a [String],
    /// Whether the classes had a say in the last choice.
    asked: Cell<bool>,
}

impl<'a> Context<'a> {
    fn new(report: &'a str, clue: &'a Clue) -> Self {
        Context { report, classes: &clue.classes, asked: Cell::new(false) }
    }

    /// What helps to choose, once it is looked at.
    fn classes(&self) -> &'a [String] {
        self.asked.set(true);
        self.classes
    }
}

impl<'a> Locator<'a> {
    /// Prepares for a checkout.
    pub fn new(tracked: &'a Tracked, settings: &'a Settings) -> Self {
        let name = &settings.repository;
        let mut roots = settings.roots.clone();
        roots.push(settings.workspace.clone());
        if !name.is_empty() {
            roots.extend([
                format!("/home/runner/work/{name}/{name}"),
                format!("/Users/runner/work/{name}/{name}"),
                format!("/__w/{name}/{name}"),
                format!("D:/a/{name}/{name}"),
                format!("C:/a/{name}/{name}"),
            ]);
        }
        roots.push("/github/workspace".to_owned());
        let mut roots: Vec<_> = roots.iter().map(|root| parts(root).1).filter(|root| !root.is_empty()).collect();
        roots.sort_by_key(|root| std::cmp::Reverse(root.len()));
        roots.dedup();
        Locator { tracked, settings, roots, last: RefCell::default(), known: RefCell::default() }
    }

    /// One report of all files, every place looked up. `source` gives the text of a tracked file,
    /// if it can be had, for columns that are counted in another way than ours.
    pub fn report(
        &self,
        files: Vec<FileReport>,
        slowest: usize,
        source: &mut dyn FnMut(&str) -> Option<String>,
    ) -> Report {
        let mut sources = Sources::new(source);
        let mut all = Report::default();
        for file in files {
            let mut report = Report { totals: file.totals, ..Report::default() };
            for (mut case, clue) in file.cases {
                if let Some(mut found) = self.case(&case, &clue, &file.path) {
                    sources.convert(&mut found);
                    (case.file, case.line, case.column) = (Some(found.file), found.line, found.column);
                }
                report.cases.push(case);
            }
            for (mut finding, clue) in file.findings {
                let first = clue.spots.first();
                if let Some(mut found) = clue.spots.iter().find_map(|spot| self.spot(spot, &clue, &file.path)) {
                    sources.convert(&mut found);
                    finding.file = Some(found.file);
                    (finding.line, finding.end_line) = (found.line, found.end_line);
                    (finding.column, finding.end_column) = (found.column, found.end_column);
                } else if let Some(spot) = first {
                    let line = spot.line.map(|line| format!(":{line}")).unwrap_or_default();
                    finding.place = Some(format!("{}{line}", spot.path));
                    if file.red.iter().any(|red| red.message == finding.message) {
                        // What broke the run is said already, and there is no place to show it.
                        report.totals.unfind(finding.level);
                        continue;
                    }
                }
                report.findings.push(finding);
            }
            if !file.format.is_empty() {
                report.files.push(ReportFile { path: file.path, format: file.format, dialect: file.dialect });
            }
            (report.red, report.problems) = (file.red, file.problems);
            (report.suites, report.slowest) = (file.suites, file.slowest);
            all.merge(report, slowest);
        }
        all
    }

    /// Where a case failed. `report` is the path of the report file.
    pub fn case(&self, case: &Case, clue: &Clue, report: &str) -> Option<Location> {
        let exact = clue.spots.iter().filter(|spot| spot.trust == Trust::Exact && spot.line.is_some());
        if let Some(found) = exact.clone().find_map(|spot| self.spot(spot, clue, report)) {
            return Some(found);
        }
        let context = Context::new(report, clue);
        if let Some(found) = self.documentation(case, &context) {
            return Some(found);
        }
        let own = self.own_files(clue, &context);
        let details = case.details.as_deref().unwrap_or_default();
        let message = if details.contains(case.message.as_str()) { "" } else { case.message.as_str() };
        for text in [format!("{message}\n{details}"), clue.text.clone(), case.name.clone()] {
            if let Some(found) = self.best_frame(&frames(&text), &own, &context) {
                let columns = if is_script(&found.file) { Columns::Utf16 } else { clue.columns };
                return Some(Location { columns, ..found });
            }
        }
        let defined = clue.spots.iter().filter(|spot| spot.line.is_some()).chain(&clue.spots);
        if let Some(found) = defined.clone().find_map(|spot| self.spot(spot, clue, report)) {
            return Some(found);
        }
        let named = || paths(details).into_iter().chain(paths(message)).find_map(|path| self.file(&path, &context));
        let file = own.first().copied().or_else(named)?;
        Some(Location { file: self.tracked.path(file).to_owned(), ..Location::default() })
    }

    /// Where a named place lies.
    pub fn spot(&self, spot: &Spot, clue: &Clue, report: &str) -> Option<Location> {
        let file = self.spot_file(spot, clue, report)?;
        let line = spot.line.filter(|line| *line > 0 && spot.trust != Trust::File);
        let end_line = spot.end_line.filter(|end| line.is_some_and(|line| *end >= line));
        let column = spot.column.filter(|column| *column > 0 && line.is_some());
        Some(Location {
            file: self.tracked.path(file).to_owned(),
            line,
            end_line,
            column,
            end_column: spot.end_column.filter(|column| *column > 0 && line.is_some()),
            columns: spot.columns,
        })
    }

    /// The file of a named place.
    fn spot_file(&self, spot: &Spot, clue: &Clue, report: &str) -> Option<u32> {
        let context = Context::new(report, clue);
        let find = || {
            let joined = spot.base.as_ref().map(|base| join(base, &spot.path));
            joined.and_then(|path| self.file(&path, &context)).or_else(|| self.file(&spot.path, &context))
        };
        if !clue.classes.is_empty() {
            return find();
        }
        let mut last = self.last.borrow_mut();
        if let Some((place, file)) = &*last
            && (place.0.as_str(), &place.1, place.2.as_str()) == (report, &spot.base, spot.path.as_str())
        {
            return *file;
        }
        let file = find();
        *last = Some(((report.to_owned(), spot.base.clone(), spot.path.clone()), file));
        file
    }

    /// Where a test in Rust's documentation stands: `src/lib.rs - add (line 9)`. The lines in its text
    /// are those of the program that was made of it.
    fn documentation(&self, case: &Case, context: &Context) -> Option<Location> {
        let (before, rest) = case.name.rsplit_once("(line ")?;
        let line = rest.strip_suffix(')')?.parse().ok().filter(|line| *line > 0)?;
        let named = before.split(" - ").next().unwrap_or_default().trim();
        let suite = case.suite.as_deref().unwrap_or_default();
        let path = [named, suite].into_iter().find(|path| path.ends_with(".rs") || path.ends_with(".md"))?;
        let file = self.file(path, context)?;
        Some(Location { file: self.tracked.path(file).to_owned(), line: Some(line), ..Location::default() })
    }

    /// The frame in the diff; else the test's own; else the deepest one in the repository.
    fn best_frame(&self, frames: &[Frame], own: &[u32], context: &Context) -> Option<Location> {
        let mut found: Vec<(u32, &Frame)> = Vec::new();
        for frame in frames.iter().take(LOOKUPS) {
            let file = match frame.paths.is_empty() {
                true => own.first().copied(),
                false => frame.paths.iter().find_map(|path| self.frame_file(path, frame, context)),
            };
            found.extend(file.map(|file| (file, frame)));
        }
        if found.iter().filter(|(_, frame)| frame.inner_last).count() * 2 >= found.len() {
            // From here on, the innermost frame is the first.
            found.reverse();
        }
        let changed = |(file, frame): &&(u32, &Frame)| {
            let changed = self.settings.changed.as_ref();
            changed.is_some_and(|changed| changed.has_lines(self.tracked.path(*file), frame.line, frame.line))
        };
        let best = found
            .iter()
            .find(changed)
            .or_else(|| found.iter().find(|(file, _)| own.contains(file)))
            .or_else(|| found.iter().find(|(file, _)| is_test(self.tracked.path(*file))))
            .or_else(|| found.first())?;
        let (file, frame) = (self.tracked.path(best.0).to_owned(), best.1);
        Some(Location { file, line: Some(frame.line), column: frame.column, ..Location::default() })
    }
}

fn join(base: &str, path: &str) -> String {
    if path.contains("://") || path.starts_with('/') || base.is_empty() {
        return path.to_owned();
    }
    format!("{}/{path}", base.trim_end_matches('/'))
}

/// JavaScript and what becomes it: every engine counts columns in UTF-16 units.
fn is_script(file: &str) -> bool {
    let ends = [".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".vue", ".svelte"];
    ends.iter().any(|end| file.ends_with(end))
}

#[cfg(test)]
mod tests;
