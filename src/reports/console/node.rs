//! node's spec reporter. Source: `lib/internal/test_runner/reporter/spec.js`.

use super::{Console, Counts, Failure, read, sure_of};
use crate::model::finding::Status;
use crate::reports::clue::{Clue, Spot, Trust};
use crate::reports::stack::headline;
use crate::reports::{Format, Head, Kind, SURE};

/// The text of `node --test`.
pub static FORMAT: Format = Format {
    name: "node-test",
    kind: Kind::Test,
    recognise,
    read: |source, sink| {
        let mut reader = Reader::default();
        read(source, sink, &mut |console, line| reader.line(console, line), headline);
    },
};

fn recognise(head: &Head) -> u8 {
    sure_of(head, |line| match line.split(' ').next() {
        Some("ℹ") if total(line).is_some() => SURE,
        // gotestsum has two blanks there.
        Some("✔" | "✖" | "▶") if line.ends_with("ms)") && line.chars().nth(2) != Some(' ') => SURE - 30,
        _ if line == "✖ failing tests:" => SURE,
        _ => 0,
    })
}

/// `ℹ tests 11`
fn total(line: &str) -> Option<(&str, f64)> {
    let (word, count) = line.strip_prefix("ℹ ")?.split_once(' ')?;
    let known = ["tests", "suites", "pass", "fail", "cancelled", "skipped", "todo", "duration_ms"];
    let count: f64 = count.trim().parse().ok()?;
    known.contains(&word).then_some((word, count.clamp(0.0, 1e12)))
}

#[derive(Default)]
struct Reader {
    tests: u64,
    failed: u64,
    skipped: u64,
    listing: bool,
    place: Option<Spot>,
}

impl Reader {
    fn line(&mut self, console: &mut Console, line: &str) {
        if let Some((word, count)) = total(line) {
            match word {
                "tests" => self.tests += count as u64,
                "fail" | "cancelled" => self.failed += count as u64,
                "skipped" | "todo" => self.skipped += count as u64,
                "duration_ms" => {
                    let passed = self.tests.saturating_sub(self.failed + self.skipped);
                    console.count(Counts { passed, failed: self.failed, errors: 0, skipped: self.skipped });
                    (self.tests, self.failed, self.skipped) = (0, 0, 0);
                }
                _ => {}
            }
        } else if line == "✖ failing tests:" {
            self.listing = true;
        } else if self.listing
            && let Some(place) = line.strip_prefix("test at ")
        {
            console.current = None;
            let mut parts = place.rsplitn(3, ':');
            let column = parts.next().and_then(|column| column.parse().ok());
            let line = parts.next().and_then(|line| line.parse().ok());
            let mut spot = Spot::new(parts.next().unwrap_or_default(), line, Trust::Definition);
            spot.column = column;
            self.place = Some(spot);
        } else if self.listing
            && let Some(title) = line.strip_prefix("✖ ")
        {
            let name = title.rsplit_once(" (").map_or(title, |(name, _)| name);
            let spots = self.place.take().into_iter().collect();
            // What is skipped or to be done has a directive, `# TODO` or the reason that was given for it.
            if title.rsplit_once(") # ").is_some_and(|(timed, _)| timed.ends_with("ms")) {
                console.current = None;
                return;
            }
            console.fail(Failure {
                name: name.to_owned(),
                status: Status::Failed,
                clue: Clue { spots, ..Clue::default() },
                ..Failure::default()
            });
        } else {
            console.text(line.strip_prefix("  ").unwrap_or(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::checks::{check_cuts, outline};

    #[test]
    fn failures_come_last() {
        let totals = |fail: u64, todo: u64| {
            format!(
                "ℹ tests 3\nℹ suites 1\nℹ pass 1\nℹ fail {fail}\nℹ cancelled 0\nℹ skipped 0\nℹ todo {todo}\nℹ duration_ms 143.9\n"
            )
        };
        let text = format!(
            "✔ a (1.2ms)\n✖ b (1.2ms)\n  Error: no\n\n{}\n✖ failing tests:\n\ntest at t/a.mjs:7:1\n✖ b (1.2ms)\n  Error: no\n      at f (file:///w/t/a.mjs:8:10)\n\ntest at t/a.mjs:9:1\n✖ c (1.2ms) # when there is time\n  Error: later\n",
            totals(1, 1)
        );
        assert_eq!(outline(&text, "node-test"), "3: 1 passed 1 failed 1 skipped\nfailed b: Error: no @ t/a.mjs:7:1\n");
        check_cuts(&format!("✔ a (1.2ms)\n{}", totals(0, 0)), " 143.9");
    }
}
