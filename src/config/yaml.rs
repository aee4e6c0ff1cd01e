//! YAML text into a tree in which every node knows its place. Within limits:
//! nobody's configuration is large, but a stranger's file may be.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};
use serde_json::Value;

use crate::codes::{Code, DUPLICATE_KEY, FILE_UNREADABLE, YAML, YAML_UNSUPPORTED};
use crate::model::forms::{Wrong, shown};

/// The largest text that is read, in bytes.
pub const LARGEST: usize = 1 << 20;
/// How deep maps and lists may lie in one another.
const DEEPEST: usize = 64;
/// How many nodes the tree may have, aliases written out.
const MOST_NODES: usize = 100_000;
/// How many bytes all scalars may have together, aliases written out.
const MOST_BYTES: usize = 4 << 20;

/// A place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

/// A value and where it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it begins.
    pub at: At,
    /// What it is.
    pub content: Content,
}

/// What a [`Node`] is.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A scalar: its text, and whether it stands there without quotes.
    Scalar(String, bool),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the file's order; a repeated key stands there twice.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// Where it stands.
    pub at: At,
    /// Its text.
    pub text: String,
}

/// What is wrong at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Flaw {
    /// The place.
    pub at: At,
    /// The key that it is about, as `environments.production`; empty for none.
    pub key: String,
    /// The code.
    pub code: &'static Code,
    /// What is wrong.
    pub wrong: Wrong,
}

impl Node {
    /// Whether nothing is given: `null`, `~`, or only the key.
    pub fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar(text, true) if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// What it is, in words.
    pub fn kind(&self) -> &'static str {
        match self.content {
            Content::Scalar(..) => "a text",
            Content::List(_) => "a list",
            Content::Map(_) => "a map",
        }
    }

    /// The value in JSON's terms, by YAML 1.2's core schema. Numbers that JSON
    /// does not have, as `.inf`, stay texts.
    pub fn to_json(&self) -> Value {
        match &self.content {
            Content::List(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            Content::Map(pairs) => {
                Value::Object(pairs.iter().map(|(key, node)| (key.text.clone(), node.to_json())).collect())
            }
            Content::Scalar(text, false) => Value::String(text.clone()),
            Content::Scalar(text, true) => plain(text),
        }
    }
}

/// A scalar without quotes.
fn plain(text: &str) -> Value {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if digits.bytes().all(|byte| byte.is_ascii_digit()) => text
            .strip_prefix('+')
            .unwrap_or(text)
            .parse::<i64>()
            .map_or_else(|_| Value::String(text.to_owned()), Value::from),
        _ if digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') => match text.parse::<f64>() {
            Ok(number) if number.is_finite() && digits.bytes().any(|byte| byte.is_ascii_digit()) => Value::from(number),
            _ => Value::String(text.to_owned()),
        },
        _ => Value::String(text.to_owned()),
    }
}

/// Reads one document; nothing but comments is an empty map. Gives what could be
/// read and everything that is wrong with it.
pub fn read(bytes: &[u8]) -> (Node, Vec<Flaw>) {
    let start = At { line: 1, column: 1 };
    let empty = Node { at: start, content: Content::Map(Vec::new()) };
    let flaw = |at, code, wrong| vec![Flaw { at, key: String::new(), code, wrong }];
    if bytes.len() > LARGEST {
        let wrong = Wrong::new("at most 1 MiB", format!("{} bytes", bytes.len()));
        return (empty, flaw(start, &FILE_UNREADABLE, wrong));
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let wrong = Wrong::new("UTF-8 text", "a byte that is none");
            let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
            let wrong = if wide { wrong.hint("it seems to be UTF-16; save it as UTF-8") } else { wrong };
            return (empty, flaw(end_of(&before), &FILE_UNREADABLE, wrong));
        }
    };
    let mut tree = Tree::default();
    for event in Parser::new_from_str(text) {
        let result = match event {
            Ok((event, span)) => tree.take(event, span),
            Err(error) => {
                let hint = error.info().contains("tabs").then(|| "indent by spaces".to_owned());
                let wrong = Wrong { wanted: "YAML".to_owned(), found: readable(error.info()), hint };
                let marker = error.marker();
                Err(Flaw { at: at(marker.line(), marker.col()), key: String::new(), code: &YAML, wrong })
            }
        };
        if let Err(flaw) = result {
            tree.flaws.push(flaw);
            break;
        }
    }
    let root = tree.root.take().unwrap_or(empty);
    find_repeated(&root, "", &mut tree.flaws);
    (root, tree.flaws)
}

