//! The XML of StyleCop (`StyleCopViolations.xml`).

use super::flat::{self, Field, Shape};
use super::{Format, Head, Kind, SURE};
use crate::model::finding::Level;

/// StyleCop's XML.
pub static FORMAT: Format =
    Format { name: "stylecop", kind: Kind::Lint, recognise, read: |source, sink| flat::read(source, sink, &SHAPE) };

static SHAPE: Shape = Shape {
    tool: "stylecop",
    file: ("", ""),
    finding: "Violation",
    place: "",
    attributes: &[
        ("Source", Field::Path),
        ("LineNumber", Field::Line),
        ("StartLine", Field::Line),
        ("EndLine", Field::EndLine),
        ("StartColumn", Field::Column),
        ("EndColumn", Field::LastColumn),
        ("RuleId", Field::Rule),
    ],
    level: |_| Some(Level::Warning),
    broken: &[],
};

fn recognise(head: &Head) -> u8 {
    if matches!(head.root, "StyleCopViolations" | "SourceAnalysisViolations") { SURE } else { 0 }
}

#[cfg(test)]
mod tests {
    use crate::reports::tests::check_findings;

    #[test]
    fn violations_are_findings() {
        check_findings(
            "<StyleCopViolations><Violation Section='A' LineNumber='3' Source='C:\\w\\A.cs' Rule='Name' RuleId='SA1'>text\
             </Violation></StyleCopViolations>",
            "stylecop",
            &["warning|C:\\w\\A.cs:3:-|SA1|text|stylecop"],
        );
    }
}
