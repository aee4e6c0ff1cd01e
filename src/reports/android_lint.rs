//! The XML of Android's lint (`lint-results.xml`).

use super::flat::{self, Field, Shape};
use super::sink::level;
use super::{Format, Head, Kind, SURE};

/// Android lint's XML.
pub static FORMAT: Format =
    Format { name: "android-lint", kind: Kind::Lint, recognise, read: |source, sink| flat::read(source, sink, &SHAPE) };

static SHAPE: Shape = Shape {
    tool: "android-lint",
    file: ("", ""),
    finding: "issue",
    place: "location",
    attributes: &[
        ("file", Field::Path),
        ("line", Field::Line),
        ("column", Field::Column),
        ("severity", Field::Level),
        ("message", Field::Message),
        ("id", Field::Rule),
    ],
    level: |word| match word {
        "Ignore" => None,
        word => Some(level(word).unwrap_or_default()),
    },
    broken: &[],
};

fn recognise(head: &Head) -> u8 {
    if head.root == "issues" && (head.tag.contains("by=") || head.text.contains("<issue")) { SURE } else { 0 }
}

#[cfg(test)]
mod tests {
    use crate::reports::tests::check_findings;

    #[test]
    fn issues_are_findings() {
        check_findings(
            "<issues format='6' by='lint 8'><issue id='R' severity='Fatal' message='m' summary='s' errorLine1='x'>\
             <location file='/w/a.xml' line='3' column='5'/><location file='b' line='1'/></issue>\
             <issue id='S' severity='Informational' message='n'><location file='c'/></issue><issue id='T' severity='Ignore'/></issues>",
            "android-lint",
            &["error|/w/a.xml:3:5|R|m|android-lint", "notice|c:-:-|S|n|android-lint"],
        );
    }
}
