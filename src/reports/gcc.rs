//! The text of GCC, Clang, clang-tidy and the many that write like them:
//! Swift, ShellCheck's `gcc`, cppcheck, rustc's short form.

use super::clue::{Columns, Spot};
use super::lines::{Found, Out, Tool, caret, colon, is_file, level_word, recognise, rule_at_end};
use super::{Format, Kind, lines};
use crate::model::finding::Level;

/// `path:line:column: error: text`, <https://www.gnu.org/prep/standards/html_node/Errors.html>.
pub static FORMAT: Format = Format {
    name: "gcc",
    kind: Kind::Lint,
    recognise: |head| recognise(head, &KIND, 20),
    read: |source, sink| lines::read(source, sink, &KIND),
};

/// The same among mixed text.
pub static KIND: lines::Kind = lines::Kind { name: "gcc", source: "gcc", tool: || Box::new(Gcc::default()) };

/// How many places of one chain of includes are kept.
const CHAIN: usize = 16;

#[derive(Default)]
struct Gcc {
    /// The folders that make has entered, with make's own depth.
    folders: Vec<(u32, String)>,
    /// Where the next finding is included or instantiated from.
    chain: Vec<Spot>,
    /// Whether the linker has spoken: undefined references are its findings.
    linking: bool,
}

impl Tool for Gcc {
    fn line(&mut self, line: &str, out: &mut Out) -> bool {
        // Gradle's native builds.
        let line = line.strip_prefix("C/C++: ").unwrap_or(line);
        self.linking |= line.contains("in function `") && line.contains("ld: ") || line.contains(".o: In function ");
        self.enters(line) || self.chains(line) || self.finds(line, out) || self.links(line, out)
    }
}

impl Gcc {
    /// `make[2]: Entering directory '/w/src'` in any language: the same folder once more is left.
    fn enters(&mut self, line: &str) -> bool {
        let Some(at) = line.find("make").filter(|at| line[..*at].chars().all(|c| c.is_alphanumeric() || c == '-'))
        else {
            return self.enters_ninja(line);
        };
        let rest = &line[at + 4..];
        let (depth, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once("]: ")) {
            Some((depth, rest)) => (depth.parse().unwrap_or(0), rest),
            None => match rest.strip_prefix(": ") {
                Some(rest) => (0, rest),
                None => return false,
            },
        };
        let Some(folder) = quoted(rest).filter(|folder| folder.contains(['/', '\\'])) else { return false };
        let top = self.folders.last().is_some_and(|(known, path)| *known == depth && path == folder);
        self.folders.retain(|(known, _)| *known < depth);
        if !top && self.folders.len() < 100 {
            self.folders.push((depth, folder.to_owned()));
        }
        true
    }

    fn enters_ninja(&mut self, line: &str) -> bool {
        let folder = line.strip_prefix("ninja: Entering directory ").and_then(quoted);
        if let Some(folder) = folder {
            self.folders = vec![(0, folder.to_owned())];
        }
        folder.is_some()
    }

    /// `In file included from a.h:3:`, `                 from b.c:1,`, `b.c:9:   required from here`.
    fn chains(&mut self, line: &str) -> bool {
        let included = line.strip_prefix("In file included from ");
        if included.is_some() {
            self.chain.clear();
        }
        let from = included.or_else(|| line.trim_start().strip_prefix("from ").filter(|_| line.starts_with("   ")));
        let place = match from {
            Some(from) => colon(from.trim_end_matches([',', ':'])),
            None => colon(line).filter(|place| {
                let rest = place.rest.trim_start_matches(':').trim_start();
                rest.starts_with("required ") || rest.starts_with("recursively required ")
            }),
        };
        let Some(place) = place else { return false };
        if self.chain.len() < CHAIN {
            let spot = self.based(place.spot(Columns::Bytes));
            self.chain.push(spot);
        }
        true
    }

