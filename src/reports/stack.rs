//! A failure as JavaScript and its kin print it: what is wrong, then the stack.

use super::ansi;
use super::excerpt::first;

/// What is wrong, without the stack and the excerpt of source below it: a few lines at most.
pub fn headline(text: &str) -> String {
    let plain = ansi::plain(text);
    let mut message = String::new();
    for line in plain.trim_start().lines().take(40) {
        let inner = line.trim_start();
        let frame = inner.len() < line.len() && (inner.starts_with("at ") || inner.starts_with("❯ "));
        let source = inner.starts_with("> ") && inner.contains(" | ");
        if frame || source || is_numbered(inner) {
            break;
        }
        message.push_str(line);
        message.push('\n');
    }
    first(message.trim(), 2000)
}

/// `12 | code`
fn is_numbered(line: &str) -> bool {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < line.len() && rest.trim_start().starts_with('|')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stack_is_left_out() {
        assert_eq!(
            headline("\x1b[1mError: no\x1b[0m\n\nExpected: 5\n    at f (a.js:1:2)\n    more"),
            "Error: no\n\nExpected: 5"
        );
        assert_eq!(headline("Error: no\n\n  4 | x\n> 5 | y\n"), "Error: no");
        assert_eq!(headline("at once"), "at once");
    }
}
