//! What a collection has against what it should have.

use std::collections::{BTreeMap, BTreeSet};

use crate::clients::qdrant::StoredPoint;

/// A chunk as it should be stored, without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted<'c> {
    /// Its id.
    pub id: &'c str,
    /// Its file.
    pub path: &'c str,
    /// SHA-256 of its text.
    pub text_hash: &'c str,
    /// SHA-256 of what is stored beside the text and the vector.
    pub payload_hash: String,
}

/// What is to be done. Numbers are places in the list of what is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Stored as they should be.
    pub unchanged: usize,
    /// Only what stands beside the text changed, as a line number.
    pub refreshed: Vec<usize>,
    /// The text is stored under another id, whose vector is taken.
    pub moved: Vec<(usize, String)>,
    /// To be embedded.
    pub embedded: Vec<usize>,
    /// The same text as one that is embedded in this run, whose vector is taken: place, and its place.
    pub repeated: Vec<(usize, usize)>,
    /// Ids that go, with their files.
    pub deleted: Vec<(String, String)>,
    /// Points that a later run has written: they stay as they are.
    pub newer: usize,
}

impl Changes {
    /// Whether nothing is to be done.
    pub fn is_empty(&self) -> bool {
        self.refreshed.is_empty()
            && self.moved.is_empty()
            && self.embedded.is_empty()
            && self.repeated.is_empty()
            && self.deleted.is_empty()
    }

    /// Whether more than this share of what is stored would go, in percent.
    pub fn removes_more_than(&self, percent: u64, stored: usize) -> bool {
        self.deleted.len() as u64 * 100 > percent * stored as u64
    }
}

/// Compares. Points of the files in `kept` stay whatever is wanted: those files
/// could not be read. `run` is this run's number: what a later run wrote stays.
pub fn reconcile(wanted: &[Wanted<'_>], stored: &[StoredPoint], kept: &BTreeSet<String>, run: u64) -> Changes {
    let by_id: BTreeMap<&str, &StoredPoint> = stored.iter().map(|point| (point.id.as_str(), point)).collect();
    let by_text: BTreeMap<&str, &StoredPoint> = stored.iter().map(|point| (point.text_hash.as_str(), point)).collect();
    let mut changes = Changes::default();
    let mut in_run: BTreeMap<&str, usize> = BTreeMap::new();
    for (place, chunk) in wanted.iter().enumerate() {
        match by_id.get(chunk.id) {
            Some(point) if point.text_hash == chunk.text_hash && point.payload_hash == chunk.payload_hash => {
                changes.unchanged += 1;
            }
            Some(point) if point.run > run => changes.newer += 1,
            Some(point) if point.text_hash == chunk.text_hash => changes.refreshed.push(place),
            _ => match (by_text.get(chunk.text_hash), in_run.get(chunk.text_hash)) {
                (Some(point), _) => changes.moved.push((place, point.id.clone())),
                (None, Some(first)) => changes.repeated.push((place, *first)),
                (None, None) => {
                    in_run.insert(chunk.text_hash, place);
                    changes.embedded.push(place);
                }
            },
        }
    }
    let ids: BTreeSet<&str> = wanted.iter().map(|chunk| chunk.id).collect();
    for point in stored.iter().filter(|point| !ids.contains(point.id.as_str()) && !kept.contains(&point.path)) {
        match point.run > run {
            true => changes.newer += 1,
            false => changes.deleted.push((point.id.clone(), point.path.clone())),
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(id: &str, path: &str, text_hash: &str, payload_hash: &str) -> StoredPoint {
        let [id, path, text_hash, payload_hash] = [id, path, text_hash, payload_hash].map(str::to_owned);
        StoredPoint { id, path, text_hash, payload_hash, run: 5 }
    }

    fn chunk<'c>(id: &'c str, path: &'c str, text_hash: &'c str, payload: &str) -> Wanted<'c> {
        Wanted { id, path, text_hash, payload_hash: payload.to_owned() }
    }

    fn check(wanted: &[Wanted<'_>], stored: &[StoredPoint], expected: Changes) {
        let kept = BTreeSet::from(["broken.md".to_owned()]);
        assert_eq!(reconcile(wanted, stored, &kept, 5), expected);
    }

    #[test]
    fn only_what_changed_is_done() {
        let stored = [point("1", "a", "t1", "p1"), point("2", "a", "t2", "p2"), point("3", "broken.md", "t3", "p3")];
        check(
            &[chunk("1", "a", "t1", "p1"), chunk("2", "a", "t2", "p2")],
            &stored,
            Changes { unchanged: 2, ..Changes::default() },
        );
        let wanted = [
            chunk("1", "a", "t1", "new line"),
            chunk("4", "b", "t2", "p2"),
            chunk("5", "b", "t5", "p"),
            chunk("6", "c", "t5", "p"),
        ];
        let expected = Changes {
            refreshed: vec![0],
            moved: vec![(1, "2".to_owned())],
            embedded: vec![2],
            repeated: vec![(3, 2)],
            deleted: vec![("2".to_owned(), "a".to_owned())],
            ..Changes::default()
        };
        check(&wanted, &stored, expected);
    }

    #[test]
    fn what_a_later_run_wrote_stays() {
        let later = |id| StoredPoint { run: 6, ..point(id, "a", "t", "p") };
        let wanted = [chunk("1", "a", "t", "other")];
        check(&wanted, &[later("1"), later("2")], Changes { newer: 2, ..Changes::default() });
    }

    #[test]
    fn a_share_is_a_share_of_what_is_stored() {
        let deleted = vec![(String::new(), String::new()); 3];
        let changes = Changes { deleted, ..Changes::default() };
        assert!(!changes.removes_more_than(30, 10));
        assert!(changes.removes_more_than(29, 10));
        assert!(!Changes::default().removes_more_than(0, 0));
    }
}
