//! Laws of baselines.

use std::path::Path;

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::{Baseline, Mistakes};
use crate::report::Report;
use crate::report::tests::sample::{check, report, subject};
use crate::verdict::{Level, Profile, Verdict};

const TODAY: Date = date(2027, 1, 31);

fn parse(text: &str) -> Result<Baseline, Mistakes> {
    Baseline::parse(Path::new("baseline.yaml"), text, |id| id.starts_with("IO-"))
}

fn entry(plugin: &str, check: &str, expires: &str) -> String {
    format!("  - {{ plugin: {plugin}, check: {check}, reason: issue 12, expires: '{expires}' }}\n")
}

fn baseline(entries: &[String]) -> Baseline {
    parse(&format!("expected:\n{}", entries.concat())).unwrap()
}

/// One check of plugin `shout` in each of two runtimes.
fn ran(dylib: Verdict, in_process: Verdict) -> Report {
    let of = |runtime: &str, verdict| {
        let check = check("IO-001", Level::Must, Profile::Core, verdict);
        let mut subject = subject("shout", vec![check]);
        subject.runtime = runtime.into();
        subject
    };
    report(vec![of("dylib", dylib), of("in_process", in_process)])
}

fn marks(report: &Report) -> Vec<bool> {
    report.checks().map(|(_, check)| check.expected.is_some()).collect()
}

#[test]
fn every_mistake_is_told_at_once_with_its_place() {
    let text = "\
expcted: 1
expected:
  - plugin: shout
    check: IO-001
    reason: '  '
    expires: '2027-02-30'
  - plugin: [shout]
    chek: IO-001
    reason: issue 12
    expires: '2027-01-31T00:00'
  - { plugin: a, check: XX-1, reason: r, expires: 20270131 }
  - 7
  - { plugin: b, check: IO-001, reason: r, expires: '2027-01-31' }
  - { plugin: b, check: IO-001, reason: r, expires: '2027-01-31', runtime: dylib }
";
    let found = parse(text).unwrap_err();
    let told: Vec<_> = found.iter().map(|each| each.to_string()).collect();
    let expected = [
        "1:1: error[HS-B002]: unknown key `expcted`",
        "5:13: error[HS-B005]: `reason` is empty",
        "6:14: error[HS-B006]: `2027-02-30` is no day",
        "7:5: error[HS-B003]: `check` is missing",
        "7:13: error[HS-B004]: `plugin` must be a text",
        "8:5: error[HS-B002]: unknown key `chek`",
        "10:14: error[HS-B006]: `2027-01-31T00:00` is no day",
        "11:25: error[HS-B007]: there is no check `XX-1`",
        "11:51: error[HS-B004]: `expires` must be a text",
        "12:5: error[HS-B004]: an object must be here",
        "14:5: error[HS-B008]: `IO-001` of `b` is expected in line 13 already",
    ];
    assert_eq!(told.len(), expected.len(), "{found}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(&format!("baseline.yaml:{expected}")), "{expected}\n{told}");
        assert!(told.contains("\n  help: "), "{told}");
    }
}

#[test]
fn a_file_that_is_no_baseline_is_refused() {
    let plain = parse("expected: [{ expires: 2027-01-31 }]").unwrap_err().to_string();
    assert!(plain.contains("help: write \"2027-01-31\""), "{plain}");
    for text in ["", "[]", "expected: 1", "{}", "expected: [", "expected: {a: 1}"] {
        assert!(parse(text).is_err(), "{text:?}");
    }
    assert!(parse("expected: []").unwrap().is_empty());
    let found = Baseline::read(Path::new("nowhere/baseline.yaml"), |_| true).unwrap_err();
    let told = found.to_string();
    assert!(told.starts_with("nowhere/baseline.yaml: error[HS-B001]: "), "{told}");
}

#[test]
fn what_is_not_listed_stays_a_failure() {
    let mut report = ran(Verdict::Fail, Verdict::Fail);
    let in_dylib = "  - { plugin: shout, runtime: dylib, check: IO-001, reason: issue 12, \
                    expires: '2027-01-31' }\n";
    baseline(&[in_dylib.into()]).apply(&mut report, TODAY);
    assert_eq!(marks(&report), [true, false]);
    assert_eq!((report.baseline.len(), report.exit_code()), (0, 1));
}

