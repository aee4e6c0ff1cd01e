//! The store of a workflow run: its own artifact service, which jobs on
//! different runners share. A parcel is one zip file, deflated side by side on
//! the host's threads and sent in blocks, one after the other.

use chrono::{DateTime, TimeDelta, Utc};

use crate::clients::Client;
use crate::clients::retry::Rules;
use crate::codes;
use crate::host::{Coding, Host, Piece, Task, Wanted, Writing};
use crate::http::Body;
use crate::model::order;
use crate::problem::Failure;
use crate::store::artifacts::{Content, Found, LARGEST_ARTIFACT, Parcel, Store, check_parcel};
use crate::store::directory::stream_failure;
use crate::store::zip::{self, Packed};
use wire::{BLOCK, Listed, Service};

mod rest;
mod unpack;
pub mod wire;

pub use rest::Elsewhere;

/// How long the service is asked for one thing: an image is large, and a service may be busy.
const PATIENCE: TimeDelta = TimeDelta::minutes(60);

/// A store in the run's artifact service.
pub struct Actions<'h> {
    /// The way out.
    pub host: &'h dyn Host,
    /// The service.
    pub service: Service,
    /// The run's number.
    pub run: String,
    /// A folder for what is on its way.
    pub temporary: String,
    /// The most days that the repository keeps an artifact, where the runner says it.
    pub most_days: Option<u64>,
    /// Other runs of the repository, where there is a token to read them with.
    pub elsewhere: Option<Elsewhere>,
    /// Takes what must not be shown: a signed URL's signature.
    pub mask: &'h dyn Fn(&str),
}

impl Store for Actions<'_> {
    fn word(&self) -> &'static str {
        "actions"
    }

    fn put<'a>(&'a self, parcel: &'a Parcel) -> Task<'a, Result<(), Failure>> {
        Box::pin(async {
            check_parcel(parcel)?;
            if parcel.run != self.run {
                let message = format!("the artifact service is that of the run {}, not of {}", self.run, parcel.run);
                return Err(Failure::new(&codes::STORE_UNAVAILABLE, message));
            }
            let folder = self.folder();
            let sent = self.send(parcel, &folder).await;
            // What is left lies in the runner's temporary folder, which it empties itself.
            let _ = self.host.remove(&folder);
            sent
        })
    }

    fn find<'a>(&'a self, run: &'a str, name: &'a str) -> Task<'a, Result<Option<Found>, Failure>> {
        Box::pin(async move {
            let found = match run == self.run {
                true => self.listed(Some(name)).await?.into_iter().map(|listed| self.found(listed)).collect(),
                false => self.elsewhere()?.list(self.host, run, Some(name)).await?,
            };
            Ok(found.into_iter().find(|found| found.name == name))
        })
    }

    fn list<'a>(&'a self, run: &'a str, start: &'a str) -> Task<'a, Result<Vec<Found>, Failure>> {
        Box::pin(async move {
            let mut all = match run == self.run {
                true => self.listed(None).await?.into_iter().map(|listed| self.found(listed)).collect(),
                false => self.elsewhere()?.list(self.host, run, None).await?,
            };
            all.retain(|found| found.name.starts_with(start));
            order::sort(&mut all, &|one, other| one.name.cmp(&other.name));
            Ok(all)
        })
    }

    fn fetch<'a>(&'a self, found: &'a Found, folder: &'a str) -> Task<'a, Result<Vec<String>, Failure>> {
        Box::pin(async move {
            let url = match found.run == self.run {
                true => self.signed(found).await?,
                false => self.elsewhere()?.url(self.host, found).await?,
            };
            self.hide(&url);
            let file = format!("{folder}/parcel.zip");
            let answer = self.client().send(&wire::download(&url, &file, LARGEST_ARTIFACT)).await;
            let reply = wire::read_blob("a download", answer)?;
            let saved = reply.saved.ok_or_else(|| wire::odd("a download", "it has no content"))?;
            let digest = format!("sha256:{}", saved.sha256);
            if !found.digest.is_empty() && found.digest != digest {
                let message = format!("`{}` is not what was stored: the service has {}", found.name, found.digest);
                return Err(Failure::new(&codes::CHECKSUM, message));
            }
            let paths = unpack::unpack(self.host, &file, saved.size, folder).await;
            self.host
                .remove(&file)
                .map_err(|error| Failure::new(&codes::STORE_UNAVAILABLE, format!("`{file}`: {error}")))?;
            paths.map_err(|wrong| wrong.failure(&found.name))
        })
    }
}

