//! What drives the readers of all tools line by line.

use crate::model::finding::{Finding, Level};
use crate::reports::clue::{Clue, Spot};
use crate::reports::sink::Sink;
use crate::reports::source::Source;
use crate::reports::{Head, LIKELY, ansi, text};

/// The longest message that is put together of lines, in bytes.
const MESSAGE: usize = 16 * 1024;

/// Every kind of text: what one command prints may hold several.
static KINDS: &[&Kind] = &[
    &crate::reports::biome_text::KIND,
    &crate::reports::compact::KIND,
    &crate::reports::flake8::KIND,
    &crate::reports::formatters::KIND,
    &crate::reports::gcc::KIND,
    &crate::reports::github::KIND,
    &crate::reports::go_text::KIND,
    &crate::reports::golangci_text::KIND,
    &crate::reports::javac::KIND,
    &crate::reports::markdownlint_text::KIND,
    &crate::reports::maven::KIND,
    &crate::reports::msbuild::KIND,
    &crate::reports::mypy_text::KIND,
    &crate::reports::oxlint_text::KIND,
    &crate::reports::pylint_text::KIND,
    &crate::reports::pyright_text::KIND,
    &crate::reports::rubocop_text::KIND,
    &crate::reports::rust_text::KIND,
    &crate::reports::shellcheck_text::KIND,
    &crate::reports::stylish::KIND,
    &crate::reports::tsc::KIND,
    &crate::reports::text::KIND,
];

/// Reads one tool's text.
pub trait Tool {
    /// Takes a line without colours; `true` when it is one of the tool's own.
    fn line(&mut self, line: &str, out: &mut Out<'_>) -> bool;
}

/// A finding that more lines may be added to.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// How grave it is.
    pub level: Level,
    /// The rule.
    pub rule: Option<String>,
    /// What is wrong.
    pub message: String,
    /// Where, as the tool says; an empty path is no place.
    pub spot: Spot,
    /// Places to take instead when that one is not in the repository, best first.
    pub instead: Vec<Spot>,
    /// The tool, where it is not the reader's own.
    pub source: Option<&'static str>,
}

/// A kind of text in the table of those that may stand mixed.
pub struct Kind {
    /// The name of its format.
    pub name: &'static str,
    /// The tool that its findings come from, where they do not say themselves.
    pub source: &'static str,
    /// A reader at its start.
    pub tool: fn() -> Box<dyn Tool>,
}

/// Where readers put what they find.
pub struct Out<'s> {
    sink: Option<&'s mut Sink>,
    /// The tool whose turn it is, and its place in the list of tools.
    source: &'static str,
    turn: usize,
    last: Option<Found>,
    /// Whose the last finding is.
    owner: usize,
    count: u32,
}

impl<'s> Out<'s> {
    fn new(sink: Option<&'s mut Sink>) -> Self {
        Out { sink, source: "", turn: 0, last: None, owner: 0, count: 0 }
    }

    /// Begins a finding.
    pub fn found(&mut self, found: Found) {
        self.end();
        self.count += 1;
        self.owner = self.turn;
        self.last = Some(Found { source: found.source.or(Some(self.source)), ..found });
    }

    /// The tool's finding that was begun last and not closed since.
    pub fn last(&mut self) -> Option<&mut Found> {
        let own = self.owner == self.turn;
        self.last.as_mut().filter(|_| own)
    }

    /// Adds a line to the message of the last finding.
    pub fn more(&mut self, text: &str) {
        if let Some(last) = self.last()
            && last.message.len() + text.len() < MESSAGE
        {
            if !last.message.is_empty() {
                last.message.push('\n');
            }
            last.message.push_str(text);
        }
    }

    /// Ends the tool's last finding: what follows does not belong to it.
    pub fn close(&mut self) {
        if self.owner == self.turn {
            self.end();
        }
    }

    fn end(&mut self) {
        if let (Some(found), Some(sink)) = (self.last.take(), self.sink.as_deref_mut()) {
            let source = found.source.unwrap_or_default().to_owned();
            let message = found.message.trim_end().to_owned();
            let finding = Finding { level: found.level, rule: found.rule, message, source, ..Finding::default() };
            let mut clue = Clue { spots: vec![found.spot], ..Clue::default() };
            clue.spots.extend(found.instead);
            clue.spots.retain(|spot| !spot.path.is_empty());
            sink.finding(finding, clue);
        }
    }
}

/// Reads the source to its end as the text of `kind`. One command may run several tools: lines that
/// are not of that kind are offered to the others that the head shows.
pub fn read(source: &mut Source, sink: &mut Sink, kind: &Kind) {
    let head = Head::new(source.head(), source.is_short());
    let mut tools: Vec<(&Kind, Box<dyn Tool>)> = vec![(kind, (kind.tool)())];
    for other in KINDS.iter().filter(|other| other.name != kind.name) {
        if hits(&head, &mut *(other.tool)(), 1) > 0 {
            tools.push((other, (other.tool)()));
        }
    }
    // What takes every place comes last, and only where it finds more than those that know more.
    if kind.name == text::KIND.name {
        tools.rotate_left(1);
    } else if let Some(at) = tools.iter().position(|(kind, _)| kind.name == text::KIND.name) {
        let last = tools.remove(at);
        if any_place(&head, &tools) {
            tools.push(last);
        }
    }
    let mut out = Out::new(Some(sink));
    let mut line = String::new();
    while source.line(&mut line) {
        let plain = ansi::plain(&line);
        offer(bare(&plain), &mut tools, &mut out);
    }
    out.end();
}

