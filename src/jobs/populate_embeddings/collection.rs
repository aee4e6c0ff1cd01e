//! The collection that a run brings in step: found, made, read, written,
//! checked and pointed at.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::settings::{Options, Target};
use crate::clients::qdrant::{self, Collection, StoredPoint};
use crate::clients::{Call, Client};
use crate::codes;
use crate::documents;
use crate::model::id::hex;
use crate::problem::Failure;

/// How many digits of the fingerprint a collection's name has.
const SHORT: usize = 12;

/// Where this run works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The collection's own name.
    pub name: String,
    /// Whether it is there already.
    pub exists: bool,
    /// Whether the alias has to be pointed at it at the end.
    pub repoint: bool,
    /// The collection that the alias points at now, where it is another.
    pub former: Option<String>,
}

/// The service, as the run speaks with it.
pub struct Speaking<'r> {
    client: &'r Client<'r>,
    target: &'r Target,
    options: &'r Options,
}

impl<'r> Speaking<'r> {
    /// With this client.
    pub fn new(client: &'r Client<'r>, target: &'r Target, options: &'r Options) -> Self {
        Speaking { client, target, options }
    }

    /// The source whose points are ours.
    pub fn source(&self) -> &str {
        &self.options.chunking.source
    }

    /// Millionths of a dollar for a million tokens.
    pub fn price(&self) -> u64 {
        self.options.price
    }

    async fn ask(&self, call: Call, what: &str) -> Result<Option<Value>, Failure> {
        qdrant::read(self.client.send(&call).await, what)
    }

    /// As [`Speaking::ask`], of something that must be there.
    async fn must(&self, call: Call, what: &str) -> Result<Value, Failure> {
        let missing =
            || Failure::new(&codes::QDRANT_REFUSED, format!("Qdrant does not know what is asked for, to {what}"));
        self.ask(call, what).await?.ok_or_else(missing)
    }

    async fn collection(&self, name: &str) -> Result<Option<Collection>, Failure> {
        let call = self.target.qdrant.collection(name);
        let found = self.ask(call, &format!("read the collection `{name}`")).await?;
        Ok(found.map(|found| qdrant::read_collection(&found)))
    }

    /// What everything that decides about vectors comes to.
    pub fn fingerprint(&self) -> String {
        let Options { model, dimension, distance, chunking, .. } = self.options;
        let chunker = documents::fingerprint(chunking);
        let all = format!("{} {dimension} {distance} search_document {chunker}", model.name);
        hex(&Sha256::digest(all.as_bytes()))
    }

    /// Finds the collection to work in; changes nothing.
    pub async fn find(&self) -> Result<Place, Failure> {
        let alias = &self.target.alias;
        let fingerprint = self.fingerprint();
        let own = format!("{alias}-{}", &fingerprint[..SHORT]);
        let aliases = self.must(self.target.qdrant.aliases(), "list the aliases").await?;
        let former = qdrant::target(&aliases, alias).map(str::to_owned);
        if let Some(current) = &former {
            let found = self.collection(current).await?;
            if found.is_some_and(|found| found.fingerprint == fingerprint) {
                return Ok(Place { name: current.clone(), exists: true, repoint: false, former: None });
            }
            self.refuse_strangers(current).await?;
        } else if let Some(found) = self.collection(alias).await? {
            self.refuse_other(alias, &found, &fingerprint)?;
            return Ok(Place { name: alias.clone(), exists: true, repoint: false, former: None });
        }
        let exists = match self.collection(&own).await? {
            Some(found) if found.fingerprint == fingerprint => true,
            Some(_) => {
                let message = format!("a collection `{own}` is there, and Waybill did not make it");
                return Err(Failure::new(&codes::COLLECTION, message));
            }
            None => false,
        };
        Ok(Place { name: own, exists, repoint: true, former })
    }

    /// Other sources cannot be carried over: their texts are not here to be embedded again.
    async fn refuse_strangers(&self, current: &str) -> Result<(), Failure> {
        let all = self.count(current, None).await?;
        let own = self.count(current, Some(&self.options.chunking.source)).await?;
        if all > own {
            let message = format!(
                "the model, its vectors or the chunks' making changed, and `{current}` also holds {} points of other sources, which the new collection would lack",
                all - own
            );
            return Err(Failure::new(&codes::COLLECTION, message));
        }
        Ok(())
    }

    /// A collection that somebody else made can be used if its vectors are like ours.
    fn refuse_other(&self, name: &str, found: &Collection, fingerprint: &str) -> Result<(), Failure> {
        let Options { dimension, distance, .. } = self.options;
        let is_ours = found.fingerprint.is_empty() || found.fingerprint == fingerprint;
        let fits = found.dimension == Some(*dimension) && found.distance == *distance;
        if is_ours && fits {
            return Ok(());
        }
        let size = found.dimension.map_or_else(|| "no single vector".to_owned(), |size| format!("{size} dimensions"));
        let message = format!(
            "`{name}` is a collection of its own with {size} and {}; wanted {dimension} dimensions and {distance}, made with the same settings",
            found.distance
        );
        Err(Failure::new(&codes::COLLECTION, message))
    }

    /// Makes the collection and the indexes that filters need.
    pub async fn prepare(&self, place: &Place, run: u64) -> Result<(), Failure> {
        let Options { dimension, distance, chunking, .. } = self.options;
        let Target { qdrant, alias } = self.target;
        if !place.exists {
            let metadata = json!({ "waybill": {
                "fingerprint": self.fingerprint(), "alias": alias, "source": chunking.source, "run": run,
            } });
            let call = qdrant.create(&place.name, *dimension, distance, &metadata);
            self.must(call, &format!("make the collection `{}`", place.name)).await?;
        }
        for (field, schema) in [("source", "keyword"), ("path", "keyword"), ("run", "integer")] {
            let call = qdrant.index(&place.name, field, schema);
            self.must(call, &format!("make an index over `{field}`")).await?;
        }
        Ok(())
    }

