//! Gathers what a frontend's artifact holds: a prebuilt output of Vercel as it
//! is, or a folder of static files made into one, and everything that speaks
//! against packing it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use super::Work;
use super::reading::git;
use super::tree::{Exclude, Found, Lookup, Tree, Walk, join, unreadable};
use crate::artifact::pack::{self, Content, Member};
use crate::artifact::vercel_output::{self, LARGEST_JSON, OUTPUT, Serving};
use crate::artifact::{PackedKind, names, secrets};
use crate::codes;
use crate::host::{EntryKind, FileError, Host, Platform};
use crate::model::configuration::Environment;
use crate::problem::Failure;

/// Where the files of a page lie in an output.
const STATIC: &str = ".vercel/output/static";

/// How much of a file is searched for a key at once, in bytes.
const SEARCHED: usize = 1 << 20;

/// What is gathered, decided.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The folder: a project, its output, or static files.
    pub path: String,
    /// What is left out.
    pub exclude: Exclude,
    /// What is packed although it looks like a secret.
    pub allowed: Exclude,
    /// How static files are served.
    pub serving: Serving,
    /// The environments that the build must be good for.
    pub built_for: Vec<Environment>,
}

/// What was gathered.
#[derive(Default)]
pub struct Gathered {
    /// In order, ready to be packed.
    pub members: Vec<Member>,
    /// What speaks against packing it.
    pub wrong: Vec<Failure>,
    /// What is worth a line in the summary.
    pub notes: Vec<String>,
    /// Whether it is a prebuilt output, rather than one made here.
    pub is_prebuilt: bool,
    /// What the host showed of it, to be held against what it shows later.
    seen: Seen,
}

/// Everything that was looked at.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    root: String,
    tree: Tree,
    single: BTreeMap<String, (u64, u64)>,
}

/// Looks at the tree and at what is in the files that decide.
pub async fn gather(work: &Work<'_>, wanted: &Wanted) -> Gathered {
    let mut gathered = Gathered::default();
    let project = wanted.path.strip_suffix(OUTPUT).map(|project| project.trim_end_matches('/').to_owned());
    let inside = join(&wanted.path, OUTPUT);
    if let Some(project) = project {
        gathered.prebuilt(work, wanted, &wanted.path, &project);
    } else if work.host.list(&inside).is_ok() {
        gathered.prebuilt(work, wanted, &inside, &wanted.path);
    } else if is_output(work.host, &wanted.path) {
        // An output that was put elsewhere; its functions' files are named from the checkout.
        gathered.prebuilt(work, wanted, &wanted.path, &work.context.workspace.clone());
    } else {
        gathered.plain(work, wanted);
    }
    gathered.executables(work).await;
    if gathered.members.is_empty() && gathered.wrong.is_empty() {
        let excluded = match gathered.seen.tree.excluded {
            0 => String::new(),
            count => format!(", but for {count} that were left out"),
        };
        let message = format!("there is nothing in `{}`{excluded}", work.context.relative(&wanted.path));
        gathered.wrong.push(Failure::new(&codes::NOTHING_TO_PACK, message));
    }
    gathered.secrets(work, wanted);
    gathered.notes.extend(names::doubtful(&gathered.members));
    if !gathered.is_prebuilt {
        gathered.serve(wanted.serving);
    }
    gathered
}

impl Gathered {
    /// Whether everything is still as it was when it was gathered; the first difference otherwise.
    pub fn changed(&self, work: &Work<'_>, wanted: &Wanted) -> Option<Failure> {
        let tree = walk(work, wanted, &self.seen.root);
        let path = |found: Option<&Found>| found.map(|found| found.path.clone()).unwrap_or_default();
        let (before, after) = (&self.seen.tree.found, &tree.found);
        let first = (0..before.len().max(after.len())).find(|&at| before.get(at) != after.get(at));
        let changed = first.map(|at| {
            let (before, after) = (path(before.get(at)), path(after.get(at)));
            if before.is_empty() || (!after.is_empty() && after < before) { after } else { before }
        });
        let mut lookup = Lookup::default();
        let is_other = |(path, stamp): &(&String, &(u64, u64))| {
            lookup.entry(work.host, path).map(|entry| (entry.size, entry.modified)) != Ok(**stamp)
        };
        let single = self.seen.single.iter().find(is_other).map(|(path, _)| work.context.relative(path).to_owned());
        let path = changed.or(single)?;
        Some(Failure::new(&codes::TREE_CHANGED, format!("`{path}` changed while it was packed")))
    }

