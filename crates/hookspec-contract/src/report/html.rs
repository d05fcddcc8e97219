//! The form of a report for a browser: one page that needs nothing else.
//!
//! It loads nothing, runs no script (its policy forbids both), and everything in it is escaped: it
//! can be kept, mailed and opened anywhere, whatever the plugins said.

use std::borrow::Cow;

use askama::Template;

use super::model::{CheckReport, Exchange, Finding, Report, SubjectReport};
use super::text::{counts, milliseconds, visible, words};
use crate::verdict::{Conformance, Profile, Verdict};

/// The report as a page of HTML.
pub fn write(report: &Report) -> String {
    // Every part of it is a text or a number, and it is written to memory: nothing can fail.
    let page = Page::of(report).render().expect("a page of texts is written to memory");
    visible(&page)
}

/// The report as the template wants it: texts, and lists of them.
#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    report: &'a Report,
    conformance: Mark,
    took: String,
    /// Each verdict that occurs, and how often.
    verdicts: Vec<(Mark, usize)>,
    /// The profiles that were run.
    profiles: Vec<Profile>,
    subjects: Vec<Subject<'a>>,
}

/// What something came to: the name of its style, and its words.
struct Mark {
    class: &'static str,
    words: String,
}

struct Subject<'a> {
    of: &'a SubjectReport,
    /// Where it is in the page.
    anchor: String,
    conformance: Mark,
    path: Option<Cow<'a, str>>,
    /// What came of each profile that was run in any plugin; `None` where not in this one.
    row: Vec<Option<Mark>>,
    profiles: Vec<Section<'a>>,
}

struct Section<'a> {
    profile: Profile,
    conformance: Mark,
    counts: String,
    checks: Vec<Check<'a>>,
}

struct Check<'a> {
    of: &'a CheckReport,
    mark: Mark,
    took: String,
    laws: String,
    findings: Vec<Found<'a>>,
    calls: Vec<Call<'a>>,
    output: String,
    /// Whether it is what someone who opens the page is looking for.
    open: bool,
}

struct Found<'a> {
    hook: Option<&'a str>,
    message: &'a str,
    input: Option<String>,
}

struct Call<'a> {
    of: &'a Exchange,
    input: String,
    output: String,
}

impl<'a> Page<'a> {
    fn of(report: &'a Report) -> Self {
        let count = |verdict| report.checks().filter(|(_, each)| each.verdict == verdict).count();
        let ran = |profile: &Profile| {
            report.subjects.iter().any(|subject| subject.profiles.contains_key(profile))
        };
        let profiles: Vec<_> = Profile::ALL.into_iter().filter(ran).collect();
        let subjects = report.subjects.iter().enumerate();
        Self {
            report,
            conformance: Mark::conformance(report.conformance),
            took: milliseconds(report.duration_ms),
            verdicts: Verdict::ALL
                .into_iter()
                .rev()
                .map(|verdict| (Mark::verdict(verdict), count(verdict)))
                .filter(|(_, count)| *count > 0)
                .collect(),
            subjects: subjects.map(|(index, each)| Subject::of(each, index, &profiles)).collect(),
            profiles,
        }
    }
}

impl Mark {
    fn verdict(verdict: Verdict) -> Self {
        Self { class: verdict.as_str(), words: words(verdict) }
    }

    fn conformance(conformance: Conformance) -> Self {
        Self { class: conformance.as_str(), words: conformance.as_str().replace('-', " ") }
    }
}

impl<'a> Subject<'a> {
    fn of(subject: &'a SubjectReport, index: usize, profiles: &[Profile]) -> Self {
        let conformance = |profile: &Profile| {
            subject.profiles.get(profile).map(|report| Mark::conformance(report.conformance))
        };
        let section = |(profile, report): (&Profile, &super::ProfileReport)| Section {
            profile: *profile,
            conformance: Mark::conformance(report.conformance),
            counts: counts(&report.counts),
            checks: {
                let mine = subject.checks.iter().filter(|check| check.profile == *profile);
                mine.map(Check::of).collect()
            },
        };
        Self {
            of: subject,
            anchor: format!("subject-{index}"),
            conformance: Mark::conformance(subject.conformance),
            path: subject.path.as_ref().map(|path| path.to_string_lossy()),
            row: profiles.iter().map(conformance).collect(),
            profiles: subject.profiles.iter().map(section).collect(),
        }
    }
}

impl<'a> Check<'a> {
    fn of(check: &'a CheckReport) -> Self {
        Self {
            of: check,
            mark: Mark::verdict(check.verdict),
            took: milliseconds(check.duration_ms),
            laws: check.laws.join(", "),
            findings: check.findings.iter().map(Found::of).collect(),
            calls: check.transcript.iter().map(Call::of).collect(),
            output: check.output.join("\n"),
            open: check.is_broken() || check.verdict == Verdict::Error,
        }
    }
}

impl<'a> Found<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            hook: finding.hook.as_deref(),
            message: &finding.message,
            input: finding.input.as_ref().map(|input| format!("{input:#}")),
        }
    }
}

impl<'a> Call<'a> {
    fn of(exchange: &'a Exchange) -> Self {
        Self {
            of: exchange,
            input: exchange.input.to_string(),
            output: exchange.output.to_string(),
        }
    }
}
