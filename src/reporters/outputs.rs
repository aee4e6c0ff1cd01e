//! The runner's environment files: outputs, state, variables and paths for
//! later steps. Written as npm's `@actions/core` writes them, always with LF;
//! read as the runner reads them, for what a command of ours left in its own.
//!
//! The grammar is that of GitHub's documentation ("Workflow commands for GitHub
//! Actions", environment files).

/// How much of a command's own file is worth reading, in bytes.
pub const LARGEST_FILE: usize = 8 << 20;

/// A name with its value.
pub type Entry = (String, String);

/// Why something cannot be written for the runner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The runner would not read this name as it stands.
    Name(String),
    /// This folder has a line end in it, or is blank: a path is one line.
    Path(String),
    /// The delimiter was found in the value, again and again: chance is broken.
    Delimiter,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refused::Name(name) => write!(f, "the name {name:?} cannot be written for the runner"),
            Refused::Path(path) => write!(f, "the path {path:?} cannot be written for the runner"),
            Refused::Delimiter => f.write_str("no delimiter was found that the value does not contain"),
        }
    }
}

/// One entry of an output, state or environment file, to be appended. `random`
/// gives 128 bits of chance, anew for each try.
pub fn entry(name: &str, value: &str, random: &mut dyn FnMut() -> [u8; 16]) -> Result<Vec<u8>, Refused> {
    // With a `<` at its end the name would end one character early.
    if name.is_empty() || name.contains(['=', '\0', '\r', '\n']) || name.contains("<<") || name.ends_with('<') {
        return Err(Refused::Name(name.to_owned()));
    }
    for _ in 0..4 {
        let delimiter = format!("ghadelimiter_{}", uuid(random()));
        if !value.contains(&delimiter) && !name.contains(&delimiter) {
            return Ok(format!("{name}<<{delimiter}\n{value}\n{delimiter}\n").into_bytes());
        }
    }
    Err(Refused::Delimiter)
}

/// One line of the path file, to be appended. The folder that is written last
/// is searched first.
pub fn path(folder: &str) -> Result<Vec<u8>, Refused> {
    if folder.trim().is_empty() || folder.contains(['\r', '\n', '\0']) {
        return Err(Refused::Path(folder.to_owned()));
    }
    Ok(format!("{folder}\n").into_bytes())
}

/// What ends a line in a file of the runner's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    /// LF; a CR before it is part of the line.
    Feed,
    /// LF, with or without a CR before it: on Windows.
    Either,
}

/// What is wrong with an environment file. It fails the step, as it would
/// without us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenFile {
    /// The line, from 1.
    pub line: usize,
    /// What was wanted there.
    pub wanted: &'static str,
}

impl std::fmt::Display for BrokenFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: wanted {}", self.line, self.wanted)
    }
}

/// The entries of an output, state or environment file, in order. What is no
/// UTF-8 is replaced, as by the runner.
pub fn read_entries(bytes: &[u8], end: LineEnd) -> Result<Vec<Entry>, BrokenFile> {
    let text = decode(bytes);
    let mut entries = Vec::new();
    let mut lines = Lines { text: &text, end, at: 0, number: 0 };
    while let Some(line) = lines.next() {
        let number = lines.number;
        let broken = |wanted| BrokenFile { line: number, wanted };
        if line.text.is_empty() {
            continue;
        }
        let equals = line.text.find('=').unwrap_or(usize::MAX);
        let heredoc = line.text.find("<<").unwrap_or(usize::MAX);
        if equals < heredoc {
            let (name, value) = (&line.text[..equals], &line.text[equals + 1..]);
            if name.is_empty() {
                return Err(broken("a name before `=`"));
            }
            entries.push((name.to_owned(), value.to_owned()));
        } else if heredoc < equals {
            let (name, delimiter) = (&line.text[..heredoc], &line.text[heredoc + 2..]);
            if name.is_empty() || delimiter.is_empty() {
                return Err(broken("a name before `<<` and a delimiter after it"));
            }
            let start = lines.at;
            // The value ends before the line end of its last line.
            let mut value_end = start;
            loop {
                let Some(line) = lines.next() else {
                    return Err(broken("a value that ends with a line of the delimiter alone"));
                };
                if line.text == delimiter {
                    break;
                }
                value_end = line.end;
            }
            entries.push((name.to_owned(), text.get(start..value_end).unwrap_or_default().to_owned()));
        } else {
            return Err(broken("`name=value` or `name<<delimiter`"));
        }
    }
    Ok(entries)
}

