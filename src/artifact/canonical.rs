//! JSON in the one form that RFC 8785 (JSON Canonicalization Scheme) gives it:
//! no blanks, keys sorted by their UTF-16 units, one way to escape. Only whole
//! numbers that every reader keeps exactly.

use serde_json::{Map, Value};

use crate::model::rules::LARGEST_NUMBER;

/// The value's canonical form; nothing for one that has a number with a
/// fraction or beyond 2^53 - 1.
pub fn canonical(value: &Value) -> Option<String> {
    let mut text = String::new();
    write(value, &mut text).then_some(text)
}

/// A text as it stands in canonical JSON, quoted and escaped.
pub fn quoted(text: &str) -> String {
    // Its escapes are those that RFC 8785 wants: short ones where there are any, else lower-case hex.
    Value::from(text).to_string()
}

fn write(value: &Value, text: &mut String) -> bool {
    match value {
        Value::Null | Value::Bool(_) => text.push_str(&value.to_string()),
        Value::String(held) => text.push_str(&quoted(held)),
        Value::Number(number) => {
            text.push_str(&number.to_string());
            return number.as_i64().is_some_and(|number| number.unsigned_abs() <= LARGEST_NUMBER);
        }
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                if !write(item, text) {
                    return false;
                }
            }
            text.push(']');
        }
        Value::Object(map) => return write_map(map, text),
    }
    true
}

fn write_map(map: &Map<String, Value>, text: &mut String) -> bool {
    let mut pairs: Vec<(&String, &Value)> = map.iter().collect();
    crate::model::order::sort(&mut pairs, &|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
    text.push('{');
    for (index, (key, value)) in pairs.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&quoted(key));
        text.push(':');
        if !write(value, text) {
            return false;
        }
    }
    text.push('}');
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_form_is_that_of_rfc_8785() {
        // The RFC's own example of sorting (section 3.2.3), without its fractions.
        let value = json!({"\u{20ac}": "Euro", "\r": "CR", "\u{fb33}": "Dalet", "1": "One", "\u{1f600}": "Emoji", "\u{80}": "Control", "\u{f6}": "o"});
        let sorted = "{\"\\r\":\"CR\",\"1\":\"One\",\"\u{80}\":\"Control\",\"\u{f6}\":\"o\",\"\u{20ac}\":\"Euro\",\"\u{1f600}\":\"Emoji\",\"\u{fb33}\":\"Dalet\"}";
        assert_eq!(canonical(&value).as_deref(), Some(sorted));
        let escapes = json!(["\u{0}\u{8}\t\n\u{c}\r\u{1f}\"\\/\u{7f}", [], {}, null, true, -7]);
        let written = "[\"\\u0000\\b\\t\\n\\f\\r\\u001f\\\"\\\\/\u{7f}\",[],{},null,true,-7]";
        assert_eq!(canonical(&escapes).as_deref(), Some(written));
    }

    #[test]
    fn a_number_that_readers_disagree_on_has_no_form() {
        assert_eq!(canonical(&json!([0.5])), None);
        assert_eq!(canonical(&json!({"a": LARGEST_NUMBER + 1})), None);
        assert_eq!(canonical(&json!(LARGEST_NUMBER)).as_deref(), Some("9007199254740991"));
    }
}
