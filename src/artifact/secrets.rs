//! Files that look like secrets: by their name, and keys by what is in them.
//! What is packed is served, or handed to somebody else's machine.

/// What a file that may hold a private key has in it; the host looks for it
/// while it reads the file anyway.
pub const KEY_MARK: &str = "PRIVATE KEY";

/// How many bytes around a mark say whether it is a key.
pub const KEY_REACH: usize = 512;

/// Why a path's name says that it holds a secret.
pub fn by_name(path: &str) -> Option<&'static str> {
    let path = path.to_lowercase();
    let name = path.rsplit('/').next().unwrap_or_default();
    const NAMES: &[(&str, &str)] = &[
        (".netrc", "passwords of hosts"),
        ("_netrc", "passwords of hosts"),
        (".pgpass", "passwords of databases"),
        (".my.cnf", "passwords of databases"),
        (".git-credentials", "passwords of repositories"),
        (".pypirc", "passwords of a registry"),
        (".dockercfg", "passwords of a registry"),
        (".dockerconfigjson", "passwords of a registry"),
        (".htpasswd", "passwords of users"),
        ("id_rsa", "a private key"),
        ("id_dsa", "a private key"),
        ("id_ecdsa", "a private key"),
        ("id_ed25519", "a private key"),
        ("terraform.tfstate", "what was deployed, with its secrets"),
    ];
    const ENDINGS: &[(&str, &str)] = &[
        (".p12", "a private key with its certificate"),
        (".pfx", "a private key with its certificate"),
        (".jks", "a store of keys"),
        (".keystore", "a store of keys"),
        (".ppk", "a private key"),
        (".kdbx", "a store of passwords"),
    ];
    const PATHS: &[(&str, &str)] = &[
        (".docker/config.json", "passwords of a registry"),
        (".aws/credentials", "keys of a cloud account"),
        (".kube/config", "keys of a cluster"),
    ];
    let below = |end: &str| path.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
    if name.starts_with(".env") {
        return Some("variables of an environment");
    }
    let named = NAMES.iter().find(|(known, _)| *known == name);
    let ended = || ENDINGS.iter().find(|(end, _)| name.ends_with(end));
    let placed = || PATHS.iter().find(|(end, _)| below(end));
    named.or_else(ended).or_else(placed).map(|(_, what)| *what)
}

/// Whether a file of this name is read to see whether it holds a token.
pub fn may_hold_token(path: &str) -> bool {
    matches!(path.rsplit('/').next(), Some(".npmrc" | ".yarnrc" | ".yarnrc.yml"))
}

/// Whether a package manager's settings hold a token or a password, rather than
/// the name of a variable that does.
pub fn holds_token(text: &str) -> bool {
    const KEYS: [&str; 5] = ["_authtoken", "_auth", "_password", "npmauthtoken", "npmauthident"];
    text.lines().any(|line| {
        let Some((key, value)) = split_setting(line) else { return false };
        let key = key.trim().trim_matches('"').to_ascii_lowercase();
        let value = value.trim().trim_matches(['"', '\'']);
        let is_key = KEYS.iter().any(|known| key == *known || key.ends_with(&format!(":{known}")));
        is_key && !value.is_empty() && !value.starts_with("${")
    })
}

/// Key and value: at the `=`, or where there is none at the last `: `.
fn split_setting(line: &str) -> Option<(&str, &str)> {
    line.split_once('=').or_else(|| line.rsplit_once(": "))
}

/// Whether the text holds a private key in its ASCII form, also inside of a
/// string of JSON or a program. The mark alone, as programs that read keys have
/// it, is none: a key's first line follows it.
pub fn holds_key(text: &str) -> bool {
    text.match_indices(KEY_MARK).any(|(at, _)| {
        let before = text[..at].rfind("-----BEGIN ").is_some_and(|begin| {
            at - begin < 40 && text[begin + 11..at].bytes().all(|byte| byte.is_ascii_uppercase() || byte == b' ')
        });
        let rest = &text[at + KEY_MARK.len()..];
        let Some(rest) = rest.strip_prefix("-----").or_else(|| rest.strip_prefix(" BLOCK-----")) else { return false };
        before && begins_with_key(rest)
    })
}

/// Whether a line of base64 follows, whatever ends lines: `\n` as a program writes it, too.
fn begins_with_key(rest: &str) -> bool {
    let ends = |rest: &str| -> usize {
        let bytes = rest.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            match bytes[at] {
                b'\r' | b'\n' | b' ' | b'\t' => at += 1,
                b'\\' if matches!(bytes.get(at + 1), Some(b'n' | b'r')) => at += 2,
                b'"' | b'\'' | b'+' | b',' => at += 1,
                _ => break,
            }
        }
        at
    };
    let rest = &rest[ends(rest)..];
    let is_headed = ["Proc-Type:", "DEK-Info:", "Version:", "Comment:"].iter().any(|head| rest.starts_with(head));
    let base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    is_headed || rest.bytes().take_while(|byte| base64(byte)).count() >= 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known_in_any_case() {
        for (path, secret) in [
            (".env", true),
            ("a/.ENV.production", true),
            ("a/.envrc", true),
            ("environment.js", false),
            (".npmrc", false),
            ("keys/ID_RSA", true),
            ("id_rsa.pub", false),
            ("a/b.p12", true),
            (".aws/credentials", true),
            ("my.aws/credentials", false),
            ("docs/credentials", false),
        ] {
            assert_eq!(by_name(path).is_some(), secret, "{path}");
        }
    }

    #[test]
    fn a_token_is_told_from_the_name_of_one() {
        for (text, secret) in [
            ("//registry.example/:_authToken=abc", true),
            ("//registry.example/:_authToken=${NPM_TOKEN}", false),
            ("_auth = \"abc\"\n", true),
            ("npmAuthToken: abc", true),
            ("npmAuthToken: \"${TOKEN}\"", false),
            ("registry=https://registry.example/", false),
            ("; _authToken is set elsewhere", false),
        ] {
            assert_eq!(holds_token(text), secret, "{text}");
        }
    }

    #[test]
    fn a_key_is_told_from_a_program_that_reads_keys() {
        let line = "MIIB".repeat(16);
        let begin = |kind: &str| format!("-----BEGIN {kind}{KEY_MARK}-----");
        for (text, secret) in [
            (format!("{}\n{line}\n", begin("RSA ")), true),
            (format!("{}\r\n{line}\r\n", begin("OPENSSH ")), true),
            (format!("{{\"private_key\": \"{}\\n{line}\\n\"}}", begin("")), true),
            (format!("const key = \"{}\\n\" +\n  \"{line}\"", begin("EC ")), true),
            (format!("{}\nProc-Type: 4,ENCRYPTED\n", begin("RSA ")), true),
            (format!("-----BEGIN PGP {KEY_MARK} BLOCK-----\n\n{line}"), true),
            (format!("if (text.startsWith('{}')) return read(text);", begin("RSA ")), false),
            (format!("-----BEGIN PUBLIC KEY-----\n{line}\n"), false),
            (format!("a {KEY_MARK} is a secret"), false),
        ] {
            assert_eq!(holds_key(&text), secret, "{text}");
        }
    }
}
