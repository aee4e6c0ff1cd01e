//! GitHub's Markdown, written so that text from outside stays text: no markup,
//! no HTML, no image, no link, no mention of a person or an issue.
//!
//! The grammar is the GitHub Flavored Markdown specification. A page has a
//! limit, and what does not fit is left out whole: a table by whole rows.

use super::without_controls;
use crate::masks::Masks;

mod inline;

pub use inline::Inline;

/// The most characters of a text inside a table's cell.
const LONGEST_CELL: usize = 1000;

/// Room kept for the last line, which says that something is left out.
const LAST_LINE: usize = 160;

const CLOSING: &str = "</details>\n\n";

/// A page, or a part of one, within a limit. Every secret is replaced.
pub struct Page<'m> {
    masks: &'m Masks,
    text: String,
    limit: usize,
    cut: bool,
}

impl<'m> Page<'m> {
    /// An empty page that will not be longer than this many bytes of UTF-8,
    /// from a few hundred on.
    pub fn new(masks: &'m Masks, limit: usize) -> Self {
        Page { masks, text: String::new(), limit: limit.saturating_sub(LAST_LINE), cut: false }
    }

    /// A heading of level 1 to 6.
    pub fn heading(&mut self, level: usize, text: &str) {
        let text = Inline::text(text).render(self.masks, usize::MAX, false);
        self.add(&format!("{} {text}\n\n", "#".repeat(level.clamp(1, 6))));
    }

    /// A paragraph.
    pub fn paragraph(&mut self, parts: &[Inline]) {
        let text: String = parts.iter().map(|part| part.render(self.masks, usize::MAX, false)).collect();
        if !text.trim().is_empty() {
            self.add(&format!("{text}\n\n"));
        }
    }

    /// A list of one line a point.
    pub fn list(&mut self, points: &[Vec<Inline>]) {
        for point in points {
            let text: String = point.iter().map(|part| part.render(self.masks, usize::MAX, false)).collect();
            self.add(&format!("- {text}\n"));
        }
        if !points.is_empty() {
            self.add("\n");
        }
    }

    /// A table, as far as it fits, and a line on the rows that do not; nothing
    /// where there are no rows. `rows` are what the line calls them, as `findings`.
    pub fn table(&mut self, columns: &[&str], rows: &[Vec<Inline>], called: &str) {
        if rows.is_empty() {
            return;
        }
        let more = |left: usize| format!("\n… and {left} more {called}, which did not fit here.\n");
        let room = self.limit.saturating_sub(self.text.len() + more(rows.len()).len() + 1);
        let columns: Vec<_> = columns.iter().map(|column| Inline::text(*column)).collect();
        let mut table = self.row(&columns);
        table.push_str(&format!("|{}\n", " --- |".repeat(columns.len())));
        let mut shown = 0;
        for row in rows {
            let row = self.row(row);
            if table.len() + row.len() > room {
                break;
            }
            table.push_str(&row);
            shown += 1;
        }
        if shown == 0 {
            table = String::new();
        }
        if shown < rows.len() {
            table.push_str(&more(rows.len() - shown));
        }
        table.push('\n');
        self.add(&table);
    }

    /// A block of text as it is, as a log or a stack trace.
    pub fn block(&mut self, text: &str) {
        let text = without_controls(&self.masks.mask_text(text)).replace("\r\n", "\n").replace('\r', "\n");
        let fence = "`".repeat(longest_run(&text, '`').max(2) + 1);
        self.add(&format!("{fence}text\n{}\n{fence}\n\n", text.trim_end_matches('\n')));
    }

    /// What is inside is shown when the reader unfolds it.
    pub fn details(&mut self, title: &str, inside: impl FnOnce(&mut Self)) {
        let title = Inline::text(title).render(self.masks, LONGEST_CELL, false);
        let opening = format!("<details><summary>{title}</summary>\n\n");
        if self.text.len() + opening.len() + CLOSING.len() > self.limit {
            self.cut = true;
            return;
        }
        let start = self.text.len();
        self.text.push_str(&opening);
        self.limit -= CLOSING.len();
        inside(self);
        self.limit += CLOSING.len();
        if self.text.len() == start + opening.len() {
            // There was no room for any of it: an empty fold would be a riddle.
            self.text.truncate(start);
        } else {
            self.text.push_str(CLOSING);
        }
    }

    /// How much more fits, in bytes.
    pub fn room(&self) -> usize {
        self.limit.saturating_sub(self.text.len())
    }

    /// A part that takes at most so many bytes, so that the parts after it have
    /// their room. It says itself where something of it is left out.
    pub fn part(&mut self, share: usize, inside: &mut dyn FnMut(&mut Self)) {
        const NOTE: &str = "… The rest of this part is left out, so that there is room for the others.\n\n";
        let (limit, cut) = (self.limit, self.cut);
        self.limit = limit.min(self.text.len() + share).saturating_sub(NOTE.len());
        self.cut = false;
        inside(self);
        self.limit = limit;
        let is_told = self.cut && self.room() >= NOTE.len();
        if is_told {
            self.text.push_str(NOTE);
        }
        self.cut = cut || self.cut && !is_told;
    }

    /// The Markdown, which ends with a line on what was left out, if anything was.
    pub fn finish(mut self) -> String {
        if self.cut {
            self.text.push_str("… The rest is left out: there is no more room here.\n\n");
        }
        self.text
    }

    fn row(&self, cells: &[Inline]) -> String {
        let mut row = String::from("|");
        for cell in cells {
            row.push(' ');
            row.push_str(&cell.render(self.masks, LONGEST_CELL, true));
            row.push_str(" |");
        }
        row.push('\n');
        row
    }

    fn add(&mut self, block: &str) {
        if self.text.len() + block.len() > self.limit {
            self.cut = true;
        } else {
            self.text.push_str(block);
        }
    }
}

/// How often the character stands in a row, at most.
fn longest_run(text: &str, searched: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == searched { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests;