    /// The files among these members that hold a private key.
    pub fn keys(&self, work: &Work<'_>, wanted: &Wanted, marked: &[usize]) -> Vec<Failure> {
        let mut found = Vec::new();
        for member in marked.iter().filter_map(|&place| self.members.get(place)) {
            let Content::Part { file, .. } = &member.content else { continue };
            let path = self.shown(&member.path);
            if wanted.allowed.holds_within(path) {
                continue;
            }
            match search(work.host, file) {
                Ok(false) => {}
                Ok(true) => {
                    found.push(Failure::new(&codes::SECRET_FILE, format!("`{path}` holds a private key")));
                }
                Err(error) => found.push(unreadable(path, &error)),
            }
        }
        found
    }

    /// A member's path as the user knows it: below the folder of static files.
    pub fn shown<'p>(&self, path: &'p str) -> &'p str {
        match self.is_prebuilt {
            true => path,
            false => path.strip_prefix(STATIC).map_or(path, |rest| rest.trim_start_matches('/')),
        }
    }

    /// Static files, for now with the paths that they have in their folder.
    fn plain(&mut self, work: &Work<'_>, wanted: &Wanted) {
        self.look(work, wanted, &wanted.path, "");
        self.wrong.extend(names::check(&self.members));
        if self.wrong.is_empty() && !self.members.is_empty() && !self.has("index.html") {
            self.notes.push("there is no `index.html`: the page's root will not be found".to_owned());
        }
        if wanted.serving.single_page && !self.members.is_empty() && !self.has("index.html") {
            let message = "`single-page` answers with `index.html`, and there is none";
            self.wrong.push(Failure::new(&codes::OUTPUT_BROKEN, message));
        }
    }

    /// The static files become an output of Vercel's.
    fn serve(&mut self, serving: Serving) {
        if self.members.is_empty() {
            return;
        }
        let paths: BTreeSet<&str> = self.members.iter().map(|member| member.path.as_str()).collect();
        let config = vercel_output::static_config(&paths, serving);
        for member in &mut self.members {
            member.path = format!("{STATIC}/{}", member.path);
        }
        self.members.push(Member::text(format!("{OUTPUT}/config.json"), config.into_bytes()));
        pack::sort(&mut self.members);
    }

    /// An output that Vercel's own tools or a framework's adapter wrote.
    fn prebuilt(&mut self, work: &Work<'_>, wanted: &Wanted, output: &str, project: &str) {
        self.is_prebuilt = true;
        self.look(work, wanted, output, OUTPUT);
        if !self.wrong.is_empty() {
            return;
        }
        match self.json(work, &format!("{OUTPUT}/config.json")) {
            Some(Ok(text)) => self.wrong.extend(vercel_output::check_config(&text).err()),
            Some(Err(failure)) => self.wrong.push(failure),
            None => self.wrong.push(Failure::new(&codes::OUTPUT_BROKEN, "there is no `config.json` in the output")),
        }
        match self.json(work, &format!("{OUTPUT}/builds.json")) {
            Some(Ok(text)) => self.wrong.extend(vercel_output::check_builds(&text, &wanted.built_for)),
            Some(Err(failure)) => self.wrong.push(failure),
            None => {}
        }
        self.functions(work, wanted, project);
        pack::sort(&mut self.members);
        self.wrong.extend(names::check(&self.members));
        if wanted.serving != Serving::default() {
            self.notes.push("`clean-urls` and `single-page` have no effect on a prebuilt output".to_owned());
        }
    }

    /// The files that functions need from outside of the output.
    fn functions(&mut self, work: &Work<'_>, wanted: &Wanted, project: &str) {
        self.wrong.extend(vercel_output::check_functions(self.members.iter().map(|member| member.path.as_str())));
        let is_config = |path: &&String| path.ends_with(".func/.vc-config.json");
        let configs: Vec<String> = self.members.iter().map(|member| &member.path).filter(is_config).cloned().collect();
        let mut needed: BTreeMap<String, String> = BTreeMap::new();
        for config in configs {
            let Some(text) = self.json(work, &config) else { continue };
            match text.and_then(|text| vercel_output::function_files(&config, &text)) {
                Ok(files) => needed.extend(files.into_iter().map(|file| (file, config.clone()))),
                Err(failure) => self.wrong.push(failure),
            }
        }
        let root = match work.host.real_path(project) {
            Ok(root) => root,
            Err(error) => return self.wrong.push(unreadable(project, &error)),
        };
        let mut lookup = Lookup::default();
        let present: BTreeSet<String> = self.members.iter().map(|member| member.path.clone()).collect();
        for (file, config) in needed {
            if present.contains(&file) {
                continue;
            }
            if file.starts_with(".vercel/output/") || wanted.exclude.holds_within(&file) {
                let message = format!("`{config}` needs `{file}`, which is left out or not there");
                self.wrong.push(Failure::new(&codes::OUTPUT_BROKEN, message));
                continue;
            }
            match self.needed(work, &mut lookup, (project, &root), &file) {
                Ok(member) => self.members.push(member),
                Err(why) => {
                    let message = format!("`{config}` needs `{file}`, which {why}");
                    self.wrong.push(Failure::new(&codes::OUTPUT_BROKEN, message));
                }
            }
        }
    }

    /// A file of the project; a link, or a file behind linked folders, is packed as the file that it leads to.
    fn needed(
        &mut self,
        work: &Work<'_>,
        lookup: &mut Lookup,
        (project, root): (&str, &str),
        file: &str,
    ) -> Result<Member, String> {
        let real = work.host.real_path(&join(project, file)).map_err(|error| format!("cannot be read: {error}"))?;
        let is_inside = real.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'));
        if !is_inside {
            return Err("lies outside of the project".to_owned());
        }
        let entry = lookup.entry(work.host, &real).map_err(|error| format!("cannot be read: {error}"))?;
        if entry.kind != EntryKind::File {
            return Err("is no file".to_owned());
        }
        self.seen.single.insert(real.clone(), (entry.size, entry.modified));
        let kind = if entry.executable { PackedKind::Executable } else { PackedKind::Plain };
        Ok(Member { path: file.to_owned(), kind, size: entry.size, content: Content::Part { file: real, from: 0 } })
    }

    fn look(&mut self, work: &Work<'_>, wanted: &Wanted, root: &str, prefix: &str) {
        self.seen.root = root.to_owned();
        self.seen.tree = walk(work, wanted, root);
        self.wrong.extend(self.seen.tree.wrong.iter().cloned());
        let tree = &self.seen.tree;
        self.members = tree.found.iter().map(|found| member(found, root, prefix)).collect();
    }

    /// The text of a file of the output that is JSON; none where there is no such file.
    fn json(&self, work: &Work<'_>, path: &str) -> Option<Result<Vec<u8>, Failure>> {
        let place = self.members.binary_search_by(|member| member.path.as_str().cmp(path)).ok()?;
        let member = &self.members[place];
        let Content::Part { file, .. } = &member.content else { return None };
        if member.size > LARGEST_JSON {
            let message = format!("`{path}` is larger than {} MiB", LARGEST_JSON >> 20);
            return Some(Err(Failure::new(&codes::OUTPUT_BROKEN, message)));
        }
        Some(read(work.host, file, LARGEST_JSON).map_err(|error| unreadable(path, &error)))
    }

    /// Whether there is such a member. Only those that were found at first are in order.
    fn has(&self, path: &str) -> bool {
        self.members.iter().any(|member| member.path == path)
    }

    /// Refuses what looks like a secret by its name, and settings with a token in them.
    fn secrets(&mut self, work: &Work<'_>, wanted: &Wanted) {
        for member in &self.members {
            let path = &member.path;
            if matches!(member.kind, PackedKind::Link(_)) || wanted.allowed.holds_within(path) {
                continue;
            }
            let mut refuse = |what: &str| {
                self.wrong.push(Failure::new(&codes::SECRET_FILE, format!("`{path}` looks like {what}")));
            };
            match secrets::by_name(path) {
                Some(what) => refuse(what),
                None if secrets::may_hold_token(path) => {
                    let Content::Part { file, .. } = &member.content else { continue };
                    let text = read(work.host, file, LARGEST_JSON).unwrap_or_default();
                    if secrets::holds_token(&String::from_utf8_lossy(&text)) {
                        refuse("the token of a registry");
                    }
                }
                None => {}
            }
        }
    }

    /// Windows does not know what may be executed: git's index says it of what
    /// is tracked, and a file's first bytes of all else.
    async fn executables(&mut self, work: &Work<'_>) {
        if work.host.platform() != Platform::Windows {
            return;
        }
        let index = git(work, &["ls-files", "--stage", "-z"]).await.unwrap_or_default();
        let index = String::from_utf8_lossy(&index);
        let tracked: BTreeMap<&str, bool> = index.split('\0').filter_map(tracked_mode).collect();
        for member in &mut self.members {
            let (PackedKind::Plain, Content::Part { file, .. }) = (&member.kind, &member.content) else { continue };
            let known = tracked.get(work.context.relative(file)).copied();
            if known.unwrap_or_else(|| is_program(&read(work.host, file, 4).unwrap_or_default())) {
                member.kind = PackedKind::Executable;
            }
        }
    }
}

