//! [`Report`]: the verdicts of many vectors, as a table.

use std::collections::BTreeMap;
use std::fmt;

use crate::decisions::Decisions;
use crate::rules::Rule;
use crate::run::Verdict;
use crate::vector::Vector;

/// The verdicts of many vectors.
#[derive(Debug, Default)]
pub struct Report {
    groups: BTreeMap<String, Counts>,
    failures: Vec<(String, Vec<String>)>,
    excluded: BTreeMap<Rule, Vec<String>>,
    decided: BTreeMap<usize, Vec<String>>,
    decisions: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: usize,
    failed: usize,
    excluded: usize,
    pending: usize,
}

impl Report {
    /// A report that can say which decisions were not needed.
    pub fn new(decisions: &Decisions) -> Self {
        let decisions = decisions.list().map(|(groups, why)| (groups, why.to_owned())).collect();
        Self { decisions, ..Self::default() }
    }

    /// Adds a verdict.
    pub fn add(&mut self, vector: &Vector, verdict: Verdict) {
        let counts = self.groups.entry(vector.group.clone()).or_default();
        let id = vector.id.clone();
        match verdict {
            Verdict::Passed => counts.passed += 1,
            Verdict::Decided(place) => {
                counts.passed += 1;
                self.decided.entry(place).or_default().push(id);
            }
            Verdict::Failed(found) => {
                counts.failed += 1;
                self.failures.push((id, found));
            }
            Verdict::Excluded(number, says) => {
                counts.excluded += 1;
                self.excluded.entry(Rule(number, says)).or_default().push(id);
            }
            Verdict::Pending => counts.pending += 1,
        }
    }

    /// Adds a file that holds no vectors.
    pub fn unreadable(&mut self, reason: String) {
        self.groups.entry("(unreadable file)".into()).or_default().failed += 1;
        self.failures.push(("(unreadable file)".into(), vec![reason]));
    }

    /// Whether nothing failed.
    pub fn is_clean(&self) -> bool {
        self.failures.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut total = Counts::default();
        writeln!(
            f,
            "{:<26}{:>8}{:>8}{:>10}{:>9}",
            "group", "passed", "failed", "excluded", "pending"
        )?;
        for (group, counts) in &self.groups {
            let Counts { passed, failed, excluded, pending } = counts;
            writeln!(f, "{group:<26}{passed:>8}{failed:>8}{excluded:>10}{pending:>9}")?;
            total.passed += passed;
            total.failed += failed;
            total.excluded += excluded;
            total.pending += pending;
        }
        if !self.decided.is_empty() {
            writeln!(f, "\nanswered by a decision of ours:")?;
        }
        for (place, ids) in &self.decided {
            let (groups, reason) = &self.decisions[*place];
            writeln!(f, "  {}. {groups}: {reason}\n      {}", place + 1, ids.join(", "))?;
        }
        let unused: Vec<String> = (0..self.decisions.len())
            .filter(|place| !self.decided.contains_key(place))
            .map(|place| (place + 1).to_string())
            .collect();
        if !unused.is_empty() {
            writeln!(f, "\ndecisions that none of these vectors needs: {}", unused.join(", "))?;
        }
        if !self.excluded.is_empty() {
            writeln!(f, "\nexcluded by a rule of vectors/README.md:")?;
        }
        for (Rule(number, says), ids) in &self.excluded {
            writeln!(f, "  rule {number}, {says}: {}", ids.join(", "))?;
        }
        if !self.failures.is_empty() {
            writeln!(f, "\nfailed:")?;
        }
        for (id, found) in &self.failures {
            writeln!(f, "  {id}")?;
            for line in found.iter().flat_map(|each| each.lines()) {
                writeln!(f, "      {line}")?;
            }
        }
        let skipped = total.excluded + total.pending;
        writeln!(f, "\n{} passed, {} failed, {skipped} skipped", total.passed, total.failed)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_last_line_counts_everything_once() {
        let mut report = Report::new(&Decisions::default());
        let vector = Vector::read(&json!({
            "id": "x", "group": "g", "level": "open", "input": {}, "expected": {},
        }));
        report.add(&vector, Verdict::Passed);
        report.add(&vector, Verdict::Excluded(3, "instants are typed"));
        report.add(&vector, Verdict::Pending);
        assert!(report.is_clean());
        report.add(&vector, Verdict::Failed(vec!["results: expected 1, got 2".into()]));
        report.unreadable("vectors gone.json: not found".into());
        let text = report.to_string();
        assert_eq!(text.lines().last(), Some("1 passed, 2 failed, 2 skipped"), "{text}");
        for part in ["rule 3", "results: expected 1, got 2", "gone.json"] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!report.is_clean());
    }
}
