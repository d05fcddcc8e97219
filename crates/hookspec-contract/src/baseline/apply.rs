//! Holds a baseline against a report: what fails as expected is marked, what no longer holds is told.

use jiff::civil::Date;

use super::{Baseline, Entry};
use crate::report::{CheckReport, Report, Stale, SubjectReport};
use crate::verdict::Verdict;

impl Baseline {
    /// As [`apply`](Self::apply), on this day, UTC.
    pub fn apply_today(&self, report: &mut Report) {
        let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        self.apply(report, today);
    }

    /// Marks the failures that are expected, and lists the entries that do not hold: the check passes
    /// now, the day is over, or nothing of that name was run.
    ///
    /// What was not run is no sign of anything where the run was filtered or interrupted. A check
    /// that the suite could not do is never expected, and makes no entry stale.
    pub fn apply(&self, report: &mut Report, today: Date) {
        let partial = report.filtered || report.interrupted;
        for subject in &mut report.subjects {
            for check in &mut subject.checks {
                check.expected = None;
            }
        }
        report.baseline.clear();
        for entry in &self.entries {
            let why = entry.stale(report, partial, today);
            match why {
                None => entry.mark(report),
                Some(why) => report.baseline.push(Stale {
                    plugin: entry.plugin.clone(),
                    check: entry.check.clone(),
                    why,
                }),
            }
        }
    }
}

impl Entry {
    /// Why it does not hold, and what to do; `None` if it holds, or nobody knows.
    fn stale(&self, report: &Report, partial: bool, today: Date) -> Option<String> {
        let verdicts: Vec<Verdict> = report
            .checks()
            .filter(|(subject, check)| self.names(subject, check))
            .map(|(_, check)| check.verdict)
            .collect();
        let of = match &self.runtime {
            Some(runtime) => format!("in runtime `{runtime}` "),
            None => String::new(),
        };
        let fails = verdicts.iter().any(|verdict| is_failure(*verdict));
        let unknown = verdicts.contains(&Verdict::Error);
        if verdicts.is_empty() && !partial {
            let plugin = |subject: &SubjectReport| self.is_of(subject);
            let what = match report.subjects.iter().any(plugin) {
                true => "has no such check",
                false => "was not run",
            };
            return Some(format!("the plugin {of}{what}: correct the entry, or remove it"));
        }
        // With some runtimes left out, those that were run do not speak for all.
        let unseen = verdicts.is_empty() || (partial && self.runtime.is_none());
        if !(unseen || fails || unknown) {
            let now = match verdicts.iter().all(|verdict| *verdict == Verdict::NotApplicable) {
                true => "is not applicable",
                false => "passes",
            };
            return Some(format!("it {of}{now} now: remove the entry"));
        }
        let over = today > self.expires;
        over.then(|| {
            let (day, reason) = (self.expires, &self.reason);
            format!("expired on {day} ({reason}): mend what fails, or set another day")
        })
    }

    fn mark(&self, report: &mut Report) {
        for subject in report.subjects.iter_mut().filter(|subject| self.is_of(subject)) {
            for check in &mut subject.checks {
                if check.id == self.check && is_failure(check.verdict) {
                    check.expected = Some(self.reason.clone());
                }
            }
        }
    }

    fn names(&self, subject: &SubjectReport, check: &CheckReport) -> bool {
        self.is_of(subject) && check.id == self.check
    }

    fn is_of(&self, subject: &SubjectReport) -> bool {
        let runtime = self.runtime.as_ref();
        subject.plugin == self.plugin && runtime.is_none_or(|runtime| *runtime == subject.runtime)
    }
}

fn is_failure(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Fail | Verdict::NotVerified | Verdict::Warn)
}
