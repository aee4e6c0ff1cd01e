//! Plain text: paragraphs between empty lines.

use std::borrow::Cow;

use super::{Block, BlockKind, Section, Unreadable, lines_of};

/// One section of paragraphs.
pub fn read(text: &str, first_line: u32) -> Result<Vec<Section<'_>>, Unreadable> {
    let mut blocks = Vec::new();
    let (mut start, mut line, mut start_line) = (None, first_line, first_line);
    let mut at = 0;
    let mut close = |start: &mut Option<usize>, end: usize, first: u32, last: u32| {
        if let Some(start) = start.take() {
            let text = Cow::Borrowed(text[start..end].trim_end());
            blocks.push(Block { kind: BlockKind::Prose, text, first_line: first, last_line: last });
        }
    };
    for part in text.split_inclusive('\n') {
        if part.trim().is_empty() {
            close(&mut start, at, start_line, line.saturating_sub(1));
        } else if start.is_none() {
            start = Some(at);
            start_line = line;
        }
        at += part.len();
        line += lines_of(part);
    }
    let last = if text.ends_with('\n') { line.saturating_sub(1) } else { line };
    close(&mut start, at, start_line, last);
    Ok(vec![Section { level: 0, line: first_line, blocks, ..Section::default() }])
}
