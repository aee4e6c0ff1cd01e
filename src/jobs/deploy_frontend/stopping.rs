//! Stops what a job that failed, was cancelled or was killed left open at Vercel.

use chrono::TimeDelta;

use super::creating::KEY;
use super::drive::Remote;
use super::service::Service;
use super::settings::Account;
use crate::clients::vercel::{Outcome, Wanted, outcome};
use crate::host::Host;

/// How long the stopping may take: a cancelled job has seven seconds in all.
const TIME: TimeDelta = TimeDelta::milliseconds(4500);

/// Cancels the deployment where it is not ready yet. The remote state is read
/// first. Says what came of it.
pub async fn stop(host: &dyn Host, account: &Account, target: &str, remote: &Remote) -> String {
    let service = Service::new(host, account, host.now() + TIME);
    let id = match remote.deployment.as_str() {
        "" => match service.list(&remote.project, target, None).await {
            Ok(listed) => match listed.into_iter().find(|deployment| deployment.note(KEY) == Some(remote.key.as_str()))
            {
                Some(deployment) => deployment.id,
                None => return "nothing was created at Vercel".to_owned(),
            },
            Err(trouble) => return format!("whether something was created at Vercel is not known: {trouble}"),
        },
        id => id.to_owned(),
    };
    match service.deployment(&id).await.map(|found| outcome(&found, Wanted::Staged, target)) {
        Ok(Outcome::Reached) => return format!("`{id}` is ready at Vercel, and gets no traffic"),
        Ok(Outcome::Failed(_) | Outcome::Cancelled) => return format!("`{id}` runs no more at Vercel"),
        _ => {}
    }
    match service.cancel(&id).await {
        Ok(()) => format!("`{id}` is cancelled at Vercel"),
        Err(trouble) => format!("`{id}` could not be cancelled at Vercel: {trouble}"),
    }
}