impl<'h> Actions<'h> {
    fn client(&self) -> Client<'h> {
        Client::new(self.host, Rules::Common, self.host.now() + PATIENCE)
    }

    /// A folder of our own for what is on its way.
    fn folder(&self) -> String {
        let name: String = self.host.random().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}/waybill-{name}", self.temporary)
    }

    /// The URL's signature is as good as a password for as long as it holds.
    fn hide(&self, url: &str) {
        let parameters = url.split_once('?').map_or("", |(_, query)| query).split('&');
        for signature in parameters.filter_map(|pair| pair.strip_prefix("sig=")).filter(|text| text.len() >= 8) {
            (self.mask)(signature);
        }
    }

    fn elsewhere(&self) -> Result<&Elsewhere, Failure> {
        self.elsewhere.as_ref().ok_or_else(|| {
            let message = "another run's artifacts are read with `github-token`, and there is none";
            Failure::new(&codes::GITHUB_DENIED, message)
        })
    }

    async fn send(&self, parcel: &Parcel, folder: &str) -> Result<(), Failure> {
        let pieces = self.pack(parcel, folder).await?;
        let wanted = Wanted { whole: true, ..Wanted::default() };
        let whole = self.host.stream(&pieces, None, wanted).await.map_err(stream_failure)?;
        let client = self.client();
        let url = self.create(&client, parcel).await?;
        self.hide(&url);
        let mut index = 0;
        for body in blocks(pieces) {
            let answer = client.send(&wire::block(&url, index, body)).await;
            wire::read_blob("a block", answer)?;
            index += 1;
        }
        wire::read_blob("the list of blocks", client.send(&wire::block_list(&url, index)).await)?;
        let call = self.service.finalize(&parcel.name, whole.size, &whole.sha256);
        let answer = wire::read("FinalizeArtifact", client.send(&call).await)?;
        match wire::is_ok(&answer) {
            true => Ok(()),
            false => Err(wire::odd("FinalizeArtifact", "it does not say `ok`")),
        }
    }

    /// Begins the upload. One that this very job has begun or stored before is replaced.
    async fn create(&self, client: &Client<'_>, parcel: &Parcel) -> Result<String, Failure> {
        let call = self.service.create(&parcel.name, self.expires_at(parcel));
        let mut answer = wire::read("CreateArtifact", client.send(&call).await);
        let is_own = parcel.name.ends_with(&parcel.job_id);
        if answer.as_ref().is_err_and(|failure| failure.code == &codes::ARTIFACT_EXISTS) && is_own {
            wire::read("DeleteArtifact", client.send(&self.service.delete(&parcel.name)).await)?;
            answer = wire::read("CreateArtifact", client.send(&call).await);
        }
        let answer = answer?;
        if !wire::is_ok(&answer) {
            return Err(wire::odd("CreateArtifact", "it does not say `ok`"));
        }
        wire::read_url(&self.service, "CreateArtifact", &answer, "signedUploadUrl")
    }

    fn expires_at(&self, parcel: &Parcel) -> DateTime<Utc> {
        let longest = self.most_days.and_then(|days| TimeDelta::try_days(days.min(36_500) as i64));
        longest.map_or(parcel.expires_at, |longest| parcel.expires_at.min(self.host.now() + longest))
    }

    /// Deflates the parts, each into a file of its own; gives the zip file as what it is made of.
    async fn pack(&self, parcel: &Parcel, folder: &str) -> Result<Vec<Piece>, Failure> {
        let mut members = Vec::new();
        let mut pieces = Vec::new();
        for (index, part) in parcel.parts.iter().enumerate() {
            let (from, size, sha256) = match &part.content {
                Content::File { path, size, sha256 } => (path.clone(), *size, Some(sha256)),
                Content::Bytes(bytes) => {
                    let path = format!("{folder}/{index}");
                    let written = self.host.write(&path, bytes, Writing::New);
                    written.map_err(|error| Failure::new(&codes::STORE_UNAVAILABLE, format!("`{path}`: {error}")))?;
                    (path, bytes.len() as u64, None)
                }
            };
            let deflated = format!("{folder}/{index}.deflated");
            let range = Piece::Range { path: from.clone(), from: 0, length: size, coding: Coding::Deflate };
            let wanted = Wanted { sha256: true, crc32: true, ..Wanted::default() };
            let streamed = self.host.stream(&[range], Some(&deflated), wanted).await.map_err(stream_failure)?;
            let seen = streamed.ranges.into_iter().next().unwrap_or_default();
            if sha256.is_some_and(|sha256| *sha256 != seen.sha256) {
                let message = format!("`{from}` changed while it was stored");
                return Err(Failure::new(&codes::STORE_UNAVAILABLE, message));
            }
            let member = Packed { name: part.name.clone(), crc32: seen.crc32, size, coded_size: seen.coded_size };
            pieces.push(Piece::Bytes(zip::header(&member)));
            pieces.push(Piece::range(deflated, 0, member.coded_size));
            members.push(member);
        }
        pieces.push(Piece::Bytes(zip::directory(&members)));
        Ok(pieces)
    }

    /// The run's artifacts, the newest of each name.
    async fn listed(&self, name: Option<&str>) -> Result<Vec<Listed>, Failure> {
        let answer = wire::read("ListArtifacts", self.client().send(&self.service.list(name)).await)?;
        let mut listed = wire::read_list(&answer, &self.service.ids)?;
        order::sort(&mut listed, &|one, other| (&one.name, other.number).cmp(&(&other.name, one.number)));
        listed.dedup_by(|later, kept| later.name == kept.name);
        Ok(listed)
    }

    fn found(&self, listed: Listed) -> Found {
        let [run, job] = &listed.ids;
        Found {
            key: format!("{run} {job}"),
            name: listed.name,
            run: self.run.clone(),
            digest: listed.digest,
            size: listed.size,
        }
    }

    async fn signed(&self, found: &Found) -> Result<String, Failure> {
        let (run, job) = found.key.split_once(' ').unwrap_or_default();
        let listed = Listed {
            name: found.name.clone(),
            number: 0,
            digest: String::new(),
            size: 0,
            ids: [run.to_owned(), job.to_owned()],
        };
        let answer = wire::read("GetSignedArtifactURL", self.client().send(&self.service.signed(&listed)).await)?;
        wire::read_url(&self.service, "GetSignedArtifactURL", &answer, "signedUrl")
    }
}

/// The blocks that pieces are sent in; none crosses from one piece into the next.
fn blocks(pieces: Vec<Piece>) -> Vec<Body> {
    let mut blocks = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Bytes(bytes) => blocks.push(Body::Bytes(bytes)),
            Piece::Range { path, from, length, .. } => {
                let mut at = 0;
                while at < length {
                    let size = (length - at).min(BLOCK);
                    blocks.push(Body::File { path: path.clone(), from: from + at, length: size });
                    at += size;
                }
            }
        }
    }
    blocks
}

#[cfg(test)]
pub(crate) mod tests;
