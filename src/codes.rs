//! Every stable code, in one table. A code never changes its meaning; one that
//! is no longer given stays listed.
//!
//! `WB1…` inputs and configuration · `WB2…` running a command · `WB3…` reports
//! and findings · `WB4…` artifacts · `WB5…` deploying · `WB6…` migrations ·
//! `WB7…` embeddings · `WB8…` GitHub and other services · `WB9…` events, the
//! ledger and Waybill itself.

mod commands;
mod images;
mod deploying;
mod databases;
mod embeddings;
mod inputs;
mod migrations;
mod own;
mod packing;
mod services;
mod waybills;

pub use commands::*;
pub use images::*;
pub use deploying::*;
pub use databases::*;
pub use embeddings::*;
pub use inputs::*;
pub use migrations::*;
pub use own::*;
pub use packing::*;
pub use services::*;
pub use waybills::*;

use crate::problem::Exit;

/// A stable code with what `explain` says of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `WB` and four digits.
    pub id: &'static str,
    /// The exit status that goes with it.
    pub exit: Exit,
    /// What it means, in a few words.
    pub title: &'static str,
    /// Why Waybill stops, or warns, there.
    pub why: &'static str,
    /// What to do about it.
    pub mend: &'static str,
}

/// Every code, sorted.
pub static CODES: &[&Code] = &[
    &MISSING,
    &JOB_TYPE,
    &CHOICE,
    &BOOLEAN,
    &DURATION,
    &SIZE,
    &COUNT,
    &HTTP_URL,
    &HTTPS_REQUIRED,
    &DATABASE_URL,
    &VERCEL_TOKEN,
    &COHERE_KEY,
    &PATH,
    &COMMIT,
    &SHAPE,
    &TEXT,
    &UNKNOWN_INPUT,
    &UNUSUAL,
    &FOREIGN,
    &FILE_MISSING,
    &FILE_UNREADABLE,
    &YAML,
    &YAML_UNSUPPORTED,
    &DUPLICATE_KEY,
    &UNKNOWN_KEY,
    &UNKNOWN_ENVIRONMENT,
    &MISPLACED_KEY,
    &INPUT_ONLY,
    &LITERAL_SECRET,
    &VARIABLE_UNSET,
    &VARIABLE_FORBIDDEN,
    &VARIABLE_MISPLACED,
    &NOT_EXPANDED,
    &COMMAND_FAILED,
    &COMMAND_TIMED_OUT,
    &COMMAND_NOT_STARTED,
    &CANNOT_WRITE,
    &UNKNOWN_SHELL,
    &CANCELLED,
    &KILLED,
    &ENVIRONMENT_FILE,
    &REPORT_MISSING,
    &REPORT_BROKEN,
    &TESTS_FAILED,
    &FINDINGS,
    &RUN_FAILED,
    &TOO_FEW_TESTS,
    &REPORT_STALE,
    &TESTS_FLAKY,
    &NOTHING_TO_PACK,
    &NOT_READABLE,
    &TREE_LIMIT,
    &SPECIAL_FILE,
    &LEAVES_ROOT,
    &NAME_REFUSED,
    &COLLISION,
    &SECRET_FILE,
    &TREE_CHANGED,
    &OUTPUT_BROKEN,
    &OUTPUT_FAILED,
    &OUTPUT_TARGET,
    &ARCHIVE_BROKEN,
    &BAKED_URL,
    &CHECKSUM,
    &ARTIFACT_SIZE,
    &FILE_CHANGED,
    &FILE_GONE,
    &FILE_EXTRA,
    &EXPIRED,
    &FROM_THE_FUTURE,
    &DIRTY,
    &OLDER,
    &WRONG_COMMIT,
    &WRONG_REPOSITORY,
    &WRONG_ENVIRONMENT,
    &WRONG_TYPE,
    &WRONG_URL,
    &WRONG_WAYBILL,
    &WAYBILL_REQUIRED,
    &WRONG_SIGNATURE,
    &UNSIGNED,
    &UNKNOWN_VERSION,
    &WAYBILL_BROKEN,
    &WRONG_RUN,
    &STORE_UNAVAILABLE,
    &ARTIFACT_EXISTS,
    &ARTIFACT_MISSING,
    &STORE_FULL,
    &STORE_ANSWER,
    &ARTIFACT_NAME,
    &STORE_NOT_OFFERED,
    &KEY_UNUSABLE,
    &LEASE_HELD,
    &IMAGE_MISSING,
    &IMAGE_ARCHIVE,
    &IMAGE_MEMBER,
    &IMAGE_DUPLICATE_MEMBER,
    &IMAGE_LIMIT,
    &IMAGE_LAYOUT,
    &IMAGE_JSON,
    &IMAGE_DOCUMENT,
    &IMAGE_MEDIA_TYPE,
    &IMAGE_DIGEST_FORM,
    &IMAGE_BLOB_MISSING,
    &IMAGE_BLOB_SIZE,
    &IMAGE_BLOB_CHANGED,
    &IMAGE_DATA,
    &IMAGE_FOREIGN,
    &IMAGE_PLATFORM,
    &IMAGE_AMBIGUOUS,
    &IMAGE_DIFF_ID,
    &IMAGE_COMPRESSION,
    &IMAGE_EXPANDS,
    &IMAGE_ZSTD,
    &IMAGE_DOCKER_SAVE,
    &IMAGE_UNREADABLE,
    &IMAGE_STALE,
    &IMAGE_ROOT,
    &IMAGE_REVISION,
    &IMAGE_SECRET,
    &IMAGE_GREW,
    &IMAGE_UNREFERENCED,
    &VERCEL_DENIED,
    &VERCEL_MISSING,
    &VERCEL_LIMITED,
    &VERCEL_UNREACHABLE,
    &VERCEL_ANSWER,
    &VERCEL_REFUSED,
    &VERCEL_TOKEN_ENDS,
    &DEPLOYMENT_FAILED,
    &DEADLINE,
    &UNHEALTHY,
    &BECAME_PRODUCTION,
    &SERVED_CHANGED,
    &SWITCH_FAILED,
    &ROLLED_BACK,
    &ROLLBACK_FAILED,
    &NOTHING_TO_ROLL_BACK,
    &UPLOAD_SET,
    &IN_PROGRESS,
    &ROLLING_RELEASE,
    &GATE_WEAK,
    &DOMAIN,
    &STATE_UNUSABLE,
    &MIGRATIONS_MISSING,
    &MIGRATION_NAME,
    &MIGRATION_TWICE,
    &MIGRATION_UNREADABLE,
    &MIGRATION_SYNTAX,
    &MIGRATION_REFUSED,
    &MIGRATION_UNSAFE,
    &MIGRATION_CHANGED,
    &MIGRATION_ORDER,
    &DATABASE_UNREACHABLE,
    &DATABASE_REFUSED,
    &DATABASE_UNFIT,
    &DATABASE_LOST,
    &MIGRATIONS_LOCKED,
    &STATEMENT_FAILED,
    &LOCK_TIMED_OUT,
    &HISTORY_DIFFERS,
    &HISTORY_FOREIGN,
    &HISTORY_UNUSABLE,
    &STATEMENT_IN_DOUBT,
    &OWN_TRANSACTION,
    &IRREVERSIBLE,
    &NEON_REFUSED,
    &DOCUMENT,
    &NO_DOCUMENTS,
    &MASS_DELETE,
    &BUDGET,
    &EMBEDDING_DEADLINE,
    &COHERE_DENIED,
    &COHERE_BILLING,
    &COHERE_UNREACHABLE,
    &COHERE_ANSWER,
    &COHERE_TEXT,
    &QDRANT_DENIED,
    &QDRANT_UNREACHABLE,
    &QDRANT_REFUSED,
    &COLLECTION,
    &SELF_CHECK,
    &GITHUB_DENIED,
    &GITHUB_LIMITED,
    &GITHUB_UNREACHABLE,
    &GITHUB_ANSWER,
    &DEFECT,
    &LEDGER_BROKEN,
    &LEDGER_UNAVAILABLE,
    &USAGE,
    &CONTEXT,
    &NOT_BUILT,
    &RECORD_BROKEN,
    &NO_ROLLBACK,
];

/// The code of this id, in any case.
pub fn find(id: &str) -> Option<&'static Code> {
    CODES.iter().copied().find(|code| code.id.eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_unique_and_say_something() {
        assert!(CODES.is_sorted_by(|one, next| one.id < next.id));
        for code in CODES {
            assert!(
                code.id.len() == 6 && code.id.starts_with("WB") && code.id[2..].bytes().all(|b| b.is_ascii_digit()),
                "{}",
                code.id
            );
            assert!(!code.title.is_empty() && !code.why.is_empty() && !code.mend.is_empty(), "{}", code.id);
            assert_eq!(find(&code.id.to_lowercase()), Some(*code));
        }
    }
}
