//! What decides whether a plugin conforms, and what a run ends with.

use proptest::prelude::*;

use super::sample::{any_report, check, of_verdicts, report, subject};
use crate::Conformance::{Conformant, NotConformant, Partial};
use crate::verdict::{Level, Profile, Verdict};

#[test]
fn a_broken_must_decides_and_one_that_nobody_verified_leaves_it_open() {
    use Verdict::{Error, Fail, NotApplicable, NotVerified, Pass, Warn};
    for (verdicts, conformance, code) in [
        (vec![Fail, NotVerified, Error], NotConformant, 2),
        (vec![Fail, Pass], NotConformant, 1),
        (vec![NotVerified, Pass], Partial, 1),
        (vec![Error, Pass], Partial, 2),
        (vec![Pass, NotApplicable, Warn], Conformant, 0),
    ] {
        let report = of_verdicts(&verdicts);
        let of_profile = report.subjects[0].profiles[&Profile::Core].conformance;
        assert_eq!(of_profile, conformance, "{verdicts:?}");
        assert_eq!(report.subjects[0].conformance, conformance, "{verdicts:?}");
        assert_eq!(report.conformance, conformance, "{verdicts:?}");
        assert_eq!(report.exit_code(), code, "{verdicts:?}");
    }
}

#[test]
fn what_only_should_or_may_hold_never_decides() {
    for level in [Level::Should, Level::May] {
        for verdict in Verdict::ALL {
            let check = check("IO-001", level, Profile::Core, verdict);
            let report = report(vec![subject("shout", vec![check])]);
            assert_eq!(report.conformance, Conformant, "{level} {verdict}");
            let code = if verdict == Verdict::Error { 2 } else { 0 };
            assert_eq!(report.exit_code(), code, "{level} {verdict}");
        }
    }
}

#[test]
fn what_the_baseline_expects_ends_no_build_and_is_still_not_conformant() {
    for (verdict, conformance) in [(Verdict::Fail, NotConformant), (Verdict::NotVerified, Partial)]
    {
        let mut report = of_verdicts(&[verdict]);
        report.subjects[0].checks[0].expected = Some("issue 12".into());
        report.settle(|_| true);
        assert_eq!((report.conformance, report.exit_code()), (conformance, 0));
    }
    let mut report = of_verdicts(&[Verdict::Error]);
    report.subjects[0].checks[0].expected = Some("nobody can expect that".into());
    assert_eq!(report.exit_code(), 2);
}

#[test]
fn a_stale_baseline_ends_with_1() {
    let mut report = of_verdicts(&[Verdict::Pass]);
    report.baseline = super::sample::rich().baseline;
    assert_eq!((report.conformance, report.exit_code()), (Conformant, 1));
}

#[test]
fn part_of_the_suite_is_part_of_the_truth() {
    let mut report = of_verdicts(&[Verdict::Pass]);
    report.filtered = true;
    report.settle(|profile| profile == Profile::Core);
    assert_eq!(report.subjects[0].profiles[&Profile::Core].conformance, Conformant);
    assert_eq!((report.subjects[0].conformance, report.conformance), (Partial, Partial));
    assert_eq!(report.exit_code(), 0);
    report.settle(|_| false);
    assert_eq!(report.subjects[0].profiles[&Profile::Core].conformance, Partial);
    report.interrupted = true;
    report.settle(|_| true);
    assert_eq!(report.subjects[0].profiles[&Profile::Core].conformance, Partial);
    assert_eq!((report.conformance, report.exit_code()), (Partial, 1));
    let mut broken = of_verdicts(&[Verdict::Fail]);
    broken.filtered = true;
    broken.settle(|_| false);
    assert_eq!(broken.conformance, NotConformant);
}

#[test]
fn who_looked_at_nothing_knows_nothing() {
    assert_eq!(report(vec![]).conformance, Partial);
    assert_eq!(report(vec![subject("shout", vec![])]).conformance, Partial);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_whole_is_never_better_than_a_part(report in any_report()) {
        for subject in &report.subjects {
            prop_assert!(report.conformance >= subject.conformance);
            let counted: usize = subject.profiles.values().flat_map(|p| p.counts.values()).sum();
            prop_assert_eq!(counted, subject.checks.len());
            for profile in subject.profiles.values() {
                prop_assert!(subject.conformance >= profile.conformance);
            }
        }
        if report.exit_code() == 0 {
            prop_assert!(report.checks().all(|(_, check)| !check.is_broken()));
        }
    }
}
