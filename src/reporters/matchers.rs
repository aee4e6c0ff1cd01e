//! Problem matchers that setup actions leave behind. They read every line that
//! a job prints from then on, ours and the command's, annotate what looks like
//! an error, and spend the few annotations that the runner keeps.

use super::annotations::remove_matcher;

/// The owners' names, as the actions' own files have them.
const OWNERS: &[&str] = &[
    // actions/setup-node
    "tsc",
    "eslint-stylish",
    "eslint-compact",
    // actions/setup-python, astral-sh/setup-uv
    "python",
    // actions/setup-go; golangci/golangci-lint-action
    "go",
    "golangci-lint-colored-line-number",
    // actions/setup-java
    "java",
    "javac",
    "maven-javac",
    // actions/setup-dotnet
    "csc",
    // actions-rust-lang/setup-rust-toolchain
    "rustfmt",
    "clippy",
    // dart-lang/setup-dart
    "dart-analyzer-bullet",
    "dart-analyzer-dash",
    // shivammathur/setup-php, which has users register them
    "php_native_error",
    "php_native_warning",
    "phpunit",
];

/// Takes them all away, until the job ends; one that is not there is no matter.
pub fn remove() -> Vec<u8> {
    OWNERS.iter().flat_map(|owner| remove_matcher(owner)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_a_command_of_its_own() {
        let printed = String::from_utf8(remove()).unwrap_or_default();
        assert!(printed.starts_with("::remove-matcher owner=tsc::\n::remove-matcher owner=eslint-stylish::\n"));
        assert_eq!(printed.lines().count(), OWNERS.len());
        let mut sorted = OWNERS.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), OWNERS.len());
    }
}
