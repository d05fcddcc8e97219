//! [`Job`]: what a child process of the suite is to do; [`Done`]: what it says when it is done.

use std::fs;
use std::path::{Path, PathBuf};

use hookspec_spec::replace_file;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::checks::determinism::Answer;
use crate::found::Found;
use crate::report::Exchange;

/// The variable that names the file with the job.
pub(crate) const JOB: &str = "HOOKSPEC_CONTRACT_JOB";

/// What a child process of the suite is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    /// `name@runtime`.
    pub(crate) subject: String,
    pub(crate) task: Task,
    pub(crate) seed: u64,
    pub(crate) scale: f64,
    /// A folder for the check's own use.
    pub(crate) folder: PathBuf,
    /// The folder to stand in.
    pub(crate) stand: PathBuf,
    /// Where to say what came of it.
    pub(crate) done: PathBuf,
    /// Where to say what is being tried.
    pub(crate) crumb: PathBuf,
    /// How much memory it may hold, in bytes.
    pub(crate) memory: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    /// One check.
    Check(String),
    /// One case.
    Case(String),
    /// What the plugin is.
    Describe,
    /// What it answers to the usual questions.
    Answers,
}

/// What a child process says when it is done.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Done {
    Looked {
        found: Found,
        transcript: Vec<Exchange>,
    },
    Described {
        hooks: Vec<String>,
        facts: Map<String, Value>,
    },
    Answered(Vec<Answer>),
    /// It could not be done, and why.
    Not(String),
}

impl Job {
    /// The job that this process was started for, if it was started for one.
    pub(crate) fn asked() -> Option<Self> {
        let path = std::env::var_os(JOB)?;
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    /// Leaves it where the child finds it.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn leave(&self, path: &Path) -> Result<(), String> {
        put(path, self)
    }
}

impl Done {
    /// Says it.
    ///
    /// # Errors
    /// It cannot be written: then the parent believes that the process died.
    pub(crate) fn say(&self, path: &Path) -> Result<(), String> {
        put(path, self)
    }

    /// What was said, if the child lived long enough.
    pub(crate) fn heard(path: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }
}

/// In one step: whoever reads it reads all of it or nothing.
fn put(path: &Path, value: &impl Serialize) -> Result<(), String> {
    let text = serde_json::to_vec(value).map_err(|error| error.to_string())?;
    replace_file(path, &text).map_err(|error| format!("{}: {error}", path.display()))
}
