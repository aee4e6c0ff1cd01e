//! `populate-embeddings`: documents to chunks, chunks to vectors, vectors into
//! a Qdrant collection. What the collection holds is read from the collection
//! itself, so that a run goes on wherever another one stopped.

mod collection;
mod corpus;
mod embedding;
mod forecast;
mod pace;
mod payload;
mod populate;
mod reconcile;
mod settings;
mod telling;
#[cfg(test)]
mod tests;

use super::{Done, Job, Planned, Work};
use crate::config::{Setting, Settings};
use crate::context::Context;
use crate::host::Task;
use crate::model::job::JobType;
use crate::problem::Problem;
use settings::Options;

/// See the module.
pub struct PopulateEmbeddings;

impl Job for PopulateEmbeddings {
    fn job_type(&self) -> JobType {
        JobType::PopulateEmbeddings
    }

    fn about(&self) -> &'static str {
        "chunks the docs, embeds what changed with Cohere, keeps a Qdrant collection in step"
    }

    fn settings(&self) -> &'static [&'static Setting] {
        settings::SETTINGS
    }

    fn plan(&self, settings: &Settings, context: &Context) -> Result<Box<dyn Planned>, Vec<Problem>> {
        Ok(Box::new(Populating { options: Options::plan(settings, context)? }))
    }
}

struct Populating {
    options: Options,
}

impl Planned for Populating {
    fn steps(&self) -> Vec<String> {
        self.options.steps()
    }

    fn preview<'a>(&'a self, work: &'a Work<'a>) -> Option<Task<'a, Done>> {
        Some(Box::pin(populate::preview(&self.options, work)))
    }

    fn run<'a>(&'a self, work: &'a Work<'a>) -> Task<'a, Done> {
        Box::pin(populate::run(&self.options, work))
    }
}
