//! ESLint's JSON, read as a stream: a file with its source in it can be large.

use super::clue::{Columns, Spot, Trust};
use super::json::{Json, Next};
use super::shape::give;
use super::sink::{Sink, level};
use super::source::Source;
use super::{Format, Head, Kind, LIKELY, SURE};
use crate::model::finding::{Finding, Level};

/// ESLint's JSON, <https://eslint.org/docs/latest/use/formatters/#json>, with metadata or without,
/// and of the tools that follow it.
pub static FORMAT: Format = Format { name: "eslint-json", kind: Kind::Lint, recognise, read };

fn recognise(head: &Head) -> u8 {
    let list = head.has_all(&["[].filePath", "[].messages"]);
    if list || head.has_all(&["results[].filePath", "results[].messages"]) {
        SURE
    } else if head.is_json_array() && is_empty(head.text) {
        // A clean run: of ESLint or of any other tool whose report is a list.
        LIKELY
    } else {
        0
    }
}

fn is_empty(text: &str) -> bool {
    let whole = || text.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    text.lines().any(|line| line.trim() == "[]") || whole().is_some_and(|inner| inner.trim().is_empty())
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut json = Json::new(source);
    loop {
        if json.peek() == Next::Array {
            json.array(&mut |json| file(json, sink));
        } else {
            json.object(&mut |json, key| {
                if key == "results" {
                    json.array(&mut |json| file(json, sink));
                }
            });
        }
        if !json.next_document() {
            break;
        }
    }
    json.tell(sink);
}

/// One file. Its messages wait for its path, which comes first as a rule.
fn file(json: &mut Json, sink: &mut Sink) {
    let mut path = None;
    let mut waiting: Vec<(Finding, Spot)> = Vec::new();
    json.object(&mut |json, key| match key {
        "filePath" => path = json.text(),
        "messages" => {
            json.array(&mut |json| {
                let Some((finding, mut spot)) = message(json) else { return };
                match &path {
                    Some(path) => {
                        spot.path.clone_from(path);
                        give(finding, spot, sink);
                    }
                    None => waiting.push((finding, spot)),
                }
            });
        }
        _ => {}
    });
    for (finding, mut spot) in waiting {
        spot.path = path.clone().unwrap_or_default();
        give(finding, spot, sink);
    }
}

fn message(json: &mut Json) -> Option<(Finding, Spot)> {
    let mut finding = Finding { source: "eslint".to_owned(), ..Finding::default() };
    let mut spot = Spot { columns: Columns::Utf16, trust: Trust::Exact, ..Spot::default() };
    let mut fatal = false;
    let any = json.object(&mut |json, key| match key {
        "ruleId" => finding.rule = json.text(),
        "message" => finding.message = json.text().unwrap_or_default(),
        "severity" => {
            finding.level = match json.peek() {
                Next::Text => json.text().and_then(|word| level(&word)).unwrap_or_default(),
                _ if json.number() == Some(2.0) => Level::Error,
                _ => Level::Warning,
            }
        }
        "fatal" => fatal = json.boolean() == Some(true),
        "line" => spot.line = json.place().filter(|line| *line > 0),
        "column" => spot.column = json.place(),
        "endLine" => spot.end_line = json.place(),
        "endColumn" => spot.end_column = json.place(),
        _ => {}
    });
    if fatal {
        finding.level = Level::Error;
    }
    (any && !json.is_broken()).then_some((finding, spot))
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::check;

    #[test]
    fn files_and_messages() {
        let text = r#"
> eslint -f json .
[{"filePath":"/w/a.js","messages":[
{"ruleId":"eqeqeq","severity":2,"message":"Expected","line":3,"column":9,"endLine":3,"endColumn":11,"suggestions":[{"fix":{"range":[1,2],"text":"==="},"line":9}]},
{"ruleId":null,"fatal":true,"severity":1,"message":"Parsing error: x"},
{"ruleId":7,"severity":"1","message":"odd","line":"4","column":null}],
"suppressedMessages":[{"ruleId":"no","severity":2,"message":"s","line":1}],"errorCount":2,"source":"line\n\"quoted\""},
{"messages":[{"ruleId":"late","severity":1,"message":"path later","line":1,"column":1}],"filePath":"C:\\w\\b.js"},7]
npm ERR! code 1
"#;
        let found = [
            "error /w/a.js:3:9-3:11 eqeqeq: Expected",
            "error /w/a.js -: Parsing error: x",
            "warning /w/a.js:4 -: odd",
            "warning C:\\w\\b.js:1:1 late: path later",
        ];
        check("eslint-json", text, &found);
        check(
            "eslint-json",
            "{\"results\":[{\"filePath\":\"a\",\"messages\":[{\"message\":\"m\",\"severity\":2}]}],\"metadata\":{}}",
            &["error a -: m"],
        );
    }

    #[test]
    fn clean_and_cut() {
        check("eslint-json", "[]\n", &[]);
        check("eslint-json", "> eslint -f json\n\n[]", &[]);
        let cut = "[{\"filePath\":\"a\",\"messages\":[{\"message\":\"m\",\"severity\":2},{\"message\":\"n";
        check("eslint-json", cut, &["error a -: m", "! cut short: the file ends inside its JSON @71"]);
    }
}
