//! The forms that a secret takes on its way through other programs.

/// Characters that no percent-encoding touches.
const UNRESERVED: &[u8] = b"-._~";

const UPPER: &[u8; 16] = b"0123456789ABCDEF";

/// The base64 alphabet of RFC 4648, section 4.
const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The base64url alphabet of RFC 4648, section 5.
const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The pieces that are secrets by themselves: the lines of a value of several,
/// and what is secret inside a URL.
pub fn pieces(value: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    if value.contains(['\n', '\r']) {
        pieces.extend(value.split(['\n', '\r']).map(|line| line.trim().to_owned()));
        // Written on Windows, or read from there.
        let unix = value.replace("\r\n", "\n");
        pieces.extend([unix.replace('\n', "\r\n"), unix]);
    }
    pieces.extend(inside_url(value));
    pieces.sort();
    pieces.dedup();
    pieces.retain(|piece| piece != value);
    pieces
}

/// The password in the authority and the secret parameters of a URL, as they
/// stand and decoded; nothing for what is no URL. A password that is also the
/// user, a host or the database is no secret worth a ruined log.
fn inside_url(value: &str) -> Vec<String> {
    let Some((scheme, rest)) = value.split_once("://") else { return Vec::new() };
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+.-".contains(c);
    if scheme.is_empty() || !scheme.chars().all(is_scheme) {
        return Vec::new();
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, after) = rest.split_at(end);
    let mut names = Vec::new();
    let mut secrets = Vec::new();
    // libpq ends the credentials at the first `@`, browsers at the last.
    for cut in [authority.find('@'), authority.rfind('@')].into_iter().flatten() {
        let (user, password) = authority[..cut].split_once(':').unwrap_or((&authority[..cut], ""));
        names.push(user);
        secrets.push(password);
    }
    let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
    for host in hosts.split(',') {
        names.push(host);
        names.push(host.rsplit_once(':').map_or(host, |(name, _)| name));
    }
    let path = after.split(['?', '#']).next().unwrap_or_default();
    names.push(path.trim_start_matches('/'));
    let query = after.split_once('?').map_or("", |(_, query)| query).split('#').next().unwrap_or_default();
    for (key, parameter) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        let key = key.to_ascii_lowercase();
        match key.as_str() {
            "password" | "sslpassword" | "sig" | "signature" | "token" | "access_token" | "api_key" | "api-key" => {
                secrets.push(parameter);
            }
            "user" | "host" | "dbname" => names.push(parameter),
            _ => {}
        }
    }
    let names: Vec<String> = names.iter().flat_map(|&name| both(name)).collect();
    secrets.iter().flat_map(|&secret| both(secret)).filter(|secret| !names.contains(secret)).collect()
}

/// The text as it stands, and percent-decoded where that is text.
fn both(raw: &str) -> Vec<String> {
    let mut both = vec![raw.to_owned()];
    both.extend(percent_decoded(raw).filter(|decoded| decoded != raw));
    both
}

fn percent_decoded(raw: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        match byte.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

/// What a piece looks like elsewhere; none of it equal to the piece.
pub struct Forms {
    /// Percent-encoded by RFC 3986, unless that changes nothing.
    pub url_encoded: Option<String>,
    /// The other forms, each once.
    pub other: Vec<String>,
}

/// The forms of a piece: percent-encoded as by RFC 3986, with lower-case
/// digits, by `encodeURIComponent`, `encodeURI` and Python's `quote`, in a form, and as the URL Standard writes a
/// password; base64 and base64url at every alignment; inside a JSON string as
/// the usual writers put it there.
pub fn forms(piece: &str) -> Forms {
    let url_encoded = percent(piece, UNRESERVED, UPPER);
    let mut other = vec![
        percent(piece, UNRESERVED, b"0123456789abcdef"),
        percent(piece, b"-._~!*'()", UPPER),
        percent(piece, b"-._~!*'();/?:@&=+$,#", UPPER),
        percent(piece, b"-._~/", UPPER),
        percent(piece, b"-._* ", UPPER).replace(' ', "+"),
        percent(piece, b"-._~!$&'()*+,%", UPPER),
    ];
    for alphabet in [STANDARD, URL] {
        let whole = base64(piece.as_bytes(), 0, true, alphabet);
        other.push(format!("{whole}{}", "=".repeat((4 - whole.len() % 4) % 4)));
        other.push(whole);
        // With no, one or two bytes before it in its group of three, the first
        // character that holds nothing else starts at this bit.
        other.extend([0, 4, 2].map(|bit| base64(piece.as_bytes(), bit, false, alphabet)));
    }
    other.push(json(piece, "", Case::Lower, false));
    other.push(json(piece, "", Case::Lower, true));
    other.push(json(piece, "/", Case::Lower, true));
    other.push(json(piece, "/", Case::Lower, false));
    other.push(json(piece, "<>&", Case::Lower, false));
    other.push(json(piece, "<>&'+`\"", Case::Upper, true));
    other.retain(|form| form != piece && *form != url_encoded);
    other.sort();
    other.dedup();
    Forms { url_encoded: (url_encoded != piece).then_some(url_encoded), other }
}

fn percent(piece: &str, kept: &[u8], digits: &[u8; 16]) -> String {
    let mut out = String::with_capacity(piece.len());
    for byte in piece.bytes() {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(digits[usize::from(byte >> 4)]));
            out.push(char::from(digits[usize::from(byte & 15)]));
        }
    }
    out
}

/// The base64 characters from this bit on; `whole` also gives the last one,
/// filled up with zeros.
fn base64(bytes: &[u8], from: usize, whole: bool, alphabet: &[u8; 64]) -> String {
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| usize::from(byte >> (7 - at % 8)) & 1);
    let end = if whole { bytes.len() * 8 } else { (bytes.len() * 8).saturating_sub(5) };
    let character = |at: usize| char::from(alphabet[(0..6).fold(0, |value, next| value << 1 | bit(at + next))]);
    (from..end).step_by(6).map(character).collect()
}

/// How the digits of `\uXXXX` are written.
#[derive(Clone, Copy)]
enum Case {
    Lower,
    Upper,
}

/// The text inside a JSON string. `more` are escaped though they need not be,
/// and so is, on request, all that is not ASCII: PHP escapes `/`, Go `<>&`,
/// Python what is not ASCII, .NET all of that.
fn json(piece: &str, more: &str, digits: Case, ascii: bool) -> String {
    let mut out = String::with_capacity(piece.len());
    for c in piece.chars() {
        match c {
            '/' if more.contains('/') => out.push_str("\\/"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' || more.contains(c) || (ascii && !c.is_ascii()) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&match digits {
                        Case::Lower => format!("\\u{unit:04x}"),
                        Case::Upper => format!("\\u{unit:04X}"),
                    });
                }
            }
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c => out.push(c),
        }
    }
    out
}
