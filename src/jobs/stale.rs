//! Reports that lay there before the command ran. One that it did not write
//! anew tells of another run, however green it is.

use std::collections::BTreeMap;

use super::Work;
use crate::glob;
use crate::host::EntryKind;

/// Size and time of change of each report, by its path below the root.
#[derive(Debug, Default)]
pub struct Before(BTreeMap<String, Stamp>);

type Stamp = (u64, u64);

impl Before {
    /// Looks at the reports that there are. What cannot be looked at is not
    /// known, and is met again when it is read.
    pub fn look(work: &Work<'_>, root: &str, globs: &[String]) -> Before {
        let found = globs.iter().flat_map(|pattern| glob::find(work.host, root, pattern).unwrap_or_default());
        Before(found.filter_map(|path| stamp(work, root, &path).map(|stamp| (path, stamp))).collect())
    }

    /// Whether the report is the same as before.
    pub fn is_unchanged(&self, work: &Work<'_>, root: &str, path: &str) -> bool {
        self.0.get(path).is_some_and(|before| stamp(work, root, path) == Some(*before))
    }
}

fn stamp(work: &Work<'_>, root: &str, path: &str) -> Option<Stamp> {
    let path = if crate::context::is_absolute(path) { path.to_owned() } else { format!("{root}/{path}") };
    let (folder, name) = path.rsplit_once('/')?;
    let entries = work.host.list(folder).ok()?;
    let entry = entries.into_iter().find(|entry| entry.name == name && entry.kind == EntryKind::File)?;
    Some((entry.size, entry.modified))
}
