//! `demo`: what the application shows, and whether it went as expected.

use crate::app::{Status, Verdict};
use crate::output::Output;
use crate::text::complain;

pub(crate) fn demo(verdict: Verdict, output: &mut Output) -> Status {
    // What was shown comes before what is said about it, also where both go to one terminal.
    output.flush();
    if verdict.unexpected.is_empty() {
        return Status::Fine;
    }
    complain("error: the demo went otherwise than expected:");
    for each in &verdict.unexpected {
        complain(&format!("  - {each}"));
    }
    Status::Failed
}
