//! [`Overrides`]: what the host decides about one plugin, whatever its manifest says.

use hookspec_plugin::{CircuitBreaker, Isolation, Limits, Manifest};
use serde_json::{Map, Value};

use crate::manifest::fields::{CIRCUIT_BREAKER, Field, LIMITS, Need, Shape, field};

/// What the host decides about one plugin; what is `None` stays as the manifest has it. A table
/// such as `circuit_breaker` replaces the manifest's as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Overrides {
    /// It is not set up and never called.
    pub disabled: Option<bool>,
    /// What it answers is compared and never used; for plugins of chains.
    pub shadow: Option<bool>,
    /// Replaces its priority.
    pub priority: Option<u32>,
    /// Replaces its executor.
    pub isolation: Option<Isolation>,
    /// Replaces its own limit on a call, in milliseconds.
    pub timeout_ms: Option<u64>,
    /// Replaces how many of its calls may run at once.
    pub max_concurrency: Option<u32>,
    /// Replaces how long its `setup` may take, in seconds.
    pub startup_timeout_sec: Option<u64>,
    /// Replaces how long its `teardown` may take, in seconds.
    pub teardown_timeout_sec: Option<u64>,
    /// Replaces when it is no longer called for a while.
    pub circuit_breaker: Option<CircuitBreaker>,
    /// Replaces its bounds.
    pub limits: Option<Limits>,
}

pub(super) const FIELDS: &[Field] = &[
    field("disabled", Shape::Flag, Need::Default),
    field("shadow", Shape::Flag, Need::Default),
    field("priority", Shape::Whole(0, u32::MAX as u64), Need::Default),
    field("isolation", Shape::OneOf(&["inline", "task", "thread"]), Need::Default),
    field("timeout_ms", Shape::Whole(1, u64::MAX), Need::Default),
    field("max_concurrency", Shape::Whole(1, u32::MAX as u64), Need::Default),
    field("startup_timeout_sec", Shape::Whole(1, u64::MAX), Need::Default),
    field("teardown_timeout_sec", Shape::Whole(1, u64::MAX), Need::Default),
    field("circuit_breaker", Shape::Object(CIRCUIT_BREAKER), Need::Default),
    field("limits", Shape::Object(LIMITS), Need::Default),
    // Read by the plugin: what it may be is for its schema to say.
    field("config", Shape::Anything, Need::Default),
];

impl Overrides {
    /// From fields that were checked against the table above.
    pub(super) fn from_fields(fields: &Map<String, Value>) -> Self {
        let flag = |key: &str| fields.get(key).and_then(Value::as_bool);
        let whole = |key: &str| fields.get(key).and_then(Value::as_u64);
        let small = |key: &str| whole(key).and_then(|number| u32::try_from(number).ok());
        let table = |key: &str| fields.get(key).cloned();
        let isolation = fields.get("isolation").and_then(Value::as_str);
        Self {
            disabled: flag("disabled"),
            shadow: flag("shadow"),
            priority: small("priority"),
            isolation: Isolation::ALL.into_iter().find(|each| isolation == Some(each.as_str())),
            timeout_ms: whole("timeout_ms"),
            max_concurrency: small("max_concurrency"),
            startup_timeout_sec: whole("startup_timeout_sec"),
            teardown_timeout_sec: whole("teardown_timeout_sec"),
            circuit_breaker: table("circuit_breaker")
                .and_then(|own| serde_json::from_value(own).ok()),
            limits: table("limits").and_then(|own| serde_json::from_value(own).ok()),
        }
    }

    /// Makes a manifest say what the host decides. Twice is as good as once.
    pub fn apply(&self, manifest: &mut Manifest) {
        let Self { priority, isolation, timeout_ms, max_concurrency, .. } = self;
        manifest.priority = priority.unwrap_or(manifest.priority);
        manifest.isolation = isolation.or(manifest.isolation);
        manifest.timeout_ms = timeout_ms.or(manifest.timeout_ms);
        manifest.max_concurrency = max_concurrency.or(manifest.max_concurrency);
        manifest.circuit_breaker = self.circuit_breaker.or(manifest.circuit_breaker);
        manifest.limits = self.limits.or(manifest.limits);
        let startup = self.startup_timeout_sec;
        manifest.startup_timeout_sec = startup.unwrap_or(manifest.startup_timeout_sec);
        let teardown = self.teardown_timeout_sec;
        manifest.teardown_timeout_sec = teardown.unwrap_or(manifest.teardown_timeout_sec);
    }

    /// What is decided, as the file writes it: for those who show it.
    pub fn shown(&self) -> Vec<(&'static str, String)> {
        let breaker = self.circuit_breaker.map(|own| {
            format!(
                "{{ fail_threshold = {}, open_seconds = {} }}",
                own.fail_threshold, own.open_seconds
            )
        });
        let bytes = self.limits.and_then(|limits| limits.output_bytes);
        let all = [
            ("disabled", self.disabled.map(|own| own.to_string())),
            ("shadow", self.shadow.map(|own| own.to_string())),
            ("priority", self.priority.map(|own| own.to_string())),
            ("isolation", self.isolation.map(|own| own.to_string())),
            ("timeout_ms", self.timeout_ms.map(|own| own.to_string())),
            ("max_concurrency", self.max_concurrency.map(|own| own.to_string())),
            ("startup_timeout_sec", self.startup_timeout_sec.map(|own| own.to_string())),
            ("teardown_timeout_sec", self.teardown_timeout_sec.map(|own| own.to_string())),
            ("circuit_breaker", breaker),
            ("limits", bytes.map(|bytes| format!("{{ output_bytes = {bytes} }}"))),
        ];
        all.into_iter().filter_map(|(key, own)| Some((key, own?))).collect()
    }
}
