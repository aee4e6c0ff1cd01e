//! Columns as every tool counts them, made into those that a report of ours has:
//! UTF-16 units from 1. That needs the line; without it a column that may be
//! wrong is left out.

use std::collections::HashMap;

use super::clue::Columns;
use super::locate::Location;

/// How much text of sources is kept at once, in bytes.
const KEPT: usize = 16 << 20;

/// The sources of a checkout, read when a line of them is wanted.
pub struct Sources<'s> {
    read: &'s mut dyn FnMut(&str) -> Option<String>,
    files: HashMap<String, Option<Lines>>,
    kept: usize,
}

/// A text and where its lines begin.
struct Lines {
    text: String,
    starts: Vec<u32>,
}

impl<'s> Sources<'s> {
    /// `read` gives the text of a tracked file, by its path relative to the checkout, if it can be
    /// had; it is asked once, mostly.
    pub fn new(read: &'s mut dyn FnMut(&str) -> Option<String>) -> Self {
        Sources { read, files: HashMap::new(), kept: 0 }
    }

    /// Counts the columns of a place in UTF-16 units, or takes away those of which that cannot be known.
    pub fn convert(&mut self, place: &mut Location) {
        if place.columns == Columns::Utf16 {
            return;
        }
        let unit = std::mem::replace(&mut place.columns, Columns::Utf16);
        let end_line = place.end_line.or(place.line);
        place.column = self.column(&place.file, place.line, place.column, unit);
        place.end_column = self.column(&place.file, end_line, place.end_column, unit);
    }

    fn column(&mut self, file: &str, line: Option<u32>, column: Option<u32>, unit: Columns) -> Option<u32> {
        match (line?, column?) {
            // The first one is the same however it is counted.
            (_, 1) => Some(1),
            (line, column) => to_utf16(self.line(file, line)?, column, unit),
        }
    }

    fn line(&mut self, file: &str, line: u32) -> Option<&str> {
        if !self.files.contains_key(file) {
            if self.kept > KEPT {
                self.files.clear();
                self.kept = 0;
            }
            let lines = (self.read)(file).map(Lines::new);
            self.kept += file.len() + lines.as_ref().map_or(0, |lines| lines.text.len() + 4 * lines.starts.len());
            self.files.insert(file.to_owned(), lines);
        }
        self.files.get(file)?.as_ref()?.line(line)
    }
}

impl Lines {
    fn new(mut text: String) -> Self {
        if text.starts_with('\u{FEFF}') {
            text.drain(..'\u{FEFF}'.len_utf8());
        }
        let ends = memchr::memchr_iter(b'\n', text.as_bytes());
        let starts = std::iter::once(0).chain(ends.map(|end| end as u32 + 1)).collect();
        Lines { text, starts }
    }

    /// A line, from 1, without its end.
    fn line(&self, line: u32) -> Option<&str> {
        let at = line.checked_sub(1)? as usize;
        let start = *self.starts.get(at)? as usize;
        let end = self.starts.get(at + 1).map_or(self.text.len(), |end| *end as usize - 1);
        self.text.get(start..end).map(|line| line.trim_end_matches('\r'))
    }
}

/// A column from 1 in a line, counted in UTF-16 units; nothing when the line is shorter.
fn to_utf16(line: &str, column: u32, unit: Columns) -> Option<u32> {
    let before = column.checked_sub(1)? as usize;
    let (mut counted, mut units) = (0, 0);
    for c in line.chars() {
        if counted >= before {
            break;
        }
        counted += match unit {
            Columns::Utf16 => c.len_utf16(),
            Columns::Points => 1,
            Columns::Bytes => c.len_utf8(),
        };
        units += c.len_utf16() as u32;
    }
    // A column inside of a character belongs to it.
    (counted >= before).then_some(units + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(columns: Columns, place: (u32, Option<u32>), column: u32, wanted: Option<u32>) {
        let mut asked = 0;
        let mut read = |file: &str| {
            asked += 1;
            (file == "a").then(|| "\u{FEFF}ascii\r\nä€😀x\n".to_owned())
        };
        let mut sources = Sources::new(&mut read);
        for _ in 0..2 {
            let mut found = Location {
                file: "a".into(),
                line: Some(place.0),
                end_line: place.1,
                column: Some(1),
                end_column: Some(column),
                columns,
            };
            sources.convert(&mut found);
            assert_eq!((found.column, found.end_column), (Some(1), wanted));
        }
        assert!(asked <= 1);
    }

    #[test]
    fn columns_are_converted_where_the_line_is_known() {
        check(Columns::Utf16, (2, None), 99, Some(99));
        check(Columns::Points, (1, None), 6, Some(6));
        check(Columns::Points, (1, None), 7, None);
        check(Columns::Points, (2, None), 4, Some(5));
        check(Columns::Points, (1, Some(2)), 5, Some(6));
        check(Columns::Bytes, (2, None), 3, Some(2));
        check(Columns::Bytes, (2, None), 6, Some(3));
        check(Columns::Bytes, (2, None), 10, Some(5));
        check(Columns::Bytes, (2, None), 12, None);
        check(Columns::Bytes, (9, None), 2, None);
        let mut nothing = |_: &str| None;
        let mut place = Location { file: "b".into(), line: Some(1), column: Some(2), ..Location::default() };
        Sources::new(&mut nothing).convert(&mut place);
        assert_eq!((place.line, place.column), (Some(1), None));
    }

    proptest! {
        #[test]
        fn every_character_has_its_column(line in "[aä€😀 ]{0,20}") {
            for (at, (byte, _)) in line.char_indices().enumerate() {
                let wanted = Some(line[..byte].encode_utf16().count() as u32 + 1);
                prop_assert_eq!(to_utf16(&line, at as u32 + 1, Columns::Points), wanted);
                prop_assert_eq!(to_utf16(&line, byte as u32 + 1, Columns::Bytes), wanted);
            }
        }
    }
}
