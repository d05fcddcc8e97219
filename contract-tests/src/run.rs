//! [`Runner`]: one vector in, one [`Verdict`] out.

use std::path::Path;
use std::time::Duration;

use hookspec_plugin::guard;
use hookspec_spec::Catalog;
use tokio::runtime::{Builder, Runtime};

use crate::again::Again;
use crate::compare::differences;
use crate::decisions::Decisions;
use crate::groups::{expectations, observe};
use crate::rules::{Rule, excluded, pending};
use crate::unserved::{Served, Unserved, unserved};
use crate::vector::{Level, Vector};

/// Plays vectors.
#[derive(Debug)]
pub struct Runner {
    shipped: Catalog,
    decisions: Decisions,
    runtime: Runtime,
    again: Option<Again>,
}

/// What became of a vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// What it expects happened.
    Passed,
    /// What we decided happened: the place of the decision in its file.
    Decided(usize),
    /// Something else happened, or the vector says what the runner does not know.
    Failed(Vec<String>),
    /// A rule takes it out: its number and what it says.
    Excluded(u8, &'static str),
    /// A later stage serves its group.
    Pending,
}

/// A scenario that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

impl Runner {
    /// A runner that knows the shipped kinds below a folder, and decisions.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the hookspecs, or that no runtime can be had.
    pub fn new(hookspecs: &Path, decisions: Decisions) -> Result<Self, String> {
        let shipped = Catalog::load([hookspecs]).map_err(|found| found.to_string())?;
        // One thread: the log of a scenario is the log of its thread.
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { shipped, decisions, runtime, again: None })
    }

    /// How this program is started once more: what the contract suite looks at, it looks at in
    /// processes of its own. Without it the vectors of its groups fail.
    #[must_use]
    pub fn again(self, again: Again) -> Self {
        Self { again: Some(again), ..self }
    }

    /// The decisions it knows.
    pub fn decisions(&self) -> &Decisions {
        &self.decisions
    }

    /// Plays a vector and compares what happened with what it expects.
    pub fn judge(&self, vector: &Vector) -> Verdict {
        self.verdict(vector).unwrap_or_else(|Unserved(what)| Verdict::Failed(vec![what]))
    }

    fn verdict(&self, vector: &Vector) -> Served<Verdict> {
        if let Some(malformed) = &vector.malformed {
            return Err(malformed.clone());
        }
        if let Some(Rule(number, says)) = excluded(vector) {
            return Ok(Verdict::Excluded(number, says));
        }
        let group = vector.group.as_str();
        if pending(vector) {
            return Ok(Verdict::Pending);
        }
        // A panic of the framework is a failure of the vector that met it, and of no other.
        let played = guard::catch(|| {
            self.runtime.block_on(async {
                let scenario = observe(group, &vector.input, &self.shipped, self.again.as_ref());
                tokio::time::timeout(PATIENCE, scenario).await
            })
        });
        let observed = match played {
            Err(message) => return unserved(format!("panicked: {message}")),
            Ok(Err(_)) => return unserved(format!("did not end within {PATIENCE:?}")),
            Ok(Ok(None)) => return unserved(format!("unknown group `{group}`")),
            Ok(Ok(Some(observed))) => observed?,
        };
        let known = expectations(group);
        let mut found = differences(&vector.expected, &observed, known)?;
        if found.is_empty() {
            return Ok(Verdict::Passed);
        }
        if vector.level != Level::Normative
            && let Some((place, decision)) = self.decisions.find(vector)
        {
            let undecided = decision.differences(vector, &observed, known)?;
            if undecided.is_empty() {
                return Ok(Verdict::Decided(place));
            }
            found.push(format!("decision {} does not hold either:", place + 1));
            found.extend(undecided);
        }
        Ok(Verdict::Failed(found))
    }
}

#[cfg(test)]
mod tests;
