use proptest::prelude::*;

use super::*;

/// Masks of these secrets, and what the runner is told of them.
fn masks(secrets: &[&str]) -> (Masks, Vec<String>) {
    let mut masks = Masks::new();
    let told = secrets.iter().flat_map(|secret| masks.add(secret)).collect();
    (masks, told)
}

fn check(secrets: &[&str], told: &[&str], text: &str, masked: &str) {
    let (masks, found) = masks(secrets);
    assert_eq!(found, told, "told of {secrets:?}");
    assert_eq!(masks.mask_text(text), masked, "secrets {secrets:?}");
}

/// The replacement as it is defined, with no thought of speed.
fn replace_slowly(masks: &Masks, text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(&first) = rest.first() {
        let longest = masks.patterns().into_iter().filter(|pattern| rest.starts_with(pattern)).map(<[u8]>::len).max();
        match longest {
            Some(_) => out.extend_from_slice(HIDDEN.as_bytes()),
            None => out.push(first),
        }
        rest = &rest[longest.unwrap_or(1)..];
    }
    out
}

fn stream(masks: &Masks, text: &[u8], sizes: &[usize]) -> Vec<u8> {
    let (mut stream, mut out, mut rest) = (MaskStream::new(), Vec::new(), text);
    for size in sizes.iter().cycle() {
        let (piece, after) = rest.split_at((*size).min(rest.len()));
        stream.push(masks, piece, &mut out);
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    stream.flush(masks, &mut out);
    out
}

#[test]
fn a_value_is_masked_with_its_url_encoded_form() {
    check(
        &["pa+ss/word?"],
        &["pa+ss/word?", "pa%2Bss%2Fword%3F"],
        "is pa+ss/word? or pa%2Bss%2Fword%3F or pa%2bss%2fword%3f or pa+ss%2Fword%3F or pa\\/ss",
        "is *** or *** or *** or *** or pa\\/ss",
    );
    check(&["", " \n\t"], &[], "nothing", "nothing");
    check(&["  trimmed-secret\n"], &["trimmed-secret"], "=trimmed-secret=", "=***=");
    check(&["a1"], &["a1"], "a1 sentinel a 1", "*** sentinel a 1");
}

#[test]
fn of_a_value_of_several_lines_only_the_long_lines_are_told() {
    check(
        &["{\r\n  \"key\": \"first-line\",\n}"],
        &["\"key\": \"first-line\",", "%22key%22%3A%20%22first-line%22%2C"],
        "{\n  \"key\": \"first-line\",\n} { }\n  \"key\": \"first-line\",",
        "*** { }\n  ***",
    );
}

#[test]
fn the_password_inside_a_url_is_masked_but_no_name() {
    let value = ["postgres://owner:pa%40ss", "word@db.example.com:5432/orders?sslmode=require"].concat();
    let (masks, told) = masks(&[&value]);
    assert!(told.contains(&"pa%40ssword".to_owned()) && told.contains(&"pa@ssword".to_owned()), "{told:?}");
    assert_eq!(masks.mask_text(&value), "***");
    assert_eq!(
        masks.mask_text("owner pa@ssword pa%40ssword pa%2540ssword db.example.com orders"),
        "owner *** *** *** db.example.com orders"
    );
}

#[test]
fn a_password_that_is_also_a_name_or_short_is_left() {
    for (value, text) in [
        ("postgres://postgres:postgres@postgres/postgres", "database postgres"),
        ("postgres://u:short@host/db", "short"),
        ("postgres://user:longhostname@longhostname:5432/db", "longhostname"),
        ("https://only-a-user@host.example.com/", "only-a-user host.example.com"),
        ("https://user@name:8080/some/path@here", "8080/some"),
    ] {
        let (masks, _) = masks(&[value]);
        assert_eq!(masks.mask_text(text), text, "{value}");
        assert_eq!(masks.mask_text(value), "***");
    }
}

#[test]
fn secret_parameters_of_a_url_are_masked() {
    let value = ["https://store.example.com/blob?sv=2024-01-01&sig=abc%2Bdef", "ghi%3D&se=1"].concat();
    let (masks, _) = masks(&[&value]);
    assert_eq!(masks.mask_text("sig=abc%2Bdefghi%3D abc+defghi= 2024-01-01"), "sig=*** *** 2024-01-01");
}

#[test]
fn forms_inside_other_texts_are_replaced() {
    let secret = ["k\"ey/", "ü\\value<1>"].concat();
    let (masks, _) = masks(&[&secret]);
    for form in [
        "k\\\"ey/ü\\\\value<1>",
        "k\\\"ey\\/ü\\\\value<1>",
        "k\\\"ey/\\u00fc\\\\value<1>",
        "k\\\"ey/ü\\\\value\\u003c1\\u003e",
        "k\\u0022ey/\\u00FC\\\\value\\u003C1\\u003E",
        "k%22ey%2F%C3%BC%5Cvalue%3C1%3E",
        "k%22ey%2f%c3%bc%5cvalue%3c1%3e",
    ] {
        assert_eq!(masks.mask_text(&format!("<{form}>")), "<***>");
    }
}

#[test]
fn invalid_utf8_stays_as_it_is() {
    let (masks, _) = masks(&["secret-value"]);
    assert_eq!(masks.mask_bytes(b"\xff\xfesecret-value\xc3\0"), b"\xff\xfe***\xc3\0");
}

#[test]
fn masks_may_grow_while_a_stream_runs() {
    let (mut masks, _) = masks(&["first-secret"]);
    let (mut stream, mut out) = (MaskStream::new(), Vec::new());
    stream.push(&masks, b"second-secret first-", &mut out);
    masks.add("second-secret");
    masks.add("first-secret-and-more");
    stream.push(&masks, b"secret", &mut out);
    assert_eq!(out, b"second-secret ");
    stream.push(&masks, b" second-sec", &mut out);
    stream.push(&masks, b"ret sec", &mut out);
    stream.flush(&masks, &mut out);
    assert_eq!(String::from_utf8(out).unwrap(), "second-secret *** *** sec");
}

#[test]
fn a_child_cannot_fill_the_memory_with_masks() {
    let mut masks = Masks::new();
    (0..MOST_VALUES).for_each(|n| drop(masks.add(&format!("value-{n}"))));
    assert!(masks.is_full());
    let mut masks = Masks::new();
    for n in 0..20 {
        if !masks.is_full() {
            masks.add(&format!("{n}{}", "ü".repeat(30_000)));
        }
    }
    assert!(masks.is_full());
}

/// Few letters, so that secrets overlap with one another and with the text.
fn secrets() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[abA%=/ \\n]{1,12}", 1..6)
}

