//! The forms for people and for collectors of test results: nothing is lost that matters, and
//! nothing that a plugin said is more than text.

use proptest::prelude::*;
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus};

use super::sample::{any_report, check, of_verdicts, report, rich, subject};
use crate::report::human::{self, Tone};
use crate::report::{Report, html, json, junit};
use crate::verdict::{Level, Profile, Verdict};

/// The XML, parsed; every character in it is one that XML 1.0 has.
fn parsed(report: &Report) -> quick_junit::Report {
    let xml = junit::write(report);
    let allowed = |c: char| matches!(c, '\n' | '\t' | ' '..='\u{fffd}' | '\u{10000}'..);
    assert!(xml.chars().all(allowed), "{xml:?}");
    let whole = xml.lines().nth(1).unwrap_or_default();
    assert!(whole.starts_with("<testsuites ") && !whole.contains("skipped"), "{whole}");
    quick_junit::Report::deserialize_from_str(&xml).unwrap_or_else(|error| panic!("{error}: {xml}"))
}

fn only(level: Level, verdict: Verdict, expected: Option<&str>) -> TestCase {
    let mut check = check("IO-001", level, Profile::Core, verdict);
    check.expected = expected.map(str::to_owned);
    parsed(&report(vec![subject("shout", vec![check])])).test_suites[0].test_cases[0].clone()
}

#[test]
fn junit_fails_what_is_broken_and_tells_why() {
    let rich = rich();
    let junit = parsed(&rich);
    let fail = &junit.test_suites[0].test_cases[0];
    let TestCaseStatus::NonSuccess { kind, message, ty, description, .. } = &fail.status else {
        panic!("{fail:?}")
    };
    assert_eq!(*kind, NonSuccessKind::Failure);
    assert_eq!(ty.as_deref(), Some("fail"));
    assert_eq!(message.as_deref(), Some("1 of 64 inputs was answered with something else"));
    let description = description.as_deref().unwrap();
    for part in [
        "hook `rewrite`: <script>alert('1')</script> & \"]]>\" \\u{1b}[31m\\u{0}\\u{ffff}",
        "second line",
        "smallest input: {\"query\":\"\"",
        "MUST CHAIN-5, ADR-0003.2",
        "reproduce: hookspec contract shout --check IO-001 --seed 42",
    ] {
        assert!(description.contains(part), "{part}: {description}");
    }
    assert_eq!(fail.name.as_str(), "IO-001 answers what the schema of its hook allows");
    assert_eq!(fail.classname.as_deref(), Some("shout.dylib.core"));
    assert!(fail.system_out.as_deref().unwrap().contains("panicked at src/lib.rs:7"));
    let suite = &junit.test_suites[0];
    assert_eq!(suite.name.as_str(), "shout@dylib");
    let property = |name: &str| {
        let found = suite.properties.iter().find(|each| each.name.as_str() == name);
        found.map(|each| each.value.to_string()).unwrap_or_default()
    };
    assert_eq!(property("seed"), u64::MAX.to_string());
    assert_eq!(property("sha256"), "0123456789abcdef".repeat(4));
    assert_eq!(property("command"), rich.command);
    assert_eq!(
        (property("suite_version"), property("host_version")),
        ("0.1.0".into(), "0.1.0".into())
    );
    assert_eq!(junit.test_suites[2].test_cases[0].name.as_str(), "whisper IO-001");
}

#[test]
fn junit_tells_the_verdicts_apart() {
    let must = |verdict| only(Level::Must, verdict, None).status;
    let type_of = |status| match status {
        TestCaseStatus::NonSuccess { kind, ty, .. } => (kind, ty.unwrap().to_string()),
        other => panic!("{other:?}"),
    };
    let not_verified = type_of(must(Verdict::NotVerified));
    assert_eq!(not_verified, (NonSuccessKind::Failure, "not-verified".into()));
    assert_eq!(type_of(must(Verdict::Error)), (NonSuccessKind::Error, "error".into()));
    for (case, why) in [
        (only(Level::Must, Verdict::NotApplicable, None), "it is not-applicable"),
        (only(Level::Must, Verdict::Fail, Some("issue 12")), "expected: issue 12"),
        (only(Level::May, Verdict::NotVerified, None), "not verified: it is not-verified"),
    ] {
        let TestCaseStatus::Skipped { message, .. } = case.status else { panic!("{case:?}") };
        assert_eq!(message.as_deref(), Some(why));
    }
    let warn = only(Level::Should, Verdict::Warn, None);
    assert!(matches!(warn.status, TestCaseStatus::Success { .. }));
    assert!(warn.system_out.unwrap().starts_with("warn: it is warn"));
    let pass = only(Level::Must, Verdict::Pass, None);
    assert_eq!((pass.status, pass.system_out), (TestCaseStatus::success(), None));
}

