//! What a run adds up to: from how a child ended to a verdict, from verdicts to a report.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::child::Ended;
use super::job::Done;
use super::plan::Item;
use super::{Described, Options};
use crate::checks::security;
use crate::found::Found;
use crate::report::{CheckReport, Environment, Exchange, Report, SubjectReport, mask, redact};
use crate::subject::Subject;
use crate::verdict::{Conformance, Level, Verdict};

/// More than this is a flood.
const FLOOD: u64 = 1 << 20;

/// Why a check was not run at all.
#[derive(Debug)]
pub(super) enum Cannot {
    /// Something that it needs is not there.
    Unverified(String),
    /// The suite itself could not.
    Harness(String),
}

/// The report of one check.
pub(super) fn check(
    item: &Item,
    ended: Result<Ended, Cannot>,
    took: Duration,
    reproduce: String,
    secrets: &[String],
) -> CheckReport {
    let mut output = Vec::new();
    let (found, transcript) = match ended {
        Err(Cannot::Unverified(why)) => (Found::not_verified(why), Vec::new()),
        Err(Cannot::Harness(why)) => (Found::error(why), Vec::new()),
        Ok(ended) => {
            output.clone_from(&ended.tail);
            seen(item, ended)
        }
    };
    let verdict = match (found.verdict, item.level()) {
        (Verdict::Fail, Level::Should | Level::May) => Verdict::Warn,
        (verdict, _) => verdict,
    };
    let masked = |exchange: Exchange| Exchange {
        input: redact(&exchange.input, secrets),
        output: redact(&exchange.output, secrets),
        ..exchange
    };
    // What went well needs no proof of it.
    let transcript = match verdict {
        Verdict::Pass | Verdict::NotApplicable => Vec::new(),
        _ => transcript.into_iter().map(masked).collect(),
    };
    let mut findings = found.findings;
    for finding in &mut findings {
        finding.message = mask(&finding.message, secrets);
        finding.input = finding.input.take().map(|input| redact(&input, secrets));
    }
    CheckReport {
        id: item.id(),
        title: item.title(),
        level: item.level(),
        profile: item.profile(),
        laws: item.laws(),
        since: item.since().into(),
        verdict,
        summary: mask(&found.summary, secrets),
        findings,
        duration_ms: millis(took),
        reproduce,
        expected: None,
        transcript,
        output: output.iter().map(|line| mask(line, secrets)).collect(),
    }
}

/// What a child found, and what its end says.
fn seen(item: &Item, ended: Ended) -> (Found, Vec<Exchange>) {
    let id = item.id();
    match ended.done {
        Some(Done::Looked { found, transcript }) if found.verdict == Verdict::Pass => {
            let found = match () {
                () if id == security::OUTPUT && ended.written > FLOOD => Found::fail(format!(
                    "it wrote {} KiB to standard output and standard error",
                    ended.written / 1024
                )),
                () if id == security::PROCESSES && ended.left_running => {
                    Found::fail("processes that it started still ran when the host had ended")
                }
                () if id == security::SECRETS && ended.told => {
                    Found::fail("a secret of its configuration is in what was logged or written")
                }
                () => found,
            };
            (found, transcript)
        }
        Some(Done::Looked { found, transcript }) => (found, transcript),
        Some(Done::Not(why)) => (Found::error(why), Vec::new()),
        Some(Done::Described { .. } | Done::Answered(_)) => {
            (Found::error("the suite answered another question"), Vec::new())
        }
        None => {
            let crumb = match ended.crumb.as_str() {
                "" => "before anything was tried".to_owned(),
                crumb => format!("while this was tried: {crumb}"),
            };
            (Found::fail(format!("the process ended ({}) {crumb}", ended.how)), Vec::new())
        }
    }
}

/// The report of one plugin.
pub(super) fn subject(
    subject: &Subject,
    described: Described,
    checks: Vec<CheckReport>,
) -> SubjectReport {
    let manifest = subject.manifest();
    let mut capabilities = manifest.capabilities.clone();
    capabilities.extend(manifest.supports_extensions.iter().map(|each| format!(".{each}")));
    capabilities.extend(manifest.supports_languages.iter().cloned());
    capabilities.extend(manifest.supports_mime_types.iter().cloned());
    if manifest.fallback {
        capabilities.push("fallback".into());
    }
    let hooks = match described.hooks.is_empty() {
        true => subject.hooks().iter().map(ToString::to_string).collect(),
        false => described.hooks,
    };
    SubjectReport {
        plugin: subject.name().into(),
        version: manifest.version.clone(),
        kind: manifest.kind.to_string(),
        kind_api_version: manifest.kind_api_version.clone(),
        runtime: subject.runtime().to_string(),
        hooks,
        capabilities,
        path: subject.path().map(Into::into),
        sha256: described.sha256,
        // Settled once all of it is known.
        conformance: Conformance::Partial,
        profiles: BTreeMap::new(),
        checks,
    }
}

/// A run that has ended.
pub(super) struct Ran<'a> {
    pub(super) subjects: Vec<SubjectReport>,
    pub(super) options: &'a Options,
    pub(super) command: &'a str,
    pub(super) started: Timestamp,
    pub(super) duration: Duration,
    pub(super) interrupted: bool,
}

/// The report of it.
pub(super) fn report(ran: Ran<'_>) -> Report {
    let version = env!("CARGO_PKG_VERSION");
    let mut report = Report {
        schema_version: "1".into(),
        suite_version: version.into(),
        host_version: version.into(),
        started: ran.started.to_string(),
        duration_ms: millis(ran.duration),
        seed: ran.options.seed,
        command: ran.command.into(),
        environment: Environment {
            os: std::env::consts::OS.into(),
            arch: std::env::consts::ARCH.into(),
            cpus: std::thread::available_parallelism().map_or(1, usize::from),
            debug: cfg!(debug_assertions),
            timeout_scale: ran.options.timeout_scale,
            jobs: ran.options.jobs,
        },
        interrupted: ran.interrupted,
        filtered: ran.options.is_filtered(),
        conformance: Conformance::Partial,
        subjects: ran.subjects,
        baseline: Vec::new(),
    };
    report.settle(|profile| ran.options.is_whole(profile));
    report
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
