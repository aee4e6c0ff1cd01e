//! What a Go test prints: its log lines, and what else the runner says around them.

use crate::reports::clue::{Spot, Trust};
use crate::reports::excerpt::first;
use crate::reports::lines::number;

/// Whether a line of output is the runner's own, and says nothing about a failure.
pub fn is_noise(line: &str) -> bool {
    let line = line.trim_start();
    ["=== RUN ", "=== PAUSE ", "=== CONT ", "=== NAME ", "=== ATTR ", "--- PASS: ", "--- FAIL: ", "--- SKIP: "]
        .iter()
        .any(|start| line.starts_with(start))
}

/// What failed, in short. `marked` are the lines that Go itself calls errors.
pub fn headline(output: &str, marked: &[String]) -> String {
    if let Some(line) = marked.first() {
        return first(log_line(line).map_or(line.trim(), |(_, _, text)| text.trim()), 1000);
    }
    let lines = || output.lines().filter(|line| !line.trim().is_empty());
    if let Some(panic) = lines().find(|line| line.starts_with("panic: ") || line.starts_with("fatal error: ")) {
        return panic.trim_end_matches(" [recovered]").to_owned();
    }
    // testify: `Error:` and what it goes on with.
    let mut rest = lines().skip_while(|line| !line.trim_start().starts_with("Error:"));
    if let Some(line) = rest.next() {
        let mut message = line.trim_start()["Error:".len()..].trim().to_owned();
        for line in rest.take(6).take_while(|line| !line.trim_start().starts_with("Test:")) {
            message.push('\n');
            message.push_str(line.trim());
        }
        return message;
    }
    if let Some((_, _, text)) = lines().filter_map(log_line).next_back().filter(|(_, _, text)| !text.trim().is_empty())
    {
        return text.trim().to_owned();
    }
    // An example says what it got and what it should have.
    let text: Vec<&str> = lines().take(8).map(str::trim_end).collect();
    text.join("\n")
}

/// The places where the test itself reported, the likeliest first: what Go marks as an error;
/// else the last line that was logged, for a fatal one ends the test. Not where it panicked.
pub fn places(output: &str, marked: &[String]) -> Vec<Spot> {
    if !marked.is_empty() {
        return marked.iter().filter_map(|line| log_line(line)).map(spot).collect();
    }
    if output.lines().any(|line| line.starts_with("panic: ") || line.starts_with("fatal error: ")) {
        return Vec::new();
    }
    let mut found: Vec<Spot> = output.lines().filter_map(log_line).map(spot).collect();
    found.reverse();
    found.truncate(20);
    found
}

/// Why a package failed, as the last lines of its output have it.
pub fn last_words(output: &str) -> String {
    let said = |line: &&str| {
        !line.is_empty()
            && !matches!(*line, "FAIL" | "PASS")
            && !line.starts_with("exit status ")
            && !line.starts_with("coverage: ")
            && !line.starts_with("goroutine ")
    };
    let lines = || output.lines().map(str::trim);
    if let Some(panic) = lines().find(|line| line.starts_with("panic: ") || line.starts_with("fatal error: ")) {
        return panic.to_owned();
    }
    if let Some(line) = lines().rev().find(|line| line.starts_with("FAIL\t") && line.ends_with(']')) {
        return line.rsplit_once('[').map_or(line, |(_, reason)| reason.trim_end_matches(']')).to_owned();
    }
    let last = lines().rev().filter(|line| !line.starts_with("FAIL\t")).find(said);
    let status = || lines().rev().find(|line| line.starts_with("exit status "));
    first(last.or_else(status).unwrap_or_default(), 500)
}

/// `    file_test.go:12: text` as `t.Log` and `t.Error` print it.
fn log_line(line: &str) -> Option<(&str, u32, &str)> {
    let inner = line.strip_prefix("    ").or_else(|| line.strip_prefix('\t'))?.trim_start();
    let (path, rest) = inner.split_once(".go:")?;
    // Go 1.14 puts the test's name in front.
    let start = path.rfind(": ").map_or(0, |at| at + 2);
    if path[start..].contains([' ', '\t', '(']) {
        return None;
    }
    let (value, rest) = number(rest)?;
    let text = rest.strip_prefix(':')?;
    Some((&inner[start..path.len() + 3], u32::try_from(value).ok()?, text))
}

fn spot((path, line, _): (&str, u32, &str)) -> Spot {
    Spot::new(path, Some(line), Trust::Exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(output: &str, message: &str, lines: &[u32]) {
        let found: Vec<u32> = places(output, &[]).iter().filter_map(|spot| spot.line).collect();
        assert_eq!((headline(output, &[]).as_str(), found.as_slice()), (message, lines), "{output}");
    }

    #[test]
    fn failures_say_what_and_where() {
        check("    a_test.go:11: a log\n    a_test.go:12: got 4, want 5\n", "got 4, want 5", &[12, 11]);
        check("    TestA/b: a_test.go:50: failed\n", "failed", &[50]);
        check("panic: boom [recovered]\n\tpanic: boom\n\n\t/w/a_test.go:9 +0x1\n", "panic: boom", &[]);
        check("got:\n2\nwant:\n3\n", "got:\n2\nwant:\n3", &[]);
        check(
            "    a_test.go:7: \n        \tError Trace:\t/w/a_test.go:7\n        \tError:      \tNot equal: \n        \t            \texpected: 1\n        \tTest:       \tTestA\n",
            "Not equal:\nexpected: 1",
            &[7],
        );
    }

    #[test]
    fn a_package_has_last_words() {
        let check = |output: &str, words: &str| assert_eq!(last_words(output), words);
        check("FAIL\tp [build failed]\n", "build failed");
        check("sometimes main can exit 2\nFAIL\tp\t0.001s\n", "sometimes main can exit 2");
        check("exit status 3\nFAIL\tp\t0.001s\n", "exit status 3");
        check("panic: in init\n\ngoroutine 1 [running]:\n", "panic: in init");
    }
}
