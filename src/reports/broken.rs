//! What broke outside of every test case: a suite that did not compile, a hook
//! or a process that died. It makes the run red, and where its text names a
//! place it is a finding, too, so that it can be shown there.

use super::clue::{Clue, Spot, Trust};
use super::frames::frames;
use super::sink::Sink;
use crate::model::finding::{Finding, Level};

/// How many places of one text are looked up.
const SPOTS: usize = 30;

/// The run is red for `reason` (lower case, no full stop). `text` is all that the `tool` said
/// about it; `classes` is what it belongs to, as in [`Clue::classes`].
pub fn broken(sink: &mut Sink, tool: &str, reason: &str, text: &str, classes: &[String]) {
    sink.red(reason);
    let mut found = frames(text);
    if found.iter().filter(|frame| frame.inner_last).count() * 2 > found.len() {
        found.reverse();
    }
    let spots = found.iter().filter_map(|frame| {
        let mut spot = Spot::new(frame.paths.first()?.as_str(), Some(frame.line), Trust::Exact);
        spot.column = frame.column;
        Some(spot)
    });
    let spots: Vec<Spot> = spots.take(SPOTS).collect();
    if !spots.is_empty() {
        let finding =
            Finding { level: Level::Error, message: reason.to_owned(), source: tool.to_owned(), ..Finding::default() };
        sink.finding(finding, Clue { spots, classes: classes.to_vec(), ..Clue::default() });
    }
}
