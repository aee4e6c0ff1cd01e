//! Which tracked file a path, a class or a module of a report means.

use super::{Context, Locator};
use crate::reports::clue::Clue;
use crate::reports::frames::Frame;
use crate::reports::tracked::parts;

/// Among how many files of the same name one is sought; more than that say nothing.
const TIES: usize = 500;

/// How many paths are remembered.
const KNOWN: usize = 4_096;

impl Locator<'_> {
    pub(super) fn frame_file(&self, path: &str, frame: &Frame, context: &Context) -> Option<u32> {
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
        if let Some(file) = self.choose(self.tracked.with_suffix(&wanted), context) {
            return Some(file);
        }
        // Kotlin may leave out the folders that all its packages share.
        (1..wanted.len() - 1).find_map(|from| self.choose(self.tracked.with_suffix(&wanted[from..]), context))
    }

    /// The tracked file that a path of the report means.
    pub(super) fn file(&self, path: &str, context: &Context) -> Option<u32> {
        {
            let (report, known) = &mut *self.known.borrow_mut();
            if report != context.report || known.len() >= KNOWN {
                context.report.clone_into(report);
                known.clear();
            } else if let Some(file) = known.get(path) {
                return *file;
            }
        }
        context.asked.set(false);
        let file = self.look_up(path, context);
        if !context.asked.get() {
            self.known.borrow_mut().1.insert(path.to_owned(), file);
        }
        file
    }

    fn look_up(&self, path: &str, context: &Context) -> Option<u32> {
        if let Some((_, inner)) = path.strip_prefix("package:").and_then(|rest| rest.split_once('/')) {
            // Dart's names of packages: what they export lies in `lib`.
            let (_, wanted) = parts(&format!("lib/{inner}"));
            return self.choose(self.tracked.with_suffix(&wanted), context);
        }
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
            for base in bases {
                let Some(inner) = below(base, path, &wanted) else { continue };
                if let Some(file) = self.tracked.find(&inner) {
                    return self.fits_package(file, &wanted, context).then_some(file);
                }
            }
        }
        if let Some(inner) = self.beside_package(&wanted, context) {
            return self.tracked.find(&inner);
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
        if absolute && is_system(wanted) {
            return None;
        }
        let foreign = wanted.iter().find(|part| is_foreign(part));
        if foreign.is_some_and(|part| !self.tracked.has_folder_named(part)) {
            return None;
        }
        // No longer end can agree than the one whose folders there are.
        let folders = wanted.iter().rev().skip(1).take_while(|part| self.tracked.has_folder_named(part)).count();
        for from in wanted.len() - 1 - folders..wanted.len() {
            let common = wanted.len() - from;
            let enough = |file: &u32| {
                let path = self.tracked.path(*file);
                // A name alone says enough when it is all that the report has, or all that the file has.
                (common >= 2 || from == 0 || absolute && !path.contains('/'))
                    && foreign.is_none_or(|part| path.split('/').any(|other| other == part))
                    && self.fits_package(*file, wanted, context)
            };
            let found = self.tracked.with_suffix(&wanted[from..]);
            if found.len() > TIES {
                return None;
            }
            let found: Vec<u32> = found.filter(enough).collect();
            if !found.is_empty() {
                return self.choose(found.into_iter(), context);
            }
        }
        None
    }

    /// A bare name of a Go file in the folder of its package, where the module is known.
    fn beside_package(&self, wanted: &[String], context: &Context) -> Option<Vec<String>> {
        let [name] = wanted else { return None };
        let package = context.classes().first().filter(|_| name.ends_with(".go"))?;
        let inside = |(module, root): &(String, String)| {
            let rest = package.strip_prefix(module.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then(|| parts(&format!("{root}{rest}/{name}")).1)
        };
        self.settings.modules.iter().find_map(inside)
    }

    /// A bare name of a Go file lies in the package's own folder, or is a forgery.
    fn fits_package(&self, file: u32, wanted: &[String], context: &Context) -> bool {
        let [name] = wanted else { return true };
        let Some(package) = context.classes().first().filter(|_| name.ends_with(".go")) else { return true };
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
    fn choose(&self, files: impl ExactSizeIterator<Item = u32>, context: &Context) -> Option<u32> {
        if files.len() > TIES {
            return None;
        }
        let files: Vec<u32> = files.collect();
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
            context.classes().iter().filter_map(class).max().unwrap_or(0)
        };
        let mentioned = |file: u32| {
            let plain = |name: &str| name.replace('-', "_");
            let words: Vec<String> =
                context.classes().iter().flat_map(|class| class.split(['.', '/', ':', '\\'])).map(plain).collect();
            self.tracked.path(file).split('/').filter(|folder| words.contains(&plain(folder))).count()
        };
        let measures: [&dyn Fn(u32) -> usize; 3] = [&named, &beside, &mentioned];
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
    pub(super) fn own_files(&self, clue: &Clue, context: &Context) -> Vec<u32> {
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
            // A suite called `calc` is hardly the file of that name, unless that is a test.
            let lower = names[end - 1].to_ascii_lowercase();
            if end == 1 && !lower.contains("test") && !lower.contains("spec") {
                break;
            }
            let (common, found) = self.tracked.with_stem(&names[..end]);
            if common >= end.min(2)
                && let Some(file) = self.choose(found.into_iter(), context)
            {
                return Some(file);
            }
        }
        None
    }
}

/// A relative path as seen from a folder; nothing when it leads out of the checkout.
fn below(mut base: Vec<String>, path: &str, wanted: &[String]) -> Option<Vec<String>> {
    if !path.contains("..") {
        base.extend_from_slice(wanted);
        return Some(base);
    }
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                base.pop()?;
            }
            part => base.push(part.to_owned()),
        }
    }
    Some(base)
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
    part.starts_with("node:")
        || matches!(
            part,
            "node_modules"
                | "site-packages"
                | "dist-packages"
                | "rustc"
                | "registry"
                | ".cargo"
                | ".rustup"
                | "rustlib"
                | "external"
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
    ) || wanted.iter().any(|part| {
        part.starts_with("python3.")
            || part.starts_with("Python3")
            || part.starts_with("node:")
            || part.starts_with("go1.")
    })
}

pub(super) fn is_test(path: &str) -> bool {
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
