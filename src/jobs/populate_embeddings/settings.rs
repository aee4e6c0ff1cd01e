//! The settings of populate-embeddings.

use std::time::Duration;

use super::forecast::Budget;
use crate::clients::cohere::{MODELS, Model, TEXTS_A_MINUTE};
use crate::clients::qdrant::Qdrant;
use crate::codes;
use crate::config::{Kind, Setting, Settings, Source, Web};
use crate::context::Context;
use crate::documents::{AnchorStyle, Chunking};
use crate::jobs::deadline::DEADLINE;
use crate::jobs::tree::EXCLUDE;
use crate::model::forms::Wrong;
use crate::problem::Problem;
use crate::secret::Secret;

const fn setting(name: &'static str, kind: Kind, default: Option<&'static str>, about: &'static str) -> Setting {
    Setting { name, kind, source: Source::Anywhere, default, about }
}

static SOURCE: Setting = setting(
    "source",
    Kind::Text,
    None,
    "The name of this corpus in the collection; chunks of another are never touched. By default the repository's name",
);
static COLLECTION: Setting = setting(
    "collection",
    Kind::Checked(collection_name),
    None,
    "The name that applications search in: an alias, moved in one step when the model or the chunks' making changes. Required where there is a `vector-database-url`",
);
static MODEL: Setting = setting("model", Kind::Choice(MODEL_NAMES), Some("embed-v4.0"), "The model that embeds");
static DIMENSION: Setting = setting(
    "dimension",
    Kind::Count(1, 65_536),
    None,
    "The size of the vectors; by default the model's own. `embed-v4.0` gives 256, 512, 1024 or 1536",
);
static DISTANCE: Setting =
    setting("distance", Kind::Choice(&["Cosine", "Dot", "Euclid"]), Some("Cosine"), "How vectors are compared");
static CHUNK_TOKENS: Setting =
    setting("chunk-tokens", Kind::Count(64, 8_000), Some("240"), "About how many tokens a chunk has at most");
static ANCHOR_STYLE: Setting = setting(
    "anchor-style",
    Kind::Choice(AnchorStyle::WORDS),
    Some("github"),
    "How the site makes anchors of headings: as GitHub and Docusaurus, VitePress or MkDocs do; `none` links to pages",
);
static BASE_URL: Setting =
    setting("base-url", Kind::HttpUrl(Web::Any), None, "Where the site is; each chunk then has its link");
static BUDGET: Setting = setting(
    "budget",
    Kind::Checked(budget),
    None,
    "The most that one run may cost, as `500000` tokens or `$2.50`; checked before and while it runs",
);
static PRICE: Setting = setting(
    "price",
    Kind::Checked(price),
    None,
    "US dollars for a million tokens, for the estimate; by default the price last published for the model",
);
static RATE: Setting = setting(
    "rate-limit",
    Kind::Count(1, 1_000_000),
    None,
    "Texts a minute that the key may send; by default 2000, as Cohere documents",
);
static MAX_DELETE: Setting = setting(
    "max-delete",
    Kind::Checked(percentage),
    Some("30%"),
    "How much of what is stored one run may remove; more stops the job before anything is removed",
);
static KEEP: Setting =
    setting("keep", Kind::Count(0, 20), Some("1"), "How many collections of former models are kept for going back");
static COHERE_API_URL: Setting = Setting {
    name: "cohere-api-url",
    kind: Kind::HttpUrl(Web::Any),
    source: Source::InputOnly,
    default: Some("https://api.cohere.com"),
    about: "The base of Cohere's API, for a gateway or a test",
};

/// All of them.
pub static SETTINGS: &[&Setting] = &[
    &EXCLUDE,
    &SOURCE,
    &COLLECTION,
    &MODEL,
    &DIMENSION,
    &DISTANCE,
    &CHUNK_TOKENS,
    &ANCHOR_STYLE,
    &BASE_URL,
    &BUDGET,
    &PRICE,
    &RATE,
    &DEADLINE,
    &MAX_DELETE,
    &KEEP,
    &COHERE_API_URL,
];

/// The names in [`MODELS`]; a test holds them together.
pub const MODEL_NAMES: &[&str] = &[
    "embed-v4.0",
    "embed-english-v3.0",
    "embed-multilingual-v3.0",
    "embed-english-light-v3.0",
    "embed-multilingual-light-v3.0",
];

fn collection_name(text: &str) -> Result<(), Wrong> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    match text.len() <= 200 && text.chars().all(fits) && !text.starts_with('.') {
        true => Ok(()),
        false => Err(Wrong::new("a name of letters, digits, `-`, `_` and `.`", format!("`{text}`"))),
    }
}

fn budget(text: &str) -> Result<(), Wrong> {
    match Budget::read(text) {
        Some(_) => Ok(()),
        None => Err(Wrong::new("a number of tokens as `500000`, or dollars as `$2.50`", format!("`{text}`"))),
    }
}

fn price(text: &str) -> Result<(), Wrong> {
    match micros(text.trim_start_matches('$')) {
        Some(_) => Ok(()),
        None => Err(Wrong::new("dollars for a million tokens as `0.12`", format!("`{text}`"))),
    }
}

/// Millionths of a dollar.
fn micros(text: &str) -> Option<u64> {
    Budget::read(&format!("${text}")).and_then(|budget| match budget {
        Budget::Micros(micros) => Some(micros),
        Budget::Tokens(_) => None,
    })
}

fn percentage(text: &str) -> Result<(), Wrong> {
    match percent(text) {
        Some(_) => Ok(()),
        None => Err(Wrong::new("a share as `30%`", format!("`{text}`"))),
    }
}

fn percent(text: &str) -> Option<u64> {
    text.strip_suffix('%')?.trim().parse().ok().filter(|percent| *percent <= 100)
}

