//! The JUnit form of a report, for whatever collects test results: a suite for each plugin in each
//! runtime, a case for each check.
//!
//! It has a failure or an error exactly where the verdicts and the baseline keep the run from ending
//! with 0.

use std::fmt::Write as _;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite, XmlString};

use super::model::{CheckReport, Report, Stale, SubjectReport};
use super::text::{one_line, short_json, visible};
use crate::verdict::{Level, Verdict};

/// The report as JUnit XML.
pub fn write(report: &Report) -> String {
    let mut junit = quick_junit::Report::new("hookspec contract");
    junit.set_time(Duration::from_millis(report.duration_ms));
    for subject in &report.subjects {
        junit.add_test_suite(suite(report, subject));
    }
    if !report.baseline.is_empty() {
        let mut suite = TestSuite::new("baseline");
        suite.add_test_cases(report.baseline.iter().map(stale));
        junit.add_test_suite(suite);
    }
    // It is written to memory, and what XML has no form for was written out before: nothing is left
    // that could fail.
    let xml = junit.to_string().expect("XML is written to memory");
    // The schema that collectors share has no such attribute of the whole, only of a suite. What
    // comes before it is the same in every report, so the first one is that of the whole.
    xml.replacen(&format!(" skipped=\"{}\"", junit.skipped), "", 1)
}

fn suite(report: &Report, subject: &SubjectReport) -> TestSuite {
    let mut suite = TestSuite::new(line(&format!("{}@{}", subject.plugin, subject.runtime)));
    let properties = [
        ("seed", report.seed.to_string()),
        ("suite_version", report.suite_version.clone()),
        ("host_version", report.host_version.clone()),
        ("started", report.started.clone()),
        ("command", report.command.clone()),
        ("conformance", subject.conformance.to_string()),
        ("interrupted", report.interrupted.to_string()),
        ("filtered", report.filtered.to_string()),
        ("sha256", subject.sha256.clone().unwrap_or_default()),
    ];
    let property = |(name, value): (&str, String)| Property::new(name, line(&value));
    // A property without a value says nothing.
    suite.add_properties(properties.into_iter().filter(|(_, v)| !v.is_empty()).map(property));
    suite.add_test_cases(subject.checks.iter().map(|check| case(subject, check)));
    let spent = subject.checks.iter().map(|check| check.duration_ms);
    suite.set_time(Duration::from_millis(spent.fold(0, u64::saturating_add)));
    suite
}

fn case(subject: &SubjectReport, check: &CheckReport) -> TestCase {
    let mut output = check.output.join("\n");
    let mut status = status(check);
    match status {
        // A success has no message: what there is to say of it is its output.
        TestCaseStatus::Success { .. } if check.verdict != Verdict::Pass => {
            output = format!("{}: {}\n{output}", check.verdict, details(check));
        }
        TestCaseStatus::Success { .. } => {}
        _ => {
            status.set_description(block(&details(check)));
        }
    }
    let mut case = TestCase::new(line(&format!("{} {}", check.id, check.title)), status);
    let class = format!("{}.{}.{}", subject.plugin, subject.runtime, check.profile);
    case.set_classname(line(&class)).set_time(Duration::from_millis(check.duration_ms));
    if !output.trim().is_empty() {
        case.set_system_out(block(&output));
    }
    case
}

fn status(check: &CheckReport) -> TestCaseStatus {
    let skipped = |why: String| {
        let mut status = TestCaseStatus::skipped();
        status.set_message(line(&why));
        status
    };
    let broken = |kind| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_message(line(&check.summary)).set_type(check.verdict.as_str());
        status
    };
    let must = check.level == Level::Must;
    match (check.verdict, &check.expected) {
        (Verdict::Error, _) => broken(NonSuccessKind::Error),
        (Verdict::NotApplicable, _) => skipped(check.summary.clone()),
        (Verdict::Fail | Verdict::NotVerified | Verdict::Warn, Some(why)) => {
            skipped(format!("expected: {why}"))
        }
        (Verdict::Fail | Verdict::NotVerified, None) if must => broken(NonSuccessKind::Failure),
        (Verdict::NotVerified, None) => skipped(format!("not verified: {}", check.summary)),
        (Verdict::Pass | Verdict::Warn | Verdict::Fail, _) => TestCaseStatus::success(),
    }
}

fn stale(stale: &Stale) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(line(&stale.why)).set_type("stale");
    let mut case = TestCase::new(line(&format!("{} {}", stale.plugin, stale.check)), status);
    case.set_classname("baseline").set_time(Duration::ZERO);
    case
}

/// Everything that there is to say of a check that does not simply pass.
fn details(check: &CheckReport) -> String {
    let mut text = format!("{}\n", check.summary);
    for finding in &check.findings {
        // Writing to a text cannot fail.
        let _ = match &finding.hook {
            Some(hook) => writeln!(text, "\nhook `{hook}`: {}", finding.message),
            None => writeln!(text, "\n{}", finding.message),
        };
        if let Some(input) = &finding.input {
            let _ = writeln!(text, "smallest input: {}", short_json(input));
        }
    }
    if !check.laws.is_empty() {
        let _ = writeln!(text, "\n{} {}", check.level, check.laws.join(", "));
    }
    let _ = writeln!(text, "reproduce: {}", check.reproduce);
    text
}

fn line(text: &str) -> XmlString {
    XmlString::new(one_line(text))
}

fn block(text: &str) -> XmlString {
    XmlString::new(visible(text))
}
