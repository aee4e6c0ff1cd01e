//! The runner's own readers, written a second time from their documentation and
//! behaviour, for tests: what does GitHub's runner make of these bytes?

use std::collections::BTreeMap;

/// A command as the runner understands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    pub name: String,
    pub properties: BTreeMap<String, String>,
    pub data: String,
}

/// What the runner did with a process's output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Obeyed {
    /// The commands that took effect, in order; stopping and resuming left out.
    pub commands: Vec<Parsed>,
    /// The lines that it took for text.
    pub text: Vec<String>,
    /// Whether commands are stopped at the end.
    pub stopped: bool,
}

const NAMES: [&str; 16] = [
    "error",
    "warning",
    "notice",
    "debug",
    "group",
    "endgroup",
    "add-mask",
    "stop-commands",
    "echo",
    "add-matcher",
    "remove-matcher",
    "save-state",
    "set-output",
    "set-env",
    "add-path",
    "internal-set-repo-path",
];

/// Reads a process's whole output as the runner does: line by line, where CR,
/// LF and both together end a line.
pub fn obey(output: &[u8]) -> Obeyed {
    let text = String::from_utf8_lossy(output).replace("\r\n", "\n").replace('\r', "\n");
    let mut obeyed = Obeyed::default();
    let mut token: Option<String> = None;
    for line in text.lines() {
        let parsed = read(line, token.as_deref());
        match (&token, parsed) {
            (Some(stop), Some(command)) if command.name.eq_ignore_ascii_case(stop) => token = None,
            (None, Some(command)) if command.name.eq_ignore_ascii_case("stop-commands") => token = Some(command.data),
            (None, Some(command)) => obeyed.commands.push(command),
            _ => obeyed.text.push(line.to_owned()),
        }
    }
    obeyed.stopped = token.is_some();
    obeyed
}

fn read(line: &str, token: Option<&str>) -> Option<Parsed> {
    read_colons(line, token).or_else(|| read_brackets(line, token))
}

fn known(name: &str, token: Option<&str>) -> bool {
    NAMES.iter().copied().chain(token).any(|known| known.eq_ignore_ascii_case(name))
}

/// `::name key=value,key=value::data`, looked for by rules that skip what does
/// not show: the worst case, whatever its culture is.
fn read_colons(line: &str, token: Option<&str>) -> Option<Parsed> {
    let line: String = line.chars().filter(|c| shows(*c)).collect();
    let (information, data) = line.trim_start().strip_prefix("::")?.split_once("::")?;
    let (name, properties) = information.split_once(' ').unwrap_or((information, ""));
    let unescape = |text: &str| {
        text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",").replace("%25", "%")
    };
    known(name, token).then(|| Parsed {
        name: name.to_owned(),
        properties: pairs(properties.trim(), ',', unescape),
        data: data.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%"),
    })
}

/// `##[name key=value;key=value]data`, anywhere in the line.
fn read_brackets(line: &str, token: Option<&str>) -> Option<Parsed> {
    let line: String = line.chars().filter(|c| shows(*c)).collect();
    let (_, rest) = line.split_once("##[")?;
    let (information, data) = rest.split_once(']')?;
    let (name, properties) = information.split_once(' ').unwrap_or((information, ""));
    let unescape = |text: &str| {
        text.replace("%3B", ";").replace("%0D", "\r").replace("%0A", "\n").replace("%5D", "]").replace("%25", "%")
    };
    known(name, token).then(|| Parsed {
        name: name.to_owned(),
        properties: pairs(properties, ';', unescape),
        data: unescape(data),
    })
}

fn pairs(text: &str, separator: char, unescape: impl Fn(&str) -> String) -> BTreeMap<String, String> {
    text.split(separator)
        .filter_map(|pair| pair.split_once('='))
        .filter(|(key, value)| !key.is_empty() && !value.is_empty())
        .map(|(key, value)| (key.to_owned(), unescape(value)))
        .collect()
}

/// Whether a comparison by culture sees the character.
fn shows(c: char) -> bool {
    let controls = c.is_control() && !c.is_whitespace();
    !controls
        && !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// Reads an output, state or environment file character by character; nothing
/// where the runner fails the step.
pub fn read_file_command(bytes: &[u8], windows: bool) -> Option<Vec<(String, String)>> {
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).into_owned();
    let mut rest = text.as_str();
    let mut entries = Vec::new();
    // A line, its line end, and what follows.
    let cut = |rest: &str| -> Option<(String, String, usize)> {
        if rest.is_empty() {
            return None;
        }
        let (line, end) = match rest.split_once('\n') {
            None => (rest, ""),
            Some((line, _)) if windows && line.ends_with('\r') => (&line[..line.len() - 1], "\r\n"),
            Some((line, _)) => (line, "\n"),
        };
        Some((line.to_owned(), end.to_owned(), line.len() + end.len()))
    };
    while let Some((line, _, length)) = cut(rest) {
        rest = &rest[length..];
        if line.is_empty() {
            continue;
        }
        let simple = line.split_once('=').filter(|(name, _)| !name.contains("<<"));
        if let Some((name, value)) = simple {
            if name.is_empty() {
                return None;
            }
            entries.push((name.to_owned(), value.to_owned()));
            continue;
        }
        let (name, delimiter) = line.split_once("<<")?;
        if name.is_empty() || delimiter.is_empty() {
            return None;
        }
        let mut value: Vec<(String, String)> = Vec::new();
        loop {
            let (line, end, length) = cut(rest)?;
            rest = &rest[length..];
            if line == delimiter {
                break;
            }
            value.push((line, end));
        }
        if let Some(last) = value.last_mut() {
            last.1.clear();
        }
        entries.push((name.to_owned(), value.into_iter().map(|(line, end)| line + &end).collect()));
    }
    Some(entries)
}
