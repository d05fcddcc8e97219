//! From verdicts of checks to [`Conformance`], and to what the process ends with.
//!
//! Only a MUST decides. The baseline never makes a plugin conform: what it expects is still broken,
//! and merely no longer a reason to stop a build.

use std::collections::BTreeMap;

use super::model::{CheckReport, ProfileReport, Report, SubjectReport};
use crate::verdict::{Conformance, Level, Profile, Verdict};

/// What checks come to: the worst of what each of them says.
pub fn conformance<'a>(checks: impl IntoIterator<Item = &'a CheckReport>) -> Conformance {
    worst(checks.into_iter().map(|check| match (check.level, check.verdict) {
        (Level::Must, Verdict::Fail) => Conformance::NotConformant,
        (Level::Must, Verdict::NotVerified | Verdict::Error) => Conformance::Partial,
        _ => Conformance::Conformant,
    }))
}

/// The worst of some; `conformant` of none.
pub fn worst(all: impl IntoIterator<Item = Conformance>) -> Conformance {
    all.into_iter().max().unwrap_or(Conformance::Conformant)
}

/// What checks come to, by profile; profiles without a check are absent.
pub fn profiles(checks: &[CheckReport]) -> BTreeMap<Profile, ProfileReport> {
    let mut profiles = BTreeMap::new();
    for profile in Profile::ALL {
        let mine = || checks.iter().filter(|check| check.profile == profile);
        let mut counts = BTreeMap::new();
        for check in mine() {
            *counts.entry(check.verdict).or_insert(0) += 1;
        }
        if !counts.is_empty() {
            profiles.insert(profile, ProfileReport { conformance: conformance(mine()), counts });
        }
    }
    profiles
}

impl Report {
    /// Works out every conformance and count from the verdicts of the checks.
    ///
    /// A profile of which not every check was asked for is not `complete`, and at most partial; so
    /// is every one of a run that was interrupted. Of a run that was filtered, profiles can be
    /// complete, and the plugins and the whole are at most partial, as is a plugin without checks.
    pub fn settle(&mut self, complete: impl Fn(Profile) -> bool) {
        let whole = !(self.interrupted || self.filtered);
        for subject in &mut self.subjects {
            subject.profiles = profiles(&subject.checks);
            for (profile, report) in &mut subject.profiles {
                let complete = !self.interrupted && (whole || complete(*profile));
                report.conformance = at_most_partial(report.conformance, !complete);
            }
            let all = worst(subject.profiles.values().map(|report| report.conformance));
            subject.conformance = at_most_partial(all, !whole || subject.checks.is_empty());
        }
        let all = worst(self.subjects.iter().map(|subject| subject.conformance));
        self.conformance = at_most_partial(all, !whole || self.subjects.is_empty());
    }

    /// What the process ends with: 2 if the suite itself could not do something; else 1 if a MUST is
    /// broken or unverified and the baseline does not expect it, if the baseline is stale, or if the
    /// run was interrupted; else 0.
    pub fn exit_code(&self) -> u8 {
        let any = |is: fn(&CheckReport) -> bool| self.checks().any(|(_, check)| is(check));
        if any(|check| check.verdict == Verdict::Error) {
            2
        } else if self.interrupted || !self.baseline.is_empty() || any(CheckReport::is_broken) {
            1
        } else {
            0
        }
    }

    /// Every check of every plugin.
    pub fn checks(&self) -> impl Iterator<Item = (&SubjectReport, &CheckReport)> {
        self.subjects
            .iter()
            .flat_map(|subject| subject.checks.iter().map(move |check| (subject, check)))
    }
}

impl CheckReport {
    /// Whether it is a reason to end with 1: a MUST that is broken or unverified, and the baseline
    /// does not expect that.
    pub fn is_broken(&self) -> bool {
        self.level == Level::Must
            && matches!(self.verdict, Verdict::Fail | Verdict::NotVerified)
            && self.expected.is_none()
    }
}

fn at_most_partial(conformance: Conformance, capped: bool) -> Conformance {
    if capped { conformance.max(Conformance::Partial) } else { conformance }
}
