//! What is published of the tables: `action.yml`, the file's JSON Schema, and
//! the tables of the documentation. A test compares them with what is committed.

use serde_json::{Map, Value, json};

use super::common::ENVIRONMENTS;
use super::interface::OUTPUTS;
use super::setting::{Catalogue, Kind, Setting, Source, Web};
use super::units;

/// `action.yml`, the action's metadata.
pub fn action(catalogue: &Catalogue) -> String {
    let mut text = String::from(
        "# Written from the tables in src/config; change those, then run the tests with WAYBILL_UPDATE=1.\n\
         name: Waybill\n\
         description: One action for a whole deployment pipeline, from lint to a verified rollout\n\
         branding:\n  icon: truck\n  color: blue\n\
         inputs:\n",
    );
    for setting in catalogue.all() {
        text.push_str(&format!("  {}:\n    description: {}\n", setting.name, quoted(&whole_about(setting))));
        if matches!(setting.kind, Kind::JobType) {
            text.push_str("    required: true\n");
        }
        if let Source::Context(expression) = setting.source {
            text.push_str(&format!("    default: {expression}\n"));
        }
    }
    text.push_str("outputs:\n");
    for (name, about) in OUTPUTS {
        text.push_str(&format!("  {name}:\n    description: {}\n", quoted(about)));
    }
    text.push_str("runs:\n  using: node24\n  main: dist/main.cjs\n  post: dist/main.cjs\n  post-if: always()\n");
    text
}

/// The schema of the configuration file, in draft 7, which editors know best.
pub fn schema(catalogue: &Catalogue) -> Value {
    let in_file = |setting: &&Setting| setting.source == Source::Anywhere;
    let reference = |name: &str| json!({ "$ref": format!("#/definitions/{name}") });
    let references = |settings: &[&Setting]| -> Map<String, Value> {
        settings.iter().map(|setting| (setting.name.to_owned(), reference(setting.name))).collect()
    };
    let all: Vec<&Setting> = catalogue.all().into_iter().filter(in_file).collect();
    let common: Vec<&Setting> = catalogue.common.iter().filter(in_file).collect();
    let scope = |properties: Map<String, Value>, about: &str| {
        json!({
            "description": about,
            "type": ["object", "null"],
            "properties": properties,
            "additionalProperties": false,
        })
    };
    let mut definitions: Map<String, Value> =
        all.iter().map(|setting| (setting.name.to_owned(), of_setting(setting))).collect();
    let mut every = references(&all);
    for (job_type, own) in catalogue.jobs {
        let own: Vec<&Setting> = own.iter().copied().filter(in_file).collect();
        let mut properties = references(&common);
        properties.extend(references(&own));
        let name = format!("job-{job_type}");
        every.insert((*job_type).to_owned(), reference(&name));
        definitions.insert(name, scope(properties, &format!("Settings of `{job_type}` alone")));
    }
    definitions.insert("settings".to_owned(), scope(every, "Settings, and those of a job type under its name"));
    let secure: Map<String, Value> = all
        .iter()
        .filter(|setting| matches!(setting.kind, Kind::HttpUrl(Web::HttpsInProduction)))
        .map(|setting| (setting.name.to_owned(), json!({ "pattern": "^[Hh][Tt][Tt][Pp][Ss]://" })))
        .collect();
    let environments: Map<String, Value> = ENVIRONMENTS
        .iter()
        .map(|name| {
            let settings = match *name {
                "production" => json!({ "allOf": [reference("settings"), { "properties": secure.clone() }] }),
                _ => reference("settings"),
            };
            ((*name).to_owned(), settings)
        })
        .collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "waybill.schema.json",
        "title": "Waybill's configuration",
        "description": "Settings of Waybill's jobs. What stands nearer to a job wins: under an environment before `defaults`, under a job type before what holds for all.",
        "type": ["object", "null"],
        "properties": {
            "defaults": reference("settings"),
            "environments": {
                "description": "Settings of one environment",
                "type": ["object", "null"],
                "properties": environments,
                "additionalProperties": false,
            },
        },
        "additionalProperties": false,
        "definitions": definitions,
    })
}