/// Everything decided.
#[derive(Clone, Debug)]
pub struct Options {
    /// The globs that name files, and those that leave them out.
    pub paths: Vec<String>,
    /// See [`Options::paths`].
    pub exclude: Vec<String>,
    /// The folder in which the globs begin, absolute.
    pub directory: String,
    /// How chunks are made.
    pub chunking: Chunking,
    /// The model.
    pub model: &'static Model,
    /// The size of its vectors.
    pub dimension: u64,
    /// How they are compared.
    pub distance: String,
    /// The collection; none makes the data alone.
    pub target: Option<Target>,
    /// Cohere's API and key; only a plan goes without.
    pub cohere: Option<(String, Secret)>,
    /// The most that a run may cost.
    pub budget: Option<Budget>,
    /// Millionths of a dollar for a million tokens.
    pub price: u64,
    /// Texts a minute.
    pub rate: u64,
    /// How long the job may take.
    pub deadline: Duration,
    /// How much of what is stored may go, in percent.
    pub max_delete: u64,
    /// How many former collections are kept.
    pub keep: u64,
}

/// Where vectors go.
#[derive(Clone, Debug)]
pub struct Target {
    /// The service.
    pub qdrant: Qdrant,
    /// The name that applications search in.
    pub alias: String,
}

impl Options {
    /// Decides, or says everything that is wrong.
    pub fn plan(settings: &Settings, context: &Context) -> Result<Options, Vec<Problem>> {
        let mut problems = Vec::new();
        let name = settings.choice("model").unwrap_or(MODEL_NAMES[0]);
        let model = MODELS.iter().find(|model| model.name == name).unwrap_or(&MODELS[0]);
        let dimension = settings.count("dimension").unwrap_or(model.dimensions[0]);
        if !model.dimensions.contains(&dimension) {
            let wanted = model.dimensions.iter().map(|size| format!("`{size}`")).collect::<Vec<_>>().join(", ");
            let wrong = Wrong::new(format!("for `{name}` one of {wanted}"), format!("`{dimension}`"));
            problems.push(settings.problem("dimension", &codes::COUNT, wrong));
        }
        let paths = settings.list("path").to_vec();
        if paths.is_empty() {
            problems.push(settings.missing("path", "the documents, as `docs/**/*.md`", true));
        }
        let plan = settings.choice("mode") == Some("plan");
        let url = settings.text("vector-database-url");
        let alias = settings.text("collection");
        if url.is_some() && alias.is_none() {
            problems.push(settings.missing("collection", "the name of the collection", true));
        }
        if url.is_none() && !plan {
            problems.push(settings.missing("vector-database-url", "the URL of the Qdrant service", true));
        }
        if settings.secret("cohere-api-key").is_none() && !plan {
            problems.push(settings.missing("cohere-api-key", "the key of Cohere's API", true));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let target = url.zip(alias).map(|(url, alias)| Target {
            qdrant: Qdrant::new(url, settings.secret("qdrant-api-key")),
            alias: alias.to_owned(),
        });
        let api = settings.text("cohere-api-url").unwrap_or_default().to_owned();
        let repository = context.repository.rsplit('/').next().filter(|name| !name.is_empty());
        Ok(Options {
            chunking: Chunking {
                source: settings.text("source").or(repository).unwrap_or("documents").to_owned(),
                tokens: settings.count("chunk-tokens").unwrap_or(240) as usize,
                anchors: AnchorStyle::of(settings.choice("anchor-style").unwrap_or_default()),
                base_url: settings.text("base-url").map(str::to_owned),
                root: root(&paths),
            },
            exclude: settings.list("exclude").to_vec(),
            directory: context.in_workspace(settings.text("working-directory").unwrap_or(".")),
            model,
            dimension,
            distance: settings.choice("distance").unwrap_or("Cosine").to_owned(),
            target,
            cohere: settings.secret("cohere-api-key").map(|key| (api, key.clone())),
            budget: settings.text("budget").and_then(Budget::read),
            price: settings
                .text("price")
                .and_then(|text| micros(text.trim_start_matches('$')))
                .unwrap_or(model.cents * 10_000),
            rate: settings.count("rate-limit").unwrap_or(TEXTS_A_MINUTE),
            deadline: settings.duration("deadline").unwrap_or(Duration::from_secs(5 * 3600)),
            max_delete: settings.text("max-delete").and_then(percent).unwrap_or(30),
            keep: settings.count("keep").unwrap_or(1),
            paths,
        })
    }

    /// What the run would do, one line a step.
    pub fn steps(&self) -> Vec<String> {
        let paths = self.paths.join("`, `");
        let mut steps = vec![format!("read `{paths}` as the source `{}`", self.chunking.source)];
        steps.push(format!("embed what changed with `{}` in {} dimensions", self.model.name, self.dimension));
        steps.extend(self.target.iter().map(|target| format!("bring the collection `{}` in step", target.alias)));
        steps
    }
}

/// The folder that all patterns have in common as far as they are plain: the site's root.
fn root(paths: &[String]) -> String {
    let folder = |path: &String| {
        let names: Vec<&str> = path.trim_start_matches("./").split('/').collect();
        let plain = names[..names.len() - 1].iter().take_while(|name| !name.contains(['*', '?', '[', '{']));
        plain.copied().map(str::to_owned).collect::<Vec<_>>()
    };
    let mut folders = paths.iter().map(folder);
    let Some(first) = folders.next() else { return String::new() };
    let common = folders.fold(first, |one, other| {
        one.iter().zip(&other).take_while(|(one, other)| one == other).map(|(one, _)| one.clone()).collect()
    });
    common.join("/")
}
