//! The form of a report for people at a terminal: lines of texts, each with a [`Tone`].
//!
//! What tones look like is for whoever prints them. Whatever a plugin said is in a text with its
//! control characters written out: no plugin can colour, clear or fake what is printed.

use super::model::{CheckReport, Finding, ProfileReport, Report, SubjectReport};
use super::text::{counts, milliseconds, one_line, short_json, visible, words};
use super::worst;
use crate::verdict::{Conformance, Profile, Verdict};

/// What a text is meant to look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Like any other.
    Plain,
    /// A heading or a name.
    Strong,
    /// Of less importance.
    Dim,
    /// What is as it should be.
    Good,
    /// What is broken.
    Bad,
    /// What someone should look at.
    Caution,
}

/// One line: texts without line breaks, one after the other.
pub type Line = Vec<(Tone, String)>;

/// The report for a terminal.
pub fn lines(report: &Report) -> Vec<Line> {
    let mut out = Lines::default();
    for subject in &report.subjects {
        out.subject(subject);
        out.end();
    }
    out.baseline(report);
    out.overall(report);
    out.lines
}

/// The same without tones.
pub fn write(report: &Report) -> String {
    let mut text = String::new();
    for line in lines(report) {
        let line: String = line.into_iter().map(|(_, text)| text).collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// How a verdict is to look.
pub fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Pass => Tone::Good,
        Verdict::NotApplicable => Tone::Dim,
        Verdict::Warn | Verdict::NotVerified => Tone::Caution,
        Verdict::Fail | Verdict::Error => Tone::Bad,
    }
}

fn conformance_tone(conformance: Conformance) -> Tone {
    match conformance {
        Conformance::Conformant => Tone::Good,
        Conformance::Partial => Tone::Caution,
        Conformance::NotConformant => Tone::Bad,
    }
}

/// Lines in the making; the last one is not ended.
#[derive(Default)]
struct Lines {
    lines: Vec<Line>,
    line: Line,
}

impl Lines {
    fn put(&mut self, tone: Tone, text: impl AsRef<str>) -> &mut Self {
        self.line.push((tone, one_line(text.as_ref())));
        self
    }

    fn end(&mut self) {
        self.lines.push(std::mem::take(&mut self.line));
    }

    /// A text that may have several lines, each of them indented.
    fn block(&mut self, indent: &str, tone: Tone, text: &str) {
        for line in visible(text).lines() {
            self.put(Tone::Plain, indent).put(tone, line).end();
        }
    }

    fn subject(&mut self, subject: &SubjectReport) {
        let version = subject.version.as_deref().unwrap_or_default();
        let what = format!(
            " {version}{}{} {}, {}: ",
            if version.is_empty() { "" } else { ", " },
            subject.kind,
            subject.kind_api_version,
            subject.runtime
        );
        self.put(Tone::Strong, &subject.plugin).put(Tone::Dim, what);
        self.conformance(subject.conformance).end();
        for (profile, report) in &subject.profiles {
            self.profile(*profile, report);
            let mine = |check: &&CheckReport| check.profile == *profile;
            for check in subject.checks.iter().filter(mine) {
                if !matches!(check.verdict, Verdict::Pass | Verdict::NotApplicable) {
                    self.check(check);
                }
            }
        }
    }

    fn conformance(&mut self, conformance: Conformance) -> &mut Self {
        self.put(conformance_tone(conformance), conformance.as_str().replace('-', " "))
    }

    fn profile(&mut self, profile: Profile, report: &ProfileReport) {
        self.put(Tone::Plain, format!("  {profile:<12}"));
        self.conformance(report.conformance);
        self.put(Tone::Dim, format!(": {}", counts(&report.counts))).end();
    }

    fn check(&mut self, check: &CheckReport) {
        let (tone, mark) = match &check.expected {
            Some(_) => (Tone::Caution, format!("expected {}", words(check.verdict))),
            None => (tone(check.verdict), words(check.verdict)),
        };
        self.put(Tone::Plain, "    ").put(tone, mark.to_uppercase());
        self.put(Tone::Strong, format!(" {}", check.id));
        self.put(Tone::Plain, format!(" {}", check.title)).end();
        const INDENT: &str = "      ";
        self.block(INDENT, Tone::Plain, &check.summary);
        // The only one may say no more than the summary does.
        let said =
            |f: &&Finding| f.message == check.summary && f.hook.is_none() && f.input.is_none();
        for finding in check.findings.iter().filter(|finding| !said(finding)) {
            self.finding(finding);
        }
        if let Some(why) = &check.expected {
            self.put(Tone::Dim, INDENT).put(Tone::Dim, format!("baseline: {why}")).end();
        }
        if !check.laws.is_empty() {
            let laws = format!("{}: {}", check.level, check.laws.join(", "));
            self.put(Tone::Plain, INDENT).put(Tone::Dim, laws).end();
        }
        self.put(Tone::Plain, INDENT).put(Tone::Dim, format!("again: {}", check.reproduce)).end();
    }

    fn finding(&mut self, finding: &Finding) {
        let mut lines = visible(&finding.message);
        if let Some(hook) = &finding.hook {
            lines = format!("{hook}: {lines}");
        }
        for (index, line) in lines.lines().enumerate() {
            let indent = if index == 0 { "      - " } else { "        " };
            self.put(Tone::Plain, indent).put(Tone::Plain, line).end();
        }
        if let Some(input) = &finding.input {
            self.put(Tone::Dim, "        input ").put(Tone::Plain, short_json(input)).end();
        }
    }

    fn baseline(&mut self, report: &Report) {
        for stale in &report.baseline {
            self.put(Tone::Bad, "BASELINE");
            self.put(Tone::Strong, format!(" {} {}", stale.plugin, stale.check));
            self.put(Tone::Plain, format!(" {}", stale.why)).end();
        }
        if !report.baseline.is_empty() {
            self.end();
        }
    }

    fn overall(&mut self, report: &Report) {
        for profile in Profile::ALL {
            let mut of = report.subjects.iter().filter_map(|each| each.profiles.get(&profile));
            if let Some(first) = of.next() {
                let all = worst(of.map(|each| each.conformance).chain([first.conformance]));
                self.put(Tone::Plain, format!("{profile:<14}")).conformance(all).end();
            }
        }
        self.put(Tone::Strong, "overall       ").conformance(report.conformance);
        for (is, what) in [
            (report.interrupted, "interrupted: what is missing was not run"),
            (report.filtered, "only some checks were asked for"),
        ] {
            if is {
                self.put(Tone::Caution, format!(" ({what})"));
            }
        }
        self.end();
        let count: usize = report.subjects.iter().map(|subject| subject.checks.len()).sum();
        let took = milliseconds(report.duration_ms);
        let checks = if count == 1 { "check" } else { "checks" };
        let ran = format!("{count} {checks}, {took}, seed {}", report.seed);
        self.put(Tone::Dim, ran).end();
    }
}
