//! Parts of a line.

use super::longest_run;
use crate::masks::Masks;
use crate::reporters::without_controls;

/// Breaks what GitHub would make a link or a mention of, and does not show.
const GAP: &str = "&#8203;";

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Plain text; a line end stays one.
    Text(String),
    /// Bold text.
    Bold(String),
    /// A name, a value, a path: in a fixed-width type.
    Code(String),
    /// A link to a place that we know, never to one that came from outside.
    Link(Box<Inline>, String),
    /// Several parts.
    All(Vec<Inline>),
}

impl Inline {
    /// Plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Inline::Text(text.into())
    }

    /// Bold text.
    pub fn bold(text: impl Into<String>) -> Self {
        Inline::Bold(text.into())
    }

    /// Text in a fixed-width type.
    pub fn code(text: impl Into<String>) -> Self {
        Inline::Code(text.into())
    }

    /// A link, to `http` or `https` only; anything else shows its label.
    pub fn link(label: Inline, url: impl Into<String>) -> Self {
        Inline::Link(Box::new(label), url.into())
    }

    /// The Markdown, of at most so many characters of text, for a cell of a table or not.
    pub(super) fn render(&self, masks: &Masks, longest: usize, cell: bool) -> String {
        let clean = |text: &str| {
            let text = without_controls(&masks.mask_text(text)).replace("\r\n", "\n").replace(['\r', '\t'], " ");
            shorten(text.trim(), longest)
        };
        match self {
            Inline::Text(text) => escape(&clean(text)),
            Inline::Bold(text) if text.trim().is_empty() => String::new(),
            Inline::Bold(text) => format!("<b>{}</b>", escape(&clean(text))),
            Inline::Code(text) => code(&clean(text), cell),
            Inline::Link(label, url) => {
                let label = label.render(masks, longest, cell);
                match address(&masks.mask_text(url)) {
                    Some(url) => format!("[{label}]({url})"),
                    None => label,
                }
            }
            Inline::All(parts) => parts.iter().map(|part| part.render_inside(masks, longest, cell)).collect(),
        }
    }

    /// As [`Inline::render`], keeping the blanks that separate it from its neighbours.
    fn render_inside(&self, masks: &Masks, longest: usize, cell: bool) -> String {
        let rendered = self.render(masks, longest, cell);
        let Inline::Text(text) = self else { return rendered };
        let before = if text.starts_with(' ') { " " } else { "" };
        let after = if text.ends_with(' ') && !text.trim().is_empty() { " " } else { "" };
        format!("{before}{rendered}{after}")
    }
}

fn shorten(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Text with no meaning but its own. Entities, since backslashes mean something
/// else inside a table.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let marker = &text[digits..];
    let list = digits > 0 && marker.starts_with(['.', ')']) && !marker[1..].starts_with(|c: char| !c.is_whitespace());
    for (at, c) in text.char_indices() {
        let (before, after) = (&text[..at], &text[at + c.len_utf8()..]);
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' => out.push_str("<br>"),
            // Between two of them GitHub sees a formula.
            '$' => out.push_str("<span>$</span>"),
            '@' => out.extend(["@", GAP]),
            '#' if after.starts_with(|c: char| c.is_ascii_digit()) => out.extend(["&#35;", GAP]),
            '\\' | '`' | '*' | '_' | '[' | ']' | '!' | '#' | '|' | '~' => entity(c, &mut out),
            '-' | '+' | '=' if at == 0 => entity(c, &mut out),
            '.' | ')' if list && at == digits => entity(c, &mut out),
            ':' if after.starts_with("//") => out.extend([":", GAP]),
            '.' if before.len() >= 3
                && before.is_char_boundary(at - 3)
                && before[at - 3..].eq_ignore_ascii_case("www") =>
            {
                out.extend([GAP, "."]);
            }
            '-' if before.ends_with("GH") => out.extend(["-", GAP]),
            c => out.push(c),
        }
    }
    out
}

fn entity(c: char, out: &mut String) {
    out.push_str(&format!("&#{};", u32::from(c)));
}

fn code(text: &str, cell: bool) -> String {
    let text = text.replace('\n', " ");
    if text.trim().is_empty() {
        return String::new();
    }
    // In a table a backslash before the bar would swallow the bar's own.
    if cell && text.contains("\\|") {
        return format!("<code>{}</code>", escape(&text));
    }
    let text = if cell { text.replace('|', "\\|") } else { text };
    let fence = "`".repeat(longest_run(&text, '`') + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// The URL as it may stand in a link, if it is one of the web's.
fn address(url: &str) -> Option<String> {
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return None;
    }
    let mut out = String::with_capacity(url.len());
    for byte in url.bytes() {
        match byte {
            b if b.is_ascii_alphanumeric() || b"-._~:/?#@!$&'+,;=%".contains(&b) => out.push(char::from(b)),
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    Some(out)
}
