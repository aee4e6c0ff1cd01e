//! Mocha's spec reporter and its kin, also as Cypress prints it. Source: `lib/reporters/base.js`.

use super::{Console, Counts, Failure, read, sure_of};
use crate::model::finding::Status;
use crate::reports::lines::{duration, indent, number};
use crate::reports::stack::headline;
use crate::reports::{Format, Head, Kind, SURE};

/// Mocha's text.
pub static FORMAT: Format = Format {
    name: "mocha",
    kind: Kind::Test,
    recognise,
    read: |source, sink| {
        let mut reader = Reader::default();
        read(source, sink, &mut |console, line| reader.line(console, line), headline);
    },
};

fn recognise(head: &Head) -> u8 {
    sure_of(head, |line| if counts(line).is_some_and(|(word, _)| word == "passing") { SURE - 5 } else { 0 })
}

/// `  2 passing (35ms)`, `  2 pending`, `  5 failing`
fn counts(line: &str) -> Option<(&str, u64)> {
    let (count, rest) = number(line.strip_prefix("  ")?)?;
    let rest = rest.strip_prefix(' ')?.trim_end();
    match rest.split_once(" (") {
        Some(("passing", time)) => duration(time.trim_end_matches(')')).map(|_| ("passing", count)),
        None if matches!(rest, "pending" | "failing") => Some((rest, count)),
        _ => None,
    }
}

#[derive(Default)]
struct Reader {
    /// How many failures the list of tests has shown.
    shown: u64,
    failing: u64,
    /// The titles of the failure whose heading is being read.
    titles: Option<Vec<String>>,
    ended: bool,
}

impl Reader {
    fn line(&mut self, console: &mut Console, line: &str) {
        if let Some((word, count)) = counts(line) {
            match word {
                "passing" => {
                    (self.ended, self.failing) = (true, 0);
                    // Failures that are shown and not told of: the end is cut.
                    let failed = std::mem::take(&mut self.shown);
                    console.count(Counts { passed: count, failed, ..Counts::default() });
                    self.failing = failed;
                }
                "failing" => {
                    let more = count.saturating_sub(self.failing);
                    console.count(Counts { failed: more, ..Counts::default() });
                }
                _ => console.count(Counts { skipped: count, ..Counts::default() }),
            }
            return;
        }
        if let Some(titles) = &mut self.titles {
            let title = line.trim();
            let last = title.ends_with(':') && indent(line) > 4;
            titles.push(title.trim_end_matches(':').to_owned());
            if last || titles.len() > 20 || title.is_empty() {
                let name = titles.join(" ").trim().to_owned();
                self.titles = None;
                console.fail(Failure { name, status: Status::Failed, ..Failure::default() });
            }
            return;
        }
        let inner = line.trim_start();
        let heading = number(inner).and_then(|(_, rest)| rest.strip_prefix(") "));
        match heading {
            // In the list a test stands deeper than the headings below it.
            Some(title) if self.ended && indent(line) <= 2 => {
                console.current = None;
                let title = title.trim();
                if let Some(name) = title.strip_suffix(':') {
                    console.fail(Failure { name: name.to_owned(), status: Status::Failed, ..Failure::default() });
                } else {
                    self.titles = Some(vec![title.to_owned()]);
                }
            }
            Some(_) if indent(line) >= 2 && !self.ended => self.shown += 1,
            _ if line.starts_with("  (") || line.starts_with("=====") => {
                // Cypress goes on to the next file.
                (self.ended, console.current) = (false, None);
            }
            _ => console.text(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    #[test]
    fn failures_are_numbered() {
        let text = "\n  calc\n    ✔ adds\n    1) adds wrong\n    - later\n\n\n  1 passing (35ms)\n  1 pending\n  1 failing\n\n  1) calc\n       adds wrong:\n     Error: no\n      at Context.<anonymous> (test/calc.test.js:7:12)\n\n";
        assert_eq!(outline(text, "mocha"), "3: 1 passed 1 failed 1 skipped\nfailed calc adds wrong: Error: no\n");
        let cut = &text[..text.find("  1 pending").unwrap_or(0)];
        assert_eq!(
            outline(cut, "mocha"),
            "2: 1 passed 1 failed\nfailed a test: the run counts it and does not name it\n"
        );
        check_cuts("\n  calc\n    ✔ adds\n\n  1 passing (35ms)\n", "35ms)");
    }
}
