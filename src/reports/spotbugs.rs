//! The XML of SpotBugs and FindBugs (`bugcollection.xsd`). A bug names its class,
//! its method and its line, each with a place in a source folder.

use super::clue::{Clue, Spot, Trust};
use super::excerpt::Excerpt;
use super::xml::{Element, Names, Visitor, read as read_xml};
use super::{Format, Head, Kind, SURE, Sink, Source};
use crate::model::finding::{Finding, Level};

/// SpotBugs' XML.
pub static FORMAT: Format = Format { name: "spotbugs", kind: Kind::Lint, recognise, read };

fn recognise(head: &Head) -> u8 {
    if head.root == "BugCollection" { SURE } else { 0 }
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut reader = Reader { sink, names: Names::default(), bug: None };
    let ending = read_xml(source, &mut reader);
    ending.tell(sink);
}

/// A bug that is open.
struct Bug {
    rule: String,
    priority: String,
    short: Excerpt,
    long: Excerpt,
    /// The line itself, the method, the class.
    spots: [Option<Spot>; 3],
}

struct Reader<'s> {
    sink: &'s mut Sink,
    names: Names,
    bug: Option<Bug>,
}

impl Visitor for Reader<'_> {
    fn open(&mut self, name: &str, element: &Element) {
        self.names.open(name);
        if name == "BugInstance" {
            self.bug = Some(Bug {
                rule: element.get("type").unwrap_or_default(),
                priority: element.get("priority").unwrap_or_default(),
                short: Excerpt::new(2 * 1024),
                long: Excerpt::new(8 * 1024),
                spots: [None, None, None],
            });
        } else if let (Some(bug), "SourceLine") = (&mut self.bug, name) {
            let rank = match self.names.at(1) {
                "BugInstance" => 0,
                "Method" | "Field" => 1,
                _ => 2,
            };
            let mut spot = Spot::default();
            element.each(|key, value| match key {
                "sourcepath" => spot.path = value.into_owned(),
                "start" => spot.line = value.trim().parse().ok().filter(|line| *line > 0),
                "end" => spot.end_line = value.trim().parse().ok(),
                _ => {}
            });
            if rank > 0 {
                // The lines of a whole method or class say only where it begins.
                spot.end_line = None;
                spot.trust = if rank == 1 { Trust::Exact } else { Trust::File };
            }
            if bug.spots[rank].is_none() && !spot.path.is_empty() {
                bug.spots[rank] = Some(spot);
            }
        } else if name == "MissingClass" || name == "Error" && self.names.at(1) == "Errors" {
            self.sink.odd("the tool could not look at everything: a class or a file is missing", None);
        }
    }

    fn close(&mut self, name: &str) {
        self.names.close();
        if name == "BugInstance"
            && let Some(mut bug) = self.bug.take()
        {
            let level = match bug.priority.trim() {
                "1" => Level::Error,
                "3" | "4" | "5" => Level::Notice,
                _ => Level::Warning,
            };
            let texts = [bug.long.text(), bug.short.text(), bug.rule.clone()];
            let message = texts.iter().map(|text| text.trim()).find(|text| !text.is_empty()).unwrap_or_default();
            let spots = bug.spots.into_iter().flatten().collect();
            let finding = Finding {
                level,
                message: message.to_owned(),
                rule: Some(bug.rule),
                source: "spotbugs".to_owned(),
                ..Finding::default()
            };
            self.sink.finding(finding, Clue { spots, ..Clue::default() });
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(bug) = &mut self.bug {
            match self.names.at(0) {
                "ShortMessage" => bug.short.push(text),
                "LongMessage" => bug.long.push(text),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::reports::tests::check_findings;

    #[test]
    fn bugs_are_findings() {
        check_findings(
            "<BugCollection version='4'><Project><SrcDir>/w/src</SrcDir></Project><BugInstance type='NP' priority='1'>\
             <ShortMessage>s</ShortMessage><LongMessage>long</LongMessage><Class classname='a.B'><SourceLine start='1' end='99' \
             sourcepath='a/B.java'/></Class><Method name='m'><SourceLine start='5' end='9' sourcepath='a/B.java'/></Method>\
             <SourceLine start='7' end='8' sourcepath='a/B.java'/><SourceLine start='2' end='2' sourcepath='a/C.java'/></BugInstance>\
             <BugInstance type='UU' priority='2'><Class><SourceLine sourcepath='a/D.java' start='3'/></Class></BugInstance></BugCollection>",
            "spotbugs",
            &["error|a/B.java:7:--8:-|NP|long|spotbugs", "warning|a/D.java:3:-|UU|UU|spotbugs"],
        );
    }
}
