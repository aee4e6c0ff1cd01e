//! Where a failure lies in the checkout: clues in, a tracked file and a line
//! out, or nothing. A file that git does not know is never named.

use std::collections::BTreeMap;

use super::clue::{Clue, Spot, Trust};
use super::frames::{Frame, frames, paths};
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
}

/// Looks places up.
pub struct Locator<'a> {
    tracked: &'a Tracked,
    settings: &'a Settings,
    roots: Vec<Vec<String>>,
}

/// What helps to choose among files of the same name.
struct Context<'a> {
    report: &'a str,
    classes: &'a [String],
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
        Locator { tracked, settings, roots }
    }

    /// One report of all files, every place looked up.
    pub fn report(&self, files: Vec<FileReport>, slowest: usize) -> Report {
        let mut all = Report::default();
        for file in files {
            let mut report = Report { totals: file.totals, ..Report::default() };
            for (mut case, clue) in file.cases {
                if let Some(found) = self.case(&case, &clue, &file.path) {
                    (case.file, case.line, case.column) = (Some(found.file), found.line, found.column);
                }
                report.cases.push(case);
            }
            for (mut finding, clue) in file.findings {
                let first = clue.spots.first();
                if let Some(found) = clue.spots.iter().find_map(|spot| self.spot(spot, &clue, &file.path)) {
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
        let context = Context { report, classes: &clue.classes };
        if let Some(found) = self.documentation(case, &context) {
            return Some(found);
        }
        let own = self.own_files(clue, &context);
        let details = case.details.as_deref().unwrap_or_default();
        let message = if details.contains(case.message.as_str()) { "" } else { case.message.as_str() };
        for text in [format!("{message}\n{details}"), clue.text.clone(), case.name.clone()] {
            if let Some(found) = self.best_frame(&frames(&text), &own, &context) {
                return Some(found);
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
        let context = Context { report, classes: &clue.classes };
        let joined = spot.base.as_ref().map(|base| join(base, &spot.path));
        let file = joined.and_then(|path| self.file(&path, &context)).or_else(|| self.file(&spot.path, &context))?;
        let line = spot.line.filter(|line| *line > 0 && spot.trust != Trust::File);
        let end_line = spot.end_line.filter(|end| line.is_some_and(|line| *end >= line));
        let column = spot.column.filter(|column| *column > 0 && line.is_some());
        Some(Location {
            file: self.tracked.path(file).to_owned(),
            line,
            end_line,
            column,
            end_column: spot.end_column.filter(|column| *column > 0 && line.is_some()),
        })
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

    fn frame_file(&self, path: &str, frame: &Frame, context: &Context) -> Option<u32> {
        if !frame.owner.is_empty() && !path.contains(['/', '\\']) {
            return self.java_file(path, &frame.owner, context);
        }
        self.file(path, context)
    }

    /// `com.acme.CalcTest$In.adds` in `CalcTest.java` is `…/com/acme/CalcTest.java`.
    fn java_file(&self, name: &str, owner: &str, context: &Context) -> Option<u32> {
        let mut package: Vec<&str> = owner.split('.').collect();
        // The method and the class; inner classes are joined by `$` or, in Scala and Kotlin, by more names.
        package.pop();
        package.pop();
        while package.last().is_some_and(|part| part.starts_with(|c: char| c.is_uppercase())) {
            package.pop();
        }
        let foreign = ["java", "javax", "jdk", "sun", "kotlin", "scala", "groovy"];
        if package.first().is_some_and(|first| foreign.contains(first)) {
            return None;
        }
        let mut wanted: Vec<String> = package.iter().map(|part| part.to_string()).collect();
        wanted.push(name.to_owned());
        let found = self.tracked.suffixes(&wanted);
        // Kotlin may leave out the folders that all its packages share.
        let whole = found.iter().filter(|(_, common)| *common == wanted.len()).map(|(file, _)| *file).collect();
        let near = found.iter().filter(|(_, common)| *common > 1 || wanted.len() == 1).map(|(file, _)| *file).collect();
        self.choose(whole, context).or_else(|| self.choose(near, context))
    }

    /// The tracked file that a path of the report means.
    fn file(&self, path: &str, context: &Context) -> Option<u32> {
        let (absolute, wanted) = parts(path);
        if wanted.is_empty() {
            return None;
        }
        if absolute {
            for root in &self.roots {
                if wanted.len() > root.len() && same(&wanted[..root.len()], root) {
                    return self.tracked.find(&wanted[root.len()..]);
                }
            }
        } else {
            let (_, report) = parts(context.report);
            let (_, directory) = parts(&self.settings.directory);
            // Relative to where the command ran, to the root, to the report's folder and those above.
            let mut bases = vec![directory, Vec::new()];
            bases.extend((1..report.len()).rev().map(|end| report[..end].to_vec()));
            let climbs = path.contains("..");
            for mut base in bases {
                base.extend(wanted.iter().cloned());
                let base = if climbs { parts(&base.join("/")).1 } else { base };
                if let Some(file) = self.tracked.find(&base) {
                    return self.fits_package(file, &wanted, context).then_some(file);
                }
            }
        }
        for (module, folder) in &self.settings.modules {
            let (_, module) = parts(module);
            if wanted.len() > module.len() && same(&wanted[..module.len()], &module) {
                let mut inner = parts(folder).1;
                inner.extend_from_slice(&wanted[module.len()..]);
                return self.tracked.find(&inner);
            }
        }
        self.by_suffix(absolute, &wanted, context)
    }

    /// The tracked file with the longest end in common.
    fn by_suffix(&self, absolute: bool, wanted: &[String], context: &Context) -> Option<u32> {
        let foreign = wanted.iter().find(|part| is_foreign(part));
        if absolute && is_system(wanted) {
            return None;
        }
        let mut found = self.tracked.suffixes(wanted);
        found.retain(|(file, common)| {
            let path = self.tracked.path(*file);
            let whole = *common == path.split('/').count();
            let enough = *common >= 2 || (absolute && whole) || (!absolute && *common == wanted.len());
            enough
                && foreign.is_none_or(|part| path.split('/').any(|other| other == part))
                && self.fits_package(*file, wanted, context)
        });
        let best = found.iter().map(|(_, common)| *common).max()?;
        let ties = found.into_iter().filter(|(_, common)| *common == best).map(|(file, _)| file).collect();
        self.choose(ties, context)
    }

    /// A bare name of a Go file lies in the package's own folder, or is a forgery.
    fn fits_package(&self, file: u32, wanted: &[String], context: &Context) -> bool {
        let ([name], Some(package)) = (wanted, context.classes.first()) else { return true };
        if !name.ends_with(".go") {
            return true;
        }
        let folder = self.tracked.path(file).rsplit_once('/').map_or("", |(folder, _)| folder);
        for (module, root) in &self.settings.modules {
            if let Some(rest) = package.strip_prefix(module.as_str())
                && (rest.is_empty() || rest.starts_with('/'))
            {
                return same(&parts(folder).1, &parts(&format!("{root}{rest}")).1);
            }
        }
        let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        folder.is_empty() || last(folder) == last(package) || !self.tracked.has_folder_named(&last(package))
    }

    /// The only one; else the only one below the command's folder, beside the report, or in the
    /// folder that the class names.
    fn choose(&self, files: Vec<u32>, context: &Context) -> Option<u32> {
        if let [only] = files[..] {
            return Some(only);
        }
        let directory = parts(&self.settings.directory).1.join("/");
        if !directory.is_empty() {
            let below = |file: &&u32| {
                self.tracked.path(**file).strip_prefix(&directory).is_some_and(|rest| rest.starts_with('/'))
            };
            if let [only] = files.iter().filter(below).copied().collect::<Vec<_>>()[..] {
                return Some(only);
            }
        }
        let (_, report) = parts(context.report);
        let beside = |file: u32| {
            let (_, path) = parts(self.tracked.path(file));
            path.iter().zip(&report).take_while(|(one, other)| one == other).count()
        };
        let named = |file: u32| {
            let path = self.tracked.path(file);
            let folders: Vec<&str> = path.split('/').rev().skip(1).collect();
            let class = |class: &String| {
                let names: Vec<&str> =
                    class.split(['.', '/', ':', '\\']).filter(|name| !name.is_empty()).rev().collect();
                (0..names.len())
                    .map(|from| names[from..].iter().zip(&folders).take_while(|(a, b)| a == b).count())
                    .max()
            };
            context.classes.iter().filter_map(class).max().unwrap_or(0)
        };
        let measures: [&dyn Fn(u32) -> usize; 2] = [&named, &beside];
        for measure in measures {
            let best = files.iter().map(|file| measure(*file)).max().unwrap_or(0);
            if best == 0 {
                continue;
            }
            if let [only] = files.iter().copied().filter(|file| measure(*file) == best).collect::<Vec<_>>()[..] {
                return Some(only);
            }
        }
        None
    }

    /// The files that the test itself lies in: as the report names them, and by its class.
    fn own_files(&self, clue: &Clue, context: &Context) -> Vec<u32> {
        let spots = clue.spots.iter().filter_map(|spot| self.file(&spot.path, context));
        let mut own: Vec<u32> = spots.collect();
        own.extend(clue.classes.iter().filter_map(|class| self.class_file(class, context)));
        own.dedup();
        own
    }

    /// `tests.test_x.TestCase` is `tests/test_x.py`; `com.acme.CalcTest` is `…/com/acme/CalcTest.java`;
    /// `test/x.test.ts` is itself.
    fn class_file(&self, class: &str, context: &Context) -> Option<u32> {
        if class.contains(char::is_whitespace) && !class.contains(['/', '\\']) {
            return None;
        }
        if has_extension(class)
            && let Some(file) = self.file(class, context)
        {
            return Some(file);
        }
        let plain = class.split(['$', '(', '[', '<']).next().unwrap_or_default();
        let plain = plain.replace("::", "/").replace(['.', '\\'], "/");
        let (_, names) = parts(&plain);
        for end in (1..=names.len()).rev() {
            // One name alone says too little, unless it is all there is.
            if end == 1 && names.len() > 2 {
                break;
            }
            let mut found = self.tracked.stems(&names[..end]);
            let enough = if end == 1 { 1 } else { 2 };
            if end == 1 {
                // A suite called `calc` is hardly the file of that name, unless that is a test.
                found.retain(|(file, _)| is_test(self.tracked.path(*file)));
            }
            let best = found.iter().map(|(_, common)| *common).max().unwrap_or(0);
            if best >= enough {
                let ties = found.into_iter().filter(|(_, common)| *common == best).map(|(file, _)| file).collect();
                if let Some(file) = self.choose(ties, context) {
                    return Some(file);
                }
            }
        }
        None
    }
}

fn join(base: &str, path: &str) -> String {
    if path.contains("://") || path.starts_with('/') || base.is_empty() {
        return path.to_owned();
    }
    format!("{}/{path}", base.trim_end_matches('/'))
}

fn has_extension(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    name.rsplit_once('.').is_some_and(|(stem, end)| {
        !stem.is_empty() && (1..=5).contains(&end.len()) && end.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

/// Equal, but for the case on Windows and macOS, which CI paths with drives show.
fn same(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| a.eq_ignore_ascii_case(b))
}

/// Folders of other people's code: a file below them counts only when the repository has them, too.
fn is_foreign(part: &str) -> bool {
    matches!(
        part,
        "node_modules"
            | "site-packages"
            | "dist-packages"
            | "rustc"
            | "registry"
            | ".cargo"
            | "gems"
            | "vendor"
            | "bower_components"
            | "Pods"
            | ".gradle"
            | ".m2"
            | "mod"
            | "hostedtoolcache"
            | ".pub-cache"
            | "Python.framework"
            | "deps"
            | "_opam"
            | ".venv"
            | "venv"
            | "lib64"
    )
}

/// Absolute paths of the system and of languages.
fn is_system(wanted: &[String]) -> bool {
    let head: Vec<&str> = wanted.iter().take(3).map(String::as_str).collect();
    matches!(
        head[..],
        ["usr", "lib" | "include" | "share" | "local" | "libexec" | "bin", ..]
            | ["lib" | "lib64" | "bin" | "sbin" | "rustc" | "System" | "Library" | "nix", ..]
            | ["opt", "homebrew" | "hostedtoolcache", ..]
    ) || wanted.iter().any(|part| part.starts_with("python3.") || part.starts_with("node:") || part.starts_with("go1."))
}

fn is_test(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    let stem = name.split('.').next().unwrap_or_default();
    parts.any(|part| matches!(part, "test" | "tests" | "spec" | "specs" | "__tests__" | "t" | "e2e" | "it"))
        || lower.starts_with("test_")
        || [".test.", ".spec.", "_test.", "_spec.", ".cy.", "_tests."].iter().any(|mark| lower.contains(mark))
        || ["Test", "Tests", "Spec", "IT"].iter().any(|end| stem.ends_with(end))
        || lower.ends_with(".t")
        || lower.ends_with(".bats")
}
