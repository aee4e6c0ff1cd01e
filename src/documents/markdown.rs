//! Markdown: CommonMark with tables, by pulldown-cmark's events and their
//! places. The text of a block is the source itself, so that nothing is lost.

use std::borrow::Cow;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::{Block, BlockKind, Lines, Section, Unreadable};

/// The sections in order; the first has level 0 and is left out when it is empty.
pub fn read(text: &str, first_line: u32) -> Result<Vec<Section<'_>>, Unreadable> {
    Ok(sections(text, first_line, true))
}

/// As [`read`]; without `indented_code`, which MDX does not know, indentation is only layout.
pub fn sections(text: &str, first_line: u32, indented_code: bool) -> Vec<Section<'_>> {
    let mut building =
        Building { text, lines: Lines::new(text, first_line), first_line, sections: vec![Section::default()] };
    building.sections[0].line = first_line;
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_HEADING_ATTRIBUTES;
    let mut depth = 0usize;
    let mut heading: Option<(Section, usize)> = None;
    let mut kind = None;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(tag) => {
                if depth == 0 {
                    kind = kind_of(&tag, indented_code);
                }
                depth += 1;
                if let (Tag::Heading { level, id, .. }, 1) = (tag, depth) {
                    let section =
                        Section { level: number(level), id: id.map(|id| id.into_string()), ..Section::default() };
                    heading = Some((section, range.start));
                }
            }
            Event::End(end) => {
                depth -= 1;
                if depth > 0 {
                    continue;
                }
                match (end, heading.take()) {
                    (TagEnd::Heading(_), Some((section, start))) => building.heading(section, start),
                    _ => building.block(kind.unwrap_or(BlockKind::Prose), range.start, range.end),
                }
            }
            Event::Text(piece) | Event::Code(piece) => {
                if let Some((section, _)) = &mut heading {
                    section.title.push_str(&piece);
                }
            }
            Event::SoftBreak | Event::HardBreak => {
                if let Some((section, _)) = &mut heading {
                    section.title.push(' ');
                }
            }
            _ => {}
        }
    }
    building.sections.retain(|section| section.level > 0 || !section.blocks.is_empty());
    building.sections
}

fn kind_of(tag: &Tag, indented_code: bool) -> Option<BlockKind> {
    Some(match tag {
        Tag::CodeBlock(CodeBlockKind::Fenced(_)) => BlockKind::Fence,
        Tag::CodeBlock(CodeBlockKind::Indented) if indented_code => BlockKind::Fence,
        Tag::Table(_) => BlockKind::Table,
        Tag::List(_) => BlockKind::List,
        _ => BlockKind::Prose,
    })
}

fn number(level: HeadingLevel) -> u8 {
    level as u8
}

struct Building<'t> {
    text: &'t str,
    lines: Lines<'t>,
    first_line: u32,
    sections: Vec<Section<'t>>,
}

impl Building<'_> {
    fn heading(&mut self, mut section: Section<'_>, start: usize) {
        section.line = self.lines.at(start, self.first_line);
        // Supabase's form of an id; Markdown's own reader has taken `{#id}`.
        if let Some((title, id)) = section.title.trim_end().strip_suffix(']').and_then(|rest| rest.rsplit_once("[#")) {
            section.id = Some(id.to_owned());
            section.title = title.to_owned();
        }
        section.title = section.title.split_whitespace().collect::<Vec<_>>().join(" ");
        let Section { level, title, id, line, .. } = section;
        self.sections.push(Section { level, title, id, line, blocks: Vec::new() });
    }

    fn block(&mut self, kind: BlockKind, start: usize, end: usize) {
        // From the line's start, so that a list's and a fence's indentation is whole.
        let start = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let text = self.text[start..end].trim_end();
        if text.trim().is_empty() || is_comment(text) {
            return;
        }
        let first_line = self.lines.at(start, self.first_line);
        let last_line = self.lines.at(start + text.len(), self.first_line);
        let block = Block { kind, text: Cow::Borrowed(text), first_line, last_line };
        if let Some(section) = self.sections.last_mut() {
            section.blocks.push(block);
        }
    }
}

/// Whether a block is nothing but one HTML comment.
fn is_comment(text: &str) -> bool {
    let inner = text.trim().strip_prefix("<!--").and_then(|rest| rest.strip_suffix("-->"));
    inner.is_some_and(|inner| !inner.contains("-->"))
}