#[test]
fn people_are_told_what_is_wrong_and_how_to_see_it_again() {
    let text = human::write(&rich());
    for part in [
        "shout 1.2.0, query_rewriter 1.0.0, dylib: not conformant",
        "core        not conformant: 2 pass, 1 not applicable, 1 fail",
        "FAIL IO-001 answers what the schema of its hook allows",
        "1 of 64 inputs was answered with something else",
        "- rewrite: <script>",
        "        second line",
        "input {\"query\":\"\"",
        "MUST: CHAIN-5, ADR-0003.2",
        "again: hookspec contract shout --check IO-001 --seed 42",
        "EXPECTED FAIL LC-002",
        "baseline: issue 12: teardown leaves a thread",
        "NOT VERIFIED SEC-001",
        "BASELINE whisper IO-001 it passes now: remove the entry",
        "overall       not conformant",
        "seed 18446744073709551615",
    ] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    // What passes, and what is not applicable, is counted alone.
    assert!(!text.contains("IO-002") && !text.contains("IO-003"), "{text}");
}

#[test]
fn the_tone_of_what_is_expected_is_not_that_of_what_is_broken() {
    let tone_of = |report: &Report, word: &str| {
        let mut all = human::lines(report).into_iter().flatten();
        all.find(|(_, text)| text == word).map(|(tone, _)| tone)
    };
    let mut report = of_verdicts(&[Verdict::Fail]);
    assert_eq!(tone_of(&report, "FAIL"), Some(Tone::Bad));
    report.subjects[0].checks[0].expected = Some("issue 12".into());
    assert_eq!(tone_of(&report, "EXPECTED FAIL"), Some(Tone::Caution));
}

#[test]
fn the_page_shows_what_was_found_and_runs_and_loads_nothing() {
    let page = html::write(&rich());
    for part in [
        "default-src 'none'; style-src 'unsafe-inline'\"",
        "data-verdict=\"fail\" open",
        "data-verdict=\"pass\">",
        "&#60;script&#62;alert",
        "The baseline expects this:</strong> issue 12",
        "it passes now: remove the entry",
        "thread &#39;main&#39; panicked at src/lib.rs:7",
        "18446744073709551615",
        "Proves CHAIN-5, ADR-0003.2.",
    ] {
        assert!(page.contains(part), "{part}:\n{page}");
    }
    for part in ["<script", "src=", "url(", "@import", "http://", "https://"] {
        assert!(!page.contains(part), "{part}");
    }
}

/// For a look at them, and for validators that are not written in Rust: set `HOOKSPEC_SAMPLES` to a
/// folder.
#[test]
fn samples_are_written_where_somebody_wants_them() {
    let Some(folder) = std::env::var_os("HOOKSPEC_SAMPLES") else { return };
    let folder = std::path::Path::new(&folder);
    for (name, text) in [
        ("report.html", html::write(&rich())),
        ("report.json", json::write(&rich())),
        ("report.txt", human::write(&rich())),
        ("report.xml", junit::write(&rich())),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
    }
}

/// How many tags there are.
fn tags(page: &str) -> usize {
    page.matches('<').count()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn junit_is_red_exactly_where_the_run_is(report in any_report()) {
        let junit = parsed(&report);
        prop_assert_eq!(junit.errors > 0, report.exit_code() == 2);
        let red = junit.failures + junit.errors > 0;
        prop_assert_eq!(red || report.interrupted, report.exit_code() > 0);
        let cases: usize = junit.test_suites.iter().map(|suite| suite.test_cases.len()).sum();
        prop_assert_eq!(cases, report.checks().count() + report.baseline.len());
    }

    #[test]
    fn no_text_of_a_plugin_is_more_than_text(report in any_report(), text in "\\PC{0,20}[<>&\"'\u{1b}\u{0}]{0,4}") {
        for line in human::lines(&report) {
            for (_, text) in line {
                prop_assert!(!text.chars().any(char::is_control), "{text:?}");
            }
        }
        let shown = |c: char| c == '\n' || !c.is_control();
        prop_assert!(html::write(&report).chars().all(shown));
        // The same report with other texts is the same page with other texts.
        let mut other = report.clone();
        let checks = other.subjects.iter_mut().flat_map(|subject| &mut subject.checks);
        for check in checks {
            check.title.push_str(&text);
            check.summary.push_str(&text);
            check.findings.iter_mut().for_each(|finding| finding.message.push_str(&text));
        }
        prop_assert_eq!(tags(&html::write(&report)), tags(&html::write(&other)));
    }
}