    /// All points of our source.
    pub async fn stored(&self, name: &str) -> Result<Vec<StoredPoint>, Failure> {
        let mut stored = Vec::new();
        let mut offset: Option<String> = None;
        loop {
            let call = self.target.qdrant.scroll(name, &self.options.chunking.source, offset.as_deref());
            let result = self.must(call, &format!("read the points of `{name}`")).await?;
            let (points, next) = qdrant::read_page(&result);
            let is_stuck = points.is_empty() && next.is_some() || next.is_some() && next == offset;
            stored.extend(points);
            match next {
                None => return Ok(stored),
                Some(_) if is_stuck => {
                    return Err(Failure::new(&codes::QDRANT_REFUSED, "Qdrant gives the same page again and again"));
                }
                next => offset = next,
            }
        }
    }

    /// How many points a source has, or all together.
    pub async fn count(&self, name: &str, source: Option<&str>) -> Result<u64, Failure> {
        let result =
            self.must(self.target.qdrant.count(name, source), &format!("count the points of `{name}`")).await?;
        result["count"].as_u64().ok_or_else(|| Failure::new(&codes::QDRANT_REFUSED, "Qdrant gives no count"))
    }

    /// The vectors of stored points.
    pub async fn vectors(&self, name: &str, ids: &[&str]) -> Result<Vec<(String, Vec<f32>)>, Failure> {
        let result = self.must(self.target.qdrant.points(name, ids), "read vectors").await?;
        Ok(qdrant::read_vectors(&result))
    }

    /// Writes points, in requests of a size that the service takes.
    pub async fn upsert(&self, name: &str, points: &[String], run: u64) -> Result<(), Failure> {
        let mut start = 0;
        while start < points.len() {
            let mut size = 0;
            let fitting = points[start..].iter().take(qdrant::MOST_POINTS).take_while(|point| {
                size += point.len();
                size <= qdrant::LARGEST_BODY || size == point.len()
            });
            let end = start + fitting.count().max(1);
            self.must(self.target.qdrant.upsert(name, &points[start..end], run), "write points").await?;
            start = end;
        }
        Ok(())
    }

    /// Replaces payloads.
    pub async fn overwrite(&self, name: &str, payloads: &[(&str, Value)]) -> Result<(), Failure> {
        for part in payloads.chunks(qdrant::MOST_POINTS) {
            self.must(self.target.qdrant.overwrite(name, part), "write payloads").await?;
        }
        Ok(())
    }

    /// Removes points.
    pub async fn delete(&self, name: &str, ids: &[&str]) -> Result<(), Failure> {
        for part in ids.chunks(qdrant::PAGE) {
            self.must(self.target.qdrant.delete(name, part), "remove points").await?;
        }
        Ok(())
    }

    /// Whether a vector finds the text that it is of.
    pub async fn finds(&self, name: &str, vector: &[f32], text_hash: &str) -> Result<bool, Failure> {
        let call = self.target.qdrant.nearest(name, &self.options.chunking.source, vector);
        let result = self.must(call, "search").await?;
        let points = result["points"].as_array().cloned().unwrap_or_default();
        Ok(points.iter().any(|point| point["payload"]["text_hash"] == text_hash))
    }

    /// Points the alias at the collection; the one that it pointed at stays.
    pub async fn repoint(&self, place: &Place) -> Result<(), Failure> {
        let Target { qdrant, alias } = self.target;
        self.must(qdrant.point_alias(alias, &place.name), &format!("point `{alias}` at `{}`", place.name)).await?;
        let aliases = self.must(qdrant.aliases(), "list the aliases").await?;
        match qdrant::target(&aliases, alias) == Some(place.name.as_str()) {
            true => Ok(()),
            false => Err(Failure::new(&codes::SELF_CHECK, format!("`{alias}` does not point at `{}`", place.name))),
        }
    }

    /// Removes collections of former settings but the newest few; their names.
    pub async fn tidy(&self, place: &Place) -> Result<Vec<String>, Failure> {
        let Target { qdrant, alias } = self.target;
        let result = self.must(qdrant.collections(), "list the collections").await?;
        let names = result["collections"].as_array().cloned().unwrap_or_default();
        let mut former = Vec::new();
        for name in names.iter().filter_map(|entry| entry["name"].as_str()) {
            let ending = name.strip_prefix(alias.as_str()).and_then(|rest| rest.strip_prefix('-'));
            let is_like_ours = ending
                .is_some_and(|ending| ending.len() == SHORT && ending.bytes().all(|byte| byte.is_ascii_hexdigit()));
            if !is_like_ours || name == place.name {
                continue;
            }
            let Some(found) = self.ask(qdrant.collection(name), "read a former collection").await? else { continue };
            let ours = &found["config"]["metadata"]["waybill"];
            if ours["alias"] == alias.as_str() {
                former.push((ours["run"].as_u64().unwrap_or(0), name.to_owned()));
            }
        }
        former.sort_by(|one, other| other.cmp(one));
        let gone: Vec<String> =
            former.into_iter().map(|(_, name)| name).filter(|name| place.former.as_ref() != Some(name)).collect();
        let keep = self.options.keep.saturating_sub(u64::from(place.former.is_some())) as usize;
        let gone: Vec<String> = gone.into_iter().skip(keep).collect();
        for name in &gone {
            self.must(qdrant.drop(name), &format!("remove `{name}`")).await?;
        }
        Ok(gone)
    }
}