    fn finds(&mut self, line: &str, out: &mut Out) -> bool {
        let Some(mut place) = colon(line.trim_start()) else { return false };
        // A tool's command line in front, without an end of line: only the last word is the path.
        if place.path.contains(" -") {
            place.path = place.path.rsplit(' ').next().unwrap_or(place.path);
        }
        let Some(text) = place.rest.strip_prefix(':').map(str::trim_start) else { return false };
        // Clang's ranges: `a.c:4:7:{4:1-4:6}: warning: …`
        let text = match text.strip_prefix('{').and_then(|ranges| ranges.split_once("}:")) {
            Some((_, text)) => text.trim_start(),
            None => text,
        };
        let Some((level, code, message)) = level_word(text) else {
            let undefined = self.linking
                && (text.starts_with("undefined reference to ") || text.starts_with("multiple definition of "));
            if undefined {
                let spot = self.based(place.spot(Columns::Bytes));
                out.found(Found { level: Level::Error, message: text.to_owned(), spot, ..Found::default() });
            }
            return undefined;
        };
        if place.path.contains(char::is_whitespace) && !is_file(&place.path.replace(' ', "_")) {
            return false;
        }
        let (message, mut rule) = rule(message);
        rule = rule.or(code.map(str::to_owned));
        let shell = rule.as_ref().is_some_and(|rule| rule.starts_with("SC"));
        if level == Level::Notice && !shell && is_note(text) {
            if out.last().is_some() {
                out.more(&format!("note: {message}"));
            }
            return true;
        }
        let source = match (shell, place.path.rsplit('.').next()) {
            (true, _) => Some("shellcheck"),
            (_, Some("rs")) => Some("rustc"),
            (_, Some("swift")) => Some("swift"),
            (_, Some("py")) => Some("python"),
            _ => None,
        };
        let spot = self.based(place.spot(Columns::Bytes));
        let instead = std::mem::take(&mut self.chain);
        out.found(Found { level, rule, message: message.to_owned(), spot, instead, source });
        true
    }

    /// What the linker and the driver say: `main.c:(.text+0x5): undefined reference to …`,
    /// `cc1: error: …`.
    fn links(&mut self, line: &str, out: &mut Out) -> bool {
        if caret(line).is_some() {
            return false;
        }
        let name = line.split(':').next().unwrap_or_default();
        let program = name
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .trim_end_matches(|c: char| c.is_ascii_digit() || "-.".contains(c));
        let program = program.rsplit('-').next().unwrap_or_default();
        let rest = line.get(name.len() + 1..).unwrap_or_default().trim_start();
        let mut found = Found { level: Level::Error, ..Found::default() };
        if let Some(line) = (program == "ld").then_some(rest)
            && self.linking
            && line.contains("undefined reference to ")
        {
            return self.finds(line, out) || self.links(line, out);
        }
        if let Some((_, text)) = rest.strip_prefix("(.").and_then(|rest| rest.split_once("): "))
            && text.starts_with("undefined reference to ")
        {
            found.message = text.to_owned();
            found.spot = self.based(Spot { path: name.to_owned(), ..Spot::default() });
        } else if ["cc1", "cc", "cc1plus", "gcc", "g++", "c++", "clang", "clang++", "ld", "ld.lld", "lld", "collect"]
            .contains(&program)
            && let Some((level, _, text)) = level_word(rest)
            && !text.contains("ld returned")
            && !text.contains("linker command failed")
            && !text.contains("warnings being treated as errors")
        {
            (found.level, found.message) = (level, text.to_owned());
        } else if program == "ld" && rest.starts_with("cannot find ") {
            found.message = rest.to_owned();
        } else {
            return false;
        }
        out.found(found);
        true
    }

    fn based(&self, mut spot: Spot) -> Spot {
        spot.base = self.folders.last().map(|(_, folder)| folder.clone());
        spot
    }
}

/// Whether the level is one of those that add to a former message.
fn is_note(text: &str) -> bool {
    let word = text.split([':', '：']).next().unwrap_or_default().trim().to_lowercase();
    ![
        "info",
        "information",
        "style",
        "hint",
        "suggestion",
        "remark",
        "performance",
        "portability",
        "convention",
        "refactor",
    ]
    .contains(&word.as_str())
}

/// `text [-Wx]`, `text [bugprone-x,-warnings-as-errors]`, `text [SC2086]`, `text (rule_name)`.
fn rule(message: &str) -> (&str, Option<String>) {
    let (text, rule) = rule_at_end(message, ['[', ']']);
    if let Some(rule) = rule.filter(|rule| rule.contains(['-', '.']) || rule.starts_with("SC")) {
        let rule = rule.strip_prefix("-Werror,").unwrap_or(rule);
        return (text, Some(rule.split(",-warnings-as-errors").next().unwrap_or(rule).to_owned()));
    }
    let (text, rule) = rule_at_end(message, ['(', ')']);
    match rule.filter(|rule| rule.contains('_') && !rule.contains('.')) {
        Some(rule) => (text, Some(rule.to_owned())),
        None => (message, None),
    }
}