/// What the schema says of one setting.
fn of_setting(setting: &Setting) -> Value {
    let mut schema = match setting.kind {
        Kind::JobType | Kind::Command | Kind::Path => json!({ "type": "string" }),
        Kind::Text | Kind::Checked(_) => json!({ "type": ["string", "number", "boolean"] }),
        Kind::Choice(words) => json!({ "enum": words }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Duration => {
            json!({ "type": "string", "pattern": "^(?=.)([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$" })
        }
        Kind::Size => json!({ "type": "string", "pattern": "^[0-9]+ *([KMGT]iB|[kKMGT]?B)$" }),
        Kind::Count(least, u64::MAX) => json!({ "type": "integer", "minimum": least }),
        Kind::Count(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Kind::Lines | Kind::Globs => json!({
            "anyOf": [
                { "type": ["string", "number", "boolean"] },
                { "type": "array", "items": { "type": ["string", "number", "boolean"] } },
            ],
        }),
        Kind::Map => json!({ "type": "object" }),
        Kind::Commit => json!({ "type": "string", "pattern": "^([0-9a-fA-F]{40}|[0-9a-fA-F]{64})$" }),
        Kind::HttpUrl(Web::MaySecret) => {
            json!({ "type": "string", "pattern": format!("^[Hh][Tt][Tt][Pp][Ss]?://|{VARIABLE}") })
        }
        Kind::HttpUrl(_) => json!({ "type": "string", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://" }),
        Kind::DatabaseUrl | Kind::Secret(_) => json!({ "type": "string", "pattern": VARIABLE }),
    };
    schema["description"] = Value::String(setting.about.to_owned());
    if let Some(default) = setting.default {
        schema["default"] = match setting.kind {
            Kind::Boolean => json!(units::boolean(default)),
            Kind::Count(..) => json!(units::whole(default)),
            _ => json!(default),
        };
    }
    schema
}

/// A variable that a secret may be taken from.
const VARIABLE: &str = r"^\$\{(?!([Gg][Ii][Tt][Hh][Uu][Bb]|[Aa][Cc][Tt][Ii][Oo][Nn][Ss]|[Rr][Uu][Nn][Nn][Ee][Rr]|[Ii][Nn][Pp][Uu][Tt]|[Ss][Tt][Aa][Tt][Ee])_)[A-Za-z_][A-Za-z0-9_]*\}$";

/// The documentation of the settings, a whole page.
pub fn settings_page(catalogue: &Catalogue) -> String {
    format!(
        "<!-- Written from the tables in src/config; change those, then run the tests with WAYBILL_UPDATE=1. -->\n\n{INTRODUCTION}\n## Every job type\n\n{}\n{}## Outputs\n\nOne that a job does not set is empty.\n\n{}",
        table(&catalogue.common.iter().collect::<Vec<_>>()),
        own_tables(catalogue),
        outputs_table(),
    )
}

const INTRODUCTION: &str = "\
# Settings

A setting has one name: as an input of the step, and as a key in the configuration
file, which is `.github/waybill.yml` unless `config` says otherwise.

```yaml
# yaml-language-server: $schema=../schema/waybill.schema.json
defaults:
  timeout: 10m
  lint:
    run: npm run lint
environments:
  production:
    backend-url: https://api.example.com
    deploy-frontend:
      vercel-token: ${VERCEL_TOKEN}
```

The first of these that is given holds:

1. the input
2. `environments.<environment>.<job type>.<setting>`
3. `environments.<environment>.<setting>`
4. `defaults.<job type>.<setting>`
5. `defaults.<setting>`
6. the default of the table

An empty input counts as not given. An unknown key is a problem, and so is a wrong
value, also where it does not hold; all problems are told at once, each at its line.

| values | are written |
|---|---|
| durations | `90s`, `5m`, `1h30m`, `7d` |
| sizes | `64KiB`, `10MB` |
| booleans | `true` or `false`, as in YAML 1.2 |
| lists | one a line; in the file also as a YAML list |
| maps | YAML |
| paths | from the workspace's root, with `/`, never out of it |
| secrets | as an input, or in the file as `${NAME}` for the variable `NAME` of the step's `env`: never literally, and never `GITHUB_…`, `ACTIONS_…`, `RUNNER_…`, `INPUT_…` or `STATE_…` |

On `pull_request_target` and `workflow_run` with a fork's head only `lint`, `test` and
`mode: plan` run, and no `${NAME}` is expanded.
";

/// A table for each job type that has settings of its own.
pub fn own_tables(catalogue: &Catalogue) -> String {
    let mut text = String::new();
    for (job_type, own) in catalogue.jobs {
        if !own.is_empty() {
            text.push_str(&format!("## {job_type}\n\n{}\n", table(own)));
        }
    }
    text
}

/// The table of every input, for the README: the common ones, then each job type's.
pub fn inputs_table(catalogue: &Catalogue) -> String {
    table(&catalogue.all())
}

/// The table of the outputs.
pub fn outputs_table() -> String {
    let rows = OUTPUTS.iter().map(|(name, about)| format!("| `{name}` | {} |\n", cell(about)));
    format!("| output | content |\n|---|---|\n{}", rows.collect::<String>())
}

/// A table of settings.
fn table(settings: &[&Setting]) -> String {
    let row = |setting: &&Setting| {
        let default = match (setting.default, setting.source) {
            (Some(default), _) => format!("`{default}`"),
            (None, Source::Context(expression)) => format!("`{expression}`"),
            (None, _) => String::new(),
        };
        let place = match setting.source {
            Source::Anywhere => "",
            _ => ". An input only",
        };
        let about = cell(&format!("{}{place}", setting.about));
        format!("| `{}` | {} | {} | {about} |\n", setting.name, cell(&values(setting.kind)), cell(&default))
    };
    format!(
        "| setting | value | default | meaning |\n|---|---|---|---|\n{}",
        settings.iter().map(row).collect::<String>()
    )
}

/// What may be given, in a word or two.
fn values(kind: Kind) -> String {
    match kind {
        Kind::JobType => "job type".to_owned(),
        Kind::Text | Kind::Checked(_) => "text".to_owned(),
        Kind::Command => "command".to_owned(),
        Kind::Choice(words) => format!("`{}`", words.join("`, `")),
        Kind::Boolean => "boolean".to_owned(),
        Kind::Duration => "duration".to_owned(),
        Kind::Size => "size".to_owned(),
        Kind::Count(least, most) if most >= u64::from(u32::MAX) => format!("number from {least}"),
        Kind::Count(least, most) => format!("number, {least} to {most}"),
        Kind::Lines => "list".to_owned(),
        Kind::Globs => "list of paths or patterns".to_owned(),
        Kind::Map => "map".to_owned(),
        Kind::Path => "path".to_owned(),
        Kind::Commit => "git hash".to_owned(),
        Kind::HttpUrl(_) => "URL".to_owned(),
        Kind::DatabaseUrl => "URL, secret".to_owned(),
        Kind::Secret(_) => "secret".to_owned(),
    }
}

/// What a setting means, with its default, for `action.yml`.
fn whole_about(setting: &Setting) -> String {
    match setting.default {
        Some(default) => format!("{} (default: {default})", setting.about),
        None => setting.about.to_owned(),
    }
}

/// A text as a double-quoted YAML scalar: JSON's is one.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A text in a cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// A text with what stands between `<!-- begin NAME -->` and `<!-- end NAME -->`
/// replaced; none where the marks are not there.
pub fn fill(text: &str, name: &str, content: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- begin {name} -->\n"), format!("<!-- end {name} -->"));
    let from = text.find(&begin)? + begin.len();
    let to = from + text[from..].find(&end)?;
    Some(format!("{}\n{content}\n{}", &text[..from], &text[to..]))
}

/// What is wrong with the tables themselves, for a test of the whole catalogue.
pub fn faults(catalogue: &Catalogue) -> Vec<String> {
    let mut faults = Vec::new();
    let reader = super::value::Reader { workspace: "", production: false };
    let job_types = catalogue.job_types();
    for (index, setting) in catalogue.all().iter().enumerate() {
        let name = setting.name;
        let mut fault = |what: &str| faults.push(format!("{name}: {what}"));
        let kebab = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        if !name.split('-').all(kebab) {
            fault("the name is not in kebab-case");
        }
        if job_types.contains(&name) {
            fault("the name is a job type's");
        }
        if name.ends_with("-api-url") && setting.source == Source::Anywhere {
            fault("where secrets are sent is an input only");
        }
        if setting.about.is_empty() || setting.about.ends_with('.') {
            fault("its meaning is a phrase without a full stop");
        }
        if let Some(Err(_)) = setting.default.map(|text| reader.text(setting.kind, text, &mut Vec::new())) {
            fault("its default is not of its kind");
        }
        if setting.default.is_some() && matches!(setting.source, Source::Context(_)) {
            fault("it has two defaults");
        }
        if index < catalogue.common.len() && catalogue.common.iter().filter(|other| other.name == name).count() > 1 {
            fault("it stands twice");
        }
        for (job_type, own) in catalogue.jobs {
            for other in own.iter().filter(|other| other.name == name && !std::ptr::eq::<Setting>(**other, *setting)) {
                fault(&format!("`{job_type}` has another `{}`", other.name));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests;