/// The parser's own words as something found: `while parsing …, found x` tells
/// more than it helps.
fn readable(info: &str) -> String {
    let told = info.rsplit_once(", ").map_or(info, |(_, told)| told);
    let lacking = ["did not find expected ", "could not find expected ", "expected "];
    match lacking.iter().find_map(|start| told.strip_prefix(start)) {
        Some(missing) => format!("no {missing}"),
        None => told.strip_prefix("found ").unwrap_or(told).to_owned(),
    }
}

/// The place behind a text.
fn end_of(text: &str) -> At {
    let line = text.matches('\n').count() as u32 + 1;
    let column = text.rsplit('\n').next().unwrap_or("").chars().count() as u32 + 1;
    At { line, column }
}

/// The parser's place, whose columns count from 0.
fn at(line: usize, column: usize) -> At {
    At { line: line.max(1) as u32, column: column as u32 + 1 }
}

/// A map or a list that is not yet closed.
struct Open {
    at: At,
    anchor: usize,
    items: Vec<Node>,
    /// None for a list.
    pairs: Option<Pairs>,
}

/// The pairs of a map that is not yet closed, and the key that waits for its value.
#[derive(Default)]
struct Pairs {
    whole: Vec<(Key, Node)>,
    key: Option<Key>,
}

/// The tree as far as it is built. No recursion: the depth is the file's.
#[derive(Default)]
struct Tree {
    open: Vec<Open>,
    anchors: BTreeMap<usize, Node>,
    root: Option<Node>,
    documents: usize,
    nodes: usize,
    bytes: usize,
    flaws: Vec<Flaw>,
}

impl Tree {
    /// Takes one event; an error ends the reading.
    fn take(&mut self, event: Event, span: Span) -> Result<(), Flaw> {
        let at = at(span.start.line(), span.start.col());
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(unsupported(at, "one document", "a second one"));
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                check_tag(tag.as_deref(), at)?;
                let node = Node { at, content: Content::Scalar(text.into_owned(), style == ScalarStyle::Plain) };
                self.count(&node)?;
                self.add(node, anchor)?;
            }
            Event::SequenceStart(anchor, tag) => self.begin(at, anchor, tag.as_deref(), None)?,
            Event::MappingStart(anchor, tag) => self.begin(at, anchor, tag.as_deref(), Some(Pairs::default()))?,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    let content = match open.pairs {
                        Some(pairs) => Content::Map(pairs.whole),
                        None => Content::List(open.items),
                    };
                    self.add(Node { at: open.at, content }, open.anchor)?;
                }
            }
            Event::Alias(anchor) => {
                let Some(mut node) = self.anchors.get(&anchor).cloned() else {
                    return Err(unsupported(at, "an anchor that is complete", "an alias inside its own anchor"));
                };
                if self.open.len() + depth(&node) > DEEPEST {
                    return Err(too_deep(at));
                }
                node.at = at;
                self.count(&node)?;
                self.add(node, 0)?;
            }
            Event::StreamStart | Event::StreamEnd | Event::DocumentEnd | Event::Nothing => {}
        }
        Ok(())
    }

    /// Opens a map or a list.
    fn begin(&mut self, at: At, anchor: usize, tag: Option<&Tag>, pairs: Option<Pairs>) -> Result<(), Flaw> {
        check_tag(tag, at)?;
        if self.open.len() >= DEEPEST {
            return Err(too_deep(at));
        }
        if let Some(Open { pairs: Some(Pairs { key: None, .. }), .. }) = self.open.last() {
            return Err(unsupported(at, "a text as key", "a map or a list"));
        }
        self.nodes += 1;
        self.open.push(Open { at, anchor, items: Vec::new(), pairs });
        Ok(())
    }

    /// Puts a finished node where it belongs.
    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Flaw> {
        if anchor != 0 {
            // The kept copy counts too: anchors in anchors would multiply.
            self.count(&node)?;
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open { pairs: None, items, .. }) => items.push(node),
            Some(Open { pairs: Some(Pairs { whole, key }), .. }) => match (key.take(), node.content) {
                (Some(key), content) => whole.push((key, Node { at: node.at, content })),
                (None, Content::Scalar(text, _)) => *key = Some(Key { at: node.at, text }),
                (None, _) => return Err(unsupported(node.at, "a text as key", "a map or a list")),
            },
        }
        Ok(())
    }

    /// Counts a node and all below it against the limits.
    fn count(&mut self, node: &Node) -> Result<(), Flaw> {
        let mut waiting = vec![node];
        while let Some(node) = waiting.pop() {
            self.nodes += 1;
            match &node.content {
                Content::Scalar(text, _) => self.bytes += text.len(),
                Content::List(items) => waiting.extend(items),
                Content::Map(pairs) => {
                    self.bytes += pairs.iter().map(|(key, _)| key.text.len()).sum::<usize>();
                    waiting.extend(pairs.iter().map(|(_, node)| node));
                }
            }
            if self.nodes > MOST_NODES || self.bytes > MOST_BYTES {
                let wrong = Wrong::new("a configuration of ordinary size", "too many values, aliases written out");
                return Err(Flaw { at: node.at, key: String::new(), code: &FILE_UNREADABLE, wrong });
            }
        }
        Ok(())
    }
}

