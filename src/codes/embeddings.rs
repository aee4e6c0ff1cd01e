//! `WB7…`: embeddings.

use super::Code;
use crate::problem::Exit;

/// A document cannot be read.
pub static DOCUMENT: Code = Code {
    id: "WB7001",
    exit: Exit::Failed,
    title: "A document cannot be read",
    why: "what a reader cannot understand cannot be found; its old chunks are kept, and the job fails at its end so that somebody looks",
    mend: "mend the file at the place that the message names, or leave it out by a pattern in `exclude`",
};

/// No document was found.
pub static NO_DOCUMENTS: Code = Code {
    id: "WB7002",
    exit: Exit::Failed,
    title: "No document was found",
    why: "to go on would remove everything that is stored; far more often a path is wrong or a checkout is not whole",
    mend: "check `path`; to remove a source on purpose set `max-delete: 100%` and leave one document",
};

/// Too much would be removed.
pub static MASS_DELETE: Code = Code {
    id: "WB7003",
    exit: Exit::Failed,
    title: "More would be removed than `max-delete` allows",
    why: "a wrong path or half a checkout looks just like documents that were removed",
    mend: "look at what would go with `mode: plan`; if it is right, raise `max-delete` for one run",
};

/// It would cost more than the budget.
pub static BUDGET: Code = Code {
    id: "WB7004",
    exit: Exit::Failed,
    title: "The budget does not suffice",
    why: "the estimate, or what was billed so far, is above `budget`",
    mend: "raise `budget`; what is stored already is kept, and the next run goes on from there",
};

/// The time is up.
pub static EMBEDDING_DEADLINE: Code = Code {
    id: "WB7005",
    exit: Exit::Failed,
    title: "The deadline came before the work was done",
    why: "the job stops cleanly before the runner would kill it",
    mend: "run the job again: it goes on where this run stopped",
};

/// Cohere refuses the key.
pub static COHERE_DENIED: Code = Code {
    id: "WB7006",
    exit: Exit::Failed,
    title: "Cohere refuses the key or the model",
    why: "the key is wrong or has expired, or may not use the model",
    mend: "check `cohere-api-key` in Cohere's dashboard, and the name in `model`",
};

/// Cohere wants to be paid.
pub static COHERE_BILLING: Code = Code {
    id: "WB7007",
    exit: Exit::Failed,
    title: "Cohere's billing limit is reached",
    why: "the service answers 402 until somebody raises the limit",
    mend: "raise the limit in Cohere's dashboard and run the job again: it goes on where this run stopped",
};

/// Cohere cannot be reached.
pub static COHERE_UNREACHABLE: Code = Code {
    id: "WB7008",
    exit: Exit::Failed,
    title: "Cohere cannot be reached",
    why: "no whole answer came in time, also when asked again",
    mend: "look at Cohere's status page and run the job again: it goes on where this run stopped",
};

/// Cohere answered something else than was asked.
pub static COHERE_ANSWER: Code = Code {
    id: "WB7009",
    exit: Exit::Failed,
    title: "Cohere gave an answer that cannot be used",
    why: "a vector too few or of another size would be stored under the wrong text",
    mend: "check `model` and `dimension`; if they are right, report it with the message",
};

/// Cohere does not take a text.
pub static COHERE_TEXT: Code = Code {
    id: "WB7010",
    exit: Exit::Failed,
    title: "Cohere does not take the text of a chunk",
    why: "the service refuses what it holds, or its length",
    mend: "change the text at the place that the message names; all other chunks are stored",
};

/// Qdrant refuses the key.
pub static QDRANT_DENIED: Code = Code {
    id: "WB7011",
    exit: Exit::Failed,
    title: "Qdrant refuses the key",
    why: "the key is missing or wrong, or may only read",
    mend: "give `qdrant-api-key` a key that may write to the collection",
};

/// Qdrant cannot be reached.
pub static QDRANT_UNREACHABLE: Code = Code {
    id: "WB7012",
    exit: Exit::Failed,
    title: "Qdrant cannot be reached",
    why: "no whole answer came in time, also when asked again; Qdrant's cloud wants the port `6333` in the URL",
    mend: "check `vector-database-url` and run the job again: it goes on where this run stopped",
};

/// Qdrant refuses.
pub static QDRANT_REFUSED: Code = Code {
    id: "WB7013",
    exit: Exit::Failed,
    title: "Qdrant refuses a request",
    why: "the collection is another than the settings say, or the service has a limit of its own",
    mend: "read the service's words in the message",
};

/// The collection is not ours.
pub static COLLECTION: Code = Code {
    id: "WB7014",
    exit: Exit::Failed,
    title: "The collection cannot be used",
    why: "vectors of two models in one collection cannot be told apart later, and nothing would be found rightly",
    mend: "choose another name in `collection`, or settings that are those of the collection",
};

/// What is stored is not what should be.
pub static SELF_CHECK: Code = Code {
    id: "WB7015",
    exit: Exit::Failed,
    title: "The collection does not hold what it should",
    why: "counts differ, or a chunk does not find itself; the alias was not moved",
    mend: "run the job again; if it stays, another writer uses the same source name",
};
