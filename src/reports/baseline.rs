//! Which findings are new, against those of a former report. A finding is the
//! same one when its tool, rule, file and message are, wherever its line has
//! moved to; of the same ones there may be as many as there were.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::choose::shape;
use super::locate::Changed;
use crate::model::finding::{Finding, Report, Totals};
use crate::model::id::sha256;

/// The findings of a former report: how many there were of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known(BTreeMap<String, u64>);

impl Known {
    /// Those of a report.
    pub fn of(report: &Report) -> Known {
        let mut known = Known::default();
        report.findings.iter().for_each(|finding| known.add(identity(finding), 1));
        known
    }

    /// From the JSON of a report, or from what [`Known::to_value`] made; nothing
    /// where it is neither.
    pub fn read(value: &Value) -> Option<Known> {
        let mut known = Known::default();
        if let Some(counts) = value["known"].as_object() {
            for (id, count) in counts {
                known.add(id.clone(), count.as_u64()?);
            }
            return Some(known);
        }
        for finding in value["findings"].as_array()? {
            let text = |name: &str| finding[name].as_str().map(str::to_owned);
            let finding = Finding {
                source: text("source").unwrap_or_default(),
                rule: text("rule"),
                file: text("file"),
                place: text("place"),
                message: text("message")?,
                ..Finding::default()
            };
            known.add(identity(&finding), 1);
        }
        Some(known)
    }

    /// How many different ones there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// As `{"<identity>": count}`.
    pub fn to_value(&self) -> Value {
        Value::Object(self.0.iter().map(|(id, count)| (id.clone(), Value::from(*count))).collect::<Map<_, _>>())
    }

    fn add(&mut self, id: String, count: u64) {
        let known = self.0.entry(id).or_default();
        *known = known.saturating_add(count);
    }
}

/// What makes a finding the same one in another report: 32 hex digits.
pub fn identity(finding: &Finding) -> String {
    let place = finding.place.as_deref().map(without_line);
    let file = finding.file.as_deref().or(place).unwrap_or_default();
    let rule = finding.rule.as_deref().unwrap_or_default();
    let parts = [finding.source.as_str(), rule, file, &shape(&finding.message, false)];
    let mut id = sha256(parts.join("\0").as_bytes());
    id.truncate(32);
    id
}

/// Marks the findings that are known, and gives the counts of the others; the
/// counts of tests stay. Of more than there were of the same, those that the
/// change touches are the new ones.
pub fn mark(report: &mut Report, known: &Known, changed: Option<&Changed>) -> Totals {
    let mut totals = report.totals;
    let mut left = known.0.clone();
    let ids: Vec<String> = report.findings.iter().map(identity).collect();
    for touched in [false, true] {
        for (finding, id) in report.findings.iter_mut().zip(&ids) {
            if is_touched(finding, changed) != touched {
                continue;
            }
            if let Some(left) = left.get_mut(id).filter(|left| **left > 0) {
                *left -= 1;
                finding.known = true;
                totals.unfind(finding.level);
            }
        }
    }
    totals
}

fn is_touched(finding: &Finding, changed: Option<&Changed>) -> bool {
    let (Some(changed), Some(file), Some(line)) = (changed, &finding.file, finding.line) else { return false };
    changed.has_lines(file, line, finding.end_line.unwrap_or(line))
}

fn without_line(place: &str) -> &str {
    match place.rsplit_once(':') {
        Some((path, line)) if !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit()) => path,
        _ => place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::Level;

    fn finding(file: &str, line: u32, message: &str) -> Finding {
        Finding {
            level: Level::Error,
            file: Some(file.to_owned()),
            line: Some(line),
            rule: Some("r".to_owned()),
            message: message.to_owned(),
            source: "t".to_owned(),
            ..Finding::default()
        }
    }

    fn report(findings: Vec<Finding>) -> Report {
        let mut report = Report { findings, ..Report::default() };
        report.findings.iter().for_each(|finding| report.totals.find(finding.level));
        report
    }

    /// The lines of the findings that are new.
    fn check(former: Vec<Finding>, now: Vec<Finding>, changed: Option<&Changed>, expected: &[u32]) {
        let former = report(former);
        let known = Known::of(&former);
        let written = serde_json::to_value(&former).ok().and_then(|value| Known::read(&value));
        assert_eq!(written.as_ref(), Some(&known));
        assert_eq!(Known::read(&serde_json::json!({"known": known.to_value()})), Some(known.clone()));
        let mut now = report(now);
        let totals = mark(&mut now, &known, changed);
        let new: Vec<u32> = now.findings.iter().filter(|finding| !finding.known).filter_map(|one| one.line).collect();
        assert_eq!(new, expected);
        assert_eq!((totals.findings, totals.error), (expected.len() as u64, expected.len() as u64));
    }

    #[test]
    fn a_finding_is_known_wherever_its_line_has_moved() {
        check(vec![finding("a", 3, "x of 12")], vec![finding("a", 9, "x of 13")], None, &[]);
        check(vec![finding("a", 3, "x")], vec![finding("b", 3, "x"), finding("a", 3, "y")], None, &[3, 3]);
        check(Vec::new(), vec![finding("a", 3, "x")], None, &[3]);
        check(vec![finding("a", 3, "x")], Vec::new(), None, &[]);
    }

    #[test]
    fn of_more_of_the_same_those_in_the_change_are_new() {
        let now = || (1..=4).map(|line| finding("a", line, "x")).collect::<Vec<_>>();
        check(now()[..2].to_vec(), now(), None, &[3, 4]);
        let changed = Changed([("a".to_owned(), vec![(1, 1), (3, 3)])].into());
        check(now()[..2].to_vec(), now(), Some(&changed), &[1, 3]);
    }

    #[test]
    fn a_place_that_is_no_tracked_file_counts_without_its_line() {
        let at = |place: &str| Finding { place: Some(place.to_owned()), file: None, ..finding("", 0, "x") };
        assert_eq!(identity(&at("/tmp/x.c:7")), identity(&at("/tmp/x.c:9")));
        assert_ne!(identity(&at("/tmp/x.c:7")), identity(&at("/tmp/y.c:7")));
    }

    #[test]
    fn what_is_no_report_is_no_baseline() {
        for text in ["null", "[]", "{}", r#"{"findings":{}}"#, r#"{"findings":[{}]}"#, r#"{"known":{"x":"y"}}"#] {
            let value: Value = serde_json::from_str(text).unwrap_or_default();
            assert_eq!(Known::read(&value), None, "{text}");
        }
    }
}