proptest! {
    #[test]
    fn a_stream_cut_anywhere_equals_the_whole_text(
        secrets in secrets(),
        text in "[abA%=/ \\n2BüY]{0,120}",
        inserted in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..6),
        sizes in prop::collection::vec(1usize..9, 1..8),
    ) {
        let (masks, _) = masks(&secrets.iter().map(String::as_str).collect::<Vec<_>>());
        let mut text = text.into_bytes();
        let patterns = masks.patterns();
        if !patterns.is_empty() {
            for (which, place) in inserted {
                let place = place.index(text.len() + 1);
                text.splice(place..place, which.get(&patterns).iter().copied());
            }
        }
        let slow = replace_slowly(&masks, &text);
        prop_assert_eq!(masks.mask_bytes(&text), slow.clone());
        prop_assert_eq!(stream(&masks, &text, &sizes), slow.clone());
        for pattern in masks.patterns() {
            prop_assert!(!slow.windows(pattern.len()).any(|window| window == pattern) || pattern.iter().all(|b| *b == b'*'));
        }
    }

    #[test]
    fn no_form_of_a_secret_survives(
        secret in "[ -~üß€😀]{16,60}",
        before in prop::collection::vec(any::<u8>(), 0..5),
        after in prop::collection::vec(any::<u8>(), 0..5),
        sizes in prop::collection::vec(1usize..40, 1..8),
    ) {
        let secret = secret.trim();
        prop_assume!(secret.len() >= 12 && !secret.contains("***"));
        let (masks, told) = masks(&[secret]);
        prop_assert!(told.contains(&secret.to_owned()));
        let inner = [&before[..], secret.as_bytes(), &after[..]].concat();
        let json = serde_json::to_string(secret).unwrap();
        let forms = [secret.to_owned(), json[1..json.len() - 1].to_owned(), url_encoded(secret)];
        for form in forms {
            let masked = stream(&masks, form.as_bytes(), &sizes);
            prop_assert_eq!(String::from_utf8(masked).unwrap(), "***");
        }
        let encoded = base64(&inner);
        let masked = String::from_utf8(stream(&masks, encoded.as_bytes(), &sizes)).unwrap();
        prop_assert!(masked.contains("***"), "{} -> {}", encoded, masked);
        // What is left tells at most the bits that share a character with a neighbour.
        prop_assert!(masked.len() <= 3 + 2 * 8 + 2, "{} -> {}", encoded, masked);
    }

    #[test]
    fn masked_text_is_text(secrets in secrets(), text in "\\PC{0,40}") {
        let (masks, _) = masks(&secrets.iter().map(String::as_str).collect::<Vec<_>>());
        prop_assert_eq!(masks.mask_text(&text).into_bytes(), masks.mask_bytes(text.as_bytes()));
    }
}

/// Written from RFC 3986, not from the code under test.
fn url_encoded(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect()
}

/// Written from RFC 4648, group by group.
fn base64(bytes: &[u8]) -> String {
    let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let word = group.iter().fold(0u32, |word, b| word << 8 | u32::from(*b)) << (8 * (3 - group.len()));
        for place in 0..4 {
            out.push(if place <= group.len() { alphabet[(word >> (18 - 6 * place) & 63) as usize] } else { '=' });
        }
    }
    out
}
