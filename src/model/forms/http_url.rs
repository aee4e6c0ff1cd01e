//! `http` and `https` URLs (RFC 3986, read as strictly as a typing mistake needs).

use super::{Wrong, bad_escape, host_name, kind, position, shown, with_usual_cause};

/// An absolute `http` or `https` URL with a host; only `https` where asked.
/// Warns about a fragment, which is never sent.
pub fn http_url(text: &str, https_only: bool) -> Result<Vec<String>, Wrong> {
    let wanted = if https_only { "an https URL" } else { "an http or https URL" };
    let wrong = |hint: String| Wrong::new(wanted, shown(&masked(text))).hint(hint);
    let plain = with_usual_cause(Wrong::new(wanted, shown(&masked(text))), text);
    if plain.hint.is_some() {
        return Err(plain);
    }
    if text.len() > 2048 {
        return Err(wrong(format!("{} bytes are too long for a URL", text.len())));
    }
    let unfit = |c: char| c.is_whitespace() || c.is_control() || "<>\"{}|\\^`".contains(c);
    if let Some((offset, character)) = text.char_indices().find(|(_, c)| unfit(*c)) {
        return Err(wrong(format!("{} at {} must be percent-encoded", kind(character), position(text, offset))));
    }
    if let Some(at) = bad_escape(text) {
        return Err(wrong(format!("the `%` at {at} begins no escape; a `%` itself is written `%25`")));
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        let host = text.split(['/', ':']).next().unwrap_or(text);
        let name = !text.contains('@') && host_name::check(host, false).is_ok();
        return Err(if name { wrong(format!("did you mean `https://{text}`?")) } else { plain });
    };
    let https = scheme.eq_ignore_ascii_case("https");
    if !https && (https_only || !scheme.eq_ignore_ascii_case("http")) {
        return Err(plain);
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (credentials, place) = match rest[..end].rsplit_once('@') {
        Some((credentials, place)) => (credentials, place),
        None => ("", &rest[..end]),
    };
    if credentials.contains('@') {
        return Err(wrong("an `@` in a user name or a password is written `%40`".to_owned()));
    }
    let (host, port, bracketed) = match place.strip_prefix('[') {
        Some(inner) => match inner.split_once(']') {
            Some((host, port)) => (host, port, true),
            None => return Err(wrong("the `[` of the host is never closed".to_owned())),
        },
        None => match place.find(':') {
            Some(at) => (&place[..at], &place[at..], false),
            None => (place, "", false),
        },
    };
    if let Err(reason) = host_name::check(host, bracketed) {
        return Err(wrong(format!("it has {reason}")));
    }
    if !port.is_empty() && port.strip_prefix(':').and_then(host_name::port).is_none() {
        return Err(wrong("after the host comes a port from 1 to 65535, or none".to_owned()));
    }
    Ok(match rest.contains('#') {
        true => vec!["a fragment (`#…`), which is never sent".to_owned()],
        false => Vec::new(),
    })
}

/// The URL without user name and password: what may be shown, compared and
/// recorded. What is no URL comes back as it is.
pub fn without_credentials(text: &str) -> String {
    match split_credentials(text) {
        Some((scheme, _, rest)) => format!("{scheme}://{rest}"),
        None => text.to_owned(),
    }
}

/// Whether a user name or a password stands in the URL, which makes it a secret.
pub fn has_credentials(text: &str) -> bool {
    split_credentials(text).is_some()
}

/// Scheme, credentials and what follows them.
fn split_credentials(text: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let at = rest[..end].rfind('@')?;
    Some((scheme, &rest[..at], &rest[at + 1..]))
}

/// A URL for a message: all up to the last `@` hidden, and the query, where keys
/// are found too. In a wrong URL a password may hold any character, so this
/// hides too much rather than too little.
fn masked(text: &str) -> String {
    let scheme = |at: &usize| text[..*at].bytes().all(|byte| byte.is_ascii_lowercase());
    let start = text.find("://").filter(scheme).map_or(0, |at| at + 3);
    let (mut masked, rest) = match text.rfind('@') {
        Some(at) if at < start => ("***".to_owned(), &text[at..]),
        Some(at) => (format!("{}***", &text[..start]), &text[at..]),
        None => (text[..start].to_owned(), &text[start..]),
    };
    match rest.split_once('?') {
        Some((path, query)) => {
            masked.push_str(path);
            masked.push_str(if query.is_empty() { "?" } else { "?***" });
        }
        None => masked.push_str(rest),
    }
    masked
}
