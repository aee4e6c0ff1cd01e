//! Workflow commands that tools print for GitHub, and Azure's.

use super::clue::{Columns, Spot, Trust};
use super::lines::{Found, Out, Tool, colon, is_rule, recognise};
use super::sink::level;
use super::{Format, Kind, lines};

/// `::error file=path,line=1,col=2,title=rule::text`,
/// <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>; and
/// `##vso[task.logissue type=error;sourcepath=path;linenumber=1]text`,
/// <https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands>.
pub static FORMAT: Format = Format {
    name: "github",
    kind: Kind::Lint,
    recognise: |head| recognise(head, &KIND, 24),
    read: |source, sink| lines::read(source, sink, &KIND),
};

/// The same among mixed text.
pub static KIND: lines::Kind = lines::Kind { name: "github", source: "", tool: || Box::new(GitHub) };

struct GitHub;

impl Tool for GitHub {
    fn line(&mut self, line: &str, out: &mut Out) -> bool {
        let found = github(line.trim_start()).or_else(|| azure(line.trim_start()));
        found.map(|found| out.found(found)).is_some()
    }
}

fn github(line: &str) -> Option<Found> {
    let (command, message) = line.strip_prefix("::")?.split_once("::")?;
    let (name, properties) = command.split_once(' ')?;
    let level = level(name).filter(|_| matches!(name, "error" | "warning" | "notice"))?;
    let mut found = Found { level, message: unescape(message), ..Found::default() };
    found.spot.trust = Trust::Exact;
    let mut zero = false;
    for (key, value) in properties.split(',').filter_map(|property| property.split_once('=')) {
        let number = value.parse().ok().filter(|number| *number > 0);
        match key.trim() {
            "file" => found.spot.path = unescape(value),
            "line" => found.spot.line = number,
            "endLine" => found.spot.end_line = number,
            "col" | "column" => found.spot.column = value.parse().ok(),
            "endColumn" => found.spot.end_column = number,
            "title" => found.rule = Some(unescape(value)),
            // Pylint's own spelling, and its columns count from 0.
            "endline" => zero = true,
            _ => {}
        }
    }
    if found.spot.path.is_empty() {
        return None;
    }
    found.spot.column = match zero {
        true => found.spot.column.and_then(|column| column.checked_add(1)),
        false => found.spot.column.filter(|column| *column > 0),
    };
    name_rule(&mut found);
    Some(found)
}

/// `ruff (F401)` and `F401` are rules; other titles go in front of the message. What the message
/// repeats of the place goes.
fn name_rule(found: &mut Found) {
    if let Some(title) = found.rule.take() {
        let inner = title.split_once(" (").and_then(|(_, rule)| rule.strip_suffix(')')).unwrap_or(&title);
        match is_rule(&inner.replace(['(', ')'], "")) {
            true => found.rule = Some(inner.to_owned()),
            false => found.message = format!("{title}: {}", found.message),
        }
    }
    if let Some(place) = colon(&found.message)
        && Some(place.line) == found.spot.line
        && found.spot.path.ends_with(place.path)
    {
        let text = place.rest.trim_start_matches(':').trim_start();
        let text = found.rule.as_ref().and_then(|rule| text.strip_prefix(rule.as_str())).unwrap_or(text);
        found.message = text.trim_start_matches(':').trim_start().to_owned();
    }
}

fn azure(line: &str) -> Option<Found> {
    let (properties, message) = line.strip_prefix("##vso[task.logissue ")?.split_once(']')?;
    let mut found = Found { message: message.to_owned(), ..Found::default() };
    for (key, value) in properties.split(';').filter_map(|property| property.split_once('=')) {
        match key.trim() {
            "type" => found.level = level(value)?,
            "sourcepath" => found.spot.path = value.to_owned(),
            "linenumber" => found.spot = Spot::new(found.spot.path, value.parse().ok(), Trust::Exact),
            "columnnumber" => found.spot.column = value.parse().ok().filter(|column| *column > 0),
            "code" => found.rule = Some(value.to_owned()),
            _ => {}
        }
    }
    found.spot.columns = Columns::Points;
    (!found.spot.path.is_empty()).then_some(found)
}

fn unescape(value: &str) -> String {
    ["%0D|\r", "%0A|\n", "%3A|:", "%2C|,", "%25|%"].iter().fold(value.to_owned(), |value, pair| {
        let (code, text) = pair.split_once('|').unwrap_or_default();
        if value.contains(code) { value.replace(code, text) } else { value }
    })
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::{check, check_unknown};

    #[test]
    fn commands_of_both() {
        let text = "::group::conf/broken.yml
::error title=ruff (F401),file=/w/pkg/a.py,line=1,col=8,endLine=1,endColumn=10::pkg/a.py:1:8: F401 `os` unused%0A  help: Remove
::notice file=pkg/w.py,line=2,endline=,col=22,title=C0321::More than one
::warning file=a%2Cb.js,line=1,endLine=2,title=Two words::100%25 bad
::error file=b.yml,line=1,col=7::1:7 [commas] too few
::error::no file
::set-output name=x::y
##vso[task.logissue type=error;sourcepath=/w/c.py;linenumber=1;columnnumber=2;code=D104;]Missing
";
        let found = [
            "error /w/pkg/a.py:1:8-1:10 F401: `os` unused\n  help: Remove",
            "notice pkg/w.py:2:23 C0321: More than one",
            "warning a,b.js:1-2:- -: Two words: 100% bad",
            "error b.yml:1:7 -: 1:7 [commas] too few",
            "error /w/c.py:1:2 D104: Missing",
        ];
        check("github", text, &found);
        check_unknown("::error::x\n::debug::y\n::group::z\n");
    }
}
