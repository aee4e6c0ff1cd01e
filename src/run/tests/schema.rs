//! As much of JSON Schema as our own schemas need, for tests.

use serde_json::Value;

/// What of the value is not as the schema says, each with its place.
pub fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    check(schema, schema, value, "$", &mut faults);
    faults
}

fn check(root: &Value, schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
    let Some(rules) = schema.as_object() else { return };
    for (keyword, rule) in rules {
        let holds = match keyword.as_str() {
            "$ref" => {
                let pointer =
                    rule.as_str().and_then(|rule| rule.strip_prefix('#')).expect("a reference within the file");
                check(root, root.pointer(pointer).expect("the reference leads somewhere"), value, place, faults);
                true
            }
            "type" => match rule.as_str() {
                Some("object") => value.is_object(),
                Some("array") => value.is_array(),
                Some("string") => value.is_string(),
                Some("integer") => value.is_u64() || value.is_i64(),
                Some("number") => value.is_number(),
                other => panic!("the type {other:?} is not known here"),
            },
            "const" => value == rule,
            "enum" => rule.as_array().is_some_and(|words| words.contains(value)),
            "minimum" => value.as_f64() >= rule.as_f64(),
            "minLength" => value.as_str().map(|text| text.chars().count() as u64) >= rule.as_u64(),
            "required" => {
                let names = rule.as_array().into_iter().flatten().filter_map(Value::as_str);
                names.into_iter().all(|name| value.get(name).is_some())
            }
            "properties" => {
                for (name, rule) in rule.as_object().into_iter().flatten() {
                    if let Some(value) = value.get(name) {
                        check(root, rule, value, &format!("{place}.{name}"), faults);
                    }
                }
                true
            }
            "additionalProperties" => {
                let known = |name: &String| rules["properties"].get(name).is_some();
                value.as_object().is_none_or(|object| object.keys().all(known))
            }
            "items" => {
                for (at, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, rule, item, &format!("{place}[{at}]"), faults);
                }
                true
            }
            "$schema" | "$id" | "$defs" | "title" | "description" => true,
            other => panic!("the keyword {other} is not known here"),
        };
        if !holds {
            faults.push(format!("{place}: {keyword} {rule}, found {value}"));
        }
    }
}
