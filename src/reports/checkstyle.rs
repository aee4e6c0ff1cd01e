//! Checkstyle's XML, which many other linters write as well: ESLint, ktlint,
//! detekt, SwiftLint, PHP_CodeSniffer, PHPStan, ShellCheck, golangci-lint.

use super::flat::{self, Field, Shape};
use super::sink::level;
use super::{Format, Head, Kind, SURE};
use crate::model::finding::Level;

/// Checkstyle's XML.
pub static FORMAT: Format =
    Format { name: "checkstyle", kind: Kind::Lint, recognise, read: |source, sink| flat::read(source, sink, &SHAPE) };

static SHAPE: Shape = Shape {
    tool: "checkstyle",
    file: ("file", "name"),
    finding: "error",
    place: "",
    attributes: &[
        ("line", Field::Line),
        ("column", Field::Column),
        ("severity", Field::Level),
        ("message", Field::Message),
        ("source", Field::Rule),
    ],
    level: |word| match word {
        "ignore" => None,
        // Checkstyle's own default.
        "" => Some(Level::Error),
        word => Some(level(word).unwrap_or_default()),
    },
    broken: &[("exception", &[])],
};

fn recognise(head: &Head) -> u8 {
    if head.root == "checkstyle" { SURE } else { 0 }
}

#[cfg(test)]
mod tests {
    use crate::reports::tests::check_findings;

    #[test]
    fn errors_are_findings() {
        let report = check_findings(
            "<checkstyle version='8'><file name='/w/A.java'><error line='3' column='7' severity='warning' message='a &lt; b' \
             source='com.puppycrawl.tools.XCheck'/><error line='4' severity='ignore' message='no'/>\
             <error line='0' column='0' message='m'/></file><file name='b.js'><error severity='info' message='i' \
             source='eslint.rules.x'/><exception>boom\nat x</exception></file></checkstyle>",
            "checkstyle",
            &[
                "warning|/w/A.java:3:7|com.puppycrawl.tools.XCheck|a < b|checkstyle",
                "error|/w/A.java:-:-||m|checkstyle",
                "notice|b.js:-:-|eslint.rules.x|i|eslint",
            ],
        );
        assert_eq!(report.problems[0].message, "the tool could not look at everything: `b.js`: boom");
        assert!(report.problems[0].grave);
        assert!(check_findings("<checkstyle/>", "checkstyle", &[]).problems.is_empty());
    }

    #[test]
    fn a_cut_file_gives_what_was_read() {
        let cut = "<checkstyle><file name='a'><error line='1' message='m'/><error line='2' mess";
        assert!(check_findings(cut, "checkstyle", &["error|a:1:-||m|checkstyle"]).problems[0].grave);
    }
}