/// The folders of a path file, in order. As for the runner, CR, LF and both
/// together end a line.
pub fn read_paths(bytes: &[u8]) -> Vec<String> {
    decode(bytes).split(['\r', '\n']).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Splits what a command wants in the environment of later steps into what the
/// runner would take and the names that are refused: the runner's own, and
/// `NODE_OPTIONS`, which would run code in every action. A value with a NUL in
/// it, which no later step could start with, is refused too.
pub fn allowed_variables(entries: Vec<Entry>) -> (Vec<Entry>, Vec<String>) {
    let (allowed, refused): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(name, value)| {
        let name = name.to_ascii_uppercase();
        let own = name.strip_prefix("GITHUB_").is_some_and(|rest| GITHUB_VARIABLES.contains(&rest));
        let own = own || name.strip_prefix("RUNNER_").is_some_and(|rest| RUNNER_VARIABLES.contains(&rest));
        !own && name != "NODE_OPTIONS" && !value.contains('\0')
    });
    (allowed, refused.into_iter().map(|(name, _)| name).collect())
}

/// The runner's own variables, without `GITHUB_`. Others with that start, as
/// `GITHUB_TOKEN`, are the user's to set.
const GITHUB_VARIABLES: &[&str] = &[
    "ACTION",
    "ACTIONS",
    "ACTION_PATH",
    "ACTION_REF",
    "ACTION_REPOSITORY",
    "ACTOR",
    "ACTOR_ID",
    "API_URL",
    "ARTIFACTS",
    "ARTIFACTS_LIST",
    "BASE_REF",
    "ENV",
    "EVENT_NAME",
    "EVENT_PATH",
    "GRAPHQL_URL",
    "HEAD_REF",
    "JOB",
    "OUTPUT",
    "PATH",
    "REF",
    "REF_NAME",
    "REF_PROTECTED",
    "REF_TYPE",
    "REPOSITORY",
    "REPOSITORY_ID",
    "REPOSITORY_OWNER",
    "REPOSITORY_OWNER_ID",
    "RETENTION_DAYS",
    "RUN_ATTEMPT",
    "RUN_ID",
    "RUN_NUMBER",
    "SERVER_URL",
    "SHA",
    "STATE",
    "STEP_SUMMARY",
    "TRIGGERING_ACTOR",
    "WORKFLOW",
    "WORKFLOW_REF",
    "WORKFLOW_SHA",
    "WORKSPACE",
];

/// The runner's own variables, without `RUNNER_`.
const RUNNER_VARIABLES: &[&str] =
    &["ARCH", "DEBUG", "ENVIRONMENT", "NAME", "OS", "TEMP", "TOOL_CACHE", "TRACKING_ID", "WORKSPACE"];

/// Lines with their ends, since a value keeps those inside it.
struct Lines<'a> {
    text: &'a str,
    end: LineEnd,
    at: usize,
    number: usize,
}

struct Line<'a> {
    text: &'a str,
    /// Where in the whole text its end begins.
    end: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<Line<'a>> {
        let start = self.at;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let feed = rest.find('\n');
        let mut line = &rest[..feed.unwrap_or(rest.len())];
        if feed.is_some() && self.end == LineEnd::Either {
            line = line.strip_suffix('\r').unwrap_or(line);
        }
        self.at = start + feed.map_or(rest.len(), |feed| feed + 1);
        self.number += 1;
        Some(Line { text: line, end: start + line.len() })
    }
}

/// The text, without the mark that some Windows programs begin it with.
fn decode(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).into_owned()
}

/// A version 4 UUID (RFC 9562) of these random bits.
fn uuid(mut random: [u8; 16]) -> String {
    random[6] = random[6] & 0x0f | 0x40;
    random[8] = random[8] & 0x3f | 0x80;
    let hex = random.map(|byte| format!("{byte:02x}")).concat();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests;
