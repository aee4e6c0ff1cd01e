//! Every stable code, in one table. A code never changes its meaning; one that
//! is no longer given stays listed.
//!
//! `WB1…` inputs and configuration · `WB2…` running a command · `WB3…` reports
//! and findings · `WB4…` artifacts · `WB5…` deploying · `WB6…` migrations ·
//! `WB7…` embeddings · `WB8…` GitHub and other services · `WB9…` events, the
//! ledger and Waybill itself.

mod ledger;

pub use ledger::*;

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

/// A required setting is missing.
pub static MISSING: Code = Code {
    id: "WB1001",
    exit: Exit::Problem,
    title: "a required setting is missing",
    why: "the job type cannot do its work without it",
    mend: "give it as an input of the step, or under `environments` or `defaults` in the configuration file",
};

/// The command ended with a status other than 0.
pub static COMMAND_FAILED: Code = Code {
    id: "WB2001",
    exit: Exit::Failed,
    title: "the command failed",
    why: "a command that ends with another status than 0 has not done what it should",
    mend: "read its output above; run the same command locally",
};

/// A defect of Waybill's own.
pub static DEFECT: Code = Code {
    id: "WB9000",
    exit: Exit::Defect,
    title: "a defect of Waybill's own",
    why: "Waybill met a state that its authors held impossible",
    mend: "report it, with the message and the step's log",
};

/// Every code, sorted.
pub static CODES: &[&Code] = &[&MISSING, &COMMAND_FAILED, &DEFECT, &LEDGER_BROKEN, &STORE_UNUSABLE, &RECORD_BROKEN];

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
