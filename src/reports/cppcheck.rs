//! Cppcheck's XML, versions 1 and 2 ("XML output" of its manual).

use super::flat::{self, Field, Shape};
use super::sink::level;
use super::{Format, Head, Kind, SURE};
use crate::model::finding::Level;

/// Cppcheck's XML.
pub static FORMAT: Format =
    Format { name: "cppcheck", kind: Kind::Lint, recognise, read: |source, sink| flat::read(source, sink, &SHAPE) };

static SHAPE: Shape = Shape {
    tool: "cppcheck",
    file: ("", ""),
    finding: "error",
    // The first place is that of the finding, those after it lead there. Version 1 has none.
    place: "location",
    attributes: &[
        ("file", Field::Path),
        ("line", Field::Line),
        ("column", Field::Column),
        ("severity", Field::Level),
        ("msg", Field::Message),
        ("id", Field::Rule),
    ],
    level: |word| match word {
        "none" | "debug" | "internal" => None,
        // Version 1 has `all` and `possible style` besides.
        word => Some(level(word).unwrap_or(Level::Notice)),
    },
    broken: &[],
};

fn recognise(head: &Head) -> u8 {
    if head.root == "results" && (head.text.contains("<cppcheck") || head.text.contains("<error ")) { SURE } else { 0 }
}

#[cfg(test)]
mod tests {
    use crate::reports::tests::check_findings;

    #[test]
    fn versions_2_and_1_are_read() {
        check_findings(
            "<results version='2'><cppcheck version='2'/><errors><error id='r' severity='error' msg='m' verbose='v' file0='z.c'>\
             <location file='a.c' line='3' column='0' info='i'/><location file='b.c' line='9'/><symbol>s</symbol></error>\
             <error id='i' severity='information' msg='n'/><error id='p' severity='performance' msg='q'><location file='a.c' line='0'/>\
             </error></errors></results>",
            "cppcheck",
            &["error|a.c:3:-|r|m|cppcheck", "notice||i|n|cppcheck", "notice|a.c:-:-|p|q|cppcheck"],
        );
        check_findings(
            "<results><error file='a.c' line='3' id='r' severity='possible style' msg='m'/></results>",
            "cppcheck",
            &["notice|a.c:3:-|r|m|cppcheck"],
        );
    }
}
