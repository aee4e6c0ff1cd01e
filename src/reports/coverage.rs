//! Reports of coverage. They hold no tests and no findings, and are recognised
//! so that nobody takes them for an empty report.

use super::{Format, Head, Kind, SURE, Sink, Source};

/// Reports of coverage of several kinds.
pub static FORMAT: Format = Format { name: "coverage", kind: Kind::Test, recognise, read };

fn recognise(head: &Head) -> u8 {
    if kind(head).is_some() { SURE } else { 0 }
}

/// Which kind it is.
fn kind(head: &Head) -> Option<&'static str> {
    let mut lines = head.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().unwrap_or_default();
    match head.root {
        "coverage" if head.tag.contains("clover=") || head.text.contains("<project ") => return Some("Clover"),
        "coverage" => return Some("Cobertura"),
        "report" if head.text.contains("JACOCO") || head.text.contains("<counter ") => return Some("JaCoCo"),
        _ => {}
    }
    if matches!(first, "mode: set" | "mode: count" | "mode: atomic") {
        return Some("Go");
    }
    if (first.starts_with("TN:") || first.starts_with("SF:"))
        && head.lines().any(|line| line.starts_with("SF:") || line == "end_of_record")
    {
        return Some("LCOV");
    }
    head.has_all(&["meta.branch_coverage", "totals.percent_covered"]).then_some("coverage.py")
}

fn read(source: &mut Source, sink: &mut Sink) {
    let kind = kind(&Head::new(source.head(), source.is_short())).unwrap_or("unknown");
    sink.dialect(&kind.to_ascii_lowercase());
    sink.lost(format!("a report of coverage ({kind}), which holds no tests and no findings"), Some(0));
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::outline;

    fn check(text: &str, kind: &str) {
        let wanted = format!("0:\nlost: a report of coverage ({kind}), which holds no tests and no findings\n");
        assert_eq!(outline(text, "coverage"), wanted, "{text}");
    }

    #[test]
    fn coverage_is_no_report_of_tests() {
        check(
            "<?xml version='1.0'?><!DOCTYPE coverage SYSTEM 'x'><coverage lines-valid='5'><sources/></coverage>",
            "Cobertura",
        );
        check("<coverage generated='1' clover='3.2.0'><project name='a'/></coverage>", "Clover");
        check("<!DOCTYPE report PUBLIC '-//JACOCO//DTD Report 1.1//EN' 'report.dtd'><report name='a'/>", "JaCoCo");
        check("TN:\nSF:src/a.js\nDA:1,1\nend_of_record\n", "LCOV");
        check("mode: set\nexample.com/a/a.go:3.2,4.5 1 1\n", "Go");
    }
}