#[test]
fn what_is_expected_is_marked_with_its_reason() {
    for verdict in [Verdict::Fail, Verdict::NotVerified] {
        let mut report = ran(verdict, Verdict::Pass);
        baseline(&[entry("shout", "IO-001", "2027-01-31")]).apply(&mut report, TODAY);
        assert_eq!(marks(&report), [true, false]);
        assert_eq!(report.subjects[0].checks[0].expected.as_deref(), Some("issue 12"));
        assert_eq!((report.baseline.as_slice(), report.exit_code()), ([].as_slice(), 0));
        // Another baseline expects what it says, and nothing of the one before.
        Baseline::default().apply(&mut report, TODAY);
        assert_eq!(marks(&report), [false, false]);
    }
}

#[test]
fn an_entry_that_no_longer_holds_is_stale() {
    use Verdict::{Error, Fail, NotApplicable, Pass};
    for (verdict, plugin, check, expires, why) in [
        (Pass, "shout", "IO-001", "2027-01-31", "passes now: remove"),
        (NotApplicable, "shout", "IO-001", "2027-01-31", "is not applicable now: remove"),
        (Fail, "shout", "IO-001", "2027-01-30", "expired on 2027-01-30 (issue 12)"),
        (Fail, "shout", "IO-002", "2027-01-31", "has no such check"),
        (Fail, "whisper", "IO-001", "2027-01-31", "was not run"),
        (Error, "shout", "IO-001", "2027-01-30", "expired"),
    ] {
        let mut report = ran(verdict, verdict);
        baseline(&[entry(plugin, check, expires)]).apply(&mut report, TODAY);
        assert_eq!(marks(&report), [false, false], "{why}");
        let [stale] = report.baseline.as_slice() else { panic!("{why}: {:?}", report.baseline) };
        assert!(stale.why.contains(why), "{why}: {stale:?}");
        assert_eq!((stale.plugin.as_str(), stale.check.as_str()), (plugin, check));
        assert_ne!(report.exit_code(), 0);
    }
    let mut report = ran(Error, Error);
    baseline(&[entry("shout", "IO-001", "2027-01-31")]).apply(&mut report, TODAY);
    assert_eq!((marks(&report), report.baseline.len()), (vec![false, false], 0));
}

#[test]
fn part_of_a_run_makes_no_entry_stale_that_it_does_not_speak_of() {
    for (filtered, interrupted) in [(true, false), (false, true)] {
        let mut report = ran(Verdict::Pass, Verdict::Pass);
        (report.filtered, report.interrupted) = (filtered, interrupted);
        let entries =
            [entry("whisper", "IO-001", "2027-01-31"), entry("shout", "IO-001", "2027-01-31")];
        baseline(&entries).apply(&mut report, TODAY);
        assert_eq!(report.baseline, []);
        let in_dylib = entry("shout, runtime: dylib", "IO-001", "2027-01-31");
        baseline(&[in_dylib]).apply(&mut report, TODAY);
        assert_eq!(report.baseline.len(), 1);
        baseline(&[entry("whisper", "IO-001", "2026-12-31")]).apply(&mut report, TODAY);
        assert_eq!(report.baseline.len(), 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_text_is_more_than_refused(text in "(expected:|[ \\-{}:,\\[\\]\n\"a-zIO0-9])*") {
        let _ = parse(&text);
    }

    #[test]
    fn applied_twice_is_applied_once(
        verdicts in prop::array::uniform2(prop::sample::select(Verdict::ALL.to_vec())),
        expired in any::<bool>(),
        named in any::<bool>(),
    ) {
        let day = if expired { "2020-01-01" } else { "2027-01-31" };
        let plugin = if named { "shout" } else { "whisper" };
        let baseline = baseline(&[entry(plugin, "IO-001", day)]);
        let mut once = ran(verdicts[0], verdicts[1]);
        baseline.apply(&mut once, TODAY);
        let mut twice = once.clone();
        baseline.apply(&mut twice, TODAY);
        prop_assert_eq!(&once, &twice);
        // It changes what is expected, and nothing of what was found.
        let found = |report: &Report| report.checks().map(|(_, c)| c.verdict).collect::<Vec<_>>();
        prop_assert_eq!(found(&once), verdicts);
        let marked = marks(&once).contains(&true);
        prop_assert!(!(marked && (expired || !named)));
    }
}
