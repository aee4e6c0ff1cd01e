//! The XML that JSHint, CSSLint, PSLint and others have from JSLint: `jslint`, or
//! `lint` in the newer form.

use super::flat::{self, Field, Shape};
use super::sink::level;
use super::{Format, Head, Kind, SURE};

/// JSLint's XML.
pub static FORMAT: Format =
    Format { name: "jslint", kind: Kind::Lint, recognise, read: |source, sink| flat::read(source, sink, &SHAPE) };

static SHAPE: Shape = Shape {
    tool: "jslint",
    file: ("file", "name"),
    finding: "issue",
    place: "",
    attributes: &[
        ("line", Field::Line),
        ("char", Field::Column),
        ("severity", Field::Level),
        ("reason", Field::Message),
        ("rule", Field::Rule),
    ],
    level: |word| Some(level(word).unwrap_or_default()),
    broken: &[],
};

fn recognise(head: &Head) -> u8 {
    match head.root {
        "jslint" | "csslint" => SURE,
        "lint" if head.text.contains("<issue") || head.text.contains("<file") => SURE,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::tests::check_findings;

    #[test]
    fn issues_are_findings() {
        check_findings(
            "<jslint><file name='a.js'><issue line='3' char='5' reason='m' evidence='x'/></file></jslint>",
            "jslint",
            &["warning|a.js:3:5||m|jslint"],
        );
        check_findings(
            "<lint><file name='a.css'><issue line='3' char='0' severity='error' reason='m'/></file></lint>",
            "jslint",
            &["error|a.css:3:-||m|jslint"],
        );
    }
}
