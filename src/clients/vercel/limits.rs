//! What is uploaded, and in which form: file by file, or as one archive in
//! parts where there are too many files.

/// More files than this are refused in one deployment.
pub const MOST_FILES: usize = 15_000;

/// The size of an archive's parts, in bytes, as Vercel's own command line cuts them.
pub const PART: u64 = 100 << 20;

/// A file as a deployment names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadFile {
    /// Its path from the project's root.
    pub path: String,
    /// SHA-1 of its content.
    pub sha1: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its mode, with the kind of file, as `0o100644`.
    pub mode: u32,
    /// Where its content lies.
    pub source: String,
    /// The first byte of it there.
    pub from: u64,
}

/// What is uploaded, decided before the first byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The files that the deployment consists of.
    pub files: Vec<UploadFile>,
}

impl Upload {
    /// Whether so many files need the archive form.
    pub fn needs_archive(files: usize) -> bool {
        files > MOST_FILES
    }

    /// The files with these SHA-1s, each content once, in the deployment's order.
    pub fn of<'u>(&'u self, hashes: &[String]) -> Vec<&'u UploadFile> {
        let wanted: std::collections::BTreeSet<&str> = hashes.iter().map(String::as_str).collect();
        let mut taken = std::collections::BTreeSet::new();
        let is_first = |file: &&'u UploadFile| wanted.contains(file.sha1.as_str()) && taken.insert(file.sha1.as_str());
        self.files.iter().filter(is_first).collect()
    }

    /// All bytes, each content once.
    pub fn size(&self) -> u64 {
        let mut taken = std::collections::BTreeSet::new();
        self.files.iter().filter(|file| taken.insert(&file.sha1)).map(|file| file.size).sum()
    }
}
