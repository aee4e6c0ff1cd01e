//! Paths and globs that stay inside the workspace.

use crate::model::forms::{Wrong, shown};

/// A path relative to the workspace, tidied: no `.`, no empty and no `..` part
/// left; `.` for the workspace itself. An absolute path is taken only where it
/// lies in the workspace, as `${{ github.workspace }}/dist` does.
pub fn inside(text: &str, workspace: &str) -> Result<String, Wrong> {
    let wrong = |hint: &str| Wrong::new("a path inside the workspace", shown(text)).hint(hint);
    let drive = is_drive(text);
    let text_slashed = if drive { text.replace('\\', "/") } else { text.to_owned() };
    if text_slashed.contains('\\') {
        return Err(wrong("folders are separated by `/` on every platform"));
    }
    if text.chars().any(char::is_control) {
        return Err(wrong("a path has no control characters"));
    }
    let relative = if drive || text.starts_with('/') {
        let root = workspace.replace('\\', "/");
        let root = root.trim_end_matches('/');
        let rest = text_slashed.strip_prefix(root).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        match rest {
            Some(rest) if !root.is_empty() => rest,
            _ => return Err(wrong("an absolute path outside of it")),
        }
    } else if text.starts_with('~') {
        return Err(wrong("`~` is a shell's; a file of that name is written `./~`"));
    } else {
        &text_slashed
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return Err(wrong("its `..` leads out of it"));
                }
            }
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    Ok(match path.as_str() {
        "" => ".".to_owned(),
        // What only looks like a home or a drive stays a plain name.
        path if path.starts_with('~') || is_drive(path) => format!("./{path}"),
        _ => path,
    })
}

/// A glob whose matches lie in the workspace. A leading `!` takes matches out.
/// One that was absolute begins with `/`, which then means the workspace.
pub fn glob_inside(text: &str, workspace: &str) -> Result<String, Wrong> {
    let (sign, pattern) = signed(text);
    // A glob may hold what a path may; `{a,../b}` would hide a `..` from us.
    if pattern.split(['/', '{', ',', '}']).any(|part| part == "..") && pattern.contains(['{', '*', '?', '[']) {
        return Err(Wrong::new("a pattern for paths inside the workspace", shown(text)).hint("a pattern has no `..`"));
    }
    let root = if is_drive(pattern) || pattern.starts_with('/') { "/" } else { "" };
    inside(pattern, workspace).map(|path| format!("{sign}{root}{path}"))
}

/// A glob of [`glob_inside`] as it is written in a folder of the workspace; none
/// for one that begins with `/` and does not lead into the folder.
pub fn glob_in(text: &str, folder: &str) -> Option<String> {
    let (sign, pattern) = signed(text);
    let Some(path) = pattern.strip_prefix('/') else { return Some(text.to_owned()) };
    let rest = match folder {
        "." => path,
        folder if path == folder => ".",
        folder => path.strip_prefix(folder)?.strip_prefix('/')?,
    };
    Some(format!("{sign}{rest}"))
}

/// The `!` of a glob, and the rest.
fn signed(text: &str) -> (&str, &str) {
    match text.strip_prefix('!') {
        Some(pattern) => ("!", pattern),
        None => ("", text),
    }
}

/// Whether a path begins with a drive of Windows.
fn is_drive(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_stay_inside() {
        for (text, expected) in [
            (".", "."),
            ("dist", "dist"),
            ("./a//b/./c/", "a/b/c"),
            ("a/../b", "b"),
            ("/w/s/dist", "dist"),
            ("/w/s", "."),
            ("..a/b..", "..a/b.."),
            ("..", "its `..` leads out of it"),
            ("a/../../b", "its `..` leads out of it"),
            ("/w/s/../x", "its `..` leads out of it"),
            ("/w/same", "an absolute path outside of it"),
            ("/", "an absolute path outside of it"),
            ("C:\\x", "an absolute path outside of it"),
            ("a\\b", "folders are separated by `/` on every platform"),
            ("~/x", "`~` is a shell's; a file of that name is written `./~`"),
            ("a\nb", "a path has no control characters"),
        ] {
            let found = inside(text, "/w/s").unwrap_or_else(|wrong| wrong.hint.unwrap());
            assert_eq!(found, expected, "{text}");
        }
        assert_eq!(inside("D:\\a\\r\\dist\\x", "D:\\a\\r").unwrap(), "dist/x");
        assert!(inside("/etc", "").is_err());
    }

    #[test]
    fn globs_stay_inside() {
        for (text, expected) in [
            ("reports/**/*.xml", Some("reports/**/*.xml")),
            ("!a/*.md", Some("!a/*.md")),
            ("!/w/s/*.xml", Some("!/*.xml")),
            ("*/../../x", None),
            ("{a,..}/x", None),
            ("../x", None),
        ] {
            assert_eq!(glob_inside(text, "/w/s").ok().as_deref(), expected, "{text}");
        }
        for (text, folder, expected) in [
            ("a", "app", Some("a")),
            ("/a/*", ".", Some("a/*")),
            ("!/app/*", "app", Some("!*")),
            ("/app", "app", Some(".")),
            ("/apple/*", "app", None),
        ] {
            assert_eq!(glob_in(text, folder).as_deref(), expected, "{text} {folder}");
        }
    }

    proptest! {
        #[test]
        fn a_tidy_path_never_leaves_and_stays_as_it_is(text in "[./ab\\\\~C:]{0,12}") {
            if let Ok(path) = inside(&text, "/w/s") {
                prop_assert!(!path.starts_with('/') && path.split('/').all(|part| part != ".."));
                prop_assert_eq!(inside(&path, "/w/s").ok(), Some(path));
            }
        }
    }
}
