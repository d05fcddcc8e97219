//! Reports to test with: one that has everything in it, and any.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::report::{CheckReport, Environment, Exchange, Finding, Report, Stale, SubjectReport};
use crate::verdict::{Level, Profile, Verdict};

/// What no form may let through as it is.
pub(crate) const NASTY: &str = "<script>alert('1')</script> & \"]]>\" \u{1b}[31m\u{0}\u{ffff}\n\
                                second line";

pub(crate) fn check(id: &str, level: Level, profile: Profile, verdict: Verdict) -> CheckReport {
    CheckReport {
        id: id.into(),
        title: format!("what {id} wants"),
        level,
        profile,
        laws: vec!["CHAIN-5".into(), "ADR-0003.2".into()],
        since: "0.1.0".into(),
        verdict,
        summary: format!("it is {verdict}"),
        findings: vec![],
        duration_ms: 7,
        reproduce: format!("hookspec contract shout --check {id} --seed 42"),
        expected: None,
        transcript: vec![],
        output: vec![],
    }
}

pub(crate) fn subject(plugin: &str, checks: Vec<CheckReport>) -> SubjectReport {
    SubjectReport {
        plugin: plugin.into(),
        version: Some("1.2.0".into()),
        kind: "query_rewriter".into(),
        kind_api_version: "1.0.0".into(),
        runtime: "dylib".into(),
        hooks: vec!["rewrite".into()],
        capabilities: vec!["language:en".into()],
        path: Some("/plugins/shout/libshout.so".into()),
        sha256: Some("0123456789abcdef".repeat(4)),
        conformance: crate::Conformance::Partial,
        profiles: std::collections::BTreeMap::new(),
        checks,
    }
}

pub(crate) fn report(subjects: Vec<SubjectReport>) -> Report {
    let mut report = Report {
        schema_version: "1".into(),
        suite_version: "0.1.0".into(),
        host_version: "0.1.0".into(),
        started: "2026-10-14T09:30:00Z".into(),
        duration_ms: 3_210,
        seed: u64::MAX,
        command: "hookspec contract shout --seed 42".into(),
        environment: Environment {
            os: "linux".into(),
            arch: "x86_64".into(),
            cpus: 2,
            debug: false,
            timeout_scale: 1.5,
            jobs: 2,
        },
        interrupted: false,
        filtered: false,
        conformance: crate::Conformance::Partial,
        subjects,
        baseline: vec![],
    };
    report.settle(|_| true);
    report
}

/// One check of the level MUST for each verdict, in one plugin.
pub(crate) fn of_verdicts(verdicts: &[Verdict]) -> Report {
    let checks = verdicts.iter().enumerate().map(|(index, verdict)| {
        check(&format!("IO-{index:03}"), Level::Must, Profile::Core, *verdict)
    });
    report(vec![subject("shout", checks.collect())])
}

/// Every verdict, level and profile; findings, calls and output; and texts that mean harm.
pub(crate) fn rich() -> Report {
    let mut fail = check("IO-001", Level::Must, Profile::Core, Verdict::Fail);
    fail.title = "answers what the schema of its hook allows".into();
    fail.summary = "1 of 64 inputs was answered with something else".into();
    fail.findings = vec![
        Finding {
            message: NASTY.into(),
            hook: Some("rewrite".into()),
            input: Some(json!({ "query": "", "user": { "id": 1, "note": NASTY } })),
        },
        Finding { message: "and said nothing of it".into(), hook: None, input: None },
    ];
    fail.transcript = vec![
        Exchange {
            hook: "rewrite".into(),
            input: json!({ "query": "" }),
            outcome: "answered".into(),
            output: json!({ "query": null }),
            elapsed_us: 180,
        },
        Exchange {
            hook: "rewrite".into(),
            input: json!({ "query": "x".repeat(200) }),
            outcome: "panicked".into(),
            output: Value::String("index out of bounds".into()),
            elapsed_us: 95,
        },
    ];
    fail.output = vec!["thread 'main' panicked at src/lib.rs:7".into(), NASTY.into()];
    let mut expected = check("LC-002", Level::Must, Profile::Lifecycle, Verdict::Fail);
    expected.expected = Some("issue 12: teardown leaves a thread".into());
    let mut error = check("RES-003", Level::Must, Profile::Resilience, Verdict::Error);
    error.summary = "the child process could not be started".into();
    let checks = vec![
        fail,
        check("IO-002", Level::Must, Profile::Core, Verdict::Pass),
        check("IO-003", Level::May, Profile::Core, Verdict::NotApplicable),
        check("LC-001", Level::Should, Profile::Lifecycle, Verdict::Warn),
        expected,
        error,
        check("SEC-001", Level::Must, Profile::Security, Verdict::NotVerified),
        check("case:query_rewriter/trims", Level::Must, Profile::Core, Verdict::Pass),
    ];
    let mut whisper = subject(
        "whisper",
        vec![
            check("IO-001", Level::Must, Profile::Core, Verdict::Pass),
            check("IO-003", Level::May, Profile::Core, Verdict::NotApplicable),
        ],
    );
    (whisper.version, whisper.path, whisper.sha256) = (None, None, None);
    whisper.runtime = "in_process".into();
    let mut report = report(vec![subject("shout", checks), whisper]);
    report.baseline = vec![Stale {
        plugin: "whisper".into(),
        check: "IO-001".into(),
        why: "it passes now: remove the entry".into(),
    }];
    report
}

/// Any text; often one that means harm.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[\\x00-\\x1f\\x7f-\\x9f<>&\"'\u{202e}\u{ffff}a-z]{0,12}"]
}

fn any_check() -> impl Strategy<Value = CheckReport> {
    let level = prop::sample::select(vec![Level::Must, Level::Should, Level::May]);
    let profile = prop::sample::select(Profile::ALL.to_vec());
    let verdict = prop::sample::select(Verdict::ALL.to_vec());
    let text = any_text;
    (level, profile, verdict, text(), text(), prop::option::of(text()), any::<bool>()).prop_map(
        |(level, profile, verdict, title, said, expected, found)| {
            let mut check = check("IO-001", level, profile, verdict);
            (check.title, check.summary, check.expected) = (title, said.clone(), expected);
            check.output = vec![said.clone()];
            if found {
                let input = json!({ said.clone(): said });
                check.transcript = vec![Exchange {
                    hook: said.clone(),
                    input: input.clone(),
                    outcome: said.clone(),
                    output: json!([said, 1, null]),
                    elapsed_us: u64::MAX,
                }];
                let hook = Some(said.clone());
                check.findings = vec![Finding { message: said, hook, input: Some(input) }];
            }
            check
        },
    )
}

/// A report with any verdicts and any texts.
pub(crate) fn any_report() -> impl Strategy<Value = Report> {
    let subject = (any_text(), prop::collection::vec(any_check(), 0..6))
        .prop_map(|(plugin, checks)| subject(&plugin, checks));
    let subjects = prop::collection::vec(subject, 0..4);
    (subjects, any::<bool>(), any::<bool>(), prop::option::of(any_text())).prop_map(
        |(subjects, interrupted, filtered, why)| {
            let mut report = report(subjects);
            (report.interrupted, report.filtered) = (interrupted, filtered);
            report.settle(|_| false);
            let stale = |why| Stale { plugin: "shout".into(), check: "IO-001".into(), why };
            report.baseline = why.map(stale).into_iter().collect();
            report
        },
    )
}
