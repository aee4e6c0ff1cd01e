//! Cuts a block that is too large for one chunk, where it hurts least.

use std::borrow::Cow;
use std::ops::Range;

use super::tokens::estimate;
use super::{Block, BlockKind, lines_of};

/// A part of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<'b> {
    /// Its text.
    pub text: Cow<'b, str>,
    /// Its estimated tokens.
    pub tokens: usize,
    /// Its first line, from 1.
    pub first_line: u32,
    /// Its last line, from 1.
    pub last_line: u32,
}

/// The block whole if it fits, else in pieces that do. A row of a table is
/// never cut, however long it is.
pub fn pieces<'b>(block: &'b Block<'_>, budget: usize) -> Vec<Piece<'b>> {
    let text = block.text.as_ref();
    let tokens = estimate(text);
    if tokens <= budget {
        let (first_line, last_line) = (block.first_line, block.last_line);
        return vec![Piece { text: Cow::Borrowed(text), tokens, first_line, last_line }];
    }
    match block.kind {
        BlockKind::Prose => plain(block, pack(text, sentences(text, 0..text.len(), budget), budget)),
        BlockKind::List => plain(block, pack(text, items(text, budget), budget)),
        BlockKind::Table => framed(block, head_of_table(text), "", budget, |text, rows, _| lines(text, rows)),
        BlockKind::Fence => match fence(text) {
            Some((open, close)) => framed(block, open, close, budget, code),
            None => plain(block, pack(text, code(text, 0..text.len(), budget), budget)),
        },
    }
}

fn piece<'b>(block: &'b Block<'_>, range: Range<usize>, text: Cow<'b, str>) -> Piece<'b> {
    let whole = block.text.as_ref();
    let inner = whole[range.clone()].trim_end();
    let first_line = block.first_line + lines_of(&whole[..range.start]);
    Piece { tokens: estimate(&text), text, first_line, last_line: (first_line + lines_of(inner)).min(block.last_line) }
}

fn plain<'b>(block: &'b Block<'_>, ranges: Vec<Range<usize>>) -> Vec<Piece<'b>> {
    let whole = |range: Range<usize>| {
        let text = block.text[range.clone()].trim_end();
        (!text.trim().is_empty()).then(|| piece(block, range, Cow::Borrowed(text)))
    };
    ranges.into_iter().filter_map(whole).collect()
}

/// Pieces that each have the same first and last lines around them.
fn framed<'b>(
    block: &'b Block<'_>,
    open: &str,
    close: &str,
    budget: usize,
    cut: fn(&str, Range<usize>, usize) -> Vec<Range<usize>>,
) -> Vec<Piece<'b>> {
    let text = block.text.as_ref();
    let body = open.len()..text.len() - close.len();
    let inner = budget.saturating_sub(estimate(open) + estimate(close)).max(8);
    let ranges = pack(text, cut(text, body, inner), inner).into_iter();
    let full = ranges.filter(|range| !text[range.clone()].trim().is_empty());
    let frame = |range: Range<usize>| {
        let body = text[range.clone()].trim_matches('\n');
        let end = if close.is_empty() { String::new() } else { format!("\n{}", close.trim_start_matches('\n')) };
        piece(block, range, Cow::Owned(format!("{}\n{body}{end}", open.trim_end_matches('\n'))))
    };
    full.map(frame).collect()
}

/// Joins neighbours while they fit.
fn pack(text: &str, units: Vec<Range<usize>>, budget: usize) -> Vec<Range<usize>> {
    let mut packed: Vec<Range<usize>> = Vec::new();
    let mut filled = 0;
    for unit in units {
        let tokens = estimate(&text[unit.clone()]);
        match packed.last_mut() {
            Some(last) if filled + tokens <= budget => {
                last.end = unit.end;
                filled += tokens;
            }
            _ => {
                packed.push(unit);
                filled = tokens;
            }
        }
    }
    packed
}

