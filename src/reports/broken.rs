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
/// about it; `clue` is what is known besides: places of less trust than exact are the last resort.
pub fn broken(sink: &mut Sink, tool: &str, reason: &str, text: &str, mut clue: Clue) {
    sink.red(reason);
    let mut found = frames(text);
    if found.iter().filter(|frame| frame.inner_last).count() * 2 > found.len() {
        found.reverse();
    }
    let spots = found.iter().flat_map(|frame| {
        frame.paths.iter().map(|path| {
            let mut spot = Spot::new(path.as_str(), Some(frame.line), Trust::Exact);
            spot.column = frame.column;
            spot
        })
    });
    let spots: Vec<Spot> = spots.take(SPOTS).collect();
    let at = clue.spots.iter().take_while(|spot| spot.trust == Trust::Exact).count();
    clue.spots.splice(at..at, spots);
    if !clue.spots.is_empty() {
        let finding =
            Finding { level: Level::Error, message: reason.to_owned(), source: tool.to_owned(), ..Finding::default() };
        sink.finding(finding, clue);
    }
}
