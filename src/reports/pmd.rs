//! The XML of PMD ("PMD Report formats", schema `report_2_0_0.xsd`), which
//! PHPMD writes as well.

use super::flat::{self, Field, Shape};
use super::{Format, Head, Kind, SURE};
use crate::model::finding::Level;

/// PMD's XML.
pub static FORMAT: Format =
    Format { name: "pmd", kind: Kind::Lint, recognise, read: |source, sink| flat::read(source, sink, &SHAPE) };

static SHAPE: Shape = Shape {
    tool: "pmd",
    file: ("file", "name"),
    finding: "violation",
    place: "",
    attributes: &[
        ("beginline", Field::Line),
        ("endline", Field::EndLine),
        ("begincolumn", Field::Column),
        ("endcolumn", Field::LastColumn),
        ("priority", Field::Level),
        ("rule", Field::Rule),
    ],
    level: |word| match word {
        "1" | "2" => Some(Level::Error),
        "4" | "5" => Some(Level::Notice),
        _ => Some(Level::Warning),
    },
    broken: &[("error", &["filename", "msg"])],
};

fn recognise(head: &Head) -> u8 {
    if head.root == "pmd" { SURE } else { 0 }
}

#[cfg(test)]
mod tests {
    use crate::reports::tests::check_findings;

    #[test]
    fn violations_are_findings() {
        let report = check_findings(
            "<pmd version='7'><file name='/w/A.java'><violation beginline='3' endline='4' begincolumn='5' endcolumn='9' rule='R' \
             ruleset='s' priority='2'>\n  the text\n</violation><violation beginline='1' priority='3' rule='Q'/></file>\
             <error filename='B.java' msg='syntax'><![CDATA[trace]]></error></pmd>",
            "pmd",
            &["error|/w/A.java:3:5-4:10|R|the text|pmd", "warning|/w/A.java:1:-|Q|Q|pmd"],
        );
        assert_eq!(report.problems[0].message, "the tool could not look at everything: B.java syntax trace");
    }
}
