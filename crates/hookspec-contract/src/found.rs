//! [`Found`]: what one check found out, before its level is known; [`Tally`]: many samples, one result.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::report::Finding;
use crate::verdict::Verdict;

/// At most so many findings are kept: the first ones say what is wrong.
const MOST: usize = 5;

/// What one check found out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Found {
    pub(crate) verdict: Verdict,
    pub(crate) summary: String,
    pub(crate) findings: Vec<Finding>,
}

/// A check ends with what it found; `Err` is how it ends early. Both are equal.
pub(crate) type Checked = Result<Found, Found>;

impl Found {
    fn new(verdict: Verdict, summary: impl Into<String>) -> Self {
        Self { verdict, summary: summary.into(), findings: Vec::new() }
    }

    pub(crate) fn pass(summary: impl Into<String>) -> Self {
        Self::new(Verdict::Pass, summary)
    }

    pub(crate) fn not_applicable(why: impl Into<String>) -> Self {
        Self::new(Verdict::NotApplicable, why)
    }

    pub(crate) fn not_verified(why: impl Into<String>) -> Self {
        Self::new(Verdict::NotVerified, why)
    }

    pub(crate) fn error(why: impl Into<String>) -> Self {
        Self::new(Verdict::Error, why)
    }

    /// It is broken, and not by an input.
    pub(crate) fn fail(what: impl Into<String>) -> Self {
        let message = what.into();
        let finding = Finding { message: message.clone(), ..Finding::default() };
        Self { findings: vec![finding], ..Self::new(Verdict::Fail, message) }
    }

    /// As these show, it is not as it should be, whatever the level of the check.
    pub(crate) fn warn(findings: Vec<Finding>) -> Self {
        Self { verdict: Verdict::Warn, ..Self::of(findings, "") }
    }

    /// It is broken, as these show. Of none, a pass with the summary.
    pub(crate) fn of(findings: Vec<Finding>, summary: impl Into<String>) -> Self {
        let Some(first) = findings.first() else { return Self::pass(summary) };
        let more = match findings.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        let summary = format!("{}{more}", first.message);
        let findings = findings.into_iter().take(MOST).collect();
        Self { findings, ..Self::new(Verdict::Fail, summary) }
    }
}

/// What came of many samples.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) findings: Vec<Finding>,
    /// How many of them the plugin answered with something that could be looked at.
    pub(crate) looked_at: usize,
    /// How many it refused, and the first refusal.
    pub(crate) refused: usize,
    pub(crate) first_refusal: Option<String>,
    pub(crate) first_refused: Option<Value>,
    /// Why there were no samples of some hooks, where there is nothing to look at.
    pub(crate) without: Vec<String>,
    /// Why there were none where there should be: its schema accepts nothing, or nothing was found.
    pub(crate) missing: Vec<String>,
}

impl Tally {
    pub(crate) fn wrong(&mut self, hook: &str, input: &Value, message: impl Into<String>) {
        let (hook, input) = (Some(hook.to_owned()), Some(input.clone()));
        self.findings.push(Finding { message: message.into(), hook, input });
    }

    pub(crate) fn refused(&mut self, input: &Value, why: impl Into<String>) {
        self.refused += 1;
        if self.first_refusal.is_none() {
            (self.first_refusal, self.first_refused) = (Some(why.into()), Some(input.clone()));
        }
    }

    /// Those of one more hook.
    pub(crate) fn add(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.without.extend(other.without);
        self.missing.extend(other.missing);
        self.looked_at += other.looked_at;
        self.refused += other.refused;
        if self.first_refusal.is_none() {
            (self.first_refusal, self.first_refused) = (other.first_refusal, other.first_refused);
        }
    }

    /// Nothing wrong among nothing seen is no pass.
    pub(crate) fn found(self, what: &str) -> Found {
        if !self.findings.is_empty() {
            return Found::of(self.findings, "");
        }
        // A hook that nothing can be asked of is not one that was looked at.
        if !self.missing.is_empty() {
            return Found::not_verified(self.missing.join("; "));
        }
        if self.looked_at > 0 {
            let refused = match self.refused {
                0 => String::new(),
                refused => format!("; {refused} were refused with a fault"),
            };
            return Found::pass(format!("{} {what} looked at{refused}", self.looked_at));
        }
        match (self.first_refusal, self.without.is_empty()) {
            (Some(why), _) => Found::not_verified(format!(
                "all {} inputs were refused, so no answer was seen; the first: {why}. An example in \
                 the hookspec, or a case, that the plugin answers would help",
                self.refused
            )),
            (None, false) => Found::not_applicable(self.without.join("; ")),
            (None, true) => Found::not_applicable("the plugin has no hook that this is about"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(change: impl FnOnce(&mut Tally)) -> Verdict {
        let mut tally = Tally::default();
        change(&mut tally);
        tally.found("answers").verdict
    }

    #[test]
    fn nothing_seen_is_no_pass() {
        assert_eq!(verdict(|_| {}), Verdict::NotApplicable, "no hook is meant");
        assert_eq!(verdict(|tally| tally.looked_at = 1), Verdict::Pass);
        assert_eq!(verdict(|tally| tally.refused(&Value::Null, "no")), Verdict::NotVerified);
        // A schema that accepts nothing, or for which nothing was found, whatever other hooks said.
        let missing = |tally: &mut Tally| {
            tally.looked_at = 7;
            tally.missing.push("`ask`: its input schema accepts nothing".into());
        };
        assert_eq!(verdict(missing), Verdict::NotVerified);
        let wrong = |tally: &mut Tally| {
            missing(tally);
            tally.wrong("ask", &Value::Null, "it panicked");
        };
        assert_eq!(verdict(wrong), Verdict::Fail);
    }
}
