//! What the reports of .NET's test runners have in common.

/// Message and stack, as a case has them: what failed in short, and the whole text.
pub fn texts(message: &str, stack: &str) -> (String, Option<String>) {
    let (message, stack) = (message.trim(), stack.trim_end().trim_start_matches(['\r', '\n']));
    let details = match (message.is_empty(), stack.trim().is_empty()) {
        (_, true) => None,
        (true, false) => Some(stack.to_owned()),
        (false, false) => Some(format!("{message}\n{stack}")),
    };
    let short = if message.is_empty() { stack.lines().next().unwrap_or_default().trim() } else { message };
    (short.to_owned(), details)
}

/// `Ns.Class` in `Ns.Class.Method(x: "a.b")`; nothing when the name is no such name.
pub fn class_in(name: &str) -> &str {
    let plain = name.split(['(', '<', '"']).next().unwrap_or_default();
    match plain.rsplit_once('.') {
        Some((class, _)) if !plain.contains(char::is_whitespace) => class,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_and_stack_are_joined() {
        let check = |message, stack, short: &str, whole: Option<&str>| {
            assert_eq!(texts(message, stack), (short.to_owned(), whole.map(str::to_owned)));
        };
        check(" no\r\n", "\r\n  at A\r\n", "no", Some("no\n  at A"));
        check("", "\n  at A\n  at B", "at A", Some("  at A\n  at B"));
        check("no", " ", "no", None);
        check("", "", "", None);
    }

    #[test]
    fn names_hold_classes() {
        for (name, class) in [
            ("A.B.C", "A.B"),
            ("A.B.C(x: \"y.z\")", "A.B"),
            ("A.B.C<D.E>(1)", "A.B"),
            ("Should be even (i: 3.5)", ""),
            ("C", ""),
            ("", ""),
        ] {
            assert_eq!(class_in(name), class, "{name}");
        }
    }
}
