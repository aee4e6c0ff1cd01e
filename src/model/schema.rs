//! The tables as JSON Schemas (draft 2020-12), for editors and for readers in
//! other languages. A schema says nearly all of what [`table`](super::table)
//! checks; what JSON Schema cannot say, as an order of dates, is in the
//! descriptions. The patterns are written for ECMA-262 with its `u` flag.

use serde_json::{Map, Value, json};

use super::table::{Field, Rule, Shape};
use super::{Choice, configuration::Environment, rules, tail};
use crate::secret::HIDDEN;

/// What no path and no URL may hold: control characters, as an ECMA-262 class.
const CONTROLS: &str = r"\u0000-\u001f\u007f-\u009f";

/// The schema of an entity.
pub fn schema(shape: &Shape) -> Value {
    let properties: Map<String, Value> =
        shape.fields.iter().map(|field| (field.name.to_owned(), property(field))).collect();
    let required: Vec<&str> = shape.fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("{}.schema.json", shape.file),
        "title": shape.name,
        "description": shape.doc,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    let between = (shape.between)();
    if !between.is_empty() {
        schema["allOf"] = Value::Array(between);
    }
    if shape.fields.iter().any(|field| matches!(field.rule, Rule::Metadata)) {
        schema["$defs"] = json!({ "value": value() });
    }
    schema
}

/// The schema as its file holds it: indented, with a line break at the end.
pub fn schema_text(shape: &Shape) -> String {
    format!("{:#}\n", schema(shape))
}

fn property(field: &Field) -> Value {
    let mut property = rule(&field.rule);
    property["description"] = Value::String(field.doc.to_owned());
    property
}

fn rule(rule: &Rule) -> Value {
    match rule {
        Rule::Sha256 => json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" }),
        Rule::CommitHash => json!({ "type": "string", "pattern": "^([0-9a-fA-F]{40}|[0-9a-fA-F]{64})$" }),
        Rule::OneOf(words) => json!({ "type": "string", "enum": words }),
        Rule::Date => json!({
            "type": "string",
            "format": "date-time",
            "pattern": r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z$",
        }),
        // What JSON Schema calls blank and what Unicode does differ in U+0085 alone, once U+FEFF counts as blank.
        Rule::Text(longest) => json!({ "type": "string", "pattern": r"[^\s\u0085\ufeff]", "maxLength": longest }),
        Rule::Logs => json!({ "type": "string", "maxLength": tail::LARGEST }),
        Rule::Size => json!({ "type": "integer", "minimum": 0, "maximum": rules::LARGEST_NUMBER }),
        Rule::StorePath => {
            let part = format!(r"[^/\\:{CONTROLS}]*[^/\\:. {CONTROLS}]");
            json!({ "type": "string", "pattern": format!("^{part}(/{part})*$"), "maxLength": rules::LONGEST_LINE })
        }
        Rule::DeploymentId => {
            let environments = Environment::WORDS.join("|");
            let more = rules::LONGEST_RUN - 1;
            json!({ "type": "string", "pattern": format!("^[0-9a-z][0-9a-z_-]{{0,{more}}}-({environments})$") })
        }
        Rule::Metadata => json!({
            "type": "object",
            "properties": { "configurationId": { "type": "string", "pattern": "^[0-9a-f]{64}$" } },
            "required": ["configurationId"],
            "additionalProperties": { "$ref": "#/$defs/value" },
        }),
        Rule::Url => hidden(&url("[Hh][Tt][Tt][Pp][Ss]?"), 2048),
        Rule::DatabaseUrl => hidden(r"postgres(ql)?://[^\s]+", 0),
        Rule::CohereKey => hidden("[!-~]{20,256}", 0),
        Rule::VercelToken => hidden("(?!vcr_|vck_)[A-Za-z0-9_]{20,}", 0),
    }
}

/// A text of this pattern, or what is shown in its place.
fn hidden(pattern: &str, longest: usize) -> Value {
    let stars = HIDDEN.replace('*', r"\*");
    let mut schema = json!({ "type": "string", "pattern": format!("^({stars}|{pattern})$") });
    if longest > 0 {
        schema["maxLength"] = json!(longest);
    }
    schema
}

/// The pattern of a URL with one of these schemes.
fn url(scheme: &str) -> String {
    let out = format!(r#"\s{CONTROLS}<>"{{}}|\\^`%"#);
    let escape = "%[0-9A-Fa-f]{2}";
    let user = format!("([^{out}/?#@]|{escape})*@");
    let host = format!(r"(\[[0-9A-Fa-f:.]+({escape}[^{out}/?#@\[\]]*)?\]|[^{out}/?#@:\[\]!$&'()*+,;=~]+)");
    format!("{scheme}://({user})?{host}(:[0-9]{{1,5}})?([/?#]([^{out}]|{escape})*)?")
}

/// The rule between fields that a production configuration serves by https.
pub fn https_in_production(fields: &[&str]) -> Value {
    let pattern = hidden("[Hh][Tt][Tt][Pp][Ss]://.*", 0);
    let properties: Map<String, Value> = fields.iter().map(|field| ((*field).to_owned(), pattern.clone())).collect();
    json!({
        "if": { "properties": { "environment": { "const": Environment::Production.word() } } },
        "then": { "properties": properties },
    })
}

/// The rule between fields that one is there exactly if another is one of these words.
pub fn there_exactly_if(field: &str, other: &str, words: &[&str]) -> Value {
    json!({
        "if": { "properties": { other: { "enum": words } }, "required": [other] },
        "then": { "properties": { field: true }, "required": [field] },
        "else": { "properties": { field: false } },
    })
}

/// Any JSON value whose numbers are whole.
fn value() -> Value {
    let largest = rules::LARGEST_NUMBER;
    json!({ "anyOf": [
        { "type": "string" },
        { "type": "boolean" },
        { "type": "null" },
        { "type": "integer", "minimum": -(largest as i64), "maximum": largest },
        { "type": "array", "items": { "$ref": "#/$defs/value" } },
        { "type": "object", "additionalProperties": { "$ref": "#/$defs/value" } },
    ] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ENTITIES;

    /// The committed schemas are those of the tables. `WAYBILL_UPDATE=1` writes them anew.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test of committed files has no Host")]
    fn the_committed_schemas_are_those_of_the_tables() {
        for shape in ENTITIES {
            let path = format!("{}/schema/{}.schema.json", env!("CARGO_MANIFEST_DIR"), shape.file);
            let wanted = schema_text(shape);
            if std::env::var("WAYBILL_UPDATE").is_ok_and(|value| value == "1") {
                std::fs::write(&path, &wanted).unwrap();
            }
            let found = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
            assert!(found == wanted, "{path} is not what the table gives; run the test with WAYBILL_UPDATE=1");
        }
    }

    #[test]
    fn every_field_is_named_once_and_explained() {
        for shape in ENTITIES {
            for (at, field) in shape.fields.iter().enumerate() {
                assert!(
                    shape.fields[..at].iter().all(|other| other.name != field.name),
                    "{} {}",
                    shape.name,
                    field.name
                );
                assert!(!field.doc.is_empty(), "{} {}", shape.name, field.name);
            }
        }
    }
}