/// How deep a tree is, itself included. Bounded, as every tree that is built.
fn depth(node: &Node) -> usize {
    match &node.content {
        Content::Scalar(..) => 0,
        Content::List(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Content::Map(pairs) => 1 + pairs.iter().map(|(_, node)| depth(node)).max().unwrap_or(0),
    }
}

/// Tags of the core schema say what is known anyway; others mean something to somebody else.
fn check_tag(tag: Option<&Tag>, at: At) -> Result<(), Flaw> {
    let known = ["str", "int", "float", "bool", "null", "map", "seq"];
    match tag {
        Some(tag) if !(tag.is_yaml_core_schema() && known.contains(&tag.suffix.as_str())) => {
            Err(unsupported(at, "a value without a tag", &shown(&tag.to_string())))
        }
        _ => Ok(()),
    }
}

/// A flaw of what YAML has and a configuration does not.
fn unsupported(at: At, wanted: &str, found: &str) -> Flaw {
    Flaw { at, key: String::new(), code: &YAML_UNSUPPORTED, wrong: Wrong::new(wanted, found) }
}

/// A flaw of depth.
fn too_deep(at: At) -> Flaw {
    let wrong =
        Wrong::new("a configuration of ordinary depth", format!("more than {DEEPEST} maps and lists in one another"));
    Flaw { at, key: String::new(), code: &FILE_UNREADABLE, wrong }
}

/// Finds keys that stand twice in one map. Recursion is bounded by [`DEEPEST`].
fn find_repeated(node: &Node, path: &str, flaws: &mut Vec<Flaw>) {
    match &node.content {
        Content::Scalar(..) => {}
        Content::List(items) => {
            for (index, item) in items.iter().enumerate() {
                find_repeated(item, &format!("{path}[{index}]"), flaws);
            }
        }
        Content::Map(pairs) => {
            let mut seen: BTreeMap<&str, At> = BTreeMap::new();
            for (key, value) in pairs {
                let path = if path.is_empty() { key.text.clone() } else { format!("{path}.{}", key.text) };
                match seen.get(key.text.as_str()) {
                    Some(first) => {
                        let found = format!("{} again", shown(&key.text));
                        let wrong = Wrong::new("each key once", found).hint(format!("first at line {}", first.line));
                        flaws.push(Flaw { at: key.at, key: path, code: &DUPLICATE_KEY, wrong });
                    }
                    None => {
                        seen.insert(&key.text, key.at);
                        find_repeated(value, &path, flaws);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