/// Offers a line to one tool after the other; `false` when none takes it.
fn offer(line: &str, tools: &mut [(&Kind, Box<dyn Tool>)], out: &mut Out) -> bool {
    tools.iter_mut().enumerate().any(|(turn, (kind, tool))| {
        (out.turn, out.source) = (turn, kind.source);
        tool.line(line, out)
    })
}

/// Whether most places in the head are none of the tools'.
fn any_place(head: &Head, tools: &[(&Kind, Box<dyn Tool>)]) -> bool {
    let mut tools: Vec<_> = tools.iter().map(|(kind, _)| (*kind, (kind.tool)())).collect();
    let (mut known, mut other) = (Out::new(None), Out::new(None));
    let mut last = (text::KIND.tool)();
    for line in head.lines().map(bare) {
        if !offer(line, &mut tools, &mut known) {
            last.line(line, &mut other);
        }
    }
    other.count > known.count
}

/// How sure a kind of text is: `base` when it finds anything in the head, more when it finds more,
/// never as much as a test runner's own marks.
pub fn recognise(head: &Head, kind: &Kind, base: u8) -> u8 {
    match hits(head, &mut *(kind.tool)(), u32::MAX) {
        0 => 0,
        hits => (base + 3 * hits.ilog2() as u8).min(LIKELY - 1),
    }
}

/// How many findings there are in the head, `enough` at most.
fn hits(head: &Head, tool: &mut dyn Tool, enough: u32) -> u32 {
    let mut out = Out::new(None);
    for line in head.lines() {
        tool.line(bare(line), &mut out);
        if out.count >= enough {
            break;
        }
    }
    out.count
}

/// What a tool itself wrote of a line: what is left on the terminal after progress bars, without
/// the clock and the task that a log has in front.
fn bare(line: &str) -> &str {
    let line = line.trim_end_matches('\r');
    let line = line.rsplit('\r').next().unwrap_or(line);
    let line = without_clock(line);
    let inner = line.trim_start();
    ["[exec] ", "[javac] ", "[java] ", "[cc] "].iter().find_map(|task| inner.strip_prefix(task)).unwrap_or(line)
}

/// `2020-08-05T20:06:13.796Z text`, `[2020-08-05T20:06:13.796Z] text`, `08:52:34.395 text`
fn without_clock(line: &str) -> &str {
    let Some((word, rest)) = line.split_once(' ') else { return line };
    let clock = word.trim_start_matches('[').trim_end_matches(']');
    let clock = clock.rsplit('T').next().unwrap_or(clock).trim_end_matches('Z');
    let mut parts = clock.split(':').map(|part| part.split('.').next().unwrap_or(part));
    let hours = parts.by_ref().take(3).filter(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()));
    if hours.count() == 3 && parts.next().is_none() { rest.trim_start() } else { line }
}

#[cfg(test)]
mod tests {
    use super::bare;
    use crate::reports::samples::check;

    #[test]
    fn one_command_may_run_several_tools() {
        let text = "
> web@1.0.0 lint
> eslint . && tsc && prettier --check . && make lint

/w/web/a.js
  1:5  error  'x' is not defined  no-undef

✖ 1 problem (1 error, 0 warnings)

src/t.ts(3,13): error TS7006: Parameter 'y'.
  More of it.
Checking formatting...
[warn] src/a.css
flake8 pkg
pkg/a.py:1:1: F401 'os' imported but unused
mypy pkg
pkg/a.py:3: error: Name \"x\" is not defined  [name-defined]
pkg/a.py:3: note: Did you mean \"y\"?
Found 1 error in 1 file (checked 1 source file)
make: *** [Makefile:4: lint] Error 1
";
        let found = [
            "error /w/web/a.js:1:5 no-undef: 'x' is not defined",
            "error src/t.ts:3:13 TS7006: Parameter 'y'.\n  More of it.",
            "warning src/a.css -: not formatted",
            "error pkg/a.py:1:1 F401: 'os' imported but unused",
            "error pkg/a.py:3 name-defined: Name \"x\" is not defined\nnote: Did you mean \"y\"?",
        ];
        check("tsc", text, &found);
    }

    #[test]
    fn logs_put_things_in_front() {
        assert_eq!(bare("2020-08-05T20:06:13.7960000Z a.c:1: x"), "a.c:1: x");
        assert_eq!(bare("[2020-08-05T20:06:13Z]   CSC : x"), "CSC : x");
        assert_eq!(bare("08:52:34.395 [WARNING] x"), "[WARNING] x");
        assert_eq!(bare("   [exec]  a.c:1: x"), " a.c:1: x");
        assert_eq!(bare("50%\r100%\rdone\r"), "done");
        for line in ["08:52 x", "  1:5  error", "12:30:x y", "a:b:c d", ""] {
            assert_eq!(bare(line), line);
        }
    }
}
