//! [`Report`]: everything that a run of the suite found, as plain data.
//!
//! Its JSON form is described by `schemas/contract-report.schema.json`. Every other form of a report
//! is made of this one and of nothing else.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::verdict::{Conformance, Level, Profile, Verdict};

/// Everything that a run of the suite found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The version of this form: `"1"`.
    pub schema_version: String,
    /// The version of the suite.
    pub suite_version: String,
    /// The version of the host that the suite runs plugins in.
    pub host_version: String,
    /// When the run began: RFC 3339, UTC.
    pub started: String,
    /// How long the run took, in milliseconds.
    pub duration_ms: u64,
    /// What every generated input was made of: the same seed makes the same inputs.
    pub seed: u64,
    /// The command that was run.
    pub command: String,
    /// What it ran on.
    pub environment: Environment,
    /// Whether it was ended early (Ctrl-C, fail-fast): what is missing was not run.
    pub interrupted: bool,
    /// Whether only some checks were asked for, by name or by profile.
    pub filtered: bool,
    /// The worst of the plugins. A run that was interrupted or filtered is at most `partial`.
    pub conformance: Conformance,
    /// What was found of each plugin, in each runtime.
    pub subjects: Vec<SubjectReport>,
    /// What is wrong with the baseline: entries that no longer fail, have expired, or name nothing.
    pub baseline: Vec<Stale>,
}

/// The machine and program that a run took place on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// `linux`.
    pub os: String,
    /// `x86_64`.
    pub arch: String,
    /// How many threads run at once.
    pub cpus: usize,
    /// Whether the suite was built with debug assertions.
    pub debug: bool,
    /// What the times that the suite allows were multiplied with.
    pub timeout_scale: f64,
    /// How many checks ran at once.
    pub jobs: usize,
}

/// One plugin in one runtime.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubjectReport {
    /// Its name.
    pub plugin: String,
    /// Its own version, if it says one.
    pub version: Option<String>,
    /// The kind.
    pub kind: String,
    /// The version of the kind that it was written for.
    pub kind_api_version: String,
    /// How it was loaded: `in_process`, `dylib`.
    pub runtime: String,
    /// The hooks that it says it has.
    pub hooks: Vec<String>,
    /// What it declares that it can: capabilities, extensions, languages, media types.
    pub capabilities: Vec<String>,
    /// Where it came from, if that is a file. Written with `\u{fffd}` where it is not Unicode.
    #[serde(serialize_with = "lossy")]
    pub path: Option<PathBuf>,
    /// The digest of what was tested: of the library, else of the program that it is linked into.
    pub sha256: Option<String>,
    /// Over all profiles that were run.
    pub conformance: Conformance,
    /// By profile; those that were not run are absent.
    pub profiles: BTreeMap<Profile, ProfileReport>,
    /// What came of each check, in the order of the suite.
    pub checks: Vec<CheckReport>,
}

/// One profile of one plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileReport {
    /// What came of it.
    pub conformance: Conformance,
    /// How many checks ended how; verdicts that did not occur are absent.
    pub counts: BTreeMap<Verdict, usize>,
}

/// One check of one plugin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckReport {
    /// `IO-001`; of a case, `case:query_rewriter/trims`.
    pub id: String,
    /// What must hold, in one line.
    pub title: String,
    /// How binding it is.
    pub level: Level,
    /// The profile it belongs to.
    pub profile: Profile,
    /// The laws or decisions that it proves: `CHAIN-5`, `ADR-0003.2`.
    pub laws: Vec<String>,
    /// The version of the suite that first had it.
    pub since: String,
    /// What came of it.
    pub verdict: Verdict,
    /// What was found, in one sentence.
    pub summary: String,
    /// Each thing that was found to be wrong.
    pub findings: Vec<Finding>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The command that runs this check again.
    pub reproduce: String,
    /// If the baseline expects this: the reason it gives.
    pub expected: Option<String>,
    /// The calls that were made, the last ones; secrets are masked and long values cut.
    pub transcript: Vec<Exchange>,
    /// The last lines that the plugin wrote to standard output and standard error, if any.
    pub output: Vec<String>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What is wrong.
    pub message: String,
    /// The hook that was called, if one was.
    pub hook: Option<String>,
    /// The smallest input found that shows it. Absent if there is none: `null` can be an input.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub input: Option<Value>,
}

/// One call and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// The hook.
    pub hook: String,
    /// What went in.
    pub input: Value,
    /// `answered`, `unchanged`, `stop`, `told`, or the cause of the failure: `faulted`, `panicked`.
    pub outcome: String,
    /// The answer, or what is known of the failure.
    pub output: Value,
    /// How long it took, in microseconds.
    pub elapsed_us: u64,
}

/// An entry of the baseline that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stale {
    /// The plugin that it names.
    pub plugin: String,
    /// The check that it names.
    pub check: String,
    /// Why it does not hold, and what to do.
    pub why: String,
}

/// A path that is not Unicode has no JSON form of its own; a report is written all the same.
fn lossy<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    path.as_ref().map(|path| path.to_string_lossy()).serialize(serializer)
}

/// A field that is there has a value, be it `null`.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
