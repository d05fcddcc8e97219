//! Every example plugin keeps every check, in every runtime that it has.

use std::sync::{Arc, OnceLock};

use hookspec_contract::report::Report;
use hookspec_contract::{Options, Subject, Verdict, checks};
use libtest_mimic::{Failed, Trial};

use crate::library::Libraries;
use crate::world::{self, examples, suite};

/// One test for each check of each plugin.
pub(crate) fn trials(libraries: &Libraries) -> Vec<Trial> {
    examples(libraries).into_iter().flat_map(|subject| of("examples", subject, libraries)).collect()
}

/// One test for each check of a plugin that keeps them all. The plugin is looked at once, by
/// whichever test comes first.
pub(crate) fn of(part: &str, subject: Subject, libraries: &Libraries) -> Vec<Trial> {
    let report: Arc<OnceLock<Report>> = Arc::default();
    let looked_at =
        suite(vec![subject.clone()], libraries).options(Options { jobs: 2, ..Options::default() });
    let trial = |check: &'static hookspec_contract::Check| {
        let (report, suite) = (Arc::clone(&report), looked_at.clone());
        Trial::test(format!("{part}/{}/{}", subject.key(), check.id), move || {
            let report = report.get_or_init(|| suite.run(&world::never(), &|_| {}));
            kept(report, check.id)
        })
    };
    checks().map(trial).collect()
}

fn kept(report: &Report, id: &str) -> Result<(), Failed> {
    let Some((_, check)) = report.checks().find(|(_, check)| check.id == id) else {
        return Err(format!("{id} was not run").into());
    };
    match check.verdict {
        Verdict::Pass | Verdict::NotApplicable => Ok(()),
        verdict => {
            Err(format!("{verdict}: {}\n{:#?}\n{:#?}", check.summary, check.findings, check.output)
                .into())
        }
    }
}
