//! What the compiler and vet say between the results: `path.go:3:8: message`
//! below a `# package`.

use crate::model::finding::{Finding, Level};
use crate::reports::clue::{Clue, Columns, Spot, Trust};
use crate::reports::lines::number;
use crate::reports::sink::Sink;

/// Messages of the compiler, put together from their lines.
#[derive(Default)]
pub struct Build {
    package: String,
    open: Option<(Finding, Clue)>,
}

impl Build {
    /// Takes a line; `false` when it is no compiler's.
    pub fn line(&mut self, line: &str, sink: &mut Sink) -> bool {
        if let Some(package) = line.strip_prefix("# ") {
            self.flush(sink);
            self.package = package.split(' ').next().unwrap_or_default().to_owned();
            return true;
        }
        if let Some((finding, spot)) = message(line) {
            self.flush(sink);
            let classes = if self.package.is_empty() { Vec::new() } else { vec![self.package.clone()] };
            self.open = Some((finding, Clue { classes, ..Clue::at(spot) }));
            return true;
        }
        if let Some((finding, _)) = &mut self.open
            && line.starts_with('\t')
            && finding.message.len() < 4096
        {
            finding.message.push('\n');
            finding.message.push_str(line.trim());
            return true;
        }
        self.flush(sink);
        false
    }

    /// Hands over the last message.
    pub fn flush(&mut self, sink: &mut Sink) {
        if let Some((finding, clue)) = self.open.take() {
            sink.finding(finding, clue);
        }
    }
}

/// Whether the line is a message of the compiler.
pub fn is_message(line: &str) -> bool {
    message(line).is_some()
}

fn message(line: &str) -> Option<(Finding, Spot)> {
    if line.starts_with([' ', '\t', '{']) {
        return None;
    }
    let (vet, line) = match line.strip_prefix("vet: ") {
        Some(line) => (true, line),
        None => (false, line),
    };
    let (path, rest) = line.split_once(".go:")?;
    let (value, rest) = number(rest)?;
    let rest = rest.strip_prefix(':')?;
    let (column, rest) = match number(rest) {
        Some((column, rest)) => (u32::try_from(column).ok(), rest.strip_prefix(':')?),
        None => (None, rest),
    };
    if path.contains(": ") || !rest.starts_with(' ') {
        return None;
    }
    let mut spot = Spot::new(&line[..path.len() + 3], u32::try_from(value).ok(), Trust::Exact);
    (spot.column, spot.columns) = (column, Columns::Bytes);
    let source = if vet { "go vet" } else { "go" };
    let finding = Finding {
        level: Level::Error,
        message: rest.trim().to_owned(),
        source: source.to_owned(),
        ..Finding::default()
    };
    Some((finding, spot))
}
