//! Front matter: a map in YAML between `---` lines, or TOML's `key = value`
//! lines between `+++`, at the very start.

use super::{About, Unreadable};
use crate::config::yaml::{self, Content, Node};

/// What the front matter says, and the byte at which the text begins after it.
/// An opening line that nothing closes is no front matter.
pub fn read(text: &str) -> Result<(About, usize), Unreadable> {
    for (fence, read) in [("---", yaml as fn(&str) -> Result<About, Unreadable>), ("+++", toml)] {
        let Some(rest) = text.strip_prefix(fence) else { continue };
        let first = rest.split('\n').next().unwrap_or_default();
        if !first.trim().is_empty() {
            continue;
        }
        let begin = (fence.len() + first.len() + 1).min(text.len());
        let mut at = begin;
        for line in text[begin..].split_inclusive('\n') {
            let is_end = line.trim_end() == fence || (fence == "---" && line.trim_end() == "...");
            if is_end {
                return read(&text[begin..at]).map(|about| (about, at + line.len()));
            }
            at += line.len();
        }
    }
    Ok((About::default(), 0))
}

fn yaml(text: &str) -> Result<About, Unreadable> {
    let (node, flaws) = yaml::read(text.as_bytes());
    if let Some(flaw) = flaws.first() {
        let message = format!("the front matter: {}", flaw.wrong);
        return Err(Unreadable { line: flaw.at.line + 1, column: flaw.at.column, message });
    }
    let mut about = About::default();
    match &node.content {
        Content::Map(pairs) => {
            for (key, value) in pairs {
                let Content::Scalar(text, _) = &value.content else { continue };
                about.set(&key.text, if value.is_null() { "" } else { text });
            }
            Ok(about)
        }
        Content::Scalar(text, true) if text.is_empty() => Ok(about),
        _ => Err(not_a_map(&node)),
    }
}

fn not_a_map(node: &Node) -> Unreadable {
    let message = format!("the front matter: wanted a map, found {}", node.kind());
    Unreadable { line: node.at.line + 1, column: node.at.column, message }
}

/// The plain keys of TOML; tables and what is in them say nothing here.
fn toml(text: &str) -> Result<About, Unreadable> {
    let mut about = About::default();
    for line in text.lines().take_while(|line| !line.trim_start().starts_with('[')) {
        let Some((key, value)) = line.split_once('=') else { continue };
        let value = value.trim();
        let quoted = ['"', '\''].iter().find_map(|&quote| value.strip_prefix(quote)?.split(quote).next());
        about.set(key.trim(), quoted.unwrap_or_else(|| value.split('#').next().unwrap_or_default().trim()));
    }
    Ok(about)
}

impl About {
    fn set(&mut self, key: &str, value: &str) {
        let text = || (!value.trim().is_empty()).then(|| value.trim().to_owned());
        let is_true = matches!(value, "true" | "True" | "TRUE" | "yes");
        match key {
            "title" => self.title = text(),
            "description" => self.description = text(),
            "slug" | "permalink" => self.slug = text(),
            "draft" => self.draft = is_true,
            "noindex" | "unlisted" => self.noindex = is_true,
            _ => {}
        }
    }
}
