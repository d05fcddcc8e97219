//! Those of the zoo that are honest keep every check; every other breaks the one it was made for.

use ::zoo::Specimen;
use hookspec_contract::report::CheckReport;
use hookspec_contract::{Options, Subject, Verdict};
use libtest_mimic::{Failed, Trial};

use crate::examples;
use crate::library::Libraries;
use crate::matrix;
use crate::world::{never, specimen, suite};

pub(crate) fn trials(libraries: &Libraries) -> Vec<Trial> {
    let honest = ::zoo::honest().into_iter().flat_map(|each| specimen(&each, libraries));
    let mut trials: Vec<Trial> =
        honest.flat_map(|subject| examples::of("zoo", subject, libraries)).collect();
    for mutant in ::zoo::mutants() {
        for subject in specimen(&mutant, libraries) {
            let libraries = libraries.clone();
            let name = format!("zoo/{} is killed", subject.key());
            trials.push(Trial::test(name, move || killed(&mutant, subject, &libraries)));
        }
    }
    trials
}

fn killed(mutant: &Specimen, subject: Subject, libraries: &Libraries) -> Result<(), Failed> {
    let runtime = subject.runtime();
    let report = looked_at(mutant, subject, libraries);
    matrix::saw(&report.id, runtime.as_str(), report.verdict);
    match report.verdict {
        Verdict::Fail | Verdict::Warn => Ok(()),
        verdict => {
            Err(format!("{} survives {}: {verdict}, {}", mutant.name, report.id, report.summary)
                .into())
        }
    }
}

/// What the check that a mutant was made for says of it.
fn looked_at(mutant: &Specimen, subject: Subject, libraries: &Libraries) -> CheckReport {
    let check = mutant.check.expect("a mutant is made for a check");
    let options = Options { filter: vec![check.into()], jobs: 1, ..Options::default() };
    let report = suite(vec![subject], libraries).options(options).run(&never(), &|_| {});
    let subject = report.subjects.into_iter().next();
    subject.and_then(|subject| subject.checks.into_iter().next()).expect("one check was asked for")
}