/// A line of `git ls-files --stage`: `100755 <hash> 0<tab>path`.
fn tracked_mode(line: &str) -> Option<(&str, bool)> {
    let (head, path) = line.split_once('\t')?;
    Some((path, head.starts_with("100755")))
}

/// Whether a file's first bytes are those of a script or a program.
fn is_program(head: &[u8]) -> bool {
    head.starts_with(b"#!")
        || head.starts_with(b"\x7fELF")
        || matches!(head, [0xfe, 0xed, 0xfa, 0xce | 0xcf] | [0xce | 0xcf, 0xfa, 0xed, 0xfe])
}

fn walk(work: &Work<'_>, wanted: &Wanted, root: &str) -> Tree {
    Walk { root, exclude: &wanted.exclude, state_directory: work.state_directory }.walk(work.host)
}

fn member(found: &Found, root: &str, prefix: &str) -> Member {
    let path = if prefix.is_empty() { found.path.clone() } else { format!("{prefix}/{}", found.path) };
    match &found.target {
        Some(target) => Member::link(path, target.clone()),
        None => {
            let kind = if found.entry.executable { PackedKind::Executable } else { PackedKind::Plain };
            let content = Content::Part { file: join(root, &found.path), from: 0 };
            Member { path, kind, size: found.entry.size, content }
        }
    }
}