/// Cuts after each byte for which this holds.
fn cut_after(text: &str, range: Range<usize>, mut ends: impl FnMut(usize) -> bool) -> Vec<Range<usize>> {
    let mut units = Vec::new();
    let mut start = range.start;
    for (at, sign) in text[range.clone()].char_indices() {
        let next = range.start + at + sign.len_utf8();
        if ends(range.start + at) {
            units.push(start..next);
            start = next;
        }
    }
    if start < range.end {
        units.push(start..range.end);
    }
    units
}

/// Sentences; words of one that is too long; letters of a word that is too long.
fn sentences(text: &str, range: Range<usize>, budget: usize) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let ends_sentence = |at: usize| match bytes[at] {
        b'\n' => true,
        b' ' => at > 0 && matches!(bytes[at - 1], b'.' | b'!' | b'?' | b':' | b';'),
        _ => text[at..].starts_with(['。', '！', '？']),
    };
    for sentence in cut_after(text, range, ends_sentence) {
        if estimate(&text[sentence.clone()]) <= budget {
            found.push(sentence);
            continue;
        }
        for word in cut_after(text, sentence, |at| bytes[at].is_ascii_whitespace()) {
            match estimate(&text[word.clone()]) <= budget {
                true => found.push(word),
                false => found.extend(letters(text, word, budget)),
            }
        }
    }
    found
}

/// A text without a place to cut, cut anywhere between two letters.
fn letters(text: &str, range: Range<usize>, budget: usize) -> Vec<Range<usize>> {
    let mut start = range.start;
    cut_after(text, range, |at| {
        // Three bytes a token: never too much in any script.
        let full = at - start + 4 >= 3 * budget;
        if full {
            start = at;
        }
        full
    })
}

fn lines(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    cut_after(text, range, |at| bytes[at] == b'\n')
}

/// A list's own items; one that is too long by its sentences.
fn items(text: &str, budget: usize) -> Vec<Range<usize>> {
    let indentation = text.len() - text.trim_start().len();
    let is_item = |line: &str| {
        let inner = line.trim_start();
        let marked = inner.starts_with(['-', '*', '+']) || inner.starts_with(|c: char| c.is_ascii_digit());
        line.len() - inner.len() <= indentation && marked
    };
    let mut units: Vec<Range<usize>> = Vec::new();
    for line in lines(text, 0..text.len()) {
        match units.last_mut() {
            Some(last) if !is_item(&text[line.clone()]) => last.end = line.end,
            _ => units.push(line),
        }
    }
    let cut = |unit: Range<usize>| match estimate(&text[unit.clone()]) <= budget {
        true => vec![unit],
        false => sentences(text, unit, budget),
    };
    units.into_iter().flat_map(cut).collect()
}

/// Code up to its empty lines; by lines where that is too long.
fn code(text: &str, range: Range<usize>, budget: usize) -> Vec<Range<usize>> {
    let mut units: Vec<Range<usize>> = Vec::new();
    let mut after_empty = true;
    for line in lines(text, range) {
        let empty = text[line.clone()].trim().is_empty();
        match units.last_mut() {
            Some(last) if empty || !after_empty => last.end = line.end,
            _ => units.push(line),
        }
        after_empty = empty;
    }
    let by_letters = |line: Range<usize>| match estimate(&text[line.clone()]) <= budget {
        true => vec![line],
        false => letters(text, line, budget),
    };
    let by_lines = |unit: Range<usize>| match estimate(&text[unit.clone()]) <= budget {
        true => vec![unit],
        false => lines(text, unit).into_iter().flat_map(by_letters).collect(),
    };
    units.into_iter().flat_map(by_lines).collect()
}

/// The lines above a table's first row.
fn head_of_table(text: &str) -> &str {
    let head: usize = text.split_inclusive('\n').take(2).map(str::len).sum();
    &text[..head]
}

/// The line that opens a fence, and the one that closes it; none for indented code.
fn fence(text: &str) -> Option<(&str, &str)> {
    let open = text.split_inclusive('\n').next()?;
    let sign = open.trim_start().chars().next().filter(|sign| matches!(sign, '`' | '~'))?;
    let close = text.rfind('\n').map_or("", |at| &text[at..]);
    let closes =
        !close.trim().is_empty() && close.trim().chars().all(|c| c == sign) && text.len() >= open.len() + close.len();
    closes.then_some((open, close))
}
