//! [`Workflow`]: what is run, as its file says.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use hookspec::spec::Document;
use serde::Deserialize;

/// The largest file that is read, in bytes.
const MOST_BYTES: u64 = 1 << 20;
/// The most steps of a workflow.
const MOST_STEPS: usize = 1000;

/// Steps that are run one after another.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    /// Its name: letters, digits, `-` and `_`.
    pub name: String,
    /// The version of what it makes.
    pub version: String,
    /// Where that is deployed.
    pub environment: String,
    /// What is run.
    pub steps: Vec<Step>,
}

/// One command.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// The program and its arguments. No shell is in between.
    pub command: Vec<String>,
    /// How often one that failed is tried again.
    #[serde(default)]
    pub retries: u32,
    /// How long to wait before that, in milliseconds; doubled each time.
    #[serde(default = "pause")]
    pub pause_ms: u64,
    /// How long one attempt may take, in milliseconds.
    #[serde(default = "minute")]
    pub timeout_ms: u64,
    /// Variables of the command, beside those of this process. Events tell their names and never their
    /// values: whoever listens to `**` would have them, and no name says for sure what is secret.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
}

fn pause() -> u64 {
    200
}

fn minute() -> u64 {
    60_000
}

impl Workflow {
    /// Reads a file: JSON, or YAML where its name does not end in `.json`.
    ///
    /// # Errors
    /// What is wrong with it, for people, with the file.
    pub fn read(path: &Path) -> Result<Self, String> {
        let place = path.display();
        let mut text = String::new();
        File::open(path)
            .and_then(|file| file.take(MOST_BYTES + 1).read_to_string(&mut text))
            .map_err(|error| format!("{place} cannot be read: {error}"))?;
        if text.len() as u64 > MOST_BYTES {
            return Err(format!("{place} is larger than {MOST_BYTES} bytes"));
        }
        let is_json = path.extension().is_some_and(|own| own.eq_ignore_ascii_case("json"));
        let document = match is_json {
            true => Document::json(path, text),
            false => Document::yaml(path, text),
        };
        let document = document.map_err(|found| found.to_string())?;
        Self::of(document.value().clone()).map_err(|problem| format!("{place}: {problem}"))
    }

    /// Checks what a file says.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn of(value: serde_json::Value) -> Result<Self, String> {
        let own: Self = serde_json::from_value(value).map_err(|error| error.to_string())?;
        for (what, name) in [("name", &own.name), ("environment", &own.environment)] {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            if name.is_empty() || name.len() > 64 || !name.chars().all(is_plain) {
                return Err(format!(
                    "`{what}` is `{name}`: write up to 64 letters, digits, `-` and `_`"
                ));
            }
        }
        if own.version.is_empty() {
            return Err("`version` is empty".into());
        }
        if own.steps.is_empty() || own.steps.len() > MOST_STEPS {
            let steps = own.steps.len();
            return Err(format!("it has {steps} steps, and 1 to {MOST_STEPS} are allowed"));
        }
        match own.steps.iter().find(|step| step.command.is_empty()) {
            Some(step) => Err(format!("step `{}` has no command", step.name)),
            None => Ok(own),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn with(change: impl FnOnce(&mut Value)) -> Result<Workflow, String> {
        let mut value = json!({
            "name": "w", "version": "1", "environment": "staging",
            "steps": [{ "name": "a", "command": ["true"] }],
        });
        change(&mut value);
        Workflow::of(value)
    }

    #[test]
    fn what_is_no_workflow_is_refused_with_the_reason() {
        let refused = |change: fn(&mut Value)| with(change).unwrap_err();
        assert!(refused(|own| own["name"] = json!("../up")).contains("../up"));
        assert!(refused(|own| own["environment"] = json!("")).contains("environment"));
        assert!(refused(|own| own["version"] = json!("")).contains("version"));
        assert!(refused(|own| own["steps"] = json!([])).contains("0 steps"));
        assert!(refused(|own| own["steps"][0]["command"] = json!([])).contains("`a`"));
        assert!(refused(|own| own["steps"][0]["retry"] = json!(1)).contains("retry"));
        assert!(with(|_| {}).is_ok());
    }

    #[test]
    fn json_and_yaml_say_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let yaml = folder.path().join("w.yaml");
        let text = "name: w\nversion: '1'\nenvironment: e\nsteps:\n  - { name: a, command: [x] }\n";
        std::fs::write(&yaml, text).unwrap();
        assert_eq!(Workflow::read(&yaml).unwrap().steps[0].timeout_ms, 60_000);
        std::fs::write(&yaml, "name: [").unwrap();
        assert!(Workflow::read(&yaml).unwrap_err().contains("w.yaml"));
        assert!(
            Workflow::read(&folder.path().join("none")).unwrap_err().contains("cannot be read")
        );
    }
}
