//! `mode: rollback` and `cleanup`: undoes what a deployment did here. Both read
//! what is there first, and do nothing twice.

use serde_json::json;

use super::creating::{DEPLOYMENT, PREVIOUS, PULL_REQUEST};
use super::drive::Drive;
use super::flow::Ended;
use crate::clients::vercel::{Deployment, Served};
use crate::codes;
use crate::jobs::health;
use crate::jobs::{Done, End};
use crate::model::event::EventType;
use crate::problem::Failure;

impl Drive<'_> {
    /// Gives production back to what served before the deployment, or removes its previews.
    pub async fn undo(mut self) -> Done {
        let id = self.options.undoes.clone().unwrap_or_else(|| self.work.origin.deployment_id.clone());
        self.project = match self.service.project(&self.options.project).await {
            Ok(project) => project,
            Err(trouble) => {
                let failure = trouble.failure(&format!("the project `{}`", self.options.project));
                return self.undone(Err(failure));
            }
        };
        let ended = match self.options.is_production() {
            true => self.undo_production(&id).await,
            false => self.remove(|deployment| deployment.note(DEPLOYMENT) == Some(id.as_str())).await,
        };
        self.undone(ended)
    }

    /// Removes the previews of the pull request.
    pub async fn clean_up(mut self) -> Done {
        let number = self.work.context.pull_request.map(|pull_request| pull_request.number.to_string());
        self.project = match self.service.project(&self.options.project).await {
            Ok(project) => project,
            Err(trouble) => {
                let failure = trouble.failure(&format!("the project `{}`", self.options.project));
                return self.undone(Err(failure));
            }
        };
        let repository = self.work.context.repository.rsplit('/').next().unwrap_or_default().to_owned();
        let is_ours = |deployment: &Deployment| {
            deployment.note(PULL_REQUEST).is_some()
                && deployment.note(PULL_REQUEST) == number.as_deref()
                && deployment.note("githubRepo") == Some(repository.as_str())
        };
        let ended = self.remove(is_ours).await;
        let notes = std::mem::take(&mut self.notes);
        Done { notes, ..self.undone(ended) }
    }

    async fn undo_production(&mut self, id: &str) -> Result<(), Failure> {
        let Some(serves) = self.project.production.clone() else {
            self.note("nothing serves production, so there is nothing to undo".to_owned());
            return Ok(());
        };
        let doing = |what: &str| format!("`{what}`, which serves production");
        let now = self.service.deployment(&serves.id).await.map_err(|trouble| trouble.failure(&doing(&serves.id)))?;
        if now.note(DEPLOYMENT) != Some(id) {
            let message =
                format!("`{}` serves production, which is not of deployment {id}: there is nothing to undo", serves.id);
            self.note(message);
            return Ok(());
        }
        let nothing = |message: String| Failure::new(&codes::NOTHING_TO_ROLL_BACK, message);
        let Some(before) = now.note(PREVIOUS).map(str::to_owned) else {
            return Err(nothing(format!("nothing served before `{}`", now.id)));
        };
        let old = self.service.deployment(&before).await.map_err(|trouble| trouble.failure(&format!("`{before}`")))?;
        if old.is_deleted || old.state != "READY" {
            return Err(nothing(format!("`{before}`, which served before, cannot serve any more")));
        }
        self.project.production = Some(Served { id: old.id.clone(), url: old.url.clone(), aliases: serves.aliases });
        self.look_at_old(&old).await?;
        self.deployment = now;
        self.failure = Some(Failure::new(&codes::ROLLED_BACK, format!("deployment {id} is undone by hand")));
        let failed =
            |drive: &mut Self| drive.second.take().unwrap_or_else(|| nothing("it failed without a reason".to_owned()));
        if self.roll_back().await != Ended::Done {
            return Err(failed(self));
        }
        if self.gate_old().await != Ended::Done {
            return Err(failed(self));
        }
        let told = self.tell(EventType::RollbackCompleted, "rolled back", json!({ "to": old.id }));
        let note = format!("`{}` serves production again; it is pinned to it until the next apply promotes", old.id);
        self.note(note);
        told
    }

    /// A rollback never goes to what is known to be bad: its own URL is asked first.
    async fn look_at_old(&mut self, old: &Deployment) -> Result<(), Failure> {
        let Some(settings) = &self.options.gate else { return Ok(()) };
        let gate = settings.whatever_serves();
        let own = std::mem::replace(&mut self.deployment, old.clone());
        let visit = self.visit(format!("{}://{}", self.options.scheme, old.url), false, false).await;
        self.deployment = own;
        let checked =
            health::wait(self.work.host, &gate, &visit, self.deadline, &|text| self.work.log.line(text)).await;
        match &checked.ailment {
            Some(ailment) if !ailment.is_hopeless() => Err(Failure::new(
                &codes::NOTHING_TO_ROLL_BACK,
                format!("what served before is not healthy now: {checked}"),
            )),
            _ => {
                self.note(checked.to_string());
                Ok(())
            }
        }
    }

    /// Removes deployments that serve no one but their own URL.
    async fn remove(&mut self, is_wanted: impl Fn(&Deployment) -> bool) -> Result<(), Failure> {
        let listed = self.service.list(&self.project.id, "", None).await;
        let listed = listed.map_err(|trouble| trouble.failure("the deployments of the project"))?;
        let serves = self.project.production.as_ref().map(|served| served.id.clone()).unwrap_or_default();
        let mut removed = 0;
        for deployment in listed {
            if !is_wanted(&deployment) || deployment.target == "production" || deployment.id == serves {
                continue;
            }
            self.service
                .delete(&deployment.id)
                .await
                .map_err(|trouble| trouble.failure(&format!("`{}`", deployment.id)))?;
            removed += 1;
        }
        self.note(format!("removed {removed} previews"));
        Ok(())
    }

    fn undone(self, ended: Result<(), Failure>) -> Done {
        let Drive { notes, .. } = &self;
        let notes = notes.clone();
        match ended {
            Ok(()) => Done { notes, ..Done::of(End::Succeeded) },
            Err(failure) => {
                let message = format!("could not be rolled back, still down: {failure}");
                let told = self.tell(EventType::DeploymentFailure, &message, json!({ "code": failure.code.id }));
                Done { notes, ..Done::of(End::Failed(told.err().unwrap_or(failure))) }
            }
        }
    }
}