/// What stands between quotes of any kind.
fn quoted(text: &str) -> Option<&str> {
    let quote = |c: char| "'\"`‘’“”»«›‹„「」『』".contains(c);
    let start = text.find(quote)?;
    let inner = text[start..].trim_start_matches(quote);
    inner.find(quote).map(|end| &inner[..end])
}

#[cfg(test)]
mod tests {
    use crate::reports::samples::{check, check_unknown};

    #[test]
    fn notes_are_context() {
        let text = "warn.c: In function ‘g’:
warn.c:7:13: warning: suggest parentheses [-Wparentheses]
    7 |         if (i = 3) puts(buf);
      |             ^
fo:oo.cpp:4:39: fatal error: foo.h: No such file
a b.c:3: error: x
a.c:1:2: note: here
h.h:2: Warnung: y [-Werror=format]
x.cc:1:2: error: z [bugprone-x,-warnings-as-errors]
t.c:47:15:{47:8-47:14}{47:17-47:24}: warning: invalid operands
A.swift:1:1: warning: Name Violation: bad (identifier_name)
src/main.rs:3:5: error[E0308]: mismatched
s.sh:2:15: note: Use ./*glob* [SC2035]
c.c:9:1: style: s
 d.c:9:1: error: indented
all done: error: no";
        let found = [
            "warning warn.c:7:13 -Wparentheses: suggest parentheses",
            "error fo:oo.cpp:4:39 -: foo.h: No such file",
            "error a b.c:3 -: x\nnote: here",
            "warning h.h:2 -Werror=format: y",
            "error x.cc:1:2 bugprone-x: z",
            "warning t.c:47:15 -: invalid operands",
            "warning A.swift:1:1 identifier_name: Name Violation: bad",
            "error src/main.rs:3:5 E0308: mismatched",
            "notice s.sh:2:15 SC2035: Use ./*glob*",
            "notice c.c:9:1 -: s",
            "error d.c:9:1 -: indented",
        ];
        check("gcc", text, &found);
    }

    #[test]
    fn the_linker_speaks() {
        let text = "a.c:1:2: warning: x
/dir/f.cpp:233: undefined reference to 'not the linker'
/usr/bin/ld: /tmp/x.o: in function `main':
/home/me/foo.cpp:7: undefined reference to `clock_gettime'
/usr/bin/ld: main.c:(.text+0x5): undefined reference to `f'
/usr/bin/ld: main.c:9: undefined reference to `g'
/usr/bin/ld: cannot find -lMyLib
collect2: error: ld returned 1 exit status
clang-tidy -p=/w /w/src/main.cpp:10:20: warning: y [misc-z]
C/C++: /w/b.cpp:3:1: warning: z
";
        let found = [
            "warning a.c:1:2 -: x",
            "error /home/me/foo.cpp:7 -: undefined reference to `clock_gettime'",
            "error main.c -: undefined reference to `f'",
            "error main.c:9 -: undefined reference to `g'",
            "error - -: cannot find -lMyLib",
            "warning /w/src/main.cpp:10:20 misc-z: y",
            "warning /w/b.cpp:3:1 -: z",
        ];
        check("gcc", text, &found);
    }

    #[test]
    fn folders_and_includes() {
        let text = "make: Entering directory '/w'
make[1]: Verzeichnis „/w/src“ wird betreten
In file included from ../b.h:2,
                 from main.c:1:
/usr/include/x.h:3:1: error: bad
main.o: In function `main':
main.c:(.text+0x5): undefined reference to `f'
make[1]: Verzeichnis „/w/src“ wird verlassen
a.hpp: In instantiation of ‘T f()’:
m.cpp:11:15:   required from here
a.hpp:5:12: error: no member
collect2: error: ld returned 1 exit status
cc1: error: unrecognized option
make: *** [Makefile:4: all] Error 2";
        let found = [
            "error /w/src>/usr/include/x.h:3:1 /w/src>../b.h:2 /w/src>main.c:1 -: bad",
            "error /w/src>main.c -: undefined reference to `f'",
            "error /w>a.hpp:5:12 /w>m.cpp:11:15 -: no member",
            "error - -: unrecognized option",
        ];
        check("gcc", text, &found);
        check_unknown("2022-06-03 11:02:17: error: x\nhttp://a.b:80: error: y\nserver: 12: error: z\n");
    }
}
