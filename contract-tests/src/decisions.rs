//! [`Decisions`]: our answers where the sources contradict each other, by rule.

use std::collections::BTreeSet;
use std::path::Path;

use hookspec_spec::Document;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::compare::differences;
use crate::condition::Condition;
use crate::nameless;
use crate::observed::Observed;
use crate::unserved::Served;
use crate::vector::Vector;

/// Our answers where the sources contradict each other, or speak of one implementation only.
#[derive(Debug, Default)]
pub struct Decisions(Vec<Decision>);

/// One rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decision {
    /// The groups it is about.
    groups: BTreeSet<String>,
    /// The scenarios it is about.
    when: Condition,
    /// What happens in our implementation; several where the scenario alone does not say which.
    ours: Vec<Map<String, Value>>,
    /// Why.
    pub(crate) reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    decisions: Vec<Decision>,
}

impl Decisions {
    /// Reads a file of decisions.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the file, with the place where there is one.
    pub fn read(path: &Path) -> Result<Self, String> {
        let refuse = |why: String| format!("decisions {}: {why}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
        let document = Document::yaml(path, text).map_err(|found| found.to_string())?;
        Self::from_value(document.value().clone()).map_err(refuse)
    }

    pub(crate) fn from_value(value: Value) -> Result<Self, String> {
        let file: File = serde_json::from_value(value).map_err(|error| error.to_string())?;
        Ok(Self(file.decisions))
    }

    /// The first rule that speaks of a scenario.
    pub(crate) fn find(&self, vector: &Vector) -> Option<(usize, &Decision)> {
        self.0.iter().enumerate().find(|(_, decision)| {
            decision.groups.contains(&vector.group) && decision.when.holds(&vector.input)
        })
    }

    /// Every rule, as its groups and its reason.
    pub(crate) fn list(&self) -> impl Iterator<Item = (String, &str)> {
        self.0.iter().map(|decision| {
            let groups: Vec<_> = decision.groups.iter().map(String::as_str).collect();
            (groups.join(", "), decision.reason.as_str())
        })
    }
}

impl Decision {
    /// How what happened differs from what was decided; empty where it does not.
    pub(crate) fn differences(
        &self,
        vector: &Vector,
        observed: &Observed,
        known: &[&str],
    ) -> Served<Vec<String>> {
        let mut all = Vec::new();
        for ours in &self.ours {
            let mut rest = ours.clone();
            let mut found = nameless::differences(&mut rest, vector, observed)?;
            if !rest.is_empty() {
                found.extend(differences(&rest, observed, known)?);
            }
            if found.is_empty() {
                return Ok(found);
            }
            all.extend(found);
        }
        if all.is_empty() {
            all.push("the decision states no outcome".into());
        }
        Ok(all)
    }
}