/// Whether a folder is an output that does not lie where outputs do.
fn is_output(host: &dyn Host, folder: &str) -> bool {
    let has = |name: &str| host.list(&join(folder, name)).is_ok();
    (has("static") || has("functions"))
        && read(host, &join(folder, "config.json"), LARGEST_JSON).is_ok_and(|text| vercel_output::is_config(&text))
}

fn read(host: &dyn Host, path: &str, limit: u64) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    let read = host.open(path)?.take(limit).read_to_end(&mut bytes);
    read.map(|_| bytes).map_err(|error| FileError::Refused(error.to_string()))
}

/// Whether a file holds a private key, wherever it stands in it.
fn search(host: &dyn Host, path: &str) -> Result<bool, FileError> {
    let mut file = host.open(path)?;
    let mut held: Vec<u8> = Vec::new();
    loop {
        let before = held.len();
        let read = file.by_ref().take(SEARCHED as u64).read_to_end(&mut held);
        read.map_err(|error| FileError::Refused(error.to_string()))?;
        if secrets::holds_key(&String::from_utf8_lossy(&held)) {
            return Ok(true);
        }
        if held.len() == before {
            return Ok(false);
        }
        // A key may stand where two readings meet.
        held.drain(..held.len().saturating_sub(secrets::KEY_REACH));
    }
}
