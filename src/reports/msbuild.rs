//! MSBuild's text: csc, MSVC, `dotnet build`, and ESLint's `visualstudio`.

use std::collections::HashSet;

use super::clue::{Columns, Spot};
use super::lines::{Found, Out, Tool, bracket, is_rule, named_level, recognise};
use super::{Format, Kind, lines};
use crate::model::finding::Level;

/// `path(line,column): warning CS1591: text [project]`,
/// <https://learn.microsoft.com/visualstudio/msbuild/msbuild-diagnostic-format-for-tasks>.
pub static FORMAT: Format = Format {
    name: "msbuild",
    kind: Kind::Lint,
    recognise: |head| recognise(head, &KIND, 30),
    read: |source, sink| lines::read(source, sink, &KIND),
};

/// The same among mixed text.
pub static KIND: lines::Kind =
    lines::Kind { name: "msbuild", source: "msbuild", tool: || Box::new(MsBuild::default()) };

/// How many findings are remembered: at its end `dotnet build` repeats them all.
const KNOWN: usize = 50_000;

#[derive(Default)]
struct MsBuild {
    known: HashSet<String>,
}

impl Tool for MsBuild {
    fn line(&mut self, line: &str, out: &mut Out) -> bool {
        let Some(mut found) = header(without_node(line)) else {
            out.close();
            return false;
        };
        if found.level == Level::Notice && found.rule.is_none() {
            // A note of MSVC's on the message before.
            if out.last().is_some() {
                out.more(&format!("note: {}", found.message));
            }
            return true;
        }
        let key = without_node(line).trim();
        if self.known.contains(key) {
            return true;
        }
        if self.known.len() < KNOWN {
            self.known.insert(key.to_owned());
        }
        // The project that it was said of; paths are relative to its folder.
        if let Some((text, project)) = found.message.strip_suffix(']').and_then(|text| text.rsplit_once(" ["))
            && project.contains(['.', '/', '\\'])
        {
            let project = project.split("::").next().unwrap_or(project);
            let folder = project.rfind(['/', '\\']).map_or("", |at| &project[..at]);
            found.spot.base = (!folder.is_empty()).then(|| folder.to_owned());
            found.message = text.trim_end().to_owned();
        }
        out.found(found);
        true
    }
}

/// `     2>` in front of a line is the node that built it.
fn without_node(line: &str) -> &str {
    let line = line.trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let node = line[digits..]
        .strip_prefix('>')
        .or_else(|| line[digits..].split_once('>').filter(|(sub, _)| sub.starts_with(':')).map(|(_, rest)| rest));
    node.filter(|_| digits > 0).unwrap_or(line)
}

fn header(line: &str) -> Option<Found> {
    if let Some(place) = bracket(line)
        && let Some(text) = place.rest.trim_start().strip_prefix(':')
        && let Some((level, rule, message)) = message(text, true)
    {
        return Some(Found { level, rule, message, spot: place.spot(Columns::Utf16), ..Found::default() });
    }
    // `CSC : error CS5001: text`, `x.csproj : warning NU1701: text`
    let (path, text) = line.split_once(" : ")?;
    let project = text.ends_with("proj]") || text.ends_with(".sln]");
    let (level, rule, message) = message(text, path.trim() == "EXEC" && project)?;
    let file = path
        .rsplit(['/', '\\'])
        .next()
        .is_some_and(|name| name.contains('.') && !["obj", "lib", "exe", "dll"].iter().any(|end| name.ends_with(end)));
    let spot = if file { Spot { path: path.to_owned(), ..Spot::default() } } else { Spot::default() };
    Some(Found { level, rule, message, spot, ..Found::default() })
}

/// `fatal error C1083: text`, `error : text`, `Info 701: text`: words for the level, and a code,
/// which a message without a place must have.
fn message(text: &str, placed: bool) -> Option<(Level, Option<String>, String)> {
    let (head, message) = text.split_once(':')?;
    let words: Vec<&str> = head.split_whitespace().collect();
    let code = words.last().filter(|word| is_code(word) && named_level(word).is_none());
    let names = &words[..words.len() - usize::from(code.is_some())];
    if words.len() > 5 || code.is_none() && !placed {
        return None;
    }
    if !placed && !code.is_some_and(|code| code.ends_with(|c: char| c.is_ascii_digit())) {
        return None;
    }
    let level = named_level(&names.join(" ")).or_else(|| named_level(names.last()?))?;
    Some((level, code.map(|code| (*code).to_owned()), message.trim().to_owned()))
}

fn is_code(word: &str) -> bool {
    is_rule(word) || word.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::{check, check_unknown};

    #[test]
    fn paths_are_relative_to_the_project() {
        let text = "\u{1B}[36;1m     2>\u{1B}[mGen\\A.cs(137,32): warning CS1591: Missing 'A.this[int]' [C:\\j\\Code\\Code.csproj]
Src\\cs.ATG (2242,17):  warning CS0168: never used
x/abc.h(18) : fatal error C1083: Cannot open: xyz.h:...
foo.h(5): Info 701: lint
abc.h(334,3): error : use of
    x/abc.h(37): note: see declaration of 'x'
/w/b.js(1,2): error no-undef : 'x' is not defined.
EXEC : warning : NU1902: Package 'x' [C:\\w\\ci.msbuildproj]
CSC : error CS5001: No 'Main' [/w/p/p.csproj::TargetFramework=net8.0]
/w/p/p.csproj : warning NU1701: Package [/w/p.sln]

Build FAILED.
Gen\\A.cs(137,32): warning CS1591: Missing 'A.this[int]' [C:\\j\\Code\\Code.csproj]
    1 Error(s)
";
        let found = [
            "warning C:\\j\\Code>Gen\\A.cs:137:32 CS1591: Missing 'A.this[int]'",
            "warning Src\\cs.ATG:2242:17 CS0168: never used",
            "error x/abc.h:18 C1083: Cannot open: xyz.h:...",
            "notice foo.h:5 701: lint",
            "error abc.h:334:3 -: use of\nnote: see declaration of 'x'",
            "error /w/b.js:1:2 no-undef: 'x' is not defined.",
            "warning - -: NU1902: Package 'x'",
            "error - CS5001: No 'Main'",
            "warning /w>/w/p/p.csproj NU1701: Package",
        ];
        check("msbuild", text, &found);
        check_unknown("Total (12): done: ok\nTime : error\nResult : 5: warning\n");
    }
}
