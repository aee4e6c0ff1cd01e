//! What a failed Rust test prints, and where it says it failed.

use crate::reports::clue::{Clue, Spot, Trust};
use crate::reports::excerpt::first;
use crate::reports::lines::number;

/// What failed, in short: the first panic's message, or what stands for one.
pub fn headline(output: &str) -> String {
    let mut lines = output.lines().map(str::trim_end).peekable();
    let mut fallback = "";
    while let Some(line) = lines.next() {
        let inner = line.trim_start();
        if let Some((_, rest)) = inner.split_once("panicked at ") {
            // Since Rust 1.73 the place comes first, and the message on lines of its own.
            if let Some(quoted) = rest.strip_prefix('\'')
                && let Some((message, _)) = quoted.rsplit_once("', ")
            {
                return first(message, 1000);
            }
            let mut message = String::new();
            for line in lines.by_ref().take(30).take_while(|line| !ends_message(line)) {
                message.push_str(line.strip_prefix("    ").unwrap_or(line));
                message.push('\n');
            }
            return first(message.trim(), 1000);
        }
        if let Some(note) = inner.strip_prefix("note: ")
            && (note.starts_with("test did not panic") || note.starts_with("panic did not contain"))
        {
            return note.to_owned();
        }
        if inner.starts_with("Error: ") || inner.starts_with("(test aborted") || inner.starts_with("error") {
            return first(inner, 1000);
        }
        if fallback.is_empty() && !is_libtest(inner) {
            fallback = inner;
        }
    }
    first(fallback, 1000)
}

fn ends_message(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty()
        || line.starts_with("note: ")
        || line.starts_with("stack backtrace:")
        || line.starts_with("thread '")
}

/// Lines that libtest prints around every test.
fn is_libtest(line: &str) -> bool {
    line.is_empty()
        || line.starts_with("running ")
        || line.starts_with("test ")
        || line.starts_with("failures:")
        || line.starts_with("test result: ")
        || line.ends_with("───")
}

/// What tells the place of a test by its name: a documentation test's panic names a line of a
/// program that was made of it, and is no place at all.
pub fn clue(name: &str, suite: &str) -> Clue {
    let classes = if suite.is_empty() { Vec::new() } else { vec![suite.to_owned()] };
    let doc = name.split_once(" - ").filter(|(path, _)| path.ends_with(".rs") || path.ends_with(".md"));
    let line = doc.and_then(|(path, rest)| {
        let (_, rest) = rest.rsplit_once("(line ")?;
        let (line, rest) = number(rest)?;
        (rest == ")").then(|| Spot::new(path, u32::try_from(line).ok(), Trust::Exact))
    });
    Clue { spots: line.into_iter().collect(), classes, ..Clue::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_say_what_is_wrong() {
        let check = |output: &str, message: &str| assert_eq!(headline(output), message, "{output}");
        check(
            "\nthread 'a' (7) panicked at src/lib.rs:1:2:\nassertion failed\n  left: 4\nnote: run",
            "assertion failed\n  left: 4",
        );
        check("thread 'a' panicked at 'it's bad', src/lib.rs:1:2\nnote: run", "it's bad");
        check("note: test did not panic as expected", "test did not panic as expected");
        check("Error: \"no\"", "Error: \"no\"");
        check("\nrunning 1 test\nhello\n", "hello");
    }

    #[test]
    fn documentation_tests_are_where_their_name_says() {
        let line = |name: &str| clue(name, "").spots.first().map(|spot| (spot.path.clone(), spot.line));
        assert_eq!(line("src/lib.rs - add (line 9)"), Some(("src/lib.rs".to_owned(), Some(9))));
        assert_eq!(line("tests::add"), None);
    }
}
