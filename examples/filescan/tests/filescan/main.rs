//! `filescan` as its users run it, over real trees.

#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod run;
mod signals;
mod trees;
