//! Every code that this crate answers, for the reference of errors.

/// Code, meaning, remedy.
pub const ALL: &[(&str, &str, &str)] = &[
    (UNREADABLE, "a baseline is not found or cannot be read", "check its path"),
    (UNKNOWN_KEY, "a baseline has a key that nothing reads", "correct the spelling or remove it"),
    (MISSING, "a field of a baseline is missing", "add it: only `runtime` may be left out"),
    (WRONG_TYPE, "a field of a baseline has the wrong type", "write a list of objects of texts"),
    (EMPTY, "a field of a baseline is empty", "write what its hint says"),
    (
        BAD_DATE,
        "`expires` is no day",
        "write the last day on which it may fail, in quotes: \"2027-01-31\"",
    ),
    (
        UNKNOWN_CHECK,
        "no check and no case has the id",
        "write the id as the report does; if the check is gone, remove the entry",
    ),
    (
        DUPLICATE,
        "two entries expect one failure",
        "remove one of the two, or name a runtime in both",
    ),
];

pub(crate) const UNREADABLE: &str = "HS-B001";
pub(crate) const UNKNOWN_KEY: &str = "HS-B002";
pub(crate) const MISSING: &str = "HS-B003";
pub(crate) const WRONG_TYPE: &str = "HS-B004";
pub(crate) const EMPTY: &str = "HS-B005";
pub(crate) const BAD_DATE: &str = "HS-B006";
pub(crate) const UNKNOWN_CHECK: &str = "HS-B007";
pub(crate) const DUPLICATE: &str = "HS-B008";
