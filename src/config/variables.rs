//! `${NAME}`: how the file names a secret that the step's environment holds.

use std::collections::BTreeMap;

use crate::codes::{self, Code};
use crate::model::forms::Wrong;

/// The runner's own variables, which hold its credentials and its channels.
const FORBIDDEN: &[&str] = &["GITHUB_", "ACTIONS_", "RUNNER_", "INPUT_", "STATE_"];

/// How a text of the file is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written<'a> {
    /// As it stands.
    Plain,
    /// As `${NAME}`, whole.
    Variable(&'a str),
    /// Neither: `$NAME`, `${{ … }}`, or a `${…}` with something around it or no name in it.
    Mixed,
}

/// How a text is meant.
pub fn written(text: &str) -> Written<'_> {
    if let Some(name) = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'))
        && is_name(name)
    {
        Written::Variable(name)
    } else if text.contains("${") || text.strip_prefix('$').is_some_and(is_name) {
        Written::Mixed
    } else {
        Written::Plain
    }
}

/// A name as every shell takes it.
fn is_name(name: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.bytes().all(fine) && !name.is_empty() && !name.as_bytes()[0].is_ascii_digit() && name.len() <= 255
}

/// Whether the file may name this variable. Names count in any case, as they do on Windows.
pub fn allowed(name: &str) -> Result<(), (&'static Code, Wrong)> {
    let upper = name.to_ascii_uppercase();
    match FORBIDDEN.iter().find(|prefix| upper.starts_with(**prefix)) {
        Some(prefix) => {
            let wrong =
                Wrong::new(format!("a variable whose name does not begin with `{prefix}`"), format!("`${{{name}}}`"));
            Err((&codes::VARIABLE_FORBIDDEN, wrong.hint("set one with a name of your own in the step's `env`")))
        }
        None => Ok(()),
    }
}

/// The value of an allowed variable, trimmed. An empty one is not set: so GitHub
/// passes a secret that there is not.
pub fn value<'a>(name: &str, environment: &'a BTreeMap<String, String>) -> Result<&'a str, (&'static Code, Wrong)> {
    allowed(name)?;
    match environment.get(name).map(|value| value.trim()).filter(|value| !value.is_empty()) {
        Some(value) => Ok(value),
        None => {
            let wrong = Wrong::new(format!("the variable `{name}` in the step's environment"), "nothing");
            let hint = "set it in the step's `env`, or move the key under the job types that use it";
            Err((&codes::VARIABLE_UNSET, wrong.hint(hint)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_name_is_a_variable() {
        for (text, expected) in [
            ("${TOKEN}", Written::Variable("TOKEN")),
            ("${_a1}", Written::Variable("_a1")),
            ("${}", Written::Mixed),
            ("${1A}", Written::Mixed),
            ("${A-B}", Written::Mixed),
            ("x${A}", Written::Mixed),
            ("${A}${B}", Written::Mixed),
            ("${{ secrets.A }}", Written::Mixed),
            ("$A", Written::Mixed),
            ("a$b", Written::Plain),
            ("$ A", Written::Plain),
            ("", Written::Plain),
        ] {
            assert_eq!(written(text), expected, "{text}");
        }
    }

    #[test]
    fn the_runners_own_variables_are_never_read() {
        let environment = [("GITHUB_TOKEN", "a"), ("A", " b\n"), ("EMPTY", " ")];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let read = |name: &str| value(name, &environment).map_err(|(code, _)| code.id);
        for name in ["GITHUB_TOKEN", "github_token", "ACTIONS_X", "RUNNER_TEMP", "INPUT_A", "STATE_b"] {
            assert_eq!(read(name), Err("WB1112"), "{name}");
        }
        assert_eq!((read("A"), read("EMPTY"), read("B")), (Ok("b"), Err("WB1111"), Err("WB1111")));
    }
}
